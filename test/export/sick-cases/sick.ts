/** Cases that are sick in every way, for ever, and what must hold of the others meanwhile. */
import type { CasesFailure } from '../../../lambda/export/domain/errors';
import type { AuditPage, CasesApi } from '../../../lambda/export/ports';
import { failed, NO_EVENTS, neverAnswers, type RequestOf } from '../../fakes/with-answers';
import { judgedTicks, ticksUntilProven } from '../../support/proof';
import {
  createFilled,
  expectExactlyTheHistory,
  HOUR,
  instead,
  lastManifest,
  MINUTE,
  START,
  visibleRows,
  type World,
  type WorldOptions,
} from '../../support/world';

/** How a case answers each time that its history is asked for. */
export type Sickness = (
  world: World,
  request: RequestOf<'getCaseAuditEvents'>,
  signal: AbortSignal,
) => Promise<AuditPage>;

/** Every call for the case fails so. */
export function failing(failure: CasesFailure, retryAfterMs?: number): Sickness {
  return async () => Promise.reject(failed(failure, 'GetCaseAuditEvents', retryAfterMs));
}

/** No call for the case is ever answered. */
export const hanging: Sickness = (_, request, signal) => neverAnswers('getCaseAuditEvents')(request, signal);

/** Every page has a token that was never there before, and nothing new. */
export function endlessTokens(): Sickness {
  let pages = 0;
  return async (world, request, signal) => {
    const page = await world.cases.getCaseAuditEvents({ ...request, nextToken: undefined }, signal);
    pages += 1;
    return { ...page, nextToken: `endless-${pages}` };
  };
}

/** Every page has a new event and a new token: the history never ends. */
export function endlessEvents(): Sickness {
  let pages = 0;
  return async (world) => {
    pages += 1;
    const event = {
      eventId: `endless-${pages}`,
      type: 'Case.Updated',
      performedTime: new Date(START - HOUR),
      fields: [],
    };
    return { events: [event], nextToken: `endless-${pages}`, serviceTime: Math.floor(world.clock.now() / 1000) * 1000 };
  };
}

/** Empty pages, each with a token of its own. */
export function emptyPages(): Sickness {
  let pages = 0;
  return async () => {
    pages += 1;
    return { ...NO_EVENTS, nextToken: `empty-${pages}` };
  };
}

/** The answer lacks its list. */
export const listMissing: Sickness = async () => Promise.reject(failed('malformed', 'GetCaseAuditEvents'));

/** The service of a world in which some cases are sick. */
export function withSick(world: World, sick: ReadonlyMap<string, Sickness>): CasesApi {
  return instead(world, {
    getCaseAuditEvents(request, signal) {
      const sickness = sick.get(request.caseId);
      if (sickness === undefined) return world.cases.getCaseAuditEvents(request, signal);
      world.cases.calls.push({ operation: 'getCaseAuditEvents', request });
      return sickness(world, request, signal);
    },
  });
}

/** Cases of the last days, a minute apart. */
export const createDomain = (count: number, settings: WorldOptions['settings'] = {}) =>
  createFilled(count, START - 48 * HOUR, MINUTE, { settings });

/** So many ticks, five minutes apart. What failed, in their order. */
export const pass = (world: World, count: number, cases: CasesApi = world.cases): Promise<Error[]> =>
  judgedTicks(world, count, 5 * MINUTE, { cases });

export const exportedCases = (world: World) => new Set(visibleRows(world).map((row) => String(row['case_id'])));

export const debtsOf = (world: World) =>
  Object.fromEntries((lastManifest(world).debts ?? []).map(({ cause, cases }) => [cause, cases]));

export const gapsOf = (world: World) =>
  Object.fromEntries((lastManifest(world).gaps ?? []).map(({ caseId, cause }) => [caseId, cause]));

export const callsFor = ({ cases }: World, caseId: string) =>
  cases.requestsOf('getCaseAuditEvents').filter((request) => request.caseId === caseId).length;

/** Each change of a healthy case is out within so many ticks, round after round, whatever the sick do. */
export async function expectFeedGoesOn(
  world: World,
  cases: CasesApi,
  healthy: readonly string[],
  rounds = 6,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const changed = healthy.slice(0, 5);
    const at = world.clock.now();
    for (const caseId of changed) world.cases.updateCase(caseId, at);
    world.clock.advance(5 * MINUTE);
    await pass(world, 2, cases);
    const exported = visibleRows(world).filter((row) => row['new_value'] === `at ${at}`);
    expect(new Set(exported.map((row) => row['case_id']))).toEqual(new Set(changed));
  }
}

/** Once the sick are well, everything comes out, and is proven. */
export async function expectRecovers(world: World): Promise<void> {
  await ticksUntilProven(world, START - HOUR, HOUR);
  expectExactlyTheHistory(world);
}
