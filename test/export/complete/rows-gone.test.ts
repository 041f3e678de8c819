/** Rows are counted by commit: a proof does not outlive the rows that it is about. */
import { judgePeriod } from '../../../lambda/export/domain/completeness';
import { judge, judgedTick, rowsByCommit } from '../../support/proof';
import { createFilled, createWorld, HOUR, manifests, START, type World } from '../../support/world';

/** Four commits with rows, and some without. */
async function createExported(): Promise<World> {
  const world = createFilled(35, START - HOUR, -1000, { settings: { maxRowsPerCommit: 10 } });
  await judgedTick(world);
  world.clock.advance(HOUR);
  await judgedTick(world);
  expect(judge(world, START)).toMatchObject({ isComplete: true, commitsWithOtherRows: 0 });
  return world;
}

const filesOf = (world: World) => world.objects.keys('archive', 'field_changes/');

test('With every file of rows gone but one, nothing is complete, and the answer counts the commits', async () => {
  const world = await createExported();
  const [, ...others] = filesOf(world);
  expect(others.length).toBeGreaterThan(2);
  for (const key of others) world.objects.buckets.archive.delete(key);
  expect(judge(world, START)).toMatchObject({ isComplete: false, commitsWithOtherRows: others.length });
});

test('With one row of one file gone, or there twice, nothing is complete', async () => {
  const world = await createExported();
  const [key = ''] = filesOf(world);
  const lines = world.objects.text('archive', key).split('\n');
  for (const kept of [lines.slice(0, -1), [...lines, lines.at(-1)]]) {
    world.objects.buckets.archive.set(key, Buffer.from(kept.join('\n')));
    expect(judge(world, START)).toMatchObject({ isComplete: false, commitsWithOtherRows: 1 });
  }
});

test('A file of rows that no manifest speaks of makes the answer "no"', async () => {
  const world = await createExported();
  const rows = rowsByCommit(world);
  expect(judgePeriod(manifests(world), new Map([...rows, [99, 4]]), START)).toMatchObject({
    isComplete: false,
    commitsWithOtherRows: 1,
  });
});

test('Without any manifest the answer is "no", also before the first commit', async () => {
  const world = await createExported();
  expect(judgePeriod([], rowsByCommit(world), START).isComplete).toBe(false);
  expect(judge(createWorld(), START).isComplete).toBe(false);
});

test('With a manifest gone from the middle, or from the end, the answer is "no"', async () => {
  const world = await createExported();
  const all = manifests(world);
  const rows = rowsByCommit(world);
  const withoutSecond = all.filter(({ seq }) => seq !== 2);
  expect(judgePeriod(withoutSecond, rows, START)).toMatchObject({ isComplete: false, holesInChain: 1 });
  // The rows of the last are there, and nobody speaks for them.
  const withRows = all.slice(0, 3);
  expect(judgePeriod(withRows, rows, START).isComplete).toBe(false);
});
