/** Publishing walks one path however often, by however many, and stops where what is stored contradicts itself. */

import { publish } from '../../../lambda/export/commit/publish';
import { IntegrityError, StoreError } from '../../../lambda/export/domain/errors';
import {
  fieldChangesKey,
  fieldsKey,
  manifestKey,
  redoLogKey,
  stagedKey,
  stagingPrefix,
} from '../../../lambda/export/domain/keys';
import { ledgerId, storedParts } from '../../../lambda/export/domain/ledger';
import {
  MANIFEST_VERSION,
  type Manifest,
  REDO_VERSION,
  type RedoLog,
  sha256,
  toJsonBytes,
} from '../../../lambda/export/domain/manifest';
import type { CommitHead, CommittedState, DomainState } from '../../../lambda/export/domain/state';
import { RunCounters } from '../../../lambda/export/run/counters';
import { createMemoryCheckpointStore } from '../../fakes/memory-checkpoint-store';
import { createMemoryObjectStore } from '../../fakes/memory-object-store';
import { type Fault, type PortCall, withFaults } from '../../fakes/with-faults';
import { anomaliesOf, createTelemetry, DOMAIN, START } from '../fixtures';

const CHANGES = fieldChangesKey(DOMAIN, '2026-01-10', 1);
const FIELDS = fieldsKey(DOMAIN, 1);
const MANIFEST = manifestKey(DOMAIN, 1);
const PREFIX = stagingPrefix(DOMAIN, 1, 1, 1);

/** Twenty cases: more table writes than go side by side. */
function redoLog(seq: number): RedoLog {
  const caseIds = Array.from({ length: 20 }, (_, index) => `case-${index}`);
  const [part] = storedParts(['event-1', 'event-2'].map(ledgerId));
  const retry = {
    templateId: null,
    touched: 1,
    cause: 'refused' as const,
    attempts: 1,
    firstSeen: 1,
    notFoundSince: null,
    notBefore: 2,
    closed: false,
  };
  return {
    version: REDO_VERSION,
    seq,
    eventIds: caseIds.map((caseId) => ({
      caseId,
      part: 0,
      base64: Buffer.from(part as Uint8Array).toString('base64'),
    })),
    heads: caseIds.map((caseId) => ({
      caseId,
      touched: 5,
      readAt: 9,
      waitingSince: null,
      templateId: null,
      eventCount: 2,
      seq,
      goneAt: null,
    })),
    retries: [{ ...retry, caseId: 'case-99', seq }],
  };
}

/** A domain whose first commit is made and not published. */
async function createCommitted() {
  const objects = createMemoryObjectStore();
  const checkpoints = createMemoryCheckpointStore();
  const telemetry = createTelemetry();
  const calls: PortCall[] = [];
  const final = [
    { key: CHANGES, bytes: Buffer.from('rows') },
    { key: FIELDS, bytes: Buffer.from('fields') },
  ];
  const redo = toJsonBytes(redoLog(1));
  const lease = await checkpoints.acquireLease({ domainId: DOMAIN, owner: 'run', now: START, expiresAt: START + 1 });
  const { lanes } = (lease as { state: DomainState }).state;
  const manifest: Manifest = {
    version: MANIFEST_VERSION,
    domainId: DOMAIN,
    seq: 1,
    previousSha256: null,
    runId: 'run',
    fence: 1,
    exportDate: '2026-01-10',
    exportedAt: '2026-01-10T12:00:00.000Z',
    lanes,
    livePassFinished: false,
    counts: {
      calls: {},
      casesFound: 0,
      casesRead: 0,
      pages: 0,
      events: 0,
      rows: 0,
      quarantined: 0,
      replayed: 0,
      nullElements: 0,
      anomalies: 0,
      totalCount: null,
    },
    objects: final.map(({ key, bytes }) => ({ key, sha256: sha256(bytes), bytes: bytes.length })),
    redo: { sha256: sha256(redo), bytes: redo.length },
    gaps: [],
    halfRead: [],
    voids: null,
    openQuarantine: 0,
    gone: [],
    bundleSha256: '',
    settingsSha256: '',
  };
  for (const { key, bytes } of final) await objects.put('work', stagedKey(PREFIX, key), bytes);
  await objects.put('work', redoLogKey(PREFIX), redo);
  const head: CommitHead = { seq: 1, manifestKey: stagedKey(PREFIX, MANIFEST), sha256: sha256(toJsonBytes(manifest)) };
  await objects.put('work', head.manifestKey, toJsonBytes(manifest));
  const state: CommittedState = {
    lanes,
    halfRead: [],
    lastExportDate: '2026-01-10',
    fields: null,
    openRetries: 1,
    openQuarantine: 0,
  };
  await checkpoints.commit({ domainId: DOMAIN, fence: 1, head, state });

  const publisher = (fault: (call: PortCall) => Fault | undefined = () => undefined) => {
    const recorded = (call: PortCall) => {
      calls.push(call);
      return fault(call);
    };
    return {
      domainId: DOMAIN,
      objects: withFaults(objects, 's3', recorded),
      checkpoints: withFaults(checkpoints, 'dynamodb', recorded),
      counters: new RunCounters(telemetry),
    };
  };
  return { objects, checkpoints, telemetry, calls, head, publisher };
}

type Committed = Awaited<ReturnType<typeof createCommitted>>;

const appliedOf = async ({ checkpoints }: Committed) => (await checkpoints.readState(DOMAIN))?.applied;
const textAt = ({ objects }: Committed, key: string) => Buffer.from(objects.buckets.archive.get(key) ?? []).toString();
const everythingOf = ({ objects, checkpoints }: Committed) =>
  structuredClone({ archive: objects.buckets.archive, work: objects.buckets.work, items: checkpoints.items() });

async function expectPublished(world: Committed): Promise<void> {
  expect(world.objects.keys('archive')).toEqual([CHANGES, FIELDS, MANIFEST].sort());
  expect([textAt(world, CHANGES), textAt(world, FIELDS)]).toEqual(['rows', 'fields']);
  expect(sha256(world.objects.buckets.archive.get(MANIFEST) as Uint8Array)).toBe(world.head.sha256);
  expect(await appliedOf(world)).toBe(1);
  expect((await world.checkpoints.readCaseRecords(DOMAIN, ['case-0', 'case-19'])).size).toBe(2);
  expect(await world.checkpoints.readEventIds(DOMAIN, 'case-7')).toHaveLength(32);
  expect(await world.checkpoints.readOpenRetries(DOMAIN)).toMatchObject([{ caseId: 'case-99', seq: 1 }]);
}

describe('Publishing a commit', () => {
  test('brings its objects, its ledger and its manifest to their places and leaves nothing staged', async () => {
    const world = await createCommitted();
    await publish(world.publisher(), world.head);
    await expectPublished(world);
    expect(world.objects.keys('work')).toEqual([]);
    expect(anomaliesOf(world.telemetry)).toEqual([]);
  });

  test('goes objects, then ids and retries, then heads, then the manifest last, then applied, then tidies up', async () => {
    const world = await createCommitted();
    await publish(world.publisher(), world.head);
    const phases = world.calls.flatMap(({ method, args }) => {
      if (method === 'putIfAbsent') return args[1] === MANIFEST ? 'manifest' : 'object';
      if (method === 'putEventIds' || method === 'putRetry') return 'ids and retries';
      return { putCaseRecord: 'head', markApplied: 'applied', delete: 'delete' }[method] ?? [];
    });
    const order = ['object', 'ids and retries', 'head', 'manifest', 'applied', 'delete'];
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
    for (const method of ['putEventIds', 'putRetry', 'putCaseRecord']) {
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
