/** Reads of the ledger that fail now and then: what is complete is committed, and every tick goes on from there. */
import { StoreError } from '../../../lambda/export/domain/errors';
import { withFaults } from '../../fakes/with-faults';
import { judge, judgedTick } from '../../support/proof';
import {
  expectExactlyTheHistory,
  expectWholeChain,
  HOUR,
  MINUTE,
  manifests,
  START,
  visibleRows,
  type World,
} from '../../support/world';
import { createDomain, pass } from './sick';

/** A table of which one read in so many fails for good, whatever the adapter tries. */
function failingReads(world: World, oneIn: number) {
  let reads = 0;
  return withFaults(world.checkpoints, 'dynamodb', ({ method }) =>
    method.startsWith('read') && method !== 'readState' && ++reads % oneIn === 0 ? 'lost-request' : undefined,
  );
}

test('One read in 60 that fails ends its tick with an error, and the ticks together come to the end', async () => {
  const world = createDomain(200);
  await pass(world, 1);
  // Every case has ids now, so every read asks the ledger.
  const changedAt = world.clock.now();
  world.cases.updateCases(200, changedAt, 1);
  world.clock.advance(10 * MINUTE);
  const rows: number[] = [];
  for (let tick = 0; tick < 8; tick += 1) {
    const answer = await judgedTick(world, { checkpoints: failingReads(world, 60) });
    rows.push(visibleRows(world).length);
    if (!(answer instanceof Error)) break;
    expect(answer).toBeInstanceOf(StoreError);
    world.clock.advance(5 * MINUTE);
  }
  for (const [index, count] of rows.entries()) if (index > 0) expect(count).toBeGreaterThan(rows[index - 1] ?? 0);
  expectExactlyTheHistory(world);
  expectWholeChain(world);
  expect(judge(world, changedAt)).toMatchObject({ isComplete: true });
});

test('A table that does not answer at all ends the tick with an error, and nothing is proven by it', async () => {
  const world = createDomain(30);
  await pass(world, 1);
  const commits = manifests(world).length;
  world.clock.advance(HOUR);
  world.cases.updateCase('case-3', world.clock.now() - 10 * MINUTE);
  expect(await judgedTick(world, { checkpoints: failingReads(world, 1) })).toBeInstanceOf(StoreError);
  expect(judge(world, world.clock.now()).isComplete).toBe(false);
  expect(manifests(world).length).toBeLessThanOrEqual(commits + 1);
  await pass(world, 2);
  expectExactlyTheHistory(world);
  expect(judge(world, START)).toMatchObject({ isComplete: true });
});

test('A first export asks the ledger for nothing that it cannot hold, and a later one only for what is read', async () => {
  const world = createDomain(200);
  const asked: string[] = [];
  const recording = () => withFaults(world.checkpoints, 'dynamodb', ({ method }) => void asked.push(method));
  await judgedTick(world, { checkpoints: recording() });
  expect(asked.filter((method) => method === 'readEventIds')).toEqual([]);
  world.cases.updateCase('case-3', world.clock.now());
  world.clock.advance(10 * MINUTE);
  asked.length = 0;
  await judgedTick(world, { checkpoints: recording() });
  expect(asked.filter((method) => method === 'readEventIds')).toHaveLength(1);
  expectExactlyTheHistory(world);
});
