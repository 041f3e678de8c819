/**
 * What a domain says of its periods after an upgrade: earlier versions kept no account of what they had not read, so nothing is proven
 * until a scan over all cases has finished under the account; then the answer is "yes" again, and true.
 */
import { stateKey } from '../../lambda/export/domain/keys';
import type { Manifest } from '../../lambda/export/domain/manifest';
import { sha256, toJsonBytes } from '../../lambda/export/domain/stored-form';
import { expectNoFalseProof, judge, judgedTick, ticksUntilProven } from '../support/proof';
import {
  createFilled,
  DOMAIN,
  expectExactlyTheHistory,
  HOUR,
  lastManifest,
  MINUTE,
  manifests,
  rates,
  START,
  type World,
  type WorldOptions,
} from '../support/world';
import { expectNoProofBeforeItsOwnScan } from './stored-states/own-scan';
import { recordedStates } from './stored-states/stored-state';

/** What earlier versions did not store of STATE, of a record, and of a retry entry. */
const LATER: Readonly<Record<string, readonly string[]>> = {
  STATE: ['history', 'waiting', 'notShown', 'touches', 'canaries', 'idsHaveRecords', 'redone'],
  CASE: ['content', 'unexplained', 'owedFrom'],
  RETRY: ['missingFrom', 'neverRead', 'triedAt', 'lastUpdated', 'sweptAt', 'lostAt', 'pending'],
};

/** The table, and the manifest that it names, as if an earlier version had written them. */
function downgrade(world: World): void {
  for (const item of world.checkpoints.items()) {
    const later = LATER[String(item['sk']).split('#')[0] ?? ''] ?? [];
    const kept = Object.fromEntries(Object.entries(item).filter(([name]) => !later.includes(name)));
    world.checkpoints.setItem({ ...kept, pk: item.pk, sk: item.sk });
  }
  const key = world.objects.keys('archive', 'manifests/').at(-1) ?? '';
  const { debts, history, unexplainedTouches, changedUpstream, ...manifest } = lastManifest(world);
  const lanes = earlierLanes(manifest.lanes);
  const bytes = toJsonBytes({ ...manifest, lanes });
  world.objects.buckets.archive.set(key, bytes);
  const state = world.checkpoints.item(stateKey(DOMAIN));
  const head = { ...(state?.['head'] as object), sha256: sha256(bytes) };
  world.checkpoints.setItem({ ...state, ...stateKey(DOMAIN), head, lanes });
}

function earlierLanes({ live, related, sweep }: Manifest['lanes']) {
  const { heldPasses: _, provenUntil: __, ...earlierLive } = live;
  const { heldPasses: ___, ...earlierRelated } = related;
  if (sweep === null) return { live: earlierLive, related: earlierRelated, sweep };
  const { totalCount, casesFound, casesHidden, heldPasses, isAccounted, ...earlierSweep } = sweep;
  return { live: earlierLive, related: earlierRelated, sweep: earlierSweep };
}

/** Complete, by the word of an earlier version. */
async function createEarlier(settings: WorldOptions['settings'] = {}): Promise<World> {
  const world = createFilled(60, START - 48 * HOUR, MINUTE, { settings });
  await world.tick();
  expect(judge(world, START - HOUR)).toMatchObject({ isComplete: true });
  downgrade(world);
  world.clock.advance(HOUR);
  return world;
}

test('A domain that an earlier version called complete says "no" until a scan over all cases has finished, then "yes"', async () => {
  const world = await createEarlier(rates(1.5));
  expect(judge(world, START - HOUR)).toMatchObject({ isComplete: false, accountKept: false, historyFinished: false });
  await judgedTick(world);
  expect(judge(world, START - HOUR)).toMatchObject({ isComplete: false, accountKept: true, historyFinished: false });
  world.clock.advance(5 * MINUTE);
  await ticksUntilProven(world, START - HOUR, 5 * MINUTE);
  expect(manifests(world).at(-1)).toMatchObject({
    history: { sweepNumber: 2, casesFound: 60, casesNotFound: 0 },
    lanes: { sweep: { purpose: 'check' } },
  });
  expectExactlyTheHistory(world);
});

test('A case that an earlier version passed over for good is found by that scan, and only then is the answer "yes"', async () => {
  const world = await createEarlier();
  // Old, and neither search nor related item brought it to any lane.
  world.cases.addCase('passed-over', START - 40 * HOUR);
  await ticksUntilProven(world, START - HOUR, 5 * MINUTE);
  expectExactlyTheHistory(world);
  expectNoFalseProof(world);
});

test('Cases that an earlier version left on the retry list are owed from the first commit on, of unknown contents', async () => {
  const world = createFilled(5, START - 48 * HOUR, MINUTE);
  world.cases.cases.get('case-3')?.events.push(null);
  await world.tick();
  downgrade(world);
  await judgedTick(world);
  expect(lastManifest(world).debts).toEqual([
    { cause: 'incomplete', cases: 1, neverRead: 1, since: expect.any(Number), missingFrom: null },
  ]);
  for (let tick = 0; tick < 30; tick += 1) {
    world.clock.advance(HOUR);
    await judgedTick(world);
    expect(judge(world, START - 48 * HOUR).isComplete).toBe(false);
  }
  world.cases.cases.get('case-3')?.events.pop();
  world.clock.advance(24 * HOUR);
  await ticksUntilProven(world, START - HOUR, 5 * MINUTE);
});

test('Ids that an earlier version wrote without a record of their case are known: no row comes twice', async () => {
  const world = await createEarlier();
  for (const { pk, sk } of world.checkpoints.items()) {
    if (sk.startsWith('CASE#')) world.checkpoints.deleteItem({ pk, sk });
  }
  await ticksUntilProven(world, START - HOUR, 5 * MINUTE);
  expectExactlyTheHistory(world);
});

/** Of each form one; the slow tests take every moment. */
describe.each(recordedStates().filter(({ moment }) => moment === 'half-read'))('$form, $moment', (one) => {
  test('proves nothing before a scan that this version began has finished', () => expectNoProofBeforeItsOwnScan(one));
});
