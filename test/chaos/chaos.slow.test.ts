/**
 * The built bundle under fire, a few small worlds: whatever is lost, killed or frozen, the ticks after it make the export exact.
 * `npm run chaos` runs a hundred large ones.
 */
import { runWorlds } from './chaos';
import { allIsWell, failureLines } from './summary';
import { runWorld } from './world';

const SEEDS = [1, 2];

test(`Worlds ${SEEDS.join(', ')}: every row once and right, published bytes never changed, nothing visible before its COMMIT`, async () => {
  const outcomes = await runWorlds({ seeds: SEEDS, jobs: SEEDS.length }, (seed) => runWorld(seed, 'small'));
  expect(failureLines(outcomes)).toEqual([]);
  expect(allIsWell(outcomes)).toBe(true);
  const results = outcomes.flatMap((outcome) => ('result' in outcome ? [outcome.result] : []));
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  // A world in which nothing happens proves nothing.
  expect(results.map(({ rowsCompared }) => rowsCompared > 0)).toEqual(SEEDS.map(() => true));
  expect(sum(results.map(({ kills }) => kills))).toBeGreaterThan(0);
  expect(sum(results.flatMap(({ drops }) => Object.values(drops).map(({ after }) => after)))).toBeGreaterThan(0);
});
