/**
 * A commit that was made and cannot be published, as a staged object of it is gone: nothing goes on until an operator voids it,
 * and then nothing is lost and nothing doubled, wherever publishing had stopped and whatever was lost.
 */
import { InvalidInputError } from '../../../lambda/export/domain/errors';
import { mortal } from '../../fakes/mortal';
import { freeze, headOf, loseStaged, stopsLoudly } from '../../support/unpublished';
import { MINUTE, manifests, type World } from '../../support/world';
import { createWorldBefore, Dead, expectExactAfterwards, tickThatDiesPublishing } from './void-world';

const LOSSES = ['field_changes/', 'quarantine/', 'redo.json', 'manifests/', 'everything'] as const;

describe.each(LOSSES)('When of the staged objects is lost: %s', (loss) => {
  test('the run stops loudly, and after a void everything is exported exactly once, wherever publishing had stopped', async () => {
    let voided = 0;
    for (let at = 0; ; at += 1) {
      const world = await createWorldBefore();
      if (!(await tickThatDiesPublishing(world, at))) break;
      loseStaged(world, loss === 'everything' ? '' : loss);
      const { seq } = headOf(world);
      const unchanged = freeze(world);
      if (await stopsLoudly(world)) {
        voided += 1;
        await world.voidCommit(seq);
        expect(manifests(world)[seq - 1]?.voids).toMatchObject({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
      }
      unchanged();
      await expectExactAfterwards(world);
    }
    expect(voided).toBeGreaterThan(2);
  });
});

test('A void that dies at any of its calls is finished by the next one', async () => {
  for (let at = 0; ; at += 1) {
    const world = await createWorldBefore();
    await tickThatDiesPublishing(world, 3);
    loseStaged(world, 'redo.json');
    const { seq } = headOf(world);
    let calls = 0;
    const live = (call: () => unknown) => {
      if (calls++ >= at) throw new Dead();
      return call();
    };
    const died = await world
      .voidCommit(seq, { objects: mortal(world.objects, live), checkpoints: mortal(world.checkpoints, live) })
      .then(
        () => calls > at,
        () => true,
      );
    world.clock.advance(20 * MINUTE);
    if (headOf(world).seq === seq)
      await world.voidCommit(seq).catch((error: unknown) => expect(error).toBeInstanceOf(InvalidInputError));
    await expectExactAfterwards(world);
    if (!died) break;
  }
});

/** Held at its `at`-th store call after COMMIT, before or after it takes effect, until it is let go. */
function freezeAt(world: World, at: number, when: 'before' | 'after') {
  let left = Number.POSITIVE_INFINITY;
  let thaw: () => void = () => undefined;
  let reached: () => void = () => undefined;
  const frozen = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const until = new Promise<void>((resolve) => {
    thaw = resolve;
  });
  const holding = <P extends object>(port: P): P =>
    new Proxy(port, {
      get(target, property) {
        const member: unknown = Reflect.get(target, property);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]) => {
          const isHeld = left-- === 0;
          if (isHeld && when === 'before') {
            reached();
            await until;
          }
          const answer: unknown = await Reflect.apply(member, target, args);
          if (property === 'commit') left = at;
          if (isHeld && when === 'after') {
            reached();
            await until;
          }
          return answer;
        };
      },
    });
  const zombie = world
    .tick({ objects: holding(world.objects), checkpoints: holding(world.checkpoints) })
    .catch(() => undefined);
  return { zombie, thaw: () => thaw(), isFrozen: Promise.race([frozen.then(() => true), zombie.then(() => false)]) };
}

test.each(['before', 'after'] as const)(
  'A writer that froze %s a publishing step and thaws after the void makes nothing visible twice',
  async (when) => {
    for (let at = 0; ; at += 1) {
      const world = await createWorldBefore();
      const { zombie, thaw, isFrozen } = freezeAt(world, at, when);
      if (!(await isFrozen)) break;
      world.clock.advance(20 * MINUTE);
      loseStaged(world);
      const { seq } = headOf(world);
      if (await stopsLoudly(world)) await world.voidCommit(seq);
      const unchanged = freeze(world);
      thaw();
      await zombie;
      unchanged();
      await expectExactAfterwards(world);
    }
  },
);
