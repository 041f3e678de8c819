/** Every break, with the seed of the simulation that catches it. */
import type { Break } from './break';
import { COMMIT_BREAKS } from './commit-breaks';
import { LANE_BREAKS } from './lane-breaks';
import { OPERATOR_BREAKS } from './operator-breaks';
import { READING_BREAKS } from './reading-breaks';
import seeds from './seeds.json';
import { STORE_BREAKS } from './store-breaks';

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
