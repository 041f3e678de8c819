/** A touch newer than every event is a debt: the history may lag. It costs three reads over an hour, and is then accepted and counted. */
import type { CasesApi } from '../../../lambda/export/ports';
import { withAnswers } from '../../fakes/with-answers';
import { judge, judgedTick, judgedTicks } from '../../support/proof';
import {
  anomaliesOf,
  createFilled,
  createWorld,
  DAY,
  expectExactlyTheHistory,
  HOUR,
  lastManifest,
  MINUTE,
  START,
  type World,
} from '../../support/world';

/** Histories show an event only when it is so old. */
const lagging = (world: World, lagMs: number) =>
  withAnswers(world.cases, 'getCaseAuditEvents', (page) => ({
    ...page,
    events: page.events.filter((event) => (event?.performedTime?.getTime() ?? 0) <= world.clock.now() - lagMs),
  }));

/** Five cases, exported; an hour later. */
async function createExported(count = 5): Promise<World> {
  const world = createFilled(count, START - 10 * HOUR);
  await judgedTicks(world, 1, HOUR);
  return world;
}

/** `last_updated_datetime` moves and no event comes, as an edit of something else may do. */
function touch(world: World, ...caseIds: readonly string[]): void {
  for (const caseId of caseIds) Object.assign(world.cases.cases.get(caseId) ?? {}, { lastUpdated: world.clock.now() });
}

const readsOf = ({ cases }: World, caseId: string) =>
  cases.requestsOf('getCaseAuditEvents').filter((request) => request.caseId === caseId).length;

/** A tick every five minutes. */
async function pass(world: World, minutes: number, cases: CasesApi = world.cases): Promise<void> {
  for (let passed = 0; passed < minutes; passed += 5) {
    world.clock.advance(5 * MINUTE);
    await judgedTick(world, { cases });
  }
}

test.each([5, 11, 20, 45, 60])(
  'A history that lags by %i minutes behind the search loses nothing, and nothing is proven too early',
  async (minutes) => {
    const world = await createExported();
    const cases = lagging(world, minutes * MINUTE);
    world.cases.updateCase('case-1', world.clock.now());
    const at = world.clock.now();
    await pass(world, minutes - 5, cases);
    expect(judge(world, at + 1)).toMatchObject({ isComplete: false });
    await pass(world, 90, cases);
    expect(judge(world, at + 1)).toMatchObject({ isComplete: true, unexplainedTouches: 0 });
    expectExactlyTheHistory(world);
  },
);

test('A touch that no event ever explains costs three reads over an hour and a quarter, and is then accepted and counted', async () => {
  const world = await createExported();
  world.cases.calls.length = 0;
  touch(world, 'case-1');
  const at = world.clock.now();
  await pass(world, 10);
  expect(lastManifest(world).debts).toMatchObject([{ cause: 'unexplained', cases: 1, neverRead: 0 }]);
  expect(judge(world, at + 1)).toMatchObject({ isComplete: false, debts: 1 });
  expect(judge(world, START)).toMatchObject({ isComplete: false });
  await pass(world, 90);
  expect(readsOf(world, 'case-1')).toBe(3);
  expect(judge(world, at + 1)).toMatchObject({ isComplete: true, debts: 0, unexplainedTouches: 1 });
  expect((await world.checkpoints.readCaseRecords(world.cases.domainId, ['case-1'])).get('case-1')).toMatchObject({
    unexplained: true,
  });
  world.cases.calls.length = 0;
  await pass(world, 60);
  expect(readsOf(world, 'case-1')).toBe(0);
});

test('What was accepted is no longer counted once an event comes after all', async () => {
  const world = await createExported();
  touch(world, 'case-1');
  await pass(world, 120);
  expect(judge(world)).toMatchObject({ unexplainedTouches: 1 });
  world.cases.updateCase('case-1', world.clock.now());
  await pass(world, 15);
  expect(judge(world)).toMatchObject({ unexplainedTouches: 0 });
  expectExactlyTheHistory(world);
});

test('A check reads what was accepted once more, and pays no more than that for it', async () => {
  const world = await createExported();
  touch(world, 'case-1');
  await pass(world, 120);
  world.clock.advance(31 * DAY);
  world.cases.calls.length = 0;
  await pass(world, 120);
  expect(lastManifest(world).lanes.sweep).toMatchObject({ number: 2, finishedAt: expect.any(Number) });
  expect(readsOf(world, 'case-1')).toBe(1);
  expect(judge(world, START)).toMatchObject({ isComplete: true, unexplainedTouches: 1 });
});

test('Where most touches of a domain have no event, it says so and stops paying: one read each from then on', async () => {
  const world = await createExported(60);
  const caseIds = [...world.cases.cases.keys()];
  touch(world, ...caseIds.slice(0, 30));
  // One of them at least has to wait out its hour; the explained ones of the first export count against it.
  for (let round = 0; round < 3; round += 1) {
    await pass(world, 120);
    touch(world, ...caseIds);
  }
  await pass(world, 120);
  world.cases.calls.length = 0;
  touch(world, ...caseIds);
  const at = world.clock.now();
  await pass(world, 15);
  expect(world.cases.requestsOf('getCaseAuditEvents')).toHaveLength(60);
  expect(anomaliesOf(world)).toContain('touches-unexplained');
  expect(judge(world, at + 1)).toMatchObject({ isComplete: true, unexplainedTouches: 60 });
});

test('A related item that the search shows before its event is owed until the event comes', async () => {
  const world = await createExported();
  const cases = lagging(world, 20 * MINUTE);
  world.cases.addRelatedItem('case-2', world.clock.now());
  const at = world.clock.now();
  await pass(world, 15, cases);
  expect(judge(world, at + 1)).toMatchObject({ isComplete: false });
  await pass(world, 75, cases);
  expect(judge(world, at + 1)).toMatchObject({ isComplete: true });
  expectExactlyTheHistory(world);
});

test('A search that gives no time, as its answer lacks the field, makes no debt of the case', async () => {
  const world = createFilled(5, START - 10 * HOUR);
  const cases = withAnswers(world.cases, 'searchCases', (page) => ({
    ...page,
    cases: page.cases.map((found) => found && { ...found, lastUpdated: null }),
  }));
  expect(await judgedTick(world, { cases })).toMatchObject({ debts: {} });
  expectExactlyTheHistory(world);
});

test('Whole seconds in one time and milliseconds in the other make no debt', async () => {
  const world = createWorld();
  world.cases.addCase('case-1', START - 10 * HOUR).lastUpdated += 999;
  expect(await judgedTick(world)).toMatchObject({ debts: {} });
});
