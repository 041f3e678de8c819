/** Times that no case can have: in the future, before there were cases, or missing. They cost their own case and no other. */
import { withAnswers } from '../../fakes/with-answers';
import { judge, judgedTicks } from '../../support/proof';
import { expectExactlyTheHistory, HOUR, MINUTE, START, type World } from '../../support/world';
import { callsFor, createDomain, expectFeedGoesOn, exportedCases, pass } from './sick';

const YEAR_9999 = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

function setTimes(world: World, caseId: string, times: { lastUpdated?: number; created?: number }): void {
  Object.assign(world.cases.cases.get(caseId) ?? {}, times);
}

describe('A case that was last updated in the year 9999', () => {
  test('is exported, costs one read in a while, and keeps no other from coming out', async () => {
    const world = createDomain(20);
    setTimes(world, 'case-7', { lastUpdated: YEAR_9999 });
    await pass(world, 8);
    expect(exportedCases(world).size).toBe(20);
    world.cases.calls.length = 0;
    await expectFeedGoesOn(world, world.cases, ['case-1', 'case-2', 'case-3', 'case-12', 'case-19'], 6);
    // Twelve ticks of an hour and a half.
    expect(callsFor(world, 'case-7')).toBeLessThanOrEqual(7);
  });

  test('makes no period complete that it may be missing from, and none false', async () => {
    const world = createDomain(20);
    setTimes(world, 'case-7', { lastUpdated: YEAR_9999 });
    await judgedTicks(world, 30, 10 * MINUTE);
    expectExactlyTheHistory(world);
  });
});

test('A case that was made in the year 9999 is found by the live lane, and no sweep waits for it', async () => {
  const world = createDomain(20);
  await pass(world, 1);
  world.cases.addCase('future', world.clock.now());
  setTimes(world, 'future', { created: YEAR_9999 });
  world.clock.advance(10 * MINUTE);
  await pass(world, 3);
  expectExactlyTheHistory(world);
  expect(judge(world, START - HOUR)).toMatchObject({ isComplete: true });
});

test('A case whose times lie before 1970 is exported', async () => {
  const world = createDomain(20);
  setTimes(world, 'case-7', { created: 0, lastUpdated: 0 });
  setTimes(world, 'case-8', { created: 1, lastUpdated: 1 });
  await pass(world, 2);
  expectExactlyTheHistory(world);
});

test('Cases that no search gives a time for are exported, and the lanes come to rest', async () => {
  const world = createDomain(20);
  const cases = withAnswers(world.cases, 'searchCases', (page) => ({
    ...page,
    cases: page.cases.map((found) => found && { ...found, lastUpdated: null, created: null }),
  }));
  await pass(world, 3, cases);
  expectExactlyTheHistory(world);
});
