/** A domain of thirty cases before a service at its worst, and the end that every story has. */
import type { CasesApi } from '../../lambda/export/ports';
import {
  createFilled,
  expectExactlyTheHistory,
  expectWholeChain,
  HOUR,
  MINUTE,
  START,
  ticks,
  type World,
  type WorldOptions,
} from '../support/world';

/** Cases of the last days, some with more events than others. */
export function createFilledWorld(options: WorldOptions = {}, count = 30): World {
  const world = createFilled(count, START - 100 * HOUR, HOUR, options);
  for (let index = 0; index < count; index += 1) {
    world.cases.updateOften(`case-${index}`, index % 7, START - (100 - index) * HOUR, 1000);
  }
  return world;
}

/** Whatever the service did, it comes out exactly. */
export async function ticksUntilExact(world: World, cases: CasesApi = world.cases, count = 4): Promise<void> {
  await ticks(world, count, 20 * MINUTE, { cases });
  expectExactlyTheHistory(world);
  expectWholeChain(world);
}
