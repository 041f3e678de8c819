/** Promise: at whichever statement the refresh dies, the views over manifests and dictionaries say what the archive says. */
import { expectEvidence } from './evidence-world';
import { A, B, filledWorld } from './filled-world';

describe('a statement that dies', () => {
  test.each(Array.from({ length: 24 }, (_, at) => at))(
    'number %i, before it or after: views are as before, and the next refresh ends',
    async (at) => {
      for (const done of [false, true]) {
        const world = await filledWorld();
        await world.refresh();
        await world.commit(A, { rows: 3, dictionary: true });
        await world.commit(B, { rows: 0 });
        let statements = 0;
        world.onStatement = () =>
          statements++ >= at ? { error: 'died', done: done && statements === at + 1 } : undefined;
        await world.refresh({ rebuild: at % 2 === 1 });
        await expectEvidence(world, { ifThere: true });
        world.onStatement = () => undefined;
        expect(await world.refresh()).toMatchObject({ status: 'SUCCEEDED' });
        await expectEvidence(world);
      }
    },
  );
});
