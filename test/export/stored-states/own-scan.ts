/** What a recorded state lets this version prove. */
import { judge, judgedTicks } from '../../support/proof';
import { expectWholeChain, HOUR, lastManifest, MINUTE, manifests, START } from '../../support/world';
import type { Recorded } from './stored-state';
import { restore } from './take-over';

/** Nothing is proven before a scan that this version began has finished; from then on nothing but what is in quarantine says no. */
export async function expectNoProofBeforeItsOwnScan(one: Recorded): Promise<void> {
  const world = restore(one);
  const isEarlier = manifests(world).every(({ debts }) => debts === undefined);
  const before = manifests(world).length;
  if (isEarlier && before > 0)
    expect(judge(world, START - 90 * HOUR)).toMatchObject({ accountKept: false, isComplete: false });
  const sweepBefore = lastManifest(world).lanes.sweep?.number ?? 1;
  await judgedTicks(world, 8, 10 * MINUTE);
  const since = manifests(world).slice(before);
  const proofs = since.flatMap(({ history }) => history?.sweepNumber ?? []);
  expect(proofs.length).toBeGreaterThan(0);
  // A sweep that began before there was an account proves nothing when it ends.
  if (isEarlier && before > 0) expect(Math.min(...proofs)).toBeGreaterThan(sweepBefore);
  expectWholeChain(world);
  // What earlier versions could not flatten is still in quarantine: that alone is left of the "no", or what stays away for good.
  expect(judge(world, START - 90 * HOUR)).toMatchObject({
    isComplete: false,
    accountKept: true,
    historyFinished: true,
    casesNotFound: 0,
    commitsWithOtherRows: 0,
    holesInChain: 0,
  });
}
