/** A replay of quarantine that dies, wherever that is: the next one emits what is left, each event once. */
import { InvalidInputError } from '../../../lambda/export/domain/errors';
import type * as flatten from '../../../lambda/export/domain/flatten';
import { mortal } from '../../fakes/mortal';
import { expectExactlyTheHistory, expectWholeChain, lastManifest, MINUTE } from '../../support/world';
import { createWorldWithQuarantine, deployNewVersion } from './quarantine-world';

jest.mock('../../../lambda/export/domain/flatten', () => {
  const actual = jest.requireActual<typeof flatten>('../../../lambda/export/domain/flatten');
  return { ...actual, flattenEvent: jest.fn(actual.flattenEvent) };
});

test('A replay that dies at any of its calls is finished by the next one, each event once', async () => {
  for (let at = 1; ; at += 1) {
    const world = await createWorldWithQuarantine();
    deployNewVersion();
    let calls = 0;
    const live = (call: () => unknown) => {
      if (calls++ >= at) throw new InvalidInputError('dead');
      return call();
    };
    await world
      .replayQuarantine({ objects: mortal(world.objects, live), checkpoints: mortal(world.checkpoints, live) })
      .catch(() => undefined);
    world.clock.advance(20 * MINUTE);
    await world.replayQuarantine();
    expectExactlyTheHistory(world);
    expectWholeChain(world);
    expect(lastManifest(world).openQuarantine).toBe(0);
    if (calls <= at) break;
  }
});
