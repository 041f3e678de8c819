/** What searches show: the index with its lags, and lists that are not as they should be. */
import type { CasesCallError } from '../../../lambda/export/domain/errors';
import type { FaultKind } from '../faults';
import { errorOf, HOUR, MINUTE, SECOND, START, TryOut } from './try-out';

describe.each([
  ['cases.search-lag-10m', 10 * MINUTE],
  ['cases.search-lag-70m', 70 * MINUTE],
] as const)('%s', (kind, lagMs) => {
  /** Everything from now on is late; what was before is not. */
  function late(): { tryOut: TryOut; old: string } {
    const rates: { [kind: string]: number } = {};
    const tryOut = new TryOut(rates);
    const [old = ''] = tryOut.createCases(1);
    rates[kind] = 1;
    tryOut.pass(SECOND);
    return { tryOut, old };
  }

  test('a new case is found only then', async () => {
    const { tryOut, old } = late();
    const caseId = tryOut.cases.createCase();
    tryOut.pass(lagMs - 1);
    expect(await tryOut.found()).toEqual([old]);
    tryOut.pass(1);
    expect(await tryOut.found()).toEqual([old, caseId]);
    expect(tryOut.faults.counts).toEqual({ [kind]: 1 });
  });

  test('an update shows the case as it was until then', async () => {
    const { tryOut, old } = late();
    const before = tryOut.now - SECOND;
    tryOut.cases.updateCase(old);
    const updated = tryOut.now;
    tryOut.pass(lagMs - 1);
    expect((await tryOut.search()).cases).toMatchObject([{ caseId: old, lastUpdated: before }]);
    expect((await tryOut.search({ from: updated })).cases).toEqual([]);
    tryOut.pass(1);
    expect((await tryOut.search({ from: updated })).cases).toMatchObject([{ lastUpdated: updated, created: before }]);
  });

  test('a deleted case is shown until then, though it is gone', async () => {
    const { tryOut, old } = late();
    tryOut.cases.deleteCase(old);
    tryOut.pass(lagMs - 1);
    expect(await tryOut.found()).toEqual([old]);
    expect((await errorOf(tryOut.audit(old))).failure).toBe('not-found');
    tryOut.pass(1);
    expect(await tryOut.found()).toEqual([]);
  });

  test('the history tells from when on a change can be found', () => {
    const { tryOut, old } = late();
    tryOut.cases.updateCase(old);
    expect(tryOut.truth(old).map(({ findableAt, occurredAt }) => (findableAt ?? 0) - occurredAt)).toEqual([0, lagMs]);
  });

  test('a later change that is not late leads to an earlier one that is', () => {
    const rates: { [kind: string]: number } = { [kind]: 1 };
    const tryOut = new TryOut(rates);
    const [caseId = ''] = tryOut.createCases(1);
    rates[kind] = 0;
    tryOut.pass(SECOND);
    tryOut.cases.updateCase(caseId);
    expect(tryOut.truth(caseId).map(({ findableAt }) => findableAt)).toEqual([tryOut.now, tryOut.now]);
  });

  test('healing brings it at once', async () => {
    const { tryOut, old } = late();
    const caseId = tryOut.cases.createCase();
    tryOut.pass(SECOND);
    expect(await tryOut.found()).toEqual([old]);
    tryOut.faults.heal();
    expect(await tryOut.found()).toEqual([old, caseId]);
    expect(tryOut.truth(caseId)[0]?.findableAt).toBe(tryOut.now);
    tryOut.pass(SECOND);
    tryOut.cases.updateCase(caseId);
    expect(tryOut.truth(caseId).at(-1)?.findableAt).toBe(tryOut.now);
  });

  test('history that is long past is not late any more', () => {
    const tryOut = new TryOut({ [kind]: 1 });
    tryOut.cases.createCase({ at: START - 2 * HOUR });
    expect(tryOut.faults.counts).toEqual({});
  });
});

test('cases.stale-replica: one answer as of up to two minutes ago', async () => {
  const tryOut = new TryOut({ 'cases.stale-replica': 0.5 });
  tryOut.createCases(300);
  const shown = new Set<number | undefined>();
  let behind = 0;
  for (let call = 0; call < 100; call += 1) {
    const { totalCount } = await tryOut.search();
    shown.add(totalCount);
    if (totalCount !== 300) behind += 1;
  }
  expect(Math.min(...[...shown].map((count) => count ?? 0))).toBeGreaterThanOrEqual(180);
  expect(shown.size).toBeGreaterThan(10);
  expect(behind).toBeLessThanOrEqual(tryOut.faults.counts['cases.stale-replica'] ?? 0);
  tryOut.faults.heal();
  expect((await tryOut.search()).totalCount).toBe(300);
});

test('cases.stale-replica: shows a case as it was then, however often it was updated since', async () => {
  const tryOut = new TryOut({ 'cases.stale-replica': 1 });
  const [caseId = ''] = tryOut.createCases(1);
  const ages = [];
  for (let update = 0; update < 300; update += 1) {
    tryOut.pass(SECOND);
    tryOut.cases.updateCase(caseId);
    const [found] = (await tryOut.search()).cases ?? [];
    if (update > 120) ages.push(tryOut.now - (found?.lastUpdated ?? 0));
  }
  expect(Math.min(...ages)).toBeGreaterThan(0);
  expect(Math.max(...ages)).toBeLessThanOrEqual(120 * SECOND);
  expect(new Set(ages).size).toBeGreaterThan(50);
});

describe('cases.unsorted', () => {
  test('a page out of order, of the same cases, and the next page goes on behind them', async () => {
    const tryOut = new TryOut({ 'cases.unsorted': 1 }, { pageSize: { searchCases: 4 } });
    const ids = tryOut.createCases(8);
    const first = await tryOut.search();
    const times = first.cases?.map((one) => one?.lastUpdated ?? 0) ?? [];
    expect(times).not.toEqual([...times].sort((a, b) => a - b));
    expect(first.cases?.map((one) => one?.caseId).sort()).toEqual(ids.slice(0, 4));
    const second = await tryOut.search({ nextToken: first.nextToken });
    expect(second.cases?.map((one) => one?.caseId).sort()).toEqual(ids.slice(4));
    expect(tryOut.faults.counts).toEqual({ 'cases.unsorted': 2 });
  });

  test('a page of two is turned round, whatever is drawn', async () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const tryOut = new TryOut({ 'cases.unsorted': 1 }, {}, seed);
      const ids = tryOut.createCases(2);
      expect((await tryOut.search()).cases?.map((one) => one?.caseId)).toEqual(ids.reverse());
    }
  });

  test('strikes related items too, and only where there is an order to break', async () => {
    const tryOut = new TryOut({ 'cases.unsorted': 1 });
    const [caseId = ''] = tryOut.createCases(1);
    tryOut.cases.addRelatedItem(caseId);
    tryOut.cases.addRelatedItem(caseId);
    await tryOut.related();
    await tryOut.search();
    expect(tryOut.faults.counts).toEqual({});
    tryOut.pass(SECOND);
    tryOut.cases.addRelatedItem(caseId);
    const times = (await tryOut.related()).items?.map((item) => item?.associatedAt ?? 0) ?? [];
    expect(times).not.toEqual([...times].sort((a, b) => b - a));
    expect(tryOut.faults.counts).toEqual({ 'cases.unsorted': 1 });
  });
});

describe('cases.results-capped', () => {
  test('no page goes beyond the cap: the token there is refused, while totalCount knows of more', async () => {
    const tryOut = new TryOut({ 'cases.results-capped': 1 }, { pageSize: { searchCases: 5 } });
    tryOut.createCases(20);
    const sizes = [];
    let page = await tryOut.search();
    while (sizes.push(page.cases?.length) < 3) page = await tryOut.search({ nextToken: page.nextToken });
    expect(sizes).toEqual([5, 5, 2]);
    expect(page.totalCount).toBe(20);
    const error = await errorOf(tryOut.search({ nextToken: page.nextToken }));
    expect(error.failure).toBe('refused');
    expect(tryOut.faults.counts).toEqual({ 'cases.results-capped': 1 });
  });

  test('a walk that starts anew at the last value seen gets to the end all the same', async () => {
    const tryOut = new TryOut({ 'cases.results-capped': 1 }, { resultCap: 3 });
    const ids = tryOut.createCases(10);
    const seen = new Set<string>();
    for (let from = 0, isEnd = false; !isEnd; ) {
      const { cases, nextToken } = await tryOut.search({ from });
      for (const one of cases ?? []) seen.add(one?.caseId ?? '');
      from = cases?.at(-1)?.lastUpdated ?? Number.NaN;
      isEnd = nextToken === undefined;
    }
    expect([...seen]).toEqual(ids);
  });

  test('a list of just so many is whole', async () => {
    const tryOut = new TryOut({ 'cases.results-capped': 1 });
    tryOut.createCases(12);
    expect((await tryOut.search()).nextToken).toBeUndefined();
    expect(tryOut.faults.counts).toEqual({});
    tryOut.createCases(1);
    tryOut.faults.heal();
    expect((await tryOut.search()).cases).toHaveLength(13);
  });
});

describe('Answers that are not as they should be', () => {
  const lists: readonly (readonly [string, (tryOut: TryOut) => Promise<readonly unknown[]>])[] = [
    ['cases', async (tryOut) => (await tryOut.search()).cases],
    ['related items', async (tryOut) => (await tryOut.related()).items],
    ['events', async (tryOut) => (await tryOut.audit('case-0001')).events],
  ];
  const asFailure = (error: CasesCallError) => error.failure;
  function filled(kind: FaultKind, rate: number): TryOut {
    const tryOut = new TryOut({ [kind]: rate });
    for (const caseId of tryOut.createCases(3)) tryOut.cases.addRelatedItem(caseId);
    return tryOut;
  }

  test.each(lists)('cases.null-element: one of the %s is null, another time it is not', async (_, read) => {
    const tryOut = filled('cases.null-element', 1);
    const struck = await read(tryOut);
    expect(struck.filter((element) => element === null)).toHaveLength(1);
    expect(tryOut.faults.counts).toEqual({ 'cases.null-element': 1 });
    tryOut.faults.heal();
    const whole = await read(tryOut);
    expect(whole).toHaveLength(struck.length);
    expect(whole).not.toContain(null);
    expect(struck.every((element, at) => element === null || isSame(element, whole[at]))).toBe(true);
  });

  test.each(lists)('cases.missing-list: no list of %s', async (_, read) => {
    const tryOut = filled('cases.missing-list', 0.5);
    const answers = [];
    for (let call = 0; call < 40; call += 1) answers.push(await read(tryOut).catch(asFailure));
    expect(answers).toContain('malformed');
    expect(tryOut.faults.counts['cases.missing-list']).toBeGreaterThan(5);
    tryOut.faults.heal();
    expect(await read(tryOut)).toBeDefined();
  });

  test('cases.missing-list: or one event without its fields', async () => {
    const tryOut = filled('cases.missing-list', 1);
    const kinds = [];
    for (let call = 0; call < 40; call += 1) {
      const answer = await tryOut.audit('case-0001').catch(asFailure);
      kinds.push(
        typeof answer === 'string' ? answer : answer.events.filter((event) => event?.fields === undefined).length,
      );
    }
    expect(new Set(kinds)).toEqual(new Set(['malformed', 1]));
    expect(tryOut.truth('case-0001').every(({ event }) => event.fields !== undefined)).toBe(true);
  });
});

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
