/** Cases that are sick in every way, for ever, and what must hold of the others meanwhile. */
import { CasesCallError, type CasesFailure } from '../../../lambda/export/domain/errors';
import type { AuditPage, CasesApi } from '../../../lambda/export/ports';
import { judge, judgedTick } from '../../support/proof';
import {
  createWorld,
  HOUR,
  instead,
  MINUTE,
  manifests,
  START,
  visibleRows,
  type World,
  type WorldOptions,
} from '../../support/world';
import { FAST, failed } from '../fixtures';

type AuditRequest = Parameters<CasesApi['getCaseAuditEvents']>[0];

/** How a case answers each time that its history is asked for. */
export type Sickness = (world: World, request: AuditRequest, signal: AbortSignal) => Promise<AuditPage>;

/** Every call for the case fails so. */
export function failing(failure: CasesFailure, retryAfterMs?: number): Sickness {
  const details = retryAfterMs === undefined ? {} : { retryAfterMs };
  return async () => {
    throw new CasesCallError(`GetCaseAuditEvents: ${failure}`, failure, 'GetCaseAuditEvents', details);
  };
}

/** No call for the case is ever answered. */
export const hanging: Sickness = (_, __, signal) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new CasesCallError('aborted', 'unavailable', 'GetCaseAuditEvents')));
  });

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
    return { events: [], nextToken: `empty-${pages}`, serviceTime: null };
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
export function createFilled(count: number, options: WorldOptions = {}): World {
  const world = createWorld({ ...options, settings: { ...FAST, ...options.settings } });
  for (let index = 0; index < count; index += 1)
    world.cases.addCase(`case-${index}`, START - 48 * HOUR + index * MINUTE);
  return world;
}

/** So many ticks, five minutes apart. What failed, in their order. */
export async function ticks(world: World, count: number, cases?: CasesApi): Promise<Error[]> {
  const errors: Error[] = [];
  for (let tick = 0; tick < count; tick += 1) {
    const answer = await judgedTick(world, cases ? { cases } : {});
    if (answer instanceof Error) errors.push(answer);
    world.clock.advance(5 * MINUTE);
  }
  return errors;
}

export const exportedCases = (world: World) => new Set(visibleRows(world).map((row) => String(row['case_id'])));

export const debtsOf = (world: World) =>
  Object.fromEntries((manifests(world).at(-1)?.debts ?? []).map(({ cause, cases }) => [cause, cases]));

export const gapsOf = (world: World) =>
  Object.fromEntries((manifests(world).at(-1)?.gaps ?? []).map(({ caseId, cause }) => [caseId, cause]));

export const callsFor = ({ cases }: World, caseId: string) =>
  cases.calls.filter(
    ({ operation, request }) => operation === 'getCaseAuditEvents' && (request as AuditRequest).caseId === caseId,
  ).length;

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
    await ticks(world, 2, cases);
    const exported = visibleRows(world).filter((row) => row['new_value'] === `at ${at}`);
    expect(new Set(exported.map((row) => row['case_id']))).toEqual(new Set(changed));
  }
}

/** Once the sick are well, everything comes out, and is proven. */
export async function expectRecovers(world: World): Promise<void> {
  for (let tick = 0; tick < 60; tick += 1) {
    await judgedTick(world);
    if (judge(world, START - HOUR).isComplete) return;
    world.clock.advance(HOUR);
  }
  expect(judge(world, START - HOUR)).toMatchObject({ isComplete: true });
}
