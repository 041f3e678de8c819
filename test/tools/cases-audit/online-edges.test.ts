/**
 * Promise: what a bucket or a table does not tell is said as not checked, and never taken as proof; and an exporter that goes on while a check
 * runs is never called a forger.
 */
import { createHash } from 'node:crypto';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { marshall } from '@aws-sdk/util-dynamodb';
import { fieldChangesKey, manifestKey, noteKey } from '../../../lambda/export/domain/keys';
import { sha256 } from '../../../lambda/export/domain/stored-form';
import { encodeState, NEW_DOMAIN } from '../../../lambda/export/domain/stored-items';
import { createCheckpointTable } from '../../../local/dynamodb/server';
import type { VerifySummary } from '../../../tools/cases-audit/verify/summary';
import { type LocalStores, startStores } from './local-stores';
import { DOMAIN, exportModel, type Files, newSigner, render } from './signed-archive';
import { cli, verifierOfFile } from './verify-files';

const { keyFile } = verifierOfFile();
const signer = newSigner();
const DAY = '2026-01-10';
const ROWS_2 = fieldChangesKey(DOMAIN, DAY, 2);
const ROWS_7 = fieldChangesKey(DOMAIN, DAY, 7);
let sound: Files;
let stores: LocalStores;
let made = 0;

beforeAll(async () => {
  const { commits } = await exportModel();
  sound = await render(commits, { signers: () => [signer] });
  stores = await startStores();
});
afterEach(() => stores.s3.setFault(undefined));
afterAll(() => stores.close());

async function put(Bucket: string, Key: string, Body: Uint8Array): Promise<void> {
  const ChecksumSHA256 = createHash('sha256').update(Body).digest('base64');
  await stores.client.send(new PutObjectCommand({ Bucket, Key, Body, ChecksumSHA256 }));
}

async function bucketOf(files: Iterable<readonly [string, Uint8Array]>, lockDays?: number): Promise<string> {
  const bucket = `edges-${++made}`;
  stores.s3.createBucket(bucket);
  if (lockDays !== undefined) stores.s3.setLockDays(bucket, lockDays);
  for (const [key, bytes] of files) await put(bucket, key, bytes);
  return bucket;
}

async function tableOf(head: number, applied: number): Promise<string> {
  const table = `edges-${++made}`;
  await createCheckpointTable(stores.tableClient, table);
  const hash = sha256(sound.get(manifestKey(DOMAIN, head)) as Uint8Array);
  const state = { ...NEW_DOMAIN, head: { seq: head, sha256: hash, manifestKey: 'staged' }, applied };
  const Item = marshall(encodeState(DOMAIN, state), { removeUndefinedValues: true });
  await stores.tableClient.send(new PutItemCommand({ TableName: table, Item }));
  return table;
}

async function verify(bucket: string, ...args: string[]): Promise<VerifySummary> {
  const call = ['verify', '--bucket', bucket, '--json', '--key', keyFile(signer), ...args];
  const { out, err, code } = await cli(call, { now: Date.UTC(2026, 0, 10, 19, 30) });
  if (out === '') throw new Error(`verify said nothing: ${err}`);
  const summary = JSON.parse(out) as VerifySummary;
  expect(summary.exitCode).toBe(code);
  return summary;
}

const upTo = (seq: number) => [...sound].filter(([key]) => Number(/(\d{12})\.\w+$/.exec(key)?.[1] ?? 0) <= seq);

describe('what is not told', () => {
  test('an object of which the store keeps no SHA-256 is proven by its bytes alone', async () => {
    const bucket = await bucketOf([...sound].filter(([key]) => key !== ROWS_2));
    stores.s3.put(bucket, ROWS_2, sound.get(ROWS_2) as Uint8Array);
    const { exitCode, findings } = await verify(bucket);
    expect(exitCode).toBe(3);
    expect(findings).toMatchObject([
      { kind: 'no-checksum', commit: 2, key: ROWS_2, words: expect.stringContaining('Check with --read-data all.') },
    ]);
    expect(await verify(bucket, '--read-data', 'all')).toMatchObject({ exitCode: 0, findings: [] });
  });

  test('an object that is gone for a plain reader is missing, whether its bytes are read or not', async () => {
    const bucket = await bucketOf([...sound].filter(([key]) => key !== ROWS_2));
    for (const data of ['none', 'all']) {
      const { exitCode, findings } = await verify(bucket, '--read-data', data);
      expect(exitCode).toBe(1);
      expect(findings).toMatchObject([{ kind: 'object-missing', commit: 2, key: ROWS_2 }]);
    }
  });

  test.each([
    ['a manifest', manifestKey(DOMAIN, 4), 4],
    ['a note', noteKey(DOMAIN, 4), 4],
    ['a file of rows', ROWS_2, 2],
  ])('%s that cannot be read is no evidence, for or against', async (_, key, commit) => {
    const bucket = await bucketOf(sound);
    stores.s3.setFault((call) => (call.key === key ? { kind: 'error', code: 'InternalError' } : undefined));
    const { exitCode, findings } = await verify(bucket);
    expect(exitCode).toBe(3);
    expect(findings).toMatchObject([
      { kind: 'unavailable', commit, key, words: expect.stringContaining('it is not checked. Try again.') },
    ]);
  });

  test('keys below a prefix that cannot be listed are not called missing or foreign', async () => {
    const bucket = await bucketOf(sound);
    stores.s3.setFault(({ prefix }) =>
      prefix === `field_changes/domain_id=${DOMAIN}/` ? { kind: 'error', code: 'AccessDenied' } : undefined,
    );
    const { exitCode, findings } = await verify(bucket);
    expect(exitCode).toBe(3);
    expect(findings.map(({ kind }) => kind)).toEqual(['denied']);
  });
});

test('manifests that may not be read are not called gone, and their notes and files not forged', async () => {
  const bucket = await bucketOf(sound);
  stores.s3.setFault(({ prefix, key }) =>
    (prefix ?? key)?.startsWith('manifests/') ? { kind: 'error', code: 'AccessDenied' } : undefined,
  );
  const { exitCode, findings } = await verify(bucket);
  expect(exitCode).toBe(3);
  expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(['denied']));
});

describe('locks', () => {
  test('of fewer days than those of the bucket are said', async () => {
    const bucket = await bucketOf(sound, 10);
    stores.s3.setLockDays(bucket, 30);
    const { exitCode, findings } = await verify(bucket);
    expect(exitCode).toBe(3);
    expect(findings).toContainEqual(
      expect.objectContaining({
        kind: 'unlocked',
        commit: 2,
        key: ROWS_2,
        words: expect.stringMatching(/is locked until .*, less than the 30 days of the bucket/),
      }),
    );
  });

  test.each(['GetObjectLockConfiguration', 'GetObjectRetention'] as const)(
    `that may not be asked for (%s) are not checked, and named once`,
    async (operation) => {
      const bucket = await bucketOf([]);
      for (const [key, bytes] of sound) await put(bucket, key, bytes);
      stores.s3.setLockDays(bucket, 30);
      stores.s3.setFault((call) =>
        call.operation === operation ? { kind: 'error', code: 'AccessDenied' } : undefined,
      );
      const { exitCode, findings } = await verify(bucket);
      expect(exitCode).toBe(3);
      expect(findings).toMatchObject([
        { kind: 'denied', words: expect.stringMatching(/No permission to ask .*locks are not checked/) },
      ]);
    },
  );
});

describe('an exporter that goes on', () => {
  test('the files of a commit that the table has under way are no foreign ones', async () => {
    const bucket = await bucketOf(upTo(6));
    await put(bucket, ROWS_7, sound.get(ROWS_7) as Uint8Array);
    expect(await verify(bucket, '--table', await tableOf(7, 6))).toMatchObject({ exitCode: 0, findings: [] });
    // The table knows nothing of it: then nothing tells it from a removed manifest.
    expect((await verify(bucket, '--table', await tableOf(6, 6))).findings).toMatchObject([{ kind: 'unfinished' }]);
  });

  test('a commit that is finished while the check runs is neither foreign nor a note without its manifest', async () => {
    const bucket = await bucketOf(upTo(6));
    let isDone = false;
    stores.s3.setFault(async ({ prefix }) => {
      // The manifests have been listed; then the exporter finishes the next commit, before its other keys are.
      if (isDone || prefix !== `notes/domain_id=${DOMAIN}/`) return undefined;
      isDone = true;
      for (const [key, bytes] of sound) {
        if (/000000000007\.\w+$/.test(key)) stores.s3.put(bucket, key, bytes);
      }
      return undefined;
    });
    const { findings } = await verify(bucket);
    expect(isDone).toBe(true);
    expect(findings.filter(({ kind }) => !['no-checksum'].includes(kind))).toEqual([]);
  });

  test('a table that knows nothing of the domain is not that of the archive', async () => {
    const table = `edges-${++made}`;
    await createCheckpointTable(stores.tableClient, table);
    const { exitCode, findings } = await verify(await bucketOf(sound), '--table', table);
    expect(exitCode).toBe(1);
    expect(findings).toMatchObject([
      { kind: 'table-differs', commit: 8, words: expect.stringContaining('is it the table of this archive?') },
    ]);
  });
});
