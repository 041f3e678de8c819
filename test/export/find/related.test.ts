import fc from 'fast-check';
import type { RelatedLane } from '../../../lambda/export/domain/state';
import { readRelatedCases, scanRelatedItems } from '../../../lambda/export/find/related';
import type { FoundRelatedItem, RelatedPage } from '../../../lambda/export/ports';
import { ReadingOver } from '../../../lambda/export/run/budget';
import type { Run } from '../../../lambda/export/run/run';
import type { FakeCases, FakeCasesOptions } from '../../fakes/cases-api';
import { failAt, failed } from '../../fakes/with-answers';
import { aLiveLane, aRelatedLane, someLanes } from '../../support/stored-values';
import { anomaliesOf, casesApi, createRun, createRunWithCases, MINUTE, type RunOptions, START } from '../fixtures';

const SETTLE = 3 * MINUTE;
const OVERLAP = 15 * MINUTE;
const WATERMARK = START - 60 * MINUTE;

function stateWith(related: Partial<RelatedLane> = {}): NonNullable<RunOptions['state']> {
  const live = aLiveLane({ watermark: WATERMARK });
  return { lanes: someLanes({ live, related: aRelatedLane({ watermark: WATERMARK, ...related }) }) };
}

const createRelated = (options: RunOptions = {}, fake: Omit<FakeCasesOptions, 'now'> = {}) =>
  createRunWithCases({ state: stateWith(), ...options }, fake);

/** A case made long ago that got an item at each of these times. */
function addCommented(cases: FakeCases, caseId: string, ...at: readonly number[]): void {
  cases.addCase(caseId, START - 500 * MINUTE);
  for (const time of at) cases.addRelatedItem(caseId, time);
}

/** A service whose pages are given one by one, by the token asked with. */
function pagesBy(answer: (token: string | undefined, call: number) => Partial<RelatedPage> | Error) {
  const tokens: (string | undefined)[] = [];
  const cases = casesApi({
    searchAllRelatedItems: async ({ nextToken }) => {
      tokens.push(nextToken);
      const page = answer(nextToken, tokens.length);
      if (page instanceof Error) throw page;
      return { items: [], nextToken: undefined, serviceTime: START, ...page };
    },
  });
  return { cases, tokens };
}

const laneOf = (run: Run) => run.progress.related;
const item = (caseId: string, associatedAt: number | null): FoundRelatedItem => ({ caseId, associatedAt });

describe('A walk over related items', () => {
  test('finds the latest association of every case at or above watermark less overlap, and nothing below', async () => {
    const anyItem = fc.record({ caseId: fc.constantFrom('a', 'b', 'c', 'd'), ago: fc.nat(150) });
    await fc.assert(
      fc.asyncProperty(fc.array(anyItem, { maxLength: 40 }), fc.integer({ min: 1, max: 9 }), async (items, size) => {
        const { run, cases } = await createRelated({}, { pageSize: { searchAllRelatedItems: size } });
        const expected = new Map<string, number>();
        for (const { caseId, ago } of items) {
          const at = START - ago * MINUTE;
          cases.relatedItems.push(item(caseId, at));
          if (at >= WATERMARK - OVERLAP) expected.set(caseId, Math.max(at, expected.get(caseId) ?? at));
        }
        const { itemTouches, end } = await scanRelatedItems(run);
        expect(itemTouches).toEqual(expected);
        expect(end).toBe('bottom');
      }),
      { numRuns: 50 },
    );
  });

  test('stops at the first page that reaches below the bottom', async () => {
    const { run, cases } = await createRelated({}, { pageSize: { searchAllRelatedItems: 10 } });
    for (let minute = 0; minute < 1000; minute += 1)
      cases.relatedItems.push(item(`case-${minute}`, START - minute * MINUTE));
    await scanRelatedItems(run);
    expect(cases.requestsOf('searchAllRelatedItems')).toHaveLength(8);
  });

  test('does not take an item that is out of order for the bottom', async () => {
    const { cases, tokens } = pagesBy((token) =>
      token === undefined
        ? { items: [item('a', START - 300 * MINUTE), item('b', START)], nextToken: 'next' }
        : { items: [item('c', START - MINUTE)] },
    );
    const { run } = await createRun(cases, { state: stateWith() });
    const { itemTouches, end } = await scanRelatedItems(run);
    expect([...itemTouches.keys()]).toEqual(['b', 'c']);
    expect(end).toBe('bottom');
    expect(tokens).toHaveLength(2);
  });

  test('survives nulls and items without a time: counted, and the case is found', async () => {
    const { cases } = pagesBy(() => ({ items: [null, item('timeless', null), null] }));
    const { run, telemetry } = await createRun(cases, { state: stateWith() });
    const { itemTouches } = await scanRelatedItems(run);
    expect([...itemTouches.keys()]).toEqual(['timeless']);
    expect(run.counters.counts.nullElements).toBe(2);
    expect(anomaliesOf(telemetry).sort()).toEqual(['case-without-time', 'null-elements']);
  });

  test("remembers the time before its first page, no later than the service's clock", async () => {
    const { cases } = pagesBy(() => ({ serviceTime: START - 5 * MINUTE }));
    const { run } = await createRun(cases, { state: stateWith() });
    expect((await scanRelatedItems(run)).startedAt).toBe(START - 5 * MINUTE);
  });
});

describe('A token of the walk', () => {
  const walk = { startedAt: START - 10 * MINUTE, lowest: START - 30 * MINUTE, token: 'stored' };

  test('that was stored goes on where the walk stopped, with its start', async () => {
    const { cases, tokens } = pagesBy(() => ({ items: [item('a', START - 31 * MINUTE)] }));
    const { run } = await createRun(cases, { state: stateWith({ walk }) });
    const found = await scanRelatedItems(run);
    expect(tokens).toEqual(['stored']);
    expect(found).toMatchObject({ startedAt: walk.startedAt, end: 'bottom', lowest: START - 31 * MINUTE });
  });

  test('that is refused costs a walk from the top, with a start of its own', async () => {
    const { cases, tokens } = pagesBy((token) =>
      token === 'stored' ? failed('refused', 'SearchAllRelatedItems') : {},
    );
    const { run, telemetry } = await createRun(cases, { state: stateWith({ walk }) });
    expect(await scanRelatedItems(run)).toMatchObject({ startedAt: START, end: 'bottom' });
    expect(tokens).toEqual(['stored', undefined]);
    expect(anomaliesOf(telemetry)).toEqual(['search-token']);
  });

  test('that is refused again and again, or repeats, ends the walk: never a loop', async () => {
    for (const answer of [
      (token: string | undefined) =>
        token === undefined ? { nextToken: 'bad' } : failed('refused', 'SearchAllRelatedItems'),
      () => ({ nextToken: 'same' }),
    ]) {
      const { cases, tokens } = pagesBy(answer);
      const { run, telemetry } = await createRun(cases, { state: stateWith() });
      expect((await scanRelatedItems(run)).end).toBe('unavailable');
      expect(tokens.length).toBeLessThanOrEqual(4);
      expect(anomaliesOf(telemetry)).toContain('related-items-unavailable');
    }
  });
});

describe('An operation that does not work', () => {
  test.each(['denied', 'not-found', 'refused', 'malformed', 'unavailable'] as const)(
    'never ends the run, is an anomaly, and moves no watermark: %s',
    async (failure) => {
      const { cases } = pagesBy(() => failed(failure, 'SearchAllRelatedItems'));
      const { run, telemetry } = await createRun(cases, { state: stateWith() });
      const walk = await scanRelatedItems(run);
      expect(walk.end).toBe('unavailable');
      await readRelatedCases(run, walk, 0);
      expect(laneOf(run)).toEqual(stateWith().lanes?.related);
      expect(anomaliesOf(telemetry)).toEqual(['related-items-unavailable']);
    },
  );

  test('still reads what was found before it stopped working', async () => {
    const { run, cases } = await createRelated(
      {},
      {
        pageSize: { searchAllRelatedItems: 1 },
        before: failAt('searchAllRelatedItems', 'denied', ({ nextToken }) => nextToken !== undefined),
      },
    );
    addCommented(cases, 'a', START - 10 * MINUTE, START - 20 * MINUTE);
    await readRelatedCases(run, await scanRelatedItems(run), 0);
    expect(run.batch.records.get('a')).toMatchObject({ touched: START - 10 * MINUTE, eventCount: 3 });
    expect(laneOf(run).watermark).toBe(WATERMARK);
  });

  test("because time is up is not the operation's fault", async () => {
    const { run } = await createRelated();
    run.budget.endReading();
    await expect(scanRelatedItems(run)).rejects.toThrow(ReadingOver);
  });
});

describe('The watermark of related items', () => {
  test("of a new domain is its first walk's start less settle", async () => {
    const { run, cases } = await createRelated({ state: stateWith({ watermark: null }) });
    addCommented(cases, 'a', START - SETTLE - OVERLAP - 1);
    const walk = await scanRelatedItems(run);
    expect(walk.itemTouches.size).toBe(0);
    await readRelatedCases(run, walk, 0);
    expect(laneOf(run)).toEqual(aRelatedLane({ watermark: START - SETTLE }));
  });

  test('moves when the bottom was reached and every case that was found is read or on the retry list', async () => {
    const { run, cases } = await createRelated({ state: stateWith({ ticksWithoutBottom: 2 }) });
    addCommented(cases, 'a', START - 10 * MINUTE);
    addCommented(cases, 'deleted', START - 10 * MINUTE);
    cases.cases.delete('deleted');
    await readRelatedCases(run, await scanRelatedItems(run), 0);
    expect([...run.batch.records.keys(), ...run.batch.retries.keys()]).toEqual(['a', 'deleted']);
    expect(laneOf(run)).toEqual(aRelatedLane({ watermark: START - SETTLE }));
  });

  test('stays at or below every case that is too fresh to be read', async () => {
    const { run, cases } = await createRelated({ settings: { settleMs: 10 * MINUTE } });
    addCommented(cases, 'fresh', START - 9 * MINUTE);
    await readRelatedCases(run, await scanRelatedItems(run), 0);
    expect(laneOf(run).watermark).toBe(START - 10 * MINUTE);
    expect(run.batch.records.get('fresh')).toMatchObject({ waitingSince: START });
    expect(cases.calls.map(({ operation }) => operation)).not.toContain('getCaseAuditEvents');
  });

  test('goes by the clock of the run, whatever is done to the wall clock between the walk and the reading', async () => {
    for (const set of [START - 4 * MINUTE, START + 600 * MINUTE]) {
      const { run, cases, clock } = await createRelated();
      addCommented(cases, 'a', START - 5 * MINUTE);
      addCommented(cases, 'fresh', START - MINUTE);
      const walk = await scanRelatedItems(run);
      clock.setWallClock(set);
      await readRelatedCases(run, walk, 0);
      expect(run.batch.records.get('a')).toMatchObject({ touched: START - 5 * MINUTE });
      expect(run.batch.records.get('fresh')).toMatchObject({ touched: null, waitingSince: START });
      expect(laneOf(run).watermark).toBe(START - SETTLE);
    }
  });

  test('stays where it is if time runs out before every case is read', async () => {
    const settings = { auditEventsRps: 1, commitReserveMs: 0 };
    const { run, cases } = await createRelated({ settings, minutes: 0.5 });
    for (let index = 0; index < 60; index += 1) {
      addCommented(cases, `case-${index}`, START - 10 * MINUTE);
    }
    await readRelatedCases(run, await scanRelatedItems(run), 0);
    expect(laneOf(run)).toEqual(aRelatedLane({ watermark: WATERMARK, ticksWithoutBottom: 1 }));
  });

  test('never falls for a clock that went back', async () => {
    const { run } = await createRelated({ state: stateWith({ watermark: START + 5 * MINUTE }) });
    await readRelatedCases(run, await scanRelatedItems(run), 0);
    expect(laneOf(run).watermark).toBe(START + 5 * MINUTE);
  });
});

describe('A walk that does not reach the bottom', () => {
  const slow = { settings: { relatedItemsRps: 0.5, commitReserveMs: 0 }, minutes: 1 };

  async function createLong(related: Partial<RelatedLane> = {}) {
    const world = await createRelated(
      { ...slow, state: stateWith(related) },
      { pageSize: { searchAllRelatedItems: 1 } },
    );
    world.cases.addCase('a', START - 500 * MINUTE);
    for (let index = 0; index < 30; index += 1) world.cases.addRelatedItem('a', START - 10 * MINUTE - index * MINUTE);
    return world;
  }

  test('takes a quarter of the time and no more, and keeps where it came to', async () => {
    const { run } = await createLong();
    const walk = await scanRelatedItems(run);
    expect(walk).toMatchObject({ end: 'interrupted', startedAt: START });
    expect(run.budget.readingMs()).toBeGreaterThan(40_000);
    await readRelatedCases(run, walk, 0);
    expect(laneOf(run)).toMatchObject({
      watermark: WATERMARK,
      walk: { startedAt: START, lowest: walk.lowest, token: walk.token },
      ticksWithoutBottom: 1,
    });
  });

  test('is an anomaly at the third tick in a row', async () => {
    for (const [before, alarmed] of [
      [1, false],
      [2, true],
    ] as const) {
      const { run, telemetry } = await createLong({ ticksWithoutBottom: before });
      await readRelatedCases(run, await scanRelatedItems(run), 0);
      expect(laneOf(run).ticksWithoutBottom).toBe(before + 1);
      expect(anomaliesOf(telemetry).includes('related-items-not-to-bottom')).toBe(alarmed);
    }
  });

  test("goes on at the next tick and reaches it, over as many ticks as it takes; then the watermark is the walk's start less settle", async () => {
    const world = await createLong();
    let lane = stateWith().lanes?.related as RelatedLane;
    for (let tick = 0; tick < 8; tick += 1) {
      const next = await createRun(world.cases, { ...slow, clock: world.clock, state: stateWith(lane) });
      await readRelatedCases(next.run, await scanRelatedItems(next.run), 0);
      lane = laneOf(next.run);
      if (lane.walk === null) break;
      world.clock.advance(10 * MINUTE);
    }
    expect(lane).toEqual(aRelatedLane({ watermark: START - SETTLE }));
  });
});
