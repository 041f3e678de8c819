/** A table that was set back to a moment while a commit was published: it goes on exactly, or refuses. */

import { publish } from '../../../lambda/export/commit/publish';
import { IntegrityError } from '../../../lambda/export/domain/errors';
import { stateKey } from '../../../lambda/export/domain/keys';
import type { PortCall } from '../../fakes/with-faults';
import { DOMAIN } from '../fixtures';
import { appliedOf, type Committed, createCommitted, everythingOf, expectPublished } from './committed';

describe('A table that was restored to a moment inside a publish', () => {
  /** Published and tidied up; then the table is set back to what it held when this call was made. */
  async function createRestored(method: string, args: (call: PortCall) => boolean = () => true): Promise<Committed> {
    const world = await createCommitted();
    let items = world.checkpoints.items();
    let seen = false;
    await publish(
      world.publisher((call) => {
        if (!seen && call.method === method && args(call)) items = world.checkpoints.items();
        seen ||= call.method === method && args(call);
        return undefined;
      }),
      world.head,
    );
    world.checkpoints.restore(items);
    return world;
  }

  test.each(['putEventIds', 'putRetry', 'putCaseRecord', 'markRedone'])(
    'is refused where its ledger may lack entries, as rows would come twice: before %s',
    async (method) => {
      const world = await createRestored(method);
      const before = everythingOf(world);
      const publishing = publish(world.publisher(), world.head);
      await expect(publishing).rejects.toThrow(IntegrityError);
      await expect(publishing).rejects.toThrow(/table was restored to a moment while that commit was published/);
      expect(everythingOf(world)).toEqual(before);
    },
  );

  test('goes on where only "applied" is missing: the mark says that redo is whole', async () => {
    const world = await createRestored('markApplied');
    expect(await appliedOf(world)).toBe(0);
    await publish(world.publisher(), world.head);
    await expectPublished(world);
  });

  test('goes on where what is staged is still there: everything is written again', async () => {
    const world = await createCommitted();
    const staged = structuredClone(world.objects.buckets.work);
    const items = world.checkpoints.items();
    await publish(world.publisher(), world.head);
    world.checkpoints.restore(items);
    for (const [key, bytes] of staged) world.objects.buckets.work.set(key, bytes);
    await publish(world.publisher(), world.head);
    await expectPublished(world);
  });

  test('knows the mark of another commit from its own', async () => {
    const world = await createRestored('markRedone');
    const state = world.checkpoints.items().find(({ sk }) => sk === 'STATE') ?? {};
    world.checkpoints.setItem({ ...state, ...stateKey(DOMAIN), redone: 'f'.repeat(64) });
    await expect(publish(world.publisher(), world.head)).rejects.toThrow(/restored/);
  });
});
