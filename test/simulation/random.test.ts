/**
 * Random worlds: whatever a seed's days bring, every invariant holds at every write, and in the end exactly the history is
 * visible. `npm run simulate` runs many more of them.
 */
import { Random } from '../support/random';
import { FAULT_KINDS, type FaultKind } from './faults';
import { planOf } from './plan';
import { runSeed } from './run-seed';
import { rerunCommand } from './simulate-summary';

const SEEDS = Array.from({ length: 40 }, (_, index) => index + 1).filter((seed) => planOf(seed).cases < 50);

/** Seeds whose worlds have every fault but the two slow ones. */
const WITH_EVERYTHING_ON = seedsWhere((kinds) => kinds.size > 50, 5);
const WITH_NOTHING_ON = seedsWhere((kinds) => kinds.size === 0, 3);

function seedsWhere(isWanted: (kinds: ReadonlySet<FaultKind>) => boolean, howMany: number): number[] {
  const found: number[] = [];
  for (let seed = 1; found.length < howMany; seed += 1) {
    const { rates, cases } = planOf(seed);
    if (cases < 20 && isWanted(new Set(Object.keys(rates) as FaultKind[]))) found.push(seed);
  }
  return found;
}

async function expectNoViolation(seed: number): Promise<void> {
  const { violation } = await runSeed(seed);
  if (violation !== null) throw new Error(`${rerunCommand(seed)}: ${violation}`);
}

test('whatever goes wrong, every promise holds', async () => {
  for (const seed of SEEDS) await expectNoViolation(seed);
}, 600_000);

test('also where everything goes wrong at once, and where nothing does', async () => {
  for (const seed of [...WITH_EVERYTHING_ON, ...WITH_NOTHING_ON]) await expectNoViolation(seed);
}, 600_000);

test('the same seed is the same run, step by step; another seed is another', async () => {
  const [seed = 0] = WITH_EVERYTHING_ON;
  const first = await runSeed(seed);
  expect(await runSeed(seed)).toEqual(first);
  expect((await runSeed(seed + 1)).hash).not.toBe(first.hash);
});

test('in any 2,000 seeds in a row each fault is switched on, and each of the slow ones at its full size', () => {
  const from = 1 + Math.floor(new Random(Date.now()).next() * 1_000_000);
  const plans = Array.from({ length: 2_000 }, (_, index) => planOf(from + index));
  const on = new Set(plans.flatMap(({ rates }) => Object.keys(rates)));
  expect({ from, missing: Object.keys(FAULT_KINDS).filter((kind) => !on.has(kind)) }).toEqual({ from, missing: [] });
  expect(plans.some(({ hugeCaseEvents }) => hugeCaseEvents === 100_000)).toBe(true);
  expect(plans.some(({ hugeEventFields }) => hugeEventFields === 50_000)).toBe(true);
});
