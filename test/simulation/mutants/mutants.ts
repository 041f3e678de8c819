/** Every break, with the seed of the simulation that catches it. */

import { COMMIT_MUTANTS } from './commit-mutants';
import { LANE_MUTANTS } from './lane-mutants';
import type { Mutant } from './mutant';
import { OPERATOR_MUTANTS } from './operator-mutants';
import { READING_MUTANTS } from './reading-mutants';
import seeds from './seeds.json';
import { STORE_MUTANTS } from './store-mutants';

export const MUTANTS: readonly Mutant[] = [
  ...COMMIT_MUTANTS,
  ...STORE_MUTANTS,
  ...LANE_MUTANTS,
  ...READING_MUTANTS,
  ...OPERATOR_MUTANTS,
];

/** The seed that catches a break, as `npm run mutants -- --find --write` recorded it; null if there is none. */
export function seedOf({ name }: Mutant): number | null {
  return (seeds as Readonly<Record<string, number>>)[name] ?? null;
}
