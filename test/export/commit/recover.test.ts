import { recover } from '../../../lambda/export/commit/publish';
import { IntegrityError } from '../../../lambda/export/domain/errors';
import { fieldChangesKey, manifestKey } from '../../../lambda/export/domain/keys';
import { RunCounters } from '../../../lambda/export/run/counters';
import { withFaults } from '../../fakes/with-faults';
import { createWorld, DOMAIN, HOUR, START, type World } from '../../support/world';
import { createTelemetry } from '../fixtures';
import { everythingOf } from './committed';

/** Three commits: two whole ones, and a third that stops at a call of this kind. */
async function createCommits(stopAt?: string): Promise<World> {
  const world = createWorld();
  for (let commit = 0; commit < 3; commit += 1) {
    world.cases.addCase(`case-${commit}`, START - (9 - commit) * HOUR);
    world.clock.advance(commit * HOUR);
    world.cases.updateCase(`case-${commit}`, world.clock.now() - HOUR / 2);
    const stops = commit === 2 && stopAt !== undefined;
    const fault = ({ method }: { method: string }) =>
      stops && method === stopAt ? ('lost-request' as const) : undefined;
    const ports = {
      objects: withFaults(world.objects, 's3', fault),
      checkpoints: withFaults(world.checkpoints, 'dynamodb', fault),
    };
    await world.tick(ports).catch(() => undefined);
  }
  return world;
}

const EXPIRED = { domainId: DOMAIN, owner: 'run', now: START - HOUR, expiresAt: START - HOUR };

async function recoverNow(world: World) {
  const state = await world.checkpoints.readState(DOMAIN);
  if (state === null) throw new Error('no state');
  const publisher = { domainId: DOMAIN, deps: world, counters: new RunCounters(createTelemetry()) };
  return { before: state, after: await recover(publisher, state, world.clock.now()) };
}

describe('Recovery', () => {
  test('of a domain without a commit does nothing', async () => {
    const world = createWorld();
    await world.checkpoints.acquireLease({ domainId: DOMAIN, owner: 'run', now: START, expiresAt: START + 1 });
    const before = everythingOf(world);
    const { before: state, after } = await recoverNow(world);
    expect(after).toEqual(state);
    expect(everythingOf(world)).toEqual(before);
  });

  test('of a domain whose last commit is whole writes nothing', async () => {
    const world = await createCommits();
    const before = everythingOf(world);
    const { before: state, after } = await recoverNow(world);
    expect(after).toEqual(state);
    expect(everythingOf(world)).toEqual(before);
  });

  test.each(['putIfAbsent', 'putEventIds', 'putCaseRecord', 'markRedone', 'markApplied'])(
    'publishes a commit that stopped at %s, and nothing else changes in the state',
    async (method) => {
      const world = await createCommits(method);
      const { before, after } = await recoverNow(world);
      expect(before.applied).toBe((before.head?.seq ?? 0) - 1);
      expect(after).toEqual({ ...before, applied: before.head?.seq });
      expect(await world.checkpoints.readState(DOMAIN)).toEqual({ ...after, redone: after.head?.sha256 });
      expect(world.objects.keys('archive')).toContain(manifestKey(DOMAIN, after.applied));
      expect(world.objects.keys('work')).toEqual([]);
    },
  );
});

describe('Recovery stops with a named error and leaves everything as it was', () => {
  async function expectStop(world: World, message: RegExp): Promise<void> {
    const before = everythingOf(world);
    const recovering = recoverNow(world);
    await expect(recovering).rejects.toThrow(IntegrityError);
    await expect(recovering).rejects.toThrow(message);
    expect(everythingOf(world)).toEqual(before);
    const visible = structuredClone(world.objects.buckets);
    await expect(world.tick()).rejects.toThrow(message);
    expect(world.objects.buckets).toEqual(visible);
  }

  test('where the manifest of the last commit is missing: the bucket was switched', async () => {
    const world = await createCommits();
    const { applied } = (await recoverNow(world)).after;
    await world.objects.delete('archive', manifestKey(DOMAIN, applied));
    await expectStop(world, /the archive has no manifest of that number .*Was the bucket switched\?/);
  });

  test('where it is another one', async () => {
    const world = await createCommits();
    const { applied } = (await recoverNow(world)).after;
    const key = manifestKey(DOMAIN, applied);
    await world.objects.put('archive', key, Buffer.from(`${world.objects.text('archive', key)} `));
    await expectStop(world, /the archive holds another manifest of that number/);
  });

  test('where the archive holds one more: the table was restored to an earlier day', async () => {
    const world = await createCommits();
    const { applied } = (await recoverNow(world)).after;
    await world.objects.put('archive', manifestKey(DOMAIN, applied + 1), Buffer.from('{}'));
    await expectStop(world, new RegExp(`already holds a manifest of commit ${applied + 1} .manifests/`));
  });

  test.each([0, 1, 5])(
    'where the archive holds rows of one more, published %i days after the last: the table was restored inside a publish',
    async (days) => {
      const world = await createCommits();
      const { applied, lastExportDate } = (await recoverNow(world)).after;
      const date = new Date(Date.parse(lastExportDate ?? '') + days * 24 * HOUR).toISOString().slice(0, 10);
      world.clock.advance(days * 24 * HOUR);
      await world.objects.put('archive', fieldChangesKey(DOMAIN, date, applied + 1), Buffer.from(''));
      await expectStop(world, new RegExp(`already holds an object of commit ${applied + 1} .field_changes/`));
    },
  );

  test.each([0, 1, 30])(
    'where the archive holds rows of the first one, begun to be published %i days ago, and the table knows of none: it was made anew',
    async (days) => {
      const world = createWorld();
      await world.checkpoints.acquireLease(EXPIRED);
      const date = new Date(START - days * 24 * HOUR).toISOString().slice(0, 10);
      await world.objects.put('archive', fieldChangesKey(DOMAIN, date, 1), Buffer.from(''));
      await expectStop(world, /already holds an object of commit 1 .field_changes/);
    },
  );

  test('where the archive holds the first one and the table knows of none: the table was made anew', async () => {
    const world = createWorld();
    await world.checkpoints.acquireLease(EXPIRED);
    await world.objects.put('archive', manifestKey(DOMAIN, 1), Buffer.from('{}'));
    await expectStop(world, /commit 0 is the last .* made anew\?/);
  });
});
