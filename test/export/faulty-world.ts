/** A domain of thirty cases before a service at its worst, and the end that every story has. */
import { CasesCallError, type CasesFailure } from '../../lambda/export/domain/errors';
import type { CasesApi } from '../../lambda/export/ports';
import {
  createWorld,
  expectExactlyTheHistory,
  expectWholeChain,
  HOUR,
  MINUTE,
  START,
  type World,
  type WorldOptions,
} from '../support/world';
import { FAST } from './fixtures';

/** Cases of the last days, some with more events than others. */
export function createFilledWorld(options: WorldOptions = {}, count = 30): World {
  const world = createWorld({ ...options, settings: { ...FAST, ...options.settings } });
  for (let index = 0; index < count; index += 1) {
    world.cases.addCase(`case-${index}`, START - (100 - index) * HOUR);
    for (let update = 0; update < index % 7; update += 1)
      world.cases.updateCase(`case-${index}`, START - (100 - index) * HOUR + update * 1000);
  }
  return world;
}

/** A call that fails. */
export function fail(operation: string, failure: CasesFailure, retryAfterMs?: number): never {
  throw new CasesCallError(
    `${operation} fails`,
    failure,
    operation,
    retryAfterMs === undefined ? {} : { retryAfterMs },
  );
}

/** Whatever the service did, it comes out exactly. */
export async function ticksUntilExact(world: World, cases?: CasesApi, ticks = 4): Promise<void> {
  for (let tick = 0; tick < ticks; tick += 1) {
    await world.tick(cases ? { cases } : {});
    world.clock.advance(20 * MINUTE);
  }
  expectExactlyTheHistory(world);
  expectWholeChain(world);
}
