/**
 * Promise: what a bucket or a table does not tell is said as not checked, and never taken as proof; and an exporter that goes on while a check
 * runs is never called a forger.
 */
import { fieldChangesKey, manifestKey, noteKey } from '../../../lambda/export/domain/keys';
import { sha256 } from '../../../lambda/export/domain/stored-form';
import type { VerifySummary } from '../../../tools/cases-audit/verify/summary';
import { answerOf } from './command-line';
import { storesOfFile } from './local-stores';
import { DOMAIN } from './signed-archive';
import { finding, soundArchiveOfFile } from './sound-archive';
import { DAY } from './tampering';

const archive = soundArchiveOfFile();
const { bytesOf, keyFile, signer, without } = archive;
const stores = storesOfFile();
const { bucketOf, put } = stores;
const ROWS_2 = fieldChangesKey(DOMAIN, DAY, 2);
const ROWS_7 = fieldChangesKey(DOMAIN, DAY, 7);

async function tableOf(head: number, applied: number): Promise<string> {
  const table = await stores.emptyTable();
  await stores.putHead(table, { seq: head, sha256: sha256(bytesOf(manifestKey(DOMAIN, head))) }, applied);
  return table;
}

const verify = (bucket: string, ...args: string[]) =>
  answerOf<VerifySummary>(['verify', '--bucket', bucket, '--key', keyFile(signer), ...args], {
    now: Date.UTC(2026, 0, 10, 19, 30),
  });

const upTo = (seq: number) => [...archive.sound].filter(([key]) => Number(/(\d{12})\.\w+$/.exec(key)?.[1] ?? 0) <= seq);

describe('what is not told', () => {
  test('an object of which the store keeps no SHA-256 is proven by its bytes alone', async () => {
    const bucket = await bucketOf(without(ROWS_2));
    stores.s3.put(bucket, ROWS_2, bytesOf(ROWS_2));
    const { exitCode, findings } = await verify(bucket);
    expect(exitCode).toBe(3);
    expect(findings).toEqual([finding('no-checksum', 2, ROWS_2, /Check with --read-data all\./)]);
    expect(await verify(bucket, '--read-data', 'all')).toMatchObject({ exitCode: 0, findings: [] });
  });

  test('an object that is gone for a plain reader is missing, whether its bytes are read or not', async () => {
    const bucket = await bucketOf(without(ROWS_2));
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
    const bucket = await bucketOf(archive.sound);
    stores.s3.setFault((call) => (call.key === key ? { kind: 'error', code: 'InternalError' } : undefined));
    const { exitCode, findings } = await verify(bucket);
    expect(exitCode).toBe(3);
    expect(findings).toEqual([finding('unavailable', commit, key, /it is not checked\. Try again\./)]);
  });

  test('keys below a prefix that cannot be listed are not called missing or foreign', async () => {
    const bucket = await bucketOf(archive.sound);
    stores.s3.setFault(({ prefix }) =>
      prefix === `field_changes/domain_id=${DOMAIN}/` ? { kind: 'error', code: 'AccessDenied' } : undefined,
    );
    const { exitCode, findings } = await verify(bucket);
    expect(exitCode).toBe(3);
    expect(findings.map(({ kind }) => kind)).toEqual(['denied']);
  });
});

test('manifests that may not be read are not called gone, and their notes and files not forged', async () => {
  const bucket = await bucketOf(archive.sound);
  stores.s3.setFault(({ prefix, key }) =>
    (prefix ?? key)?.startsWith('manifests/') ? { kind: 'error', code: 'AccessDenied' } : undefined,
  );
  const { exitCode, findings } = await verify(bucket);
  expect(exitCode).toBe(3);
  expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(['denied']));
});

describe('locks', () => {
  test('of fewer days than those of the bucket are said', async () => {
    const bucket = await bucketOf(archive.sound, { lockDays: 10 });
    stores.s3.setLockDays(bucket, 30);
    const { exitCode, findings } = await verify(bucket);
    expect(exitCode).toBe(3);
    const words = /is locked until .*, less than the 30 days of the bucket/;
    expect(findings).toContainEqual(finding('unlocked', 2, ROWS_2, words));
  });

  test.each(['GetObjectLockConfiguration', 'GetObjectRetention'] as const)(
    `that may not be asked for (%s) are not checked, and named once`,
    async (operation) => {
      const bucket = await bucketOf(archive.sound);
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
    await put(bucket, ROWS_7, bytesOf(ROWS_7));
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
      for (const [key, bytes] of archive.sound) {
        if (/000000000007\.\w+$/.test(key)) stores.s3.put(bucket, key, bytes);
      }
      return undefined;
    });
    const { findings } = await verify(bucket);
    expect(isDone).toBe(true);
    expect(findings.filter(({ kind }) => !['no-checksum'].includes(kind))).toEqual([]);
  });

  test('a table that knows nothing of the domain is not that of the archive', async () => {
    const bucket = await bucketOf(archive.sound);
    const { exitCode, findings } = await verify(bucket, '--table', await stores.emptyTable());
    expect(exitCode).toBe(1);
    const words = /is it the table of this archive\?/;
    expect(findings).toEqual([finding('table-differs', 8, manifestKey(DOMAIN, 8), words)]);
  });
});
