/**
 * Promise: in an account a check reads no object's data, and sees what a copy cannot show: second versions, delete markers, locks, the
 * table. What it may not read is said, and is no contradiction.
 */

import { createHash } from 'node:crypto';
import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { marshall } from '@aws-sdk/util-dynamodb';
import { ledgerId, storedParts } from '../../../lambda/export/domain/case-items';
import { fieldChangesKey, manifestKey, noteKey } from '../../../lambda/export/domain/keys';
import { sha256 } from '../../../lambda/export/domain/stored-form';
import { encodeEventIds, encodeState, NEW_DOMAIN } from '../../../lambda/export/domain/stored-items';
import { createCheckpointTable } from '../../../local/dynamodb/server';
import type { LocalS3 } from '../../../local/s3/server';
import type { VerifySummary } from '../../../tools/cases-audit/verify/summary';
import { type LocalStores, startStores } from './local-stores';
import { DOMAIN, exportModel, type Files, type ModelCommit, newSigner, render } from './signed-archive';
import { cli, verifierOfFile } from './verify-files';

const { keyFile, scratch } = verifierOfFile();
const signer = newSigner();
const DAY = '2026-01-10';
const ROWS_2 = fieldChangesKey(DOMAIN, DAY, 2);
let commits: ModelCommit[];
let sound: Files;
let s3: LocalS3;
let stores: LocalStores;
let client: S3Client;
let tableClient: DynamoDBClient;
let buckets = 0;

beforeAll(async () => {
  ({ commits } = await exportModel());
  sound = await render(commits, { signers: () => [signer] });
  stores = await startStores();
  ({ s3, client, tableClient } = stores);
});
afterAll(() => stores.close());

async function put(bucket: string, key: string, bytes: Uint8Array): Promise<void> {
  const ChecksumSHA256 = createHash('sha256').update(bytes).digest('base64');
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes, ChecksumSHA256 }));
}

/** A bucket with these files, as the exporter puts them. */
async function bucketOf(files: Files): Promise<string> {
  const bucket = `archive-${++buckets}`;
  s3.createBucket(bucket);
  for (const [key, bytes] of files) await put(bucket, key, bytes);
  return bucket;
}

async function verify(bucket: string, ...args: string[]): Promise<VerifySummary> {
  const { out, err, code } = await cli(['verify', '--bucket', bucket, '--json', '--key', keyFile(signer), ...args]);
  if (out === '') throw new Error(`verify said nothing: ${err}`);
  const summary = JSON.parse(out) as VerifySummary;
  expect(summary.exitCode).toBe(code);
  return summary;
}

test('a sound bucket is sound by the checksums of the store: no object of data is read', async () => {
  const bucket = await bucketOf(sound);
  const before = s3.calls.length;
  expect(await verify(bucket)).toMatchObject({
    exitCode: 0,
    findings: [],
    domains: [{ commits: 8, objects: { checked: 6 }, rows: { decoded: 0 } }],
  });
  const read = s3.calls.slice(before).filter(({ operation }) => operation === 'GetObject');
  expect(read.filter(({ key }) => !/^(manifests|notes)\//.test(key ?? ''))).toEqual([]);
});

test('with --read-data all rows are decoded, with a part of them only that part', async () => {
  const bucket = await bucketOf(sound);
  expect((await verify(bucket, '--read-data', 'all')).domains[0]?.rows).toEqual({ commits: 8, decoded: 10 });
  const parts = await Promise.all(['1/2', '2/2'].map((part) => verify(bucket, '--read-data', part)));
  expect(parts.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(parts.reduce((sum, { domains }) => sum + (domains[0]?.rows.decoded ?? 0), 0)).toBe(10);
});

test('a file that was altered is found by its checksum', async () => {
  const bytes = Buffer.from(sound.get(ROWS_2) as Uint8Array);
  bytes[100] = (bytes[100] as number) ^ 1;
  const { exitCode, findings } = await verify(await bucketOf(new Map(sound).set(ROWS_2, bytes)));
  expect(exitCode).toBe(1);
  expect(findings).toMatchObject([
    { kind: 'object-altered', commit: 2, key: ROWS_2, words: expect.stringContaining('the SHA-256') },
  ]);
});

describe('versions', () => {
  test('what was overwritten and restored shows in its versions', async () => {
    const bucket = await bucketOf(sound);
    await put(bucket, ROWS_2, Buffer.from('forged'));
    await put(bucket, ROWS_2, sound.get(ROWS_2) as Uint8Array);
    const { exitCode, findings } = await verify(bucket);
    expect(exitCode).toBe(1);
    expect(findings).toMatchObject([
      { kind: 'second-version', commit: 2, key: ROWS_2, words: expect.stringContaining('has 3 versions') },
    ]);
  });

  test('a delete marker hides a file, and is named beside what is missing', async () => {
    const bucket = await bucketOf(sound);
    s3.remove(bucket, ROWS_2);
    s3.remove(bucket, manifestKey(DOMAIN, 5));
    const { exitCode, findings } = await verify(bucket);
    expect(exitCode).toBe(1);
    for (const [key, commit, missing] of [
      [ROWS_2, 2, 'object-missing'],
      [manifestKey(DOMAIN, 5), 5, 'manifest-missing'],
    ] as const) {
      expect(findings).toContainEqual(
        expect.objectContaining({
          kind: 'delete-marker',
          commit,
          key,
          words: expect.stringContaining('A plain reader no longer sees it'),
        }),
      );
      expect(findings).toContainEqual(expect.objectContaining({ kind: missing, commit, key }));
    }
  });

  test('the newest commits hidden by delete markers are named', async () => {
    const bucket = await bucketOf(sound);
    for (const seq of [7, 8])
      for (const key of [manifestKey(DOMAIN, seq), noteKey(DOMAIN, seq)]) s3.remove(bucket, key);
    const { exitCode, findings } = await verify(bucket);
    expect(exitCode).toBe(1);
    expect(findings.filter(({ kind }) => kind === 'delete-marker').map(({ commit }) => commit)).toEqual([7, 7, 8, 8]);
  });
});

test('what lies unlocked in a bucket that locks new objects is said, and is no contradiction', async () => {
  const bucket = await bucketOf(new Map([[ROWS_2, sound.get(ROWS_2) as Uint8Array]]));
  s3.setLockDays(bucket, 30);
  for (const [key, bytes] of sound) if (key !== ROWS_2) await put(bucket, key, bytes);
  const { exitCode, findings } = await verify(bucket);
  expect(exitCode).toBe(3);
  expect(findings).toMatchObject([
    { kind: 'unlocked', commit: 2, key: ROWS_2, words: expect.stringContaining('for 30 days') },
  ]);
});

describe('what may not be read', () => {
  afterEach(() => s3.setFault(undefined));

  test('no permission for one prefix: the rest is checked, and what to allow is said', async () => {
    const bucket = await bucketOf(sound);
    s3.setFault(({ key }) => (key?.startsWith('quarantine/') ? { kind: 'error', code: 'AccessDenied' } : undefined));
    const { exitCode, findings } = await verify(bucket);
    expect(exitCode).toBe(3);
    expect(findings).toMatchObject([
      {
        kind: 'denied',
        commit: 3,
        words: expect.stringMatching(/No permission for .*quarantine.*: allow s3:GetObject/),
      },
    ]);
  });

  test('no permission to list versions', async () => {
    const bucket = await bucketOf(sound);
    s3.setFault(({ operation }) =>
      operation === 'ListObjectVersions' ? { kind: 'error', code: 'AccessDenied' } : undefined,
    );
    const { exitCode, findings } = await verify(bucket);
    expect(exitCode).toBe(3);
    expect(findings[0]?.words).toMatch(/allow s3:ListBucketVersions/);
  });

  test('a bucket that does not exist is a wrong call', async () => {
    const { code, err } = await cli(['verify', '--bucket', 'no-such-bucket']);
    expect(code).toBe(2);
    expect(err).toContain('there is no such bucket; check its name, the Region and the account');
  });
});

describe('the mirror', () => {
  const notesOf = (files: Files) => new Map([...files].filter(([key]) => key.startsWith('notes/')));

  test('equal notes are sound', async () => {
    const [bucket, mirror] = [await bucketOf(sound), await bucketOf(notesOf(sound))];
    expect(await verify(bucket, '--mirror', `s3://${mirror}`)).toMatchObject({ exitCode: 0, findings: [] });
  });

  test('newest commits that are gone are a ROLLBACK, also with everything of theirs', async () => {
    const mirror = await bucketOf(notesOf(sound));
    const cut = new Map([...sound].filter(([key]) => !/00000000000[78]\./.test(key)));
    const { exitCode, findings } = await verify(await bucketOf(cut), '--mirror', `s3://${mirror}`);
    expect(exitCode).toBe(1);
    expect(findings.filter(({ kind }) => kind === 'rollback')).toMatchObject(
      [7, 8].map((commit) => ({ commit, key: noteKey(DOMAIN, commit), words: expect.stringContaining('ROLLBACK') })),
    );
  });

  test('an archive that was rewritten with our own key is a FORK', async () => {
    const mirror = await bucketOf(notesOf(sound));
    const copy = commits.map((commit) => ({
      ...commit,
      manifest: { ...commit.manifest, runId: commit.manifest.seq === 8 ? 'other' : commit.manifest.runId },
    }));
    const { exitCode, findings } = await verify(
      await bucketOf(await render(copy, { signers: () => [signer] })),
      '--mirror',
      `s3://${mirror}`,
    );
    expect(exitCode).toBe(1);
    expect(findings).toMatchObject([
      { kind: 'fork', commit: 8, key: noteKey(DOMAIN, 8), words: expect.stringContaining('FORK') },
    ]);
  });
});

describe('the table', () => {
  let tables = 0;
  async function tableOf(
    head: { seq: number; sha256: string },
    ids: ReadonlyMap<number, Map<string, string[]>> = ledger(),
  ): Promise<string> {
    const table = `checkpoints-${++tables}`;
    await createCheckpointTable(tableClient, table);
    const add = (item: Record<string, unknown>) =>
      tableClient.send(new PutItemCommand({ TableName: table, Item: marshall(item, { removeUndefinedValues: true }) }));
    await add(encodeState(DOMAIN, { ...NEW_DOMAIN, head: { ...head, manifestKey: 'staged' }, applied: head.seq }));
    for (const [seq, cases] of ids) {
      for (const [caseId, keys] of cases) {
        for (const [part, bytes] of storedParts(keys.map(ledgerId)).entries())
          await add(encodeEventIds(DOMAIN, { caseId, seq, part, ids: bytes }));
      }
    }
    return table;
  }

  /** Event ids by commit and case, as the exporter has written them. */
  function ledger(): Map<number, Map<string, string[]>> {
    return new Map(
      commits.map(({ manifest: { seq }, rows, quarantine }) => {
        const cases = new Map<string, string[]>();
        const all = [
          ...rows.map((row) => [row.case_id, row.event_id]),
          ...(quarantine?.events ?? []).map((one) => [one.caseId, one.eventKey]),
        ];
        for (const [caseId = '', eventId = ''] of all) cases.set(caseId, [...(cases.get(caseId) ?? []), eventId]);
        return [seq, cases];
      }),
    );
  }

  const hashOf = (seq: number) => sha256(sound.get(manifestKey(DOMAIN, seq)) as Uint8Array);

  test('head and every id agree', async () => {
    const table = await tableOf({ seq: 8, sha256: hashOf(8) });
    expect(await verify(await bucketOf(sound), '--table', table, '--ledger')).toMatchObject({
      exitCode: 0,
      findings: [],
      domains: [{ rows: { decoded: 10 } }],
    });
  });

  test.each([
    [
      'another manifest at the head',
      () => ({ seq: 8, sha256: hashOf(7) }),
      /Manifest 8 has the SHA-256 .* says .*: one of them was altered/,
    ],
    [
      'commits that the archive lacks',
      () => ({ seq: 9, sha256: hashOf(8) }),
      /has published commit 9, and the archive ends with commit 8/,
    ],
    [
      'a head behind the archive',
      () => ({ seq: 7, sha256: hashOf(7) }),
      /holds commit 8, and the newest that the table .* has made is 7/,
    ],
  ])('%s', async (_, head, words) => {
    const { exitCode, findings } = await verify(await bucketOf(sound), '--table', await tableOf(head()));
    expect(exitCode).toBe(1);
    expect(findings).toContainEqual({
      kind: 'table-differs',
      domain: DOMAIN,
      commit: 8,
      key: manifestKey(DOMAIN, 8),
      words: expect.stringMatching(words),
    });
  });

  test('an id that was planted, so that its event is never exported', async () => {
    const ids = ledger();
    ids.get(4)?.set('case-2', ['event-of-tomorrow']);
    const table = await tableOf({ seq: 8, sha256: hashOf(8) }, ids);
    const { exitCode, findings } = await verify(await bucketOf(sound), '--table', table, '--ledger');
    expect(exitCode).toBe(1);
    expect(findings).toMatchObject([
      {
        kind: 'ledger-differs',
        commit: 4,
        key: 'IDS#case-2#000000000004#000000',
        words: expect.stringContaining('knows 1 event that no row'),
      },
    ]);
  });

  test('an id that was taken out, so that its event would come twice', async () => {
    const ids = ledger();
    ids.get(7)?.delete('case-2');
    const table = await tableOf({ seq: 8, sha256: hashOf(8) }, ids);
    const { findings } = await verify(await bucketOf(sound), '--table', table, '--ledger');
    expect(findings).toMatchObject([
      { kind: 'ledger-differs', commit: 7, words: expect.stringContaining('would be exported again') },
    ]);
  });

  test('a gap that vanished: no row, no gone list, and no settled entry of the retry list says why', async () => {
    const copy = commits.map((commit) => ({ ...commit, manifest: { ...commit.manifest, gone: [] } }));
    const files = await render(copy, { signers: () => [signer] });
    const table = await tableOf({ seq: 8, sha256: sha256(files.get(manifestKey(DOMAIN, 8)) as Uint8Array) });
    const { exitCode, findings } = await verify(await bucketOf(files), '--table', table);
    expect(exitCode).toBe(1);
    expect(findings).toMatchObject([
      {
        kind: 'gap-vanished',
        commit: 6,
        key: manifestKey(DOMAIN, 6),
        words: expect.stringContaining('was a gap before commit 6'),
      },
    ]);
  });

  test('a bucket and a table that were both rolled back, and went on: only a held note tells', async () => {
    const state = `${scratch.emptyFolder()}/state.json`;
    expect((await verify(await bucketOf(sound), '--state', state)).exitCode).toBe(0);
    // From commit 5 on everything was made again, and signed by the function itself.
    const again = commits.map((commit) => ({
      ...commit,
      manifest: { ...commit.manifest, runId: commit.manifest.seq < 5 ? commit.manifest.runId : 'again' },
    }));
    const files = await render(again, { signers: () => [signer] });
    const table = await tableOf({ seq: 8, sha256: sha256(files.get(manifestKey(DOMAIN, 8)) as Uint8Array) });
    const bucket = await bucketOf(files);
    expect((await verify(bucket, '--table', table)).exitCode).toBe(0);
    const { exitCode, findings } = await verify(bucket, '--table', table, '--state', state);
    expect(exitCode).toBe(1);
    expect(findings).toMatchObject([
      { kind: 'fork', commit: 8, key: manifestKey(DOMAIN, 8), words: expect.stringContaining('FORK') },
    ]);
  });
});
