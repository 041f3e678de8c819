/** What a pass proves: only one that saw the whole list, and only then what waited before is known to be found again. */
import { withAnswers, withFailures } from '../../fakes/with-answers';
import { judge, judgedTick } from '../../support/proof';
import {
  createFilled,
  createWorld,
  HOUR,
  lastManifest,
  MINUTE,
  manifests,
  START,
  type World,
} from '../../support/world';

const liveOf = (world: World) => lastManifest(world).lanes.live;

/** Two cases to a page, a first sweep finished, and a case that was made just now and waits. */
async function createWaiting(): Promise<World> {
  const world = createWorld({ cases: { pageSize: { searchCases: 2 } } });
  for (const caseId of ['old-1', 'old-2', 'old-3']) world.cases.addCase(caseId, START - 10 * HOUR);
  world.cases.addCase('fresh', START - MINUTE);
  expect(await judgedTick(world)).toMatchObject({ status: 'complete', debts: { waiting: 1 } });
  world.clock.advance(10 * MINUTE);
  return world;
}

/** While the pass goes on others are touched, and `fresh` after them: it stands beyond the page that ends the pass. */
function moveBeyondThePass(world: World): void {
  const now = world.clock.now();
  for (const [index, caseId] of ['old-1', 'old-2', 'old-3'].entries()) {
    world.cases.updateCase(caseId, now + (index + 1) * MINUTE);
  }
  world.cases.updateCase('fresh', now + 4 * MINUTE);
}

describe('A live pass that ends before the list does', () => {
  test('moves its watermark, and proves nothing by it', async () => {
    const world = await createWaiting();
    const before = liveOf(world);
    moveBeyondThePass(world);
    await judgedTick(world);
    expect(liveOf(world)?.watermark).toBeGreaterThan(before?.watermark ?? 0);
    expect(liveOf(world)?.provenUntil).toBe(before?.provenUntil);
  });

  test('leaves what waited before owed: it may wait beyond the end', async () => {
    const world = await createWaiting();
    moveBeyondThePass(world);
    const found = manifests(world).length;
    expect(await judgedTick(world)).toMatchObject({ debts: { waiting: expect.any(Number) } });
    const touched = manifests(world).slice(found).at(-1)?.counts.casesFound ?? 0;
    expect(touched).toBeLessThan(4);
    expect(lastManifest(world).debts).toMatchObject([
      { cause: 'waited', cases: 1, neverRead: 1 },
      { cause: 'waiting', cases: touched },
    ]);
  });
});

test('A live pass that leaves the rest of its time to others has not ended, though all that it found is done', async () => {
  const world = createFilled(60, START - 17 * MINUTE, 10_000, { cases: { pageSize: { searchCases: 2 } } });
  await judgedTick(world);
  const before = liveOf(world);
  world.clock.advance(5 * MINUTE);
  // What the pass finds was read. Its searches take the time, and a tenth is left for the case with a new item.
  world.cases.addRelatedItem('case-1', world.clock.now() - 4 * MINUTE);
  const at = world.clock.now();
  await judgedTick(world, { settings: { searchCasesRps: 0.1, commitReserveMs: 1_000 }, minutes: 3 });
  expect(liveOf(world)).toMatchObject({ watermark: before?.watermark, passStartedAt: expect.any(Number) });
  world.clock.advance(10 * MINUTE);
  await judgedTick(world);
  expect(liveOf(world)).toMatchObject({ passStartedAt: null });
  expect(liveOf(world)?.watermark).toBeGreaterThan(at - 4 * MINUTE);
});

describe('A live pass from which a case was hidden', () => {
  test('proves nothing by its watermark, whether it is held or goes on', async () => {
    const world = await createWaiting();
    await judgedTick(world);
    const before = liveOf(world);
    world.cases.updateCase('old-1', world.clock.now());
    const cases = withAnswers(world.cases, 'searchCases', (page) => ({
      ...page,
      cases: page.cases.map((found) => (found?.caseId === 'old-1' ? null : found)),
    }));
    // Held three times, and then passed.
    for (let pass = 0; pass < 4; pass += 1) {
      world.clock.advance(20 * MINUTE);
      await judgedTick(world, { cases });
      expect(liveOf(world)?.provenUntil).toBe(before?.provenUntil);
    }
    expect(liveOf(world)?.watermark).toBeGreaterThan(before?.watermark ?? 0);
  });
});

describe('A case that waits for its related item alone', () => {
  /** Older than anything that is proven, never read, and passed by the first sweep. */
  async function createCommented(): Promise<World> {
    const world = createWorld();
    world.cases.addCase('commented', START - 10 * HOUR);
    world.cases.addRelatedItem('commented', START - MINUTE);
    expect(await judgedTick(world)).toMatchObject({ status: 'complete', debts: { waiting: 1 } });
    world.clock.advance(10 * MINUTE);
    return world;
  }

  test('is owed on while the list of related items cannot be looked at', async () => {
    const world = await createCommented();
    const cases = withFailures(world.cases, 'searchAllRelatedItems', 'denied');
    expect(await judgedTick(world, { cases })).toMatchObject({ debts: { waited: 1 } });
    expect(judge(world, START - HOUR)).toMatchObject({ isComplete: false, debts: 1 });
  });

  test('is owed on while nulls stand in the place of items', async () => {
    const world = await createCommented();
    const cases = withAnswers(world.cases, 'searchAllRelatedItems', (page) => ({
      ...page,
      items: page.items.map(() => null),
    }));
    expect(await judgedTick(world, { cases })).toMatchObject({ debts: { waited: 1 } });
    expect(judge(world, START - HOUR)).toMatchObject({ isComplete: false });
  });
});

test('A live pass of which a page counts a case that none shows proves nothing: the case moved, and the last page came from a replica that is behind', async () => {
  const world = await createWaiting();
  await judgedTick(world);
  const before = liveOf(world);
  world.clock.advance(20 * MINUTE);
  const at = world.clock.now();
  for (const [index, caseId] of ['old-1', 'old-2', 'old-3'].entries()) {
    world.cases.updateCase(caseId, at - (10 - index) * MINUTE);
  }
  const cases = withAnswers(world.cases, 'searchCases', (page) => {
    const shown = page.cases.filter((found) => found?.caseId !== 'old-2');
    return { ...page, cases: shown, totalCount: page.nextToken === undefined ? shown.length : page.totalCount };
  });
  await judgedTick(world, { cases });
  expect(liveOf(world)?.provenUntil).toBe(before?.provenUntil);
  expect(judge(world, at - 5 * MINUTE)).toMatchObject({ isComplete: false });
  world.clock.advance(20 * MINUTE);
  await judgedTick(world);
  expect(judge(world, at - 5 * MINUTE)).toMatchObject({ isComplete: true });
});
