/** A recorded state in the hands of this version. */
import { IntegrityError } from '../../../lambda/export/domain/errors';
import { expectEachPoisonOnce, freeze, headOf, loseStaged } from '../../support/unpublished';
import {
  DAY,
  expectExactlyTheHistory,
  expectWholeChain,
  lastManifest,
  MINUTE,
  ticks,
  type World,
} from '../../support/world';
import { type Recorded, restoreWorld } from './stored-state';

/** The world at the recorded moment. */
export function restore(one: Recorded): World {
  return restoreWorld(one, { cases: { pageSize: { getCaseAuditEvents: 3 } } });
}

/** Ticks until all is exported, then the replay of quarantine. */
export async function advance(world: World): Promise<void> {
  await ticks(world, 6, 10 * MINUTE);
  if (lastManifest(world).debts?.some(({ cause }) => cause === 'not-shown')) {
    // What searches hid is found by the next check.
    world.clock.advance(31 * DAY);
    await ticks(world, 6, 10 * MINUTE);
  }
  await world.replayQuarantine();
}

/** Every row once; every event that no row can hold in quarantine, once; no gap but the one that there has to be. */
export function expectExact(world: World, { moment }: Recorded): void {
  expectExactlyTheHistory(world);
  expectWholeChain(world);
  expectEachPoisonOnce(world);
  const gaps = lastManifest(world).gaps.map(({ caseId }) => caseId);
  expect(gaps).toEqual(moment === 'at-rest' ? ['case-3'] : []);
}

/** A commit that was made and not published, of which staged objects are lost: void if they are needed, and then as ever. */
export async function expectVoidable(one: Recorded, loss: string): Promise<void> {
  const world = restore(one);
  const { seq } = headOf(world);
  const lost = loseStaged(world, loss);
  const unchanged = freeze(world);
  if (lost > 0) {
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
