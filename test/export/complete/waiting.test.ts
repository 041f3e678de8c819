/** A case that is found and too fresh to be read is owed until it is read: whoever passed it, and however a run ended. */
import { MAX_WAITING } from '../../../lambda/export/run/open-batch';
import { expectNoFalseProof, judge, judgedTick, judgedTicks } from '../../support/proof';
import {
  createFilled,
  createWorld,
  expectExactlyTheHistory,
  HOUR,
  lastManifest,
  MINUTE,
  manifests,
  START,
  type World,
} from '../../support/world';

test('A case too fresh for the first sweep is owed from its creation on until it is read: until then no period is complete that holds it', async () => {
  const world = createWorld();
  world.cases.addCase('old', START - 10 * HOUR);
  world.cases.addCase('fresh', START - MINUTE);
  expect(await judgedTick(world)).toMatchObject({ status: 'complete', debts: { waiting: 1 } });
  expect(lastManifest(world).debts).toEqual([
    { cause: 'waiting', cases: 1, neverRead: 1, since: expect.any(Number), missingFrom: START - 4 * MINUTE },
  ]);
  expect(judge(world, START - 5 * MINUTE)).toMatchObject({ isComplete: true, debts: 0 });
  expect(judge(world, START - 3 * MINUTE)).toMatchObject({ isComplete: false, debts: 1 });
  world.clock.advance(5 * MINUTE);
  expect(await judgedTick(world)).toMatchObject({ debts: {} });
  expect(judge(world, START)).toMatchObject({ isComplete: true, debts: 0 });
  expectExactlyTheHistory(world);
});

test('A case that is old and was changed just now, passed by every sweep, is owed as well', async () => {
  const world = createWorld({ settings: { overlapMs: 0 } });
  world.cases.addCase('old', START - 90 * 24 * HOUR);
  world.cases.updateCase('old', START - MINUTE);
  await judgedTick(world);
  expect(judge(world, START - HOUR)).toMatchObject({ isComplete: false, debts: 1 });
  world.clock.advance(5 * MINUTE);
  await judgedTick(world);
  expect(judge(world, START - HOUR)).toMatchObject({ isComplete: true });
  expectExactlyTheHistory(world);
});

test('What waits is still owed by the manifests of runs that end before the lanes have found it again', async () => {
  const world = createWorld();
  world.cases.addCase('fresh', START - MINUTE);
  await judgedTick(world);
  const searchCases = async () => Promise.reject(new Error('killed'));
  for (let tick = 0; tick < 3; tick += 1) {
    world.clock.advance(10 * MINUTE);
    await judgedTick(world, { cases: { ...world.cases, searchCases } });
    expect(judge(world, START)).toMatchObject({ isComplete: false });
  }
  world.clock.advance(10 * MINUTE);
  await judgedTick(world);
  expect(judge(world, START)).toMatchObject({ isComplete: true });
});

test('A case that changes every minute, found fresh at every tick, is owed at every tick in between its reads', async () => {
  const world = createWorld();
  world.cases.addCase('busy', START - 10 * HOUR);
  await judgedTick(world);
  for (let minute = 0; minute < 60; minute += 1) {
    world.cases.updateCase('busy', world.clock.now());
    world.clock.advance(MINUTE);
    if (minute % 5 === 0) await judgedTick(world);
  }
  world.clock.advance(20 * MINUTE);
  await judgedTick(world);
  expect(judge(world, world.clock.now() - 10 * MINUTE)).toMatchObject({ isComplete: true });
  expectExactlyTheHistory(world);
});

test('What waits for its related item alone is owed, and settles with it', async () => {
  const world = createWorld();
  world.cases.addCase('commented', START - 10 * HOUR);
  await judgedTick(world);
  world.clock.advance(HOUR);
  world.cases.addRelatedItem('commented', world.clock.now() - MINUTE);
  const at = world.clock.now();
  expect(await judgedTick(world)).toMatchObject({ debts: { waiting: 1 } });
  expect(judge(world, at)).toMatchObject({ isComplete: false });
  world.clock.advance(10 * MINUTE);
  await judgedTick(world);
  expect(judge(world, at)).toMatchObject({ isComplete: true });
  expectExactlyTheHistory(world);
});

test('No history that lags by less than settle makes a proof false, in any domain where something always happens', async () => {
  const world = createFilled(20, START - 10 * HOUR, MINUTE);
  let next = 0;
  for (let tick = 0; tick < 40; tick += 1) {
    for (let change = 0; change < 3; change += 1) {
      world.cases.updateCase(`case-${(next * 7) % 20}`, world.clock.now());
      next += 1;
      world.clock.advance(37_000);
    }
    await judgedTick(world);
  }
  expectNoFalseProof(world);
  expect(judge(world, world.clock.now() - 10 * MINUTE).isComplete).toBe(true);
});

describe('A waiting case that no search shows again where it must', () => {
  /** Searches by `last_updated_datetime` leave the case out while this is true: its place lies below what they ask from. */
  function createHidden(): { world: World; hide: (isHidden: boolean) => void } {
    const world = createWorld();
    world.cases.addCase('old', START - 10 * HOUR);
    world.cases.addCase('fresh', START - MINUTE);
    let hidden = false;
    const { searchCases } = world.cases;
    world.cases.searchCases = async (...request) => {
      const page = await searchCases(...request);
      if (!hidden || request[0].by !== 'last_updated_datetime') return page;
      return { ...page, cases: page.cases.filter((found) => found?.caseId !== 'fresh'), totalCount: undefined };
    };
    const hide = (isHidden: boolean) => {
      hidden = isHidden;
    };
    return { world, hide };
  }

  test('stays owed, and is read by its id', async () => {
    const { world, hide } = createHidden();
    expect(await judgedTick(world)).toMatchObject({ debts: { waiting: 1 } });
    hide(true);
    world.clock.advance(10 * MINUTE);
    expect(await judgedTick(world)).toMatchObject({ debts: { waited: 1 } });
    expect(judge(world, START)).toMatchObject({ isComplete: false, debts: 1 });
    world.clock.advance(10 * MINUTE);
    expect(await judgedTick(world)).toMatchObject({ debts: {} });
    expect(judge(world, START)).toMatchObject({ isComplete: true });
    expectExactlyTheHistory(world);
  });

  test('and was deleted meanwhile is known as gone, so that it is not owed for ever', async () => {
    const { world } = createHidden();
    await judgedTick(world);
    world.cases.deleteCase('fresh');
    world.clock.advance(20 * MINUTE);
    await judgedTicks(world, 4, 20 * MINUTE);
    expect(manifests(world).flatMap(({ gone }) => gone)).toEqual(['fresh']);
    expect(judge(world, START)).toMatchObject({ isComplete: true });
  });

  test('is owed on where more wait than STATE names', async () => {
    const world = createWorld();
    world.cases.addCase('old', START - 10 * HOUR);
    await judgedTick(world);
    world.clock.advance(HOUR);
    const at = world.clock.now();
    world.cases.addCases(MAX_WAITING + 7, at - MINUTE, 1);
    expect(await judgedTick(world)).toMatchObject({ debts: { waiting: MAX_WAITING, waited: 7 } });
    expect(judge(world, at)).toMatchObject({ isComplete: false, debts: MAX_WAITING + 7 });
    world.clock.advance(10 * MINUTE);
    await judgedTicks(world, 2, 10 * MINUTE);
    expect(judge(world, at)).toMatchObject({ isComplete: true });
    expectExactlyTheHistory(world);
  });
});
