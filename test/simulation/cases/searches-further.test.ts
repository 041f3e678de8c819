/** Searches whose index, filter, order, tokens or counts are not what one would think. */
import type { FaultKind } from '../faults';
import { MINUTE, SECOND, TryOut } from './try-out';

const SIX = ['case-0001', 'case-0002', 'case-0003', 'case-0004', 'case-0005', 'case-0006'];

function six(rates: { [kind in FaultKind]?: number }, pageSize = 2): TryOut {
  const tryOut = new TryOut(rates, { pageSize: { searchCases: pageSize }, placeNumber: 4 });
  tryOut.createCases(6);
  return tryOut;
}

test('cases.newer-than-index: an update is shown at once, and placed later', async () => {
  const rates: { [kind in FaultKind]?: number } = {};
  const tryOut = six(rates, 100);
  rates['cases.newer-than-index'] = 1;
  tryOut.pass(SECOND);
  const updated = tryOut.now;
  tryOut.cases.updateCase('case-0002');
  const { cases } = await tryOut.search();
  expect(cases?.map((found) => found?.caseId)).toEqual(SIX);
  expect(cases?.[1]?.lastUpdated).toBe(updated);
  expect((await tryOut.search({ from: updated })).cases).toEqual([]);
  tryOut.pass(180 * MINUTE);
  expect(await tryOut.found()).toEqual([...SIX.filter((caseId) => caseId !== 'case-0002'), 'case-0002']);
  expect(tryOut.truth('case-0002').at(-1)?.findableAt).toBeGreaterThan(updated);
});

test('cases.filter-by-second: what lies after `from` within its second is left out, from the second before it is not', async () => {
  const tryOut = new TryOut({ 'cases.filter-by-second': 1 });
  tryOut.pass(300);
  tryOut.createCases(1);
  const second = Math.floor(tryOut.now / SECOND) * SECOND;
  expect(await tryOut.found({ from: second + 1 })).toEqual([]);
  expect(await tryOut.found({ from: second })).toEqual(['case-0001']);
  expect(await tryOut.found({ by: 'created_datetime', from: 0, lastUpdatedFrom: second + 1 })).toEqual([]);
});

test('cases.no-token-too-early: the page has no token, and the count says that there is more', async () => {
  const tryOut = six({ 'cases.no-token-too-early': 1 });
  tryOut.pass(2 * MINUTE);
  const page = await tryOut.search();
  expect([page.cases?.length, page.nextToken, page.totalCount]).toEqual([2, undefined, 6]);
  expect(SIX.map((caseId) => tryOut.cases.passedOverAt(caseId))).toEqual(SIX.map(() => undefined));
});

test.each([
  ['cases.no-total-count', 6, undefined],
  ['cases.total-count-too-high', 7, 11],
  ['cases.total-count-too-low', 1, 5],
] as const)('%s', async (kind, least, most) => {
  const tryOut = six({ [kind]: 1 }, 100);
  for (let call = 0; call < 20; call += 1) {
    const { totalCount, cases } = await tryOut.search();
    expect(cases).toHaveLength(6);
    if (most === undefined) expect(totalCount).toBeUndefined();
    else {
      expect(totalCount).toBeGreaterThanOrEqual(least);
      expect(totalCount).toBeLessThanOrEqual(most);
    }
  }
});

test('Who is passed over in silence is on record: no token, and no count that says so', async () => {
  const tryOut = six({ 'cases.no-token-too-early': 1, 'cases.no-total-count': 1 });
  await tryOut.search();
  const silent = SIX.filter((caseId) => tryOut.cases.passedOverAt(caseId) === tryOut.now);
  expect(silent).toEqual(SIX.slice(2));
});

test('Who is passed over in silence is on record: an offset over a list that moved', async () => {
  const tryOut = six({ 'cases.offset-token-moves': 1 });
  const { nextToken } = await tryOut.search();
  tryOut.pass(SECOND);
  tryOut.cases.updateCase('case-0001');
  await tryOut.search({ nextToken });
  expect(SIX.filter((caseId) => tryOut.cases.passedOverAt(caseId) !== undefined)).toEqual(['case-0003']);
});

test('cases.empty-page-here: an empty page with a token comes before the one with this case, every time', async () => {
  const tryOut = six({ 'cases.empty-page-here': 1 });
  for (let walk = 0; walk < 3; walk += 1) {
    const first = await tryOut.search();
    const empty = await tryOut.search({ nextToken: first.nextToken });
    expect([empty.cases, typeof empty.nextToken]).toEqual([[], 'string']);
    const next = await tryOut.search({ nextToken: empty.nextToken });
    expect(next.cases?.map((found) => found?.caseId)).toEqual(['case-0003', 'case-0004']);
    expect(await tryOut.found()).toEqual(SIX);
  }
});

test('cases.disorder-here: the same pair out of order, every time both are on a page', async () => {
  const tryOut = six({ 'cases.disorder-here': 1 }, 100);
  const swapped = ['case-0001', 'case-0002', 'case-0004', 'case-0003', 'case-0005', 'case-0006'];
  for (let walk = 0; walk < 3; walk += 1) expect(await tryOut.found()).toEqual(swapped);
  expect(tryOut.faults.counts).toEqual({ 'cases.disorder-here': 3 });
});

test.each(['cases.search-lag-uncapped'] as const)('%s: from a minute to twenty days', (kind) => {
  const tryOut = new TryOut({ [kind]: 1 });
  const lags = tryOut.createCases(300).map((caseId) => {
    const [truth] = tryOut.truth(caseId);
    return ((truth?.findableAt ?? 0) - (truth?.occurredAt ?? 0)) / MINUTE;
  });
  expect(Math.min(...lags)).toBeGreaterThanOrEqual(1);
  expect(Math.max(...lags)).toBeLessThanOrEqual(20 * 24 * 60);
  expect(lags.filter((lag) => lag < 60).length).toBeGreaterThan(60);
  expect(lags.filter((lag) => lag > 24 * 60).length).toBeGreaterThan(60);
});
