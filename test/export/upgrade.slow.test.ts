/** A newer version that dies while it takes over what an older one stored, or finds some of it lost: it goes on exactly all the same. */

import { mortal } from '../fakes/mortal';
import { MINUTE, type World } from '../support/world';
import { recordedStates } from './stored-states/stored-state';
import { advance, expectExact, expectVoidable, isUnpublished, restore } from './stored-states/take-over';

describe.each(recordedStates())('$form, $moment', (one) => {
  test('is taken over wherever the newer version dies', async () => {
    for (let calls = 0; ; calls += 7) {
      const world = restore(one);
      const died = await dieAfter(world, calls);
      await advance(world);
      expectExact(world, one);
      if (!died) break;
    }
  });
});

describe.each(recordedStates().filter(isUnpublished))('$form, $moment', (one) => {
  test.each(['field_changes/', 'quarantine/', 'redo.json', 'manifests/'])(
    'can be voided when of its staged objects is lost: %p',
    (loss) => expectVoidable(one, loss),
  );
});

/** A tick whose process is gone after so many calls to the stores. False if it made fewer. */
async function dieAfter(world: World, calls: number): Promise<boolean> {
  let left = calls;
  const live = (call: () => unknown) => {
    if (left-- <= 0) throw new Error('killed');
    return call();
  };
  await world
    .tick({ objects: mortal(world.objects, live), checkpoints: mortal(world.checkpoints, live) })
    .catch(() => undefined);
  world.clock.advance(20 * MINUTE);
  return left < 0;
}
