/** Every break, with the seed of the simulation that catches it. */

import { COMMIT_MUTANTS } from './commit-mutants';
import { LANE_MUTANTS } from './lane-mutants';
import type { Mutant } from './mutant';
import { OPERATOR_MUTANTS } from './operator-mutants';
import { OWED_MUTANTS } from './owed-mutants';
import { PAGE_MUTANTS } from './page-mutants';
import { PROOF_MUTANTS } from './proof-mutants';
import { READING_MUTANTS } from './reading-mutants';
import { SEARCH_MUTANTS } from './search-mutants';
import seeds from './seeds.json';
import { SICK_MUTANTS } from './sick-mutants';
import { STORE_MUTANTS } from './store-mutants';
import { VERIFIER_DATA_MUTANTS } from './verifier-data-mutants';
import { VERIFIER_MUTANTS } from './verifier-mutants';
import { VERIFIER_PLACE_MUTANTS } from './verifier-place-mutants';

export const MUTANTS: readonly Mutant[] = [
  ...COMMIT_MUTANTS,
  ...STORE_MUTANTS,
  ...LANE_MUTANTS,
  ...READING_MUTANTS,
  ...OPERATOR_MUTANTS,
  ...PAGE_MUTANTS,
  ...PROOF_MUTANTS,
  ...SEARCH_MUTANTS,
  ...OWED_MUTANTS,
  ...SICK_MUTANTS,
  ...VERIFIER_MUTANTS,
  ...VERIFIER_DATA_MUTANTS,
  ...VERIFIER_PLACE_MUTANTS,
];

/** The seed that catches a break, as `npm run mutants -- --find --write` recorded it; null if there is none. */
export function seedOf({ name }: Mutant): number | null {
  return (seeds as Readonly<Record<string, number>>)[name] ?? null;
}
