/**
 * A few random worlds: whatever a seed's days bring, every invariant holds at every write, and in the end exactly the history is
 * visible. `random.slow.test.ts` runs more of them, `npm run simulate` as many as you like.
 */
import { Random } from '../support/random';
import { FAULT_KINDS } from './faults';
import { planOf } from './plan';
import { runSeed } from './run-seed';
import { expectNoViolation, smallSeeds, WITH_EVERYTHING_ON, WITH_NOTHING_ON } from './some-seeds';

const SEEDS = [...smallSeeds(4), ...WITH_NOTHING_ON.slice(0, 1)];

test.each(SEEDS)('whatever goes wrong, every promise holds: seed %i', (seed) => expectNoViolation(seed));

test('also where everything goes wrong; and the same seed is the same run, step by step, another is another', async () => {
  const [seed = 0] = WITH_EVERYTHING_ON;
  const first = await runSeed(seed);
  expect({ seed, violation: first.violation }).toEqual({ seed, violation: null });
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
