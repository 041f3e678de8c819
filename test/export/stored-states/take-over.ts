/** A recorded state in the hands of this version. */
import { IntegrityError } from '../../../lambda/export/domain/errors';
import { stateKey } from '../../../lambda/export/domain/keys';
import type { CommitHead } from '../../../lambda/export/domain/state';
import {
  DOMAIN,
  expectExactlyTheHistory,
  expectWholeChain,
  HOUR,
  lastManifest,
  MINUTE,
  manifests,
  rates,
  type World,
} from '../../support/world';
import { type Recorded, restoreWorld } from './stored-state';

const WORLD = {
  settings: rates(1000),
  cases: { pageSize: { getCaseAuditEvents: 3 } },
};
/** The world at the recorded moment. */
export function restore(one: Recorded): World {
  return restoreWorld(one, WORLD);
}

export function archived(world: World, key: string): Uint8Array {
  return world.objects.buckets.archive.get(key) ?? new Uint8Array();
}

/** Ticks until all is exported, then the replay of quarantine. */
export async function advance(world: World): Promise<void> {
  await ticks(world);
  if (lastManifest(world).debts?.some(({ cause }) => cause === 'not-shown')) {
    // What searches hid is found by the next check.
    world.clock.advance(31 * 24 * HOUR);
    await ticks(world);
  }
  await world.replayQuarantine();
}

async function ticks(world: World): Promise<void> {
  for (let tick = 0; tick < 6; tick += 1) {
    await world.tick();
    world.clock.advance(10 * MINUTE);
  }
}

/** Every row once; every event that no row can hold in quarantine, once; no gap but the one that there has to be. */
export function expectExact(world: World, { moment }: Recorded): void {
  expectExactlyTheHistory(world);
  expectWholeChain(world);
  const kept = world.objects.keys('archive', 'quarantine/').flatMap((key) => {
    const { events } = JSON.parse(Buffer.from(archived(world, key)).toString()) as { events: { eventKey: string }[] };
    return events.map(({ eventKey }) => eventKey).filter((eventKey) => eventKey.startsWith('poison-'));
  });
  expect(kept.sort()).toEqual([...world.cases.cases.keys()].map((caseId) => `poison-${caseId}`).sort());
  const last = manifests(world).at(-1);
  expect(last?.openQuarantine).toBe(world.cases.cases.size);
  expect(last?.gaps.map(({ caseId }) => caseId)).toEqual(moment === 'at-rest' ? ['case-3'] : []);
}

/** A commit that was made and not published, of which staged objects are lost: void if they are needed, and then as ever. */
export async function expectVoidable(one: Recorded, loss: string): Promise<void> {
  const world = restore(one);
  const { seq, manifestKey } = headOf(world);
  const prefix = manifestKey.slice(0, manifestKey.indexOf('manifests/'));
  const lost = world.objects.keys('work', prefix).filter((key) => key.includes(`/${loss}`));
  for (const key of lost) world.objects.buckets.work.delete(key);
  const unchanged = freeze(world);
  if (lost.length > 0) {
    await expect(world.tick()).rejects.toThrow(IntegrityError);
    await world.voidCommit(seq);
  }
  await advance(world);
  unchanged();
  expectExact(world, one);
}

export function isUnpublished({ moment }: Recorded): boolean {
  return moment === 'unpublished' || moment === 'half-published';
}

/** The last commit of the recorded state. */
export function headOf(world: World): CommitHead {
  return world.checkpoints.item(stateKey(DOMAIN))?.['head'] as CommitHead;
}

/** What is published now; the answer expects that no key of it has other bytes by then. */
export function freeze({ objects }: World): () => void {
  const before = new Map(objects.buckets.archive);
  return () => {
    for (const [key, bytes] of before) expect(objects.buckets.archive.get(key)).toEqual(bytes);
  };
}
