import { createHash } from 'node:crypto';
import { createObjectStore, createS3Client } from '../../../lambda/export/aws/object-store';
import type { ObjectStore } from '../../../lambda/export/ports';
import { type LocalS3, type S3Fault, startS3 } from '../../../local/s3/server';
import { patient } from '../../support/patient';
import { rejection } from '../../support/rejections';
import { setAwsEnvironment } from './aws-environment';

let s3: LocalS3;
let store: ObjectStore;
let client: ReturnType<typeof createS3Client>;

beforeEach(async () => {
  s3 = await startS3({ buckets: { archive: { locked: true }, work: {} } });
  setAwsEnvironment({ AWS_ENDPOINT_URL_S3: s3.url });
  client = patient(createS3Client());
  store = createObjectStore({ client, buckets: { archive: 'archive', work: 'work' } });
});
afterEach(async () => {
  client.destroy();
  await s3.close();
});

/** The first requests fail so; those after them do not. */
function failFirst(...faults: S3Fault[]): void {
  const queue = [...faults];
  s3.setFault(() => queue.shift());
}

describe('what goes over the wire', () => {
  test('a put carries a SHA-256 that the service keeps, unframed, and leaves retention to the bucket', async () => {
    const seen: Record<string, string>[] = [];
    client.middlewareStack.add(
      (next) => (args) => {
        seen.push({ ...(args.request as { headers: Record<string, string> }).headers });
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    const bytes = Buffer.from('manifest');
    await store.put('archive', 'a', bytes);
    await store.putIfAbsent('archive', 'b', bytes);
    const sha256 = createHash('sha256').update(bytes).digest();
    for (const headers of seen) {
      expect(headers['x-amz-checksum-sha256']).toBe(sha256.toString('base64'));
      expect(headers['content-length']).toBe(String(bytes.length));
      expect(headers['x-amz-trailer']).toBeUndefined();
      expect(headers['content-encoding'] ?? '').not.toContain('aws-chunked');
      expect(Object.keys(headers).filter((name) => name.startsWith('x-amz-object-lock'))).toEqual([]);
      expect(Object.keys(headers).filter((name) => name.startsWith('x-amz-checksum-'))).toEqual([
        'x-amz-checksum-sha256',
      ]);
    }
    expect(seen.map((headers) => headers['if-none-match'])).toEqual([undefined, '*']);
  });

  test('only the operations that the role may use', async () => {
    await store.put('work', 'k', Buffer.from('1'));
    await store.putIfAbsent('archive', 'k', Buffer.from('1'));
    await store.get('archive', 'k');
    await store.delete('work', 'k');
    expect(s3.calls.map((call) => call.operation)).toEqual(['PutObject', 'PutObject', 'GetObject', 'DeleteObject']);
  });
});

describe('what was lost on the way', () => {
  test('a put whose answer was lost is put again', async () => {
    failFirst({ kind: 'apply-then-reset' });
    await store.put('work', 'k', Buffer.from('1'));
    expect(s3.bytes('work', 'k')?.toString()).toBe('1');
  });

  test('a conditional put whose answer was lost finds what it wrote: exists', async () => {
    failFirst({ kind: 'apply-then-reset' });
    expect(await store.putIfAbsent('archive', 'k', Buffer.from('1'))).toBe('exists');
    expect(s3.bytes('archive', 'k')?.toString()).toBe('1');
  });

  test('a request that never arrived is made again', async () => {
    failFirst({ kind: 'reset-before' });
    expect(await store.putIfAbsent('archive', 'k', Buffer.from('1'))).toBe('created');
    failFirst({ kind: 'error', code: 'SlowDown' }, { kind: 'error', code: 'InternalError' });
    expect(Buffer.from((await store.get('archive', 'k')) ?? []).toString()).toBe('1');
  });

  test('an answer that breaks off in the middle of its body is read again, never taken for whole', async () => {
    const bytes = Buffer.alloc(300_000, 'x');
    await store.put('work', 'k', bytes);
    failFirst({ kind: 'cut-answer' }, { kind: 'cut-answer' });
    expect((await store.get('work', 'k'))?.length).toBe(bytes.length);
    s3.setFault(() => ({ kind: 'cut-answer' }));
    expect(await rejection(store.get('work', 'k'))).toMatchObject({
      name: 'StoreError',
      failure: 'unavailable',
      store: 's3',
    });
  });

  test('a write that met another one is made again, a few times', async () => {
    const conflict: S3Fault = { kind: 'error', code: 'ConditionalRequestConflict' };
    failFirst(conflict, conflict);
    expect(await store.putIfAbsent('archive', 'k', Buffer.from('1'))).toBe('created');
    s3.setFault(() => conflict);
    const before = s3.calls.length;
    const error = await rejection(store.putIfAbsent('archive', 'k2', Buffer.from('1')));
    expect(error).toMatchObject({ name: 'StoreError', failure: 'unavailable' });
    expect(error.message).toContain('ConditionalRequestConflict');
    expect(s3.calls.length - before).toBeLessThan(10);
  });

  test('a service that stays away is unavailable, after a bounded number of tries', async () => {
    s3.setFault(() => ({ kind: 'error', code: 'ServiceUnavailable' }));
    for (const call of [
      () => store.get('work', 'k'),
      () => store.put('work', 'k', Buffer.from('1')),
      () => store.putIfAbsent('work', 'k', Buffer.from('1')),
      () => store.delete('work', 'k'),
    ]) {
      expect(await rejection(call())).toMatchObject({ name: 'StoreError', store: 's3', failure: 'unavailable' });
    }
    expect(s3.calls.length).toBeLessThan(4 * 10);
    expect(s3.keys('work')).toEqual([]);
  });
});

describe('what a person must mend', () => {
  test('a bucket that is not there: named, with the settings to check', async () => {
    const lost = createObjectStore({ client, buckets: { archive: 'nowhere', work: 'nowhere-either' } });
    for (const [call, bucket] of [
      [() => lost.get('archive', 'k'), 'nowhere'],
      [() => lost.put('work', 'k', Buffer.from('1')), 'nowhere-either'],
      [() => lost.putIfAbsent('archive', 'k', Buffer.from('1')), 'nowhere'],
      [() => lost.delete('work', 'k'), 'nowhere-either'],
    ] as const) {
      const error = await rejection(call());
      expect(error).toMatchObject({ name: 'StoreError', failure: 'missing-resource' });
      expect(error.message).toContain(`bucket ${bucket}: there is no such bucket`);
      expect(error.message).toContain('EXPORT_BUCKET');
    }
  });

  test('403 for a missing key is never taken for absence, and says how it comes about', async () => {
    s3.setMissingKeyIsDenied(true);
    const error = await rejection(store.get('archive', 'missing'));
    expect(error).toMatchObject({ name: 'StoreError', failure: 'denied' });
    expect(error.message).toMatch(/missing in bucket archive was denied.*s3:ListBucket/);
  });

  test('a write that is not allowed names the permission', async () => {
    s3.setFault(() => ({ kind: 'error', code: 'AccessDenied' }));
    expect(await rejection(store.putIfAbsent('archive', 'k', Buffer.from('1')))).toMatchObject({
      name: 'StoreError',
      failure: 'denied',
    });
    expect((await rejection(store.delete('archive', 'k'))).message).toContain('s3:DeleteObject');
    expect(s3.calls.length).toBe(2);
  });
});
