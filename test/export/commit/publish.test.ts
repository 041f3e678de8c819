/** Publishing walks one path however often, by however many, and stops where what is stored contradicts itself. */

import { publish } from '../../../lambda/export/commit/publish';
import { IntegrityError, StoreError } from '../../../lambda/export/domain/errors';
import { stagedKey } from '../../../lambda/export/domain/keys';
import { aRecord } from '../../support/stored-values';
import { anomaliesOf, DOMAIN } from '../fixtures';
import {
  appliedOf,
  CHANGES,
  type Committed,
  createCommitted,
  everythingOf,
  expectPublished,
  FIELDS,
  MANIFEST,
  NOTE,
  PREFIX,
  redoLog,
  textAt,
} from './committed';

describe('Publishing a commit', () => {
  test('brings its objects, its ledger and its manifest to their places and leaves nothing staged', async () => {
    const world = await createCommitted();
    await publish(world.publisher(), world.head);
    await expectPublished(world);
    expect(world.objects.keys('work')).toEqual([]);
    expect(anomaliesOf(world.telemetry)).toEqual([]);
  });

  test('goes objects, then ids and retries, then heads, then the mark that redo is whole, then the manifest, its note, applied, and tidies up', async () => {
    const world = await createCommitted();
    await publish(world.publisher(), world.head);
    const phases = world.calls.flatMap(({ method, args }) => {
      if (method === 'putIfAbsent') return args[1] === MANIFEST ? 'manifest' : args[1] === NOTE ? 'note' : 'object';
      if (method === 'putEventIds' || method === 'putRetry') return 'ids and retries';
      return { putCaseRecord: 'head', markRedone: 'redone', markApplied: 'applied', delete: 'delete' }[method] ?? [];
    });
    const order = ['object', 'ids and retries', 'head', 'redone', 'manifest', 'note', 'applied', 'delete'];
    expect(phases.filter((phase, index) => phase !== phases[index - 1])).toEqual(order);
    expect(phases.filter((phase) => phase === 'head')).toHaveLength(20);
  });

  test('never writes over a final key', async () => {
    const world = await createCommitted();
    await publish(world.publisher(), world.head);
    expect(world.calls.filter(({ method }) => method === 'put')).toEqual([]);
  });

  test('a second time changes nothing: same bytes at a final key are fine', async () => {
    const world = await createCommitted();
    const staged = structuredClone(world.objects.buckets.work);
    await publish(world.publisher(), world.head);
    const before = everythingOf(world);
    for (const [key, bytes] of staged) world.objects.buckets.work.set(key, bytes);
    await publish(world.publisher(), world.head);
    expect(everythingOf(world)).toEqual(before);
  });

  test('by one who comes late leaves what later commits wrote, also of cases that the table did not have', async () => {
    const world = await createCommitted();
    const staged = structuredClone(world.objects.buckets.work);
    await publish(world.publisher(), world.head);
    const newer = aRecord({ caseId: 'case-0', touched: 5, readAt: 9, waitingSince: 40, owedFrom: 30, seq: 2 });
    await world.checkpoints.putCaseRecord(DOMAIN, newer);
    for (const [key, bytes] of staged) world.objects.buckets.work.set(key, bytes);
    await publish(world.publisher(), world.head);
    expect((await world.checkpoints.readCaseRecords(DOMAIN, ['case-0'])).get('case-0')).toEqual(newer);
  });

  test('by two at the same time comes out as by one', async () => {
    const world = await createCommitted();
    await Promise.all([publish(world.publisher(), world.head), publish(world.publisher(), world.head)]);
    await expectPublished(world);
  });

  test('is finished by the next one, whichever call fails or loses its answer', async () => {
    for (const fault of ['lost-request', 'lost-answer'] as const) {
      for (let at = 0, hit = true; hit; at += 1) {
        const world = await createCommitted();
        let call = 0;
        hit = false;
        const publishing = publish(
          world.publisher(() => {
            if (call++ !== at) return undefined;
            hit = true;
            return fault;
          }),
          world.head,
        );
        await publishing.catch((error: unknown) => expect(error).toBeInstanceOf(StoreError));
        if ((await appliedOf(world)) !== 1) expect(world.objects.keys('work')).toHaveLength(4);
        await publish(world.publisher(), world.head);
        await expectPublished(world);
      }
    }
  });

  test('does not say "applied" before everything is written: a table write that fails keeps the manifest back', async () => {
    for (const method of ['putEventIds', 'putRetry', 'putCaseRecord', 'markRedone']) {
      const world = await createCommitted();
      let seen = 0;
      const failing = publish(
        world.publisher((call) => (call.method === method && seen++ === 0 ? 'lost-request' : undefined)),
        world.head,
      );
      await expect(failing).rejects.toThrow(StoreError);
      expect(world.objects.keys('archive')).not.toContain(MANIFEST);
      expect(await appliedOf(world)).toBe(0);
    }
  });

  test('rejects only when all writes that it began have ended', async () => {
    const world = await createCommitted();
    let seen = 0;
    await publish(
      world.publisher((call) => (call.method === 'putEventIds' && seen++ === 0 ? 'lost-request' : undefined)),
      world.head,
    ).catch(() => undefined);
    const before = everythingOf(world);
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
    expect(everythingOf(world)).toEqual(before);
  });

  test('leaves a ledger head of a newer commit as it is', async () => {
    const world = await createCommitted();
    const [head] = redoLog(2).heads;
    if (head === undefined) throw new Error('no head');
    await world.checkpoints.putCaseRecord(DOMAIN, { ...head, touched: 77 });
    await publish(world.publisher(), world.head);
    expect((await world.checkpoints.readCaseRecords(DOMAIN, ['case-0'])).get('case-0')).toMatchObject({
      seq: 2,
      touched: 77,
    });
  });

  test('counts what it cannot tidy up and goes on', async () => {
    const world = await createCommitted();
    await publish(
      world.publisher(({ method }) => (method === 'delete' ? 'lost-request' : undefined)),
      world.head,
    );
    await expectPublished(world);
    expect(anomaliesOf(world.telemetry)).toEqual(['staged-object-left']);
    expect(world.objects.keys('work')).toHaveLength(4);
  });
});

describe('Publishing stops, with a named error and the commit still to be published,', () => {
  async function expectStop(world: Committed, message: RegExp): Promise<void> {
    const { archive } = everythingOf(world);
    const publishing = publish(world.publisher(), world.head);
    await expect(publishing).rejects.toThrow(IntegrityError);
    await expect(publishing).rejects.toThrow(message);
    expect(await appliedOf(world)).toBe(0);
    expect(world.calls.filter(({ method }) => method === 'delete')).toEqual([]);
    for (const [key, bytes] of archive) expect(world.objects.buckets.archive.get(key)).toEqual(bytes);
  }

  test.each([CHANGES, FIELDS, MANIFEST])('where other bytes stand at %s, which are left alone', async (key) => {
    const world = await createCommitted();
    await world.objects.put('archive', key, Buffer.from('other'));
    await expectStop(world, /^Other bytes stand at/);
    expect(textAt(world, key)).toBe('other');
  });

  test.each([CHANGES, FIELDS, MANIFEST, 'redo.json'])('where the staged bytes of %s were changed', async (key) => {
    const world = await createCommitted();
    await world.objects.put('work', stagedKey(PREFIX, key), Buffer.from('{"version":1}'));
    await expectStop(world, /has SHA-256 [0-9a-f]{64}, but the commit was made with/);
    expect(world.objects.keys('archive')).not.toContain(MANIFEST === key ? CHANGES : key);
  });

  test.each([CHANGES, FIELDS, MANIFEST, 'redo.json'])(
    'where the staged %s is missing and nobody has published it',
    async (key) => {
      const world = await createCommitted();
      await world.objects.delete('work', stagedKey(PREFIX, key));
      await expectStop(world, /cannot be published: .* is not in the work bucket, and applied is 0/);
      expect(world.objects.keys('archive')).not.toContain(MANIFEST);
    },
  );
});

describe('A staged object that is missing', () => {
  test('is fine if applied has come so far: somebody else has published and tidied up', async () => {
    const world = await createCommitted();
    await publish(world.publisher(), world.head);
    const before = everythingOf(world);
    await publish(world.publisher(), world.head);
    expect(everythingOf(world)).toEqual(before);
  });

  test('while another publishes is fine too', async () => {
    const world = await createCommitted();
    const others: Promise<void>[] = [];
    const slow = world.publisher(({ method }) => {
      if (method === 'markApplied' || method === 'putCaseRecord') others.push(publish(world.publisher(), world.head));
      return undefined;
    });
    await publish(slow, world.head);
    await Promise.all(others);
    expect(others.length).toBeGreaterThan(1);
    await expectPublished(world);
  });
});
