/** Every break, with the seed of the simulation that catches it. */

import { COMMIT_BREAKS } from './commit-mutants';
import { LANE_BREAKS } from './lane-mutants';
import type { Break } from './mutant';
import { OPERATOR_BREAKS } from './operator-mutants';
import { READING_BREAKS } from './reading-mutants';
import seeds from './seeds.json';
import { STORE_BREAKS } from './store-mutants';

export const BREAKS: readonly Break[] = [
  ...COMMIT_BREAKS,
  ...STORE_BREAKS,
  ...LANE_BREAKS,
  ...READING_BREAKS,
  ...OPERATOR_BREAKS,
];

/** The seed that catches a break, as `npm run breaks -- --find --write` recorded it; null if there is none. */
export function seedOf({ name }: Break): number | null {
  return (seeds as Readonly<Record<string, number>>)[name] ?? null;
}
