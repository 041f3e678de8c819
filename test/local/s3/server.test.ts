import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { type LocalS3, type S3Options, startS3 } from '../../../local/s3/server';
import { scratchOfFile } from '../../support/scratch';

const scratch = scratchOfFile();
const running: LocalS3[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function start(options: S3Options): Promise<LocalS3> {
  const server = await startS3(options);
  running.push(server);
  return server;
}

async function status(url: string, init?: RequestInit): Promise<number> {
  const response = await fetch(url, init);
  await response.arrayBuffer();
  return response.status;
}

/** Unlike fetch, this leaves the path as it is. */
function putRaw(url: string, path: string): Promise<number | undefined> {
  return new Promise((answered, failed) => {
    const { hostname, port } = new URL(url);
    const outgoing = request({ hostname, port, path, method: 'PUT' }, (response) => {
      response.resume().once('end', () => answered(response.statusCode));
    });
    outgoing.once('error', failed).end('x');
  });
}

describe('objects as files', () => {
  test('each object is a file of its bytes, and gone when it is deleted', async () => {
    const root = scratch.emptyFolder();
    const s3 = await start({ root, buckets: { b: {} } });
    const path = join(root, 'b', 'field_changes/domain_id=d/1.parquet');
    await fetch(`${s3.url}/b/field_changes/domain_id=d/1.parquet`, { method: 'PUT', body: '1' });
    expect(readFileSync(path, 'utf8')).toBe('1');
    s3.put('b', 'field_changes/domain_id=d/1.parquet', Buffer.from('2'));
    expect(readFileSync(path, 'utf8')).toBe('2');
    await fetch(`${s3.url}/b/field_changes/domain_id=d/1.parquet`, { method: 'DELETE' });
    expect(existsSync(path)).toBe(false);
  });

  test('a key that would leave the folder is refused, nothing is written', async () => {
    const root = scratch.emptyFolder();
    const s3 = await start({ root, buckets: { b: {} } });
    for (const key of ['../out', '%2e%2e/out', 'a/../../out', 'a//b', 'a/']) {
      expect(await putRaw(s3.url, `/b/${key}`)).toBe(400);
    }
    expect(s3.keys('b')).toEqual([]);
    expect(readdirSync(join(root, 'b'))).toEqual([]);
    expect(existsSync(join(root, 'out'))).toBe(false);
  });

  test('a folder that holds files already is refused', async () => {
    const root = scratch.emptyFolder();
    const s3 = await start({ root, buckets: { b: {} } });
    writeFileSync(join(root, 'b', 'old'), 'x');
    await expect(startS3({ root, buckets: { b: {} } })).rejects.toThrow(/holds files already/);
    expect(s3.keys('b')).toEqual([]);
  });
});

describe('what can be made to go wrong', () => {
  test('a role without s3:ListBucket gets 403 for a missing key, and what is there all the same', async () => {
    const s3 = await start({ buckets: { b: {} } });
    s3.setMissingKeyIsDenied(true);
    s3.put('b', 'k', Buffer.from('1'));
    expect(await status(`${s3.url}/b/missing`)).toBe(403);
    expect(await status(`${s3.url}/b/k`)).toBe(200);
    expect(await status(`${s3.url}/nowhere/k`)).toBe(404);
  });

  test('reset before: nothing happened; apply then reset: it did', async () => {
    const s3 = await start({ buckets: { b: {} } });
    s3.setFault(() => ({ kind: 'reset-before' }));
    await expect(fetch(`${s3.url}/b/k`, { method: 'PUT', body: '1' })).rejects.toThrow();
    expect(s3.keys('b')).toEqual([]);
    s3.setFault(() => ({ kind: 'apply-then-reset' }));
    await expect(fetch(`${s3.url}/b/k`, { method: 'PUT', body: '1' })).rejects.toThrow();
    expect(s3.keys('b')).toEqual(['k']);
  });

  test('an answer that is cut, an error, a wait', async () => {
    const s3 = await start({ buckets: { b: {} } });
    s3.put('b', 'k', Buffer.alloc(1000));
    s3.setFault(() => ({ kind: 'cut-answer' }));
    await expect(fetch(`${s3.url}/b/k`).then((response) => response.arrayBuffer())).rejects.toThrow();
    s3.setFault(() => ({ kind: 'error', code: 'SlowDown' }));
    expect(await status(`${s3.url}/b/k`)).toBe(503);
    s3.setFault(() => ({ kind: 'delay', ms: 1 }));
    expect(await status(`${s3.url}/b/k`)).toBe(200);
  });

  test('the hook sees which request it is, and the log keeps each with its answer', async () => {
    const s3 = await start({ buckets: { b: {} } });
    const seen: string[] = [];
    s3.setFault(({ operation, bucket, key, number }) => void seen.push(`${number} ${operation} ${bucket} ${key}`));
    await status(`${s3.url}/b/a%20b`, { method: 'PUT', body: '1' });
    await status(`${s3.url}/b/missing`);
    await status(`${s3.url}/c-bucket`, { method: 'PUT' });
    expect(seen).toEqual(['1 PutObject b a b', '2 GetObject b missing', '3 CreateBucket c-bucket undefined']);
    expect(s3.calls.map((call) => call.status)).toEqual([200, 404, 200]);
  });
});

describe('what is not here is refused, never half done', () => {
  test.each([
    ['POST', '/b/k?uploads'],
    ['GET', '/b/k?tagging'],
    ['PUT', '/b?lifecycle'],
    ['GET', '/b'],
    ['GET', '/b?list-type=2'],
    ['HEAD', '/b'],
    ['DELETE', '/b/k?versionId=1'],
  ])('%s %s', async (method, path) => {
    const s3 = await start({ buckets: { b: {} } });
    expect(await status(s3.url + path, { method })).toBe(501);
  });

  test.each(['range', 'if-match', 'x-amz-copy-source', 'x-amz-object-lock-mode'])('the header %s', async (header) => {
    const s3 = await start({ buckets: { b: {} } });
    expect(await status(`${s3.url}/b/k`, { method: 'PUT', headers: { [header]: 'x' }, body: '1' })).toBe(501);
    expect(s3.keys('b')).toEqual([]);
  });
});

test('an error is a document in no namespace, as S3 sends it and every client reads it', async () => {
  const { url } = await start({ buckets: { archive: {} } });
  const response = await fetch(`${url}/archive/a%3Cb`);
  expect(await response.text()).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Resource>/archive/a%3Cb</Resource></Error>',
  );
});
