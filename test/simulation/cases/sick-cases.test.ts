/** Cases that answer badly: what they answer, which they are, how long, and that all others are well. */
import type { CasesFailure } from '../../../lambda/export/domain/errors';
import type { Sickness, SicknessKind } from '../sickness';
import { DOMAIN, errorOf, failureOf, HOUR, MINUTE, SECOND, TryOut } from './try-out';

const CASES = 30;
const SICK = 'case-0004';
const WELL = 'case-0005';

/** Thirty cases of three events each; with `who` = 'one' the fourth is sick, of a tenth it is the first. */
function sick(kind: SicknessKind, more: Partial<Sickness> = {}, pageSize = 100): { tryOut: TryOut; begin: number } {
  const sickness: Sickness = { kind, who: 'one', fromMs: 0, lastsMs: null, ...more };
  const options = { sicknesses: [sickness], sickNumber: 4, pageSize: { searchCases: pageSize } };
  const tryOut = new TryOut({ [kind]: 1 }, options);
  const begin = tryOut.now;
  for (const caseId of tryOut.createCases(CASES)) {
    tryOut.cases.updateCase(caseId, { fields: 2 });
    tryOut.cases.updateCase(caseId, { fields: 3 });
  }
  return { tryOut, begin };
}

const FAILING: readonly (readonly [SicknessKind, CasesFailure, number | undefined])[] = [
  ['case.denied', 'denied', undefined],
  ['case.throttled', 'throttled', undefined],
  ['case.throttled-retry-after', 'throttled', HOUR],
  ['case.500', 'unavailable', undefined],
  ['case.500-retry-after-3600', 'unavailable', HOUR],
  ['case.refused', 'refused', undefined],
  ['case.nonsense', 'malformed', undefined],
  ['case.404', 'not-found', undefined],
];

test.each(FAILING)(
  '%s: every read of the case is %s, and searches show it as ever',
  async (kind, failure, retryAfterMs) => {
    const { tryOut } = sick(kind);
    const error = await errorOf(tryOut.audit(SICK));
    expect([error.failure, error.details.retryAfterMs]).toEqual([failure, retryAfterMs]);
    expect(await tryOut.events(WELL)).toHaveLength(3);
    expect(await tryOut.found()).toHaveLength(CASES);
    expect(tryOut.faults.counts).toEqual({ [kind]: 1 });
  },
);

test('case.never-answers: nothing comes before the signal fires', async () => {
  const { tryOut } = sick('case.never-answers');
  const controller = new AbortController();
  const call = tryOut.cases.getCaseAuditEvents({ domainId: DOMAIN, caseId: SICK }, controller.signal);
  setImmediate(() => controller.abort());
  expect((await errorOf(call)).failure).toBe('unavailable');
  expect(await tryOut.events(WELL)).toHaveLength(3);
});

test.each(['case.endless-tokens', 'case.repeated-pages'] as const)('%s: new tokens, and no new event', async (kind) => {
  const { tryOut } = sick(kind);
  const first = await tryOut.audit(SICK);
  const tokens = new Set<string | undefined>();
  let page = first;
  for (let pages = 0; pages < 50; pages += 1) {
    page = await tryOut.audit(SICK, page.nextToken);
    expect(page.events).toEqual(kind === 'case.endless-tokens' ? [] : first.events);
    tokens.add(page.nextToken);
  }
  expect(tokens.size).toBe(50);
  tryOut.cases.sick.heal();
  expect((await errorOf(tryOut.audit(SICK, page.nextToken))).failure).toBe('refused');
  expect(await tryOut.events(SICK)).toHaveLength(3);
});

test('case.null-event: one event is a null, the same at every asking', async () => {
  const { tryOut } = sick('case.null-event');
  const first = await tryOut.audit(SICK);
  expect(first.events?.filter((event) => event === null)).toHaveLength(1);
  expect((await tryOut.audit(SICK)).events).toEqual(first.events);
});

test('case.null-field: one field of some events is a null, the same at every asking, and they are on record', async () => {
  const { tryOut } = sick('case.null-field');
  const first = await tryOut.audit(SICK);
  expect((await tryOut.audit(SICK)).events).toEqual(first.events);
  const maimed = first.events?.filter((event) => event?.fields?.includes(null)) ?? [];
  expect(maimed.length).toBeGreaterThan(0);
  for (const event of first.events ?? []) {
    expect(event && tryOut.cases.isMaimed(event)).toBe(maimed.includes(event));
  }
});

test('case.hidden-by-null: the case is a null in every search, and may be read', async () => {
  const { tryOut } = sick('case.hidden-by-null');
  const { cases, totalCount } = await tryOut.search();
  expect([cases?.length, totalCount]).toEqual([CASES, CASES]);
  expect(cases?.indexOf(null)).toBe(3);
  expect(await tryOut.events(SICK)).toHaveLength(3);
});

test('case.unlisted: searches count the case and do not show it', async () => {
  const { tryOut } = sick('case.unlisted', {}, 7);
  tryOut.pass(2 * MINUTE);
  const found = await tryOut.found();
  expect([found.length, found.includes(SICK)]).toEqual([CASES - 1, false]);
  expect((await tryOut.search()).totalCount).toBe(CASES);
  expect(tryOut.cases.passedOverAt(SICK)).toBeUndefined();
});

test('case.unlisted: in a list that changes from page to page no count tells of the case', async () => {
  const { tryOut } = sick('case.unlisted', {}, 7);
  tryOut.pass(2 * MINUTE);
  const asked = tryOut.now;
  await tryOut.search();
  expect(tryOut.cases.passedOverAt(SICK)).toBeUndefined();
  tryOut.pass(SECOND);
  tryOut.cases.updateCase(WELL);
  expect(tryOut.cases.passedOverAt(SICK)).toBe(asked);
});

describe('How many, and how long', () => {
  async function denied({ tryOut }: { tryOut: TryOut }): Promise<string[]> {
    const outcomes = tryOut.cases.caseIds().map(async (caseId) => {
      return (await failureOf(tryOut.audit(caseId))) === null ? [] : [caseId];
    });
    return (await Promise.all(outcomes)).flat();
  }

  test('one, every tenth, or all', async () => {
    expect(await denied(sick('case.denied', { who: 'one' }))).toEqual([SICK]);
    expect(await denied(sick('case.denied', { who: 'a-tenth' }))).toEqual([SICK, 'case-0014', 'case-0024']);
    expect(await denied(sick('case.denied', { who: 'all' }))).toHaveLength(CASES);
  });

  test('from some moment on, for a while', async () => {
    const { tryOut, begin } = sick('case.denied', { fromMs: HOUR, lastsMs: MINUTE });
    expect(await denied({ tryOut })).toEqual([]);
    tryOut.pass(begin + HOUR - tryOut.now);
    expect(await denied({ tryOut })).toEqual([SICK]);
    tryOut.pass(MINUTE - 1);
    expect(await denied({ tryOut })).toEqual([SICK]);
    tryOut.pass(1);
    expect(await denied({ tryOut })).toEqual([]);
  });

  test('for one answer of each case', async () => {
    const world = sick('case.denied', { who: 'a-tenth', lastsMs: 0 });
    expect(await denied(world)).toHaveLength(3);
    expect(await denied(world)).toEqual([]);
  });

  test('for ever: well are all the others, and in the end the case itself', async () => {
    const world = sick('case.denied', { who: 'a-tenth' });
    world.tryOut.cases.sick.healTheOthers();
    world.tryOut.pass(1_000 * HOUR);
    expect(await denied(world)).toHaveLength(3);
    expect(world.tryOut.cases.sick.forEver(SICK)).toEqual(['case.denied']);
    expect(world.tryOut.cases.sick.forEver(WELL)).toEqual([]);
    world.tryOut.cases.sick.heal();
    expect(await denied(world)).toEqual([]);
  });

  test('what is not for ever, or strikes all, is healed with the others', async () => {
    for (const more of [{ lastsMs: 1_000 * HOUR }, { who: 'all' as const }]) {
      const world = sick('case.denied', more);
      world.tryOut.cases.sick.healTheOthers();
      expect(await denied(world)).toEqual([]);
      expect(world.tryOut.cases.sick.forEver(SICK)).toEqual([]);
    }
  });

  test('now and then, where it is to strike less than every answer', async () => {
    const rates = { 'case.denied': 0.3 };
    const sickness: Sickness = { kind: 'case.denied', who: 'one', fromMs: 0, lastsMs: null };
    const tryOut = new TryOut(rates, { sicknesses: [sickness], sickNumber: 1 });
    const [caseId = ''] = tryOut.createCases(1);
    let failures = 0;
    for (let call = 0; call < 300; call += 1) {
      tryOut.pass(SECOND);
      if ((await failureOf(tryOut.audit(caseId))) !== null) failures += 1;
    }
    expect(failures).toBeGreaterThan(60);
    expect(failures).toBeLessThan(120);
    expect(tryOut.faults.counts).toEqual({ 'case.denied': failures });
  });
});
