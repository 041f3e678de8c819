import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { StoreError } from '../../../lambda/export/domain/errors';
import type { ObjectStore } from '../../../lambda/export/ports';
import { createManualClock, type ManualClock } from '../../fakes/manual-clock';
import { rejection } from '../../support/rejections';
import { type FaultKind, type FaultRates, Faults } from '../faults';
import { createSimulatedBuckets, createSimulatedObjectStore, type SimulatedBuckets } from './simulated-buckets';

const BYTES = Buffer.from('bytes');

interface Simulated {
  readonly buckets: SimulatedBuckets;
  readonly store: ObjectStore;
  readonly clock: ManualClock;
  readonly faults: Faults;
  /** What the hooks saw: `put archive k: old → new`. */
  readonly seen: string[];
}

function simulated(rates: FaultRates = {}, oneBucket = false): Simulated {
  const clock = createManualClock({ auto: true });
  const faults = new Faults(5, rates);
  const seen: string[] = [];
  const buckets = createSimulatedBuckets({
    faults,
    oneBucket,
    onWrite: (role, key, bytes, previous) => seen.push(`put ${role} ${key}: ${text(previous)} → ${text(bytes)}`),
    onDelete: (role, key, previous) => seen.push(`delete ${role} ${key}: ${text(previous)}`),
  });
  return { buckets, store: createSimulatedObjectStore({ buckets, clock }), clock, faults, seen };
}

function text(bytes: Uint8Array | null | undefined): string {
  return bytes ? Buffer.from(bytes).toString() : 'nothing';
}

const CALLS: Record<string, (store: ObjectStore) => Promise<unknown>> = {
  get: (store) => store.get('archive', 'k'),
  put: (store) => store.put('archive', 'k', BYTES),
  putIfAbsent: (store) => store.putIfAbsent('archive', 'k', BYTES),
  delete: (store) => store.delete('archive', 'k'),
};

describe('faults that surface', () => {
  const SURFACING: [FaultKind, string, 'unavailable' | 'denied', string][] = [
    ['s3.503', 'get', 'unavailable', 'SlowDown'],
    ['s3.503', 'put', 'unavailable', 'SlowDown'],
    ['s3.503', 'delete', 'unavailable', 'SlowDown'],
    ['s3.500', 'get', 'unavailable', 'InternalError'],
    ['s3.500', 'putIfAbsent', 'unavailable', 'InternalError'],
    ['s3.409', 'putIfAbsent', 'unavailable', 'ConditionalRequestConflict'],
    ['s3.lost-answer', 'put', 'unavailable', 'TimeoutError'],
    ['s3.lost-answer', 'putIfAbsent', 'unavailable', 'TimeoutError'],
    ['s3.lost-answer', 'delete', 'unavailable', 'TimeoutError'],
    ['s3.403-for-absent', 'get', 'denied', 'AccessDenied'],
  ];

  test.each(SURFACING)('%s of a %s: %s, and each strike is counted', async (kind, call, failure, cause) => {
    const { store, faults, buckets } = simulated({ [kind]: 1 });
    const error = await rejection(CALLS[call]?.(store) ?? Promise.resolve());
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ store: 's3', failure, cause: { name: cause } });
    expect(faults.counts[kind]).toBeGreaterThan(0);
    expect(buckets.invalidRequests).toEqual([]);
  });

  test.each([['s3.503'], ['s3.500'], ['s3.409']] as const)('after %s nothing happened', async (kind) => {
    const { store, seen, buckets } = simulated({ [kind]: 1 });
    await rejection(store.putIfAbsent('archive', 'k', BYTES));
    expect([buckets.keys('archive'), seen]).toEqual([[], []]);
  });

  test('a conflict hits conditional puts alone, and is tried again by the exporter, in simulated time', async () => {
    const { store, faults, clock } = simulated({ 's3.409': 1 });
    await store.put('archive', 'k', BYTES);
    await store.get('archive', 'k');
    await store.delete('archive', 'k');
    expect(faults.counts).toEqual({});
    await rejection(store.putIfAbsent('archive', 'k', BYTES));
    expect(faults.counts).toEqual({ 's3.409': 3 });
    expect(clock.monotonic()).toBeGreaterThan(0);
  });

  test('a lost answer is one to a write that took effect', async () => {
    const { store, seen, buckets } = simulated({ 's3.lost-answer': 1 });
    await rejection(store.putIfAbsent('archive', 'k', BYTES));
    expect(text(await store.get('archive', 'k'))).toBe('bytes');
    await rejection(store.delete('archive', 'k'));
    expect(buckets.keys('archive')).toEqual([]);
    expect(seen).toEqual(['put archive k: nothing → bytes', 'delete archive k: bytes']);
  });

  test('a client that hangs waits by the clock of its process', async () => {
    const { buckets, clock: other } = simulated({ 's3.lost-answer': 1 });
    const clock = createManualClock({ auto: true });
    const store = createSimulatedObjectStore({ buckets, clock });
    const seen = new Set<string>();
    for (let n = 0; n < 20; n++) {
      const began = clock.monotonic();
      const { cause } = await rejection(store.put('work', 'k', BYTES));
      seen.add(`${(cause as { code: string }).code} ${clock.monotonic() - began > 24_000}`);
    }
    expect([...seen].sort()).toEqual(['ECONNRESET false', 'ETIMEDOUT true']);
    expect(other.monotonic()).toBe(0);
  });

  test('403 is for what is not there, and for nothing else', async () => {
    const { store, faults } = simulated({ 's3.403-for-absent': 1 });
    await store.put('archive', 'k', BYTES);
    expect(text(await store.get('archive', 'k'))).toBe('bytes');
    expect(faults.counts).toEqual({});
    faults.heal();
    expect(await store.get('archive', 'absent')).toBeNull();
  });
});

describe('own writes met again', () => {
  test('a conditional put says `exists`, and its own bytes stand', async () => {
    const { store, faults, seen } = simulated({ 's3.412-own-write': 1 });
    expect(await store.putIfAbsent('archive', 'k', BYTES)).toBe('exists');
    expect(text(await store.get('archive', 'k'))).toBe('bytes');
    expect(faults.counts).toEqual({ 's3.412-own-write': 1 });
    expect(seen).toEqual(['put archive k: nothing → bytes']);
  });

  test('where something stood before, and on other puts, it does not strike', async () => {
    const { store, faults } = simulated({ 's3.412-own-write': 1 });
    await store.put('archive', 'k', Buffer.from('before'));
    expect(await store.putIfAbsent('archive', 'k', BYTES)).toBe('exists');
    expect(text(await store.get('archive', 'k'))).toBe('before');
    expect(faults.counts).toEqual({});
  });

  test('of 50 writers at most one hears `created`, and the bytes of one stand for good', async () => {
    for (let round = 0; round < 10; round++) {
      const { store, seen } = simulated({ 's3.412-own-write': 0.5, 's3.409': 0.05, 's3.lost-answer': 0.2 });
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, writer) =>
          store.putIfAbsent('archive', 'k', Buffer.from(`${writer}`)).catch(() => 'unknown'),
        ),
      );
      const created = answers.flatMap((answer, writer) => (answer === 'created' ? [`${writer}`] : []));
      const stands = text(await store.get('archive', 'k'));
      expect(seen).toEqual([`put archive k: nothing → ${stands}`]);
      expect([[], [stands]]).toContainEqual(created);
    }
  });
});

describe('buckets that others look into', () => {
  test('the maps are live: what is planted is read, what is taken away is gone', async () => {
    const { store, buckets } = simulated();
    await store.put('work', 'staging/a', BYTES);
    buckets.buckets.archive.set('k', Buffer.from('other bytes'));
    buckets.buckets.work.delete('staging/a');
    expect(await store.putIfAbsent('archive', 'k', BYTES)).toBe('exists');
    expect(text(await store.get('archive', 'k'))).toBe('other bytes');
    expect(await store.get('work', 'staging/a')).toBeNull();
  });

  test('keys are sorted, by prefix', async () => {
    const { store, buckets } = simulated();
    for (const key of ['b/2', 'a/1', 'b/1']) await store.put('archive', key, BYTES);
    expect(buckets.keys('archive')).toEqual(['a/1', 'b/1', 'b/2']);
    expect(buckets.keys('archive', 'b/')).toEqual(['b/1', 'b/2']);
    expect(buckets.keys('work')).toEqual([]);
  });

  test('one bucket in two roles: what the one writes the other reads', async () => {
    const { store, seen } = simulated({}, true);
    await store.put('work', 'k', BYTES);
    expect(await store.putIfAbsent('archive', 'k', Buffer.from('final'))).toBe('exists');
    await store.delete('archive', 'k');
    expect(await store.get('work', 'k')).toBeNull();
    expect(seen).toEqual(['put work k: nothing → bytes', 'delete archive k: bytes']);
  });

  test('the hook sees each put in its moment, with what stood before', async () => {
    const { store, seen } = simulated();
    await store.put('work', 'k', Buffer.from('1'));
    await store.put('work', 'k', Buffer.from('2'));
    await store.putIfAbsent('work', 'k', Buffer.from('3'));
    await store.delete('work', 'absent');
    expect(seen).toEqual(['put work k: nothing → 1', 'put work k: 1 → 2']);
  });
});

describe('what the service refuses, and what nobody simulated, is loud', () => {
  const PUT = { Bucket: 'archive', Key: 'k', Body: BYTES };
  const CHECKSUM = { ChecksumSHA256: 'J3rAVDuJbVWIbrH1uOQcOX81AInkMmGmFrCCDHSHqME=' };

  test.each([
    ['another checksum', new PutObjectCommand({ ...PUT, ...CHECKSUM }), 'BadDigest', /SHA256/],
    ['no checksum', new PutObjectCommand(PUT), 'InvalidRequest', /carries a SHA-256/],
    ['another length', new PutObjectCommand({ ...PUT, ...CHECKSUM, ContentLength: 4 }), 'InvalidRequest', /announced/],
    ['an option', new PutObjectCommand({ ...PUT, ...CHECKSUM, ContentType: 'a/b' }), 'InvalidRequest', /ContentType/],
    ['a condition', new PutObjectCommand({ ...PUT, ...CHECKSUM, IfNoneMatch: '"e"' }), 'InvalidRequest', /alone/],
    ['a range', new GetObjectCommand({ Bucket: 'archive', Key: 'k', Range: 'bytes=0-1' }), 'InvalidRequest', /Range/],
    ['a long key', new GetObjectCommand({ Bucket: 'archive', Key: 'ü'.repeat(513) }), 'InvalidRequest', /1,024/],
    ['no key', new DeleteObjectCommand({ Bucket: 'archive', Key: '' }), 'InvalidRequest', /1 to/],
    ['an operation', new HeadObjectCommand({ Bucket: 'archive', Key: 'k' }), 'InvalidRequest', /not simulated/],
  ])('%s', async (_, command, name, message) => {
    const { buckets, clock } = simulated();
    const error = await rejection(buckets.clientFor(clock).send(command as never));
    expect(error).toMatchObject({ name, message: expect.stringMatching(message) });
    expect(buckets.invalidRequests).toHaveLength(1);
    expect(buckets.keys('archive')).toEqual([]);
  });

  test('another bucket is not there', async () => {
    const { buckets, clock } = simulated();
    const nowhere = new GetObjectCommand({ Bucket: 'nowhere', Key: 'k' });
    const error = await rejection(buckets.clientFor(clock).send(nowhere));
    expect(error).toMatchObject({ name: 'NoSuchBucket', $metadata: { httpStatusCode: 404 } });
  });
});
