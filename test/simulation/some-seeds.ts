/** Seeds by what their worlds are like, and the check that every one has to pass. */
import type { FaultKind } from './faults';
import { planOf } from './plan';
import { runSeed } from './run-seed';
import { rerunCommand } from './simulate-summary';

/** Seeds whose worlds have every fault but the two slow ones. */
export const WITH_EVERYTHING_ON = seedsWhere((kinds) => kinds.size > 50, 5);
export const WITH_NOTHING_ON = seedsWhere((kinds) => kinds.size === 0, 3);

function seedsWhere(isWanted: (kinds: ReadonlySet<FaultKind>) => boolean, howMany: number): number[] {
  const found: number[] = [];
  for (let seed = 1; found.length < howMany; seed += 1) {
    const { rates, cases } = planOf(seed);
    if (cases < 20 && isWanted(new Set(Object.keys(rates) as FaultKind[]))) found.push(seed);
  }
  return found;
}

/** Those of the first `count` seeds whose worlds are small. */
export function smallSeeds(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1).filter((seed) => planOf(seed).cases < 50);
}

export async function expectNoViolation(seed: number): Promise<void> {
  const { violation } = await runSeed(seed);
  if (violation !== null) throw new Error(`${rerunCommand(seed)}: ${violation}`);
}
