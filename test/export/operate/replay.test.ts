/** Events that a newer version can flatten leave quarantine: their rows are emitted once, whatever dies or repeats. */
import { InvalidInputError } from '../../../lambda/export/domain/errors';
import * as flatten from '../../../lambda/export/domain/flatten';
import {
  createWorld,
  expectExactlyTheHistory,
  expectWholeChain,
  HOUR,
  MINUTE,
  manifests,
  START,
  visibleRows,
  type World,
} from '../../support/world';

jest.mock('../../../lambda/export/domain/flatten', () => {
  const actual = jest.requireActual<typeof flatten>('../../../lambda/export/domain/flatten');
  return { ...actual, flattenEvent: jest.fn(actual.flattenEvent) };
});

const actual = jest.requireActual<typeof flatten>('../../../lambda/export/domain/flatten');
const FAST = { searchCasesRps: 1000, auditEventsRps: 1000, relatedItemsRps: 1000 };

/** A version that knows no comments. */
function deployOldVersion(): void {
  jest
    .mocked(flatten.flattenEvent)
    .mockImplementation((event, ...rest) =>
      event.type === 'RelatedItem.Created' ? { kind: 'poison', reason: 'type' } : actual.flattenEvent(event, ...rest),
    );
}

function deployNewVersion(): void {
  jest.mocked(flatten.flattenEvent).mockImplementation(actual.flattenEvent);
}

async function createWorldWithQuarantine(): Promise<World> {
  deployOldVersion();
  const world = createWorld({ settings: { ...FAST, maxRowsPerCommit: 5, sweepDays: 0 } });
  for (let index = 0; index < 12; index += 1) {
    world.cases.addCase(`case-${index}`, START - 9 * HOUR + index);
    world.cases.addRelatedItem(`case-${index}`, START - 8 * HOUR + index);
  }
  await world.tick();
  world.clock.advance(5 * MINUTE);
  await world.tick();
  expect(manifests(world).at(-1)?.openQuarantine).toBe(12);
  expect(visibleRows(world)).toHaveLength(12);
  return world;
}

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
  expect(manifests(world).at(-1)?.openQuarantine).toBe(11);
  deployNewVersion();
  expect(await world.replayQuarantine()).toMatchObject({ eventsExported: 11 });
  expectExactlyTheHistory(world);
  expect(manifests(world).at(-1)?.openQuarantine).toBe(0);
});

test('A replay that dies at any of its calls is finished by the next one, each event once', async () => {
  for (let at = 1; ; at += 1) {
    const world = await createWorldWithQuarantine();
    deployNewVersion();
    let calls = 0;
    const mortal = <P extends object>(port: P): P =>
      new Proxy(port, {
        get(target, property) {
          const member: unknown = Reflect.get(target, property);
          if (typeof member !== 'function') return member;
          return async (...args: unknown[]) => {
            if (calls++ >= at) throw new InvalidInputError('dead');
            return Reflect.apply(member, target, args) as unknown;
          };
        },
      });
    await world
      .replayQuarantine({ objects: mortal(world.objects), checkpoints: mortal(world.checkpoints) })
      .catch(() => undefined);
    world.clock.advance(20 * MINUTE);
    await world.replayQuarantine();
    expectExactlyTheHistory(world);
    expectWholeChain(world);
    expect(manifests(world).at(-1)?.openQuarantine).toBe(0);
    if (calls <= at) break;
  }
});
