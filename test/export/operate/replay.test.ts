/** Events that a newer version can flatten leave quarantine: their rows are emitted once, whatever repeats. */
import * as flatten from '../../../lambda/export/domain/flatten';
import { expectExactlyTheHistory, expectWholeChain, lastManifest, manifests } from '../../support/world';
import { actual, createWorldWithQuarantine, deployNewVersion } from './quarantine-world';

jest.mock('../../../lambda/export/domain/flatten', () => {
  const actual = jest.requireActual<typeof flatten>('../../../lambda/export/domain/flatten');
  return { ...actual, flattenEvent: jest.fn(actual.flattenEvent) };
});

test('Replay emits them in commits of their own, and a second one has nothing to do', async () => {
  const world = await createWorldWithQuarantine();
  deployNewVersion();
  const before = manifests(world).length;
  expect(await world.replayQuarantine()).toMatchObject({ status: 'complete', eventsExported: 12, rowsWritten: 12 });
  expectExactlyTheHistory(world);
  expectWholeChain(world);
  const replays = manifests(world).slice(before);
  expect(replays.map(({ counts }) => counts.replayed)).toEqual([5, 5, 2]);
  expect(replays.at(-1)?.openQuarantine).toBe(0);
  expect(await world.replayQuarantine()).toMatchObject({ status: 'complete', commits: 0, eventsExported: 0 });
  expect((await world.tick()).eventsExported).toBe(0);
  expectExactlyTheHistory(world);
});

test('What the new version cannot flatten either stays, and is replayed later', async () => {
  const world = await createWorldWithQuarantine();
  jest
    .mocked(flatten.flattenEvent)
    .mockImplementation((event, caseId, ...rest) =>
      event.type === 'RelatedItem.Created' && caseId !== 'case-3'
        ? { kind: 'poison', reason: 'type' }
        : actual.flattenEvent(event, caseId, ...rest),
    );
  expect(await world.replayQuarantine()).toMatchObject({ eventsExported: 1 });
  expect(lastManifest(world).openQuarantine).toBe(11);
  deployNewVersion();
  expect(await world.replayQuarantine()).toMatchObject({ eventsExported: 11 });
  expectExactlyTheHistory(world);
  expect(lastManifest(world).openQuarantine).toBe(0);
});
