/**
 * A commit that was made and cannot be published, as a staged object of it is gone: nothing goes on until an operator voids it,
 * and then nothing is lost and nothing doubled, wherever publishing had stopped and whatever was lost.
 */
import { IntegrityError, InvalidInputError } from '../../../lambda/export/domain/errors';
import { stateKey } from '../../../lambda/export/domain/keys';
import type { CheckpointStore, ObjectStore } from '../../../lambda/export/ports';
import {
  createWorld,
  DOMAIN,
  expectExactlyTheHistory,
  expectWholeChain,
  HOUR,
  MINUTE,
  manifests,
  START,
  type World,
} from '../../support/world';

const FAST = { searchCasesRps: 1000, auditEventsRps: 1000, relatedItemsRps: 1000 };

/** A domain whose second commit is rows, quarantine and dictionary, and half-read cases stand before and after it. */
async function createWorldBefore(): Promise<World> {
  const world = createWorld({
    settings: { ...FAST, maxRowsPerCommit: 40, sweepDays: 0 },
    cases: { pageSize: { getCaseAuditEvents: 3 } },
  });
  defineField(world, 'status');
  for (let index = 0; index < 6; index += 1) addCase(world, `old-${index}`, START - (30 - index) * HOUR);
  await world.tick();
  defineField(world, 'extra');
  for (let index = 0; index < 3; index += 1) addCase(world, `new-${index}`, world.clock.now(), 'extra');
  world.clock.advance(10 * MINUTE);
  return world;
}

function defineField(world: World, fieldId: string): void {
  world.cases.fields.set(fieldId, {
    fieldId,
    name: `The ${fieldId}`,
    type: 'Text',
    namespace: 'Custom',
    deleted: false,
  });
}

function addCase(world: World, caseId: string, at: number, eventFieldId = 'status'): void {
  world.cases.addCase(caseId, at);
  for (let update = 0; update < 5; update += 1)
    world.cases.updateCase(caseId, at + update, [{ eventFieldId, newValue: { stringValue: `${update}` } }]);
  poison(world, caseId, at);
}

/** An event that no row can hold. */
function poison(world: World, caseId: string, at: number): void {
  const fields = [{ eventFieldId: 'status', newValue: { doubleValue: 'NaN?' as unknown as number } }];
  world.cases.cases
    .get(caseId)
    ?.events.push({ eventId: `poison-${caseId}`, type: 'Case.Updated', performedTime: new Date(at), fields });
}

function head(world: World): { seq: number; manifestKey: string } | undefined {
  return world.checkpoints.item(stateKey(DOMAIN))?.['head'] as { seq: number; manifestKey: string } | undefined;
}

class Dead extends Error {}

/** A tick that dies at its `at`-th store call after COMMIT. False if it made fewer. */
async function tickThatDiesPublishing(world: World, at: number): Promise<boolean> {
  let left = Number.POSITIVE_INFINITY;
  const mortal = <P extends object>(port: P): P =>
    new Proxy(port, {
      get(target, property) {
        const member: unknown = Reflect.get(target, property);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]) => {
          if (left <= 0) throw new Dead();
          left -= 1;
          const answer: unknown = await Reflect.apply(member, target, args);
          if (property === 'commit') left = at;
          return answer;
        };
      },
    });
  const ports: { objects: ObjectStore; checkpoints: CheckpointStore } = {
    objects: mortal(world.objects),
    checkpoints: mortal(world.checkpoints),
  };
  await world.tick(ports).catch(() => undefined);
  world.clock.advance(20 * MINUTE);
  return left <= 0;
}

function staged(world: World): string[] {
  const { manifestKey = '' } = head(world) ?? {};
  return world.objects.keys('work', manifestKey.slice(0, manifestKey.indexOf('manifests/')));
}

/** Published keys never change their bytes. */
function freeze(world: World): () => void {
  const before = new Map(world.objects.buckets.archive);
  return () => {
    for (const [key, bytes] of before)
      expect(Buffer.from(world.objects.buckets.archive.get(key) ?? []).equals(bytes)).toBe(true);
  };
}

async function expectExactAfterwards(world: World): Promise<void> {
  for (let ticks = 0; ticks < 6; ticks += 1) {
    await world.tick();
    world.clock.advance(10 * MINUTE);
  }
  expectExactlyTheHistory(world);
  expectWholeChain(world);
  expectEachPoisonOnce(world);
  expect(manifests(world).at(-1)?.gaps).toEqual([]);
}

function expectEachPoisonOnce(world: World): void {
  const kept = world.objects.keys('archive', 'quarantine/').flatMap((key) => {
    const text = Buffer.from(world.objects.buckets.archive.get(key) ?? []).toString();
    return (JSON.parse(text) as { events: { eventKey: string }[] }).events.map(({ eventKey }) => eventKey);
  });
  expect(kept.sort()).toEqual([...world.cases.cases.keys()].map((caseId) => `poison-${caseId}`).sort());
  expect(manifests(world).at(-1)?.openQuarantine).toBe(world.cases.cases.size);
}

const LOSSES = ['field_changes/', 'quarantine/', 'redo.json', 'manifests/', 'everything'] as const;

describe.each(LOSSES)('When of the staged objects is lost: %s', (loss) => {
  test('the run stops loudly, and after a void everything is exported exactly once, wherever publishing had stopped', async () => {
    let voided = 0;
    for (let at = 0; ; at += 1) {
      const world = await createWorldBefore();
      if (!(await tickThatDiesPublishing(world, at))) break;
      const lost = staged(world).filter((key) => loss === 'everything' || key.includes(`/${loss}`));
      for (const key of lost) world.objects.buckets.work.delete(key);
      const seq = head(world)?.seq ?? 0;
      const unchanged = freeze(world);
      const stopped = await world.tick().then(
        () => false,
        (error: unknown) => error instanceof IntegrityError,
      );
      if (stopped) {
        voided += 1;
        await world.voidCommit(seq);
        expect(manifests(world)[seq - 1]?.voids?.sha256).toMatch(/^[0-9a-f]{64}$/);
      }
      unchanged();
      await expectExactAfterwards(world);
    }
    expect(voided).toBeGreaterThan(2);
  });
});

test('A void takes every lane back to where it stood before: what the voided commit claimed is looked for again', async () => {
  const world = await createWorldBefore();
  await tickThatDiesPublishing(world, 0);
  const { seq = 0, manifestKey = '' } = head(world) ?? {};
  const { lanes: claimed } = JSON.parse(Buffer.from(world.objects.buckets.work.get(manifestKey) ?? []).toString());
  for (const key of staged(world)) if (key !== manifestKey) world.objects.buckets.work.delete(key);
  await world.voidCommit(seq);
  const [before, after] = manifests(world).slice(seq - 2, seq);
  expect(after?.voids).not.toBeNull();
  expect(claimed).not.toEqual(before?.lanes);
  expect(after?.lanes).toEqual(before?.lanes);
});

test('A void that dies at any of its calls is finished by the next one', async () => {
  for (let at = 0; ; at += 1) {
    const world = await createWorldBefore();
    await tickThatDiesPublishing(world, 3);
    for (const key of staged(world).filter((one) => one.includes('redo.json'))) world.objects.buckets.work.delete(key);
    const seq = head(world)?.seq ?? 0;
    let calls = 0;
    const mortal = <P extends object>(port: P): P =>
      new Proxy(port, {
        get(target, property) {
          const member: unknown = Reflect.get(target, property);
          if (typeof member !== 'function') return member;
          return async (...args: unknown[]) => {
            if (calls++ >= at) throw new Dead();
            return Reflect.apply(member, target, args) as unknown;
          };
        },
      });
    const died = await world
      .voidCommit(seq, { objects: mortal(world.objects), checkpoints: mortal(world.checkpoints) })
      .then(
        () => calls > at,
        () => true,
      );
    world.clock.advance(20 * MINUTE);
    if (head(world)?.seq === seq)
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
      for (const key of staged(world)) world.objects.buckets.work.delete(key);
      const seq = head(world)?.seq ?? 0;
      const stopped = await world.tick().then(
        () => false,
        (error: unknown) => error instanceof IntegrityError,
      );
      if (stopped) await world.voidCommit(seq);
      const unchanged = freeze(world);
      thaw();
      await zombie;
      unchanged();
      await expectExactAfterwards(world);
    }
  },
);

test('Only the last commit can be voided, and only while it is not published', async () => {
  const world = await createWorldBefore();
  const before = world.objects.keys('archive');
  const { seq } = head(world) ?? { seq: 0 };
  for (const wrong of [seq, seq + 1]) {
    await expect(world.voidCommit(wrong)).rejects.toThrow(
      new InvalidInputError(
        `Commit ${wrong} of domain domain-1 cannot be voided: the last commit is ${seq}, wholly published is ${seq}. Expected the number of a last commit that is made and not published. Nothing was done.`,
      ),
    );
  }
  expect(world.objects.keys('archive')).toEqual(before);
});

test('A commit that can be published after all is published, not voided', async () => {
  const world = await createWorldBefore();
  await tickThatDiesPublishing(world, 2);
  const { seq } = head(world) ?? { seq: 0 };
  await world.voidCommit(seq);
  expect(manifests(world)[seq - 1]?.voids).toBeNull();
  await expectExactAfterwards(world);
});

test('Bytes that are not of the commit are no reason to void it: nothing is done', async () => {
  const world = await createWorldBefore();
  await tickThatDiesPublishing(world, 0);
  const { seq } = head(world) ?? { seq: 0 };
  const key = staged(world).find((one) => one.includes('/field_changes/')) ?? '';
  const final = key.slice(key.indexOf('field_changes/'));
  world.objects.buckets.archive.set(final, Buffer.from('{"case_id":"x","event_id":"y"}'));
  const before = world.checkpoints.item(stateKey(DOMAIN))?.['head'];
  await expect(world.voidCommit(seq)).rejects.toThrow(IntegrityError);
  expect(world.checkpoints.item(stateKey(DOMAIN))?.['head']).toEqual(before);
});
