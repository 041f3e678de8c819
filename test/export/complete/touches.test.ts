/** A touch newer than every event is a debt: the history may lag. It costs three reads over an hour, and is then accepted and counted. */
import type { CasesApi } from '../../../lambda/export/ports';
import { judge, judgedTick } from '../../support/proof';
import {
  createWorld,
  expectExactlyTheHistory,
  HOUR,
  instead,
  MINUTE,
  manifests,
  START,
  type World,
} from '../../support/world';
import { FAST } from '../fixtures';

const DAY = 24 * HOUR;

function createFilled(cases = 5): World {
  const world = createWorld({ settings: FAST });
  for (let index = 0; index < cases; index += 1) world.cases.addCase(`case-${index}`, START - 10 * HOUR);
  return world;
}

/** Histories show an event only when it is so old. */
function lagging(world: World, lagMs: number): CasesApi {
  return instead(world, {
    async getCaseAuditEvents(request, signal) {
      const page = await world.cases.getCaseAuditEvents(request, signal);
      const events = page.events?.filter(
        (event) => (event?.performedTime?.getTime() ?? 0) <= world.clock.now() - lagMs,
      );
      return { ...page, events };
    },
  });
}

/** `last_updated_datetime` moves and no event comes, as an edit of something else may do. */
function touch(world: World, caseId: string): void {
  const touched = world.cases.cases.get(caseId);
  if (touched) touched.lastUpdated = world.clock.now();
}

const readsOf = ({ cases }: World, caseId: string) =>
  cases.calls.filter(
    ({ operation, request }) => operation === 'getCaseAuditEvents' && (request as { caseId: string }).caseId === caseId,
  ).length;

async function ticks(world: World, minutes: number, cases?: CasesApi): Promise<void> {
  for (let passed = 0; passed < minutes; passed += 5) {
    world.clock.advance(5 * MINUTE);
    await judgedTick(world, cases ? { cases } : {});
  }
}

test.each([5, 11, 20, 45, 60])(
  'A history that lags by %i minutes behind the search loses nothing, and nothing is proven too early',
  async (minutes) => {
    const world = createFilled();
    await judgedTick(world);
    const cases = lagging(world, minutes * MINUTE);
    world.clock.advance(HOUR);
    world.cases.updateCase('case-1', world.clock.now());
    const at = world.clock.now();
    await ticks(world, minutes - 5, cases);
    expect(judge(world, at + 1)).toMatchObject({ isComplete: false });
    await ticks(world, 90, cases);
    expect(judge(world, at + 1)).toMatchObject({ isComplete: true, unexplainedTouches: 0 });
    expectExactlyTheHistory(world);
  },
);

test('A touch that no event ever explains costs three reads over an hour and a quarter, and is then accepted and counted', async () => {
  const world = createFilled();
  await judgedTick(world);
  world.clock.advance(HOUR);
  world.cases.calls.length = 0;
  touch(world, 'case-1');
  const at = world.clock.now();
  await ticks(world, 10);
  expect(manifests(world).at(-1)?.debts).toEqual([
    expect.objectContaining({ cause: 'unexplained', cases: 1, neverRead: 0 }),
  ]);
  expect(judge(world, at + 1)).toMatchObject({ isComplete: false, debts: 1 });
  expect(judge(world, START)).toMatchObject({ isComplete: false });
  await ticks(world, 90);
  expect(readsOf(world, 'case-1')).toBe(3);
  expect(judge(world, at + 1)).toMatchObject({ isComplete: true, debts: 0, unexplainedTouches: 1 });
  expect((await world.checkpoints.readCaseRecords(world.cases.domainId, ['case-1'])).get('case-1')).toMatchObject({
    unexplained: true,
  });
  world.cases.calls.length = 0;
  await ticks(world, 60);
  expect(readsOf(world, 'case-1')).toBe(0);
});

test('What was accepted is no longer counted once an event comes after all', async () => {
  const world = createFilled();
  await judgedTick(world);
  world.clock.advance(HOUR);
  touch(world, 'case-1');
  await ticks(world, 120);
  expect(judge(world)).toMatchObject({ unexplainedTouches: 1 });
  world.cases.updateCase('case-1', world.clock.now());
  await ticks(world, 15);
  expect(judge(world)).toMatchObject({ unexplainedTouches: 0 });
  expectExactlyTheHistory(world);
});

test('A check reads what was accepted once more, and pays no more than that for it', async () => {
  const world = createFilled();
  await judgedTick(world);
  world.clock.advance(HOUR);
  touch(world, 'case-1');
  await ticks(world, 120);
  world.clock.advance(31 * DAY);
  world.cases.calls.length = 0;
  await ticks(world, 120);
  expect(manifests(world).at(-1)?.lanes.sweep).toMatchObject({ number: 2, finishedAt: expect.any(Number) });
  expect(readsOf(world, 'case-1')).toBe(1);
  expect(judge(world, START)).toMatchObject({ isComplete: true, unexplainedTouches: 1 });
});

test('Where most touches of a domain have no event, it says so and stops paying: one read each from then on', async () => {
  const world = createFilled(60);
  await judgedTick(world);
  world.clock.advance(HOUR);
  for (let index = 0; index < 30; index += 1) touch(world, `case-${index}`);
  // One of them at least has to wait out its hour; the explained ones of the first export count against it.
  for (let round = 0; round < 3; round += 1) {
    await ticks(world, 120);
    for (let index = 0; index < 60; index += 1) touch(world, `case-${index}`);
  }
  await ticks(world, 120);
  world.cases.calls.length = 0;
  for (let index = 0; index < 60; index += 1) touch(world, `case-${index}`);
  const at = world.clock.now();
  await ticks(world, 15);
  const audits = world.cases.calls.filter(({ operation }) => operation === 'getCaseAuditEvents');
  expect(audits).toHaveLength(60);
  expect(world.logs.some(({ message }) => message === 'anomaly: touches-unexplained')).toBe(true);
  expect(judge(world, at + 1)).toMatchObject({ isComplete: true, unexplainedTouches: 60 });
});

test('A related item that the search shows before its event is owed until the event comes', async () => {
  const world = createFilled();
  await judgedTick(world);
  world.clock.advance(HOUR);
  const cases = lagging(world, 20 * MINUTE);
  world.cases.addRelatedItem('case-2', world.clock.now());
  const at = world.clock.now();
  await ticks(world, 15, cases);
  expect(judge(world, at + 1)).toMatchObject({ isComplete: false });
  await ticks(world, 75, cases);
  expect(judge(world, at + 1)).toMatchObject({ isComplete: true });
  expectExactlyTheHistory(world);
});

test('A search that gives no time, as its answer lacks the field, makes no debt of the case', async () => {
  const world = createFilled();
  const cases = instead(world, {
    async searchCases(request, signal) {
      const page = await world.cases.searchCases(request, signal);
      return { ...page, cases: page.cases?.map((found) => found && { ...found, lastUpdated: null }) };
    },
  });
  expect(await judgedTick(world, { cases })).toMatchObject({ debts: {} });
  expectExactlyTheHistory(world);
});

test('Whole seconds in one time and milliseconds in the other make no debt', async () => {
  const world = createFilled(0);
  world.cases.addCase('case-1', START - 10 * HOUR);
  const touched = world.cases.cases.get('case-1');
  if (touched) touched.lastUpdated = START - 10 * HOUR + 999;
  expect(await judgedTick(world)).toMatchObject({ debts: {} });
});
