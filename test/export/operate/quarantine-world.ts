/** A domain whose quarantine holds what an older version could not flatten. Its tests mock `domain/flatten`. */
import * as flatten from '../../../lambda/export/domain/flatten';
import { createWorld, HOUR, lastManifest, MINUTE, START, visibleRows, type World } from '../../support/world';

export const actual = jest.requireActual<typeof flatten>('../../../lambda/export/domain/flatten');

/** A version that knows no comments. */
function deployOldVersion(): void {
  jest
    .mocked(flatten.flattenEvent)
    .mockImplementation((event, ...rest) =>
      event.type === 'RelatedItem.Created' ? { kind: 'poison', reason: 'type' } : actual.flattenEvent(event, ...rest),
    );
}

export function deployNewVersion(): void {
  jest.mocked(flatten.flattenEvent).mockImplementation(actual.flattenEvent);
}

/** Twelve events in quarantine, as many rows visible. */
export async function createWorldWithQuarantine(): Promise<World> {
  deployOldVersion();
  const world = createWorld({ settings: { maxRowsPerCommit: 5, sweepDays: 0 } });
  for (let index = 0; index < 12; index += 1) {
    world.cases.addCase(`case-${index}`, START - 9 * HOUR + index);
    world.cases.addRelatedItem(`case-${index}`, START - 8 * HOUR + index);
  }
  await world.tick();
  world.clock.advance(5 * MINUTE);
  await world.tick();
  expect(lastManifest(world).openQuarantine).toBe(12);
  expect(visibleRows(world)).toHaveLength(12);
  return world;
}
