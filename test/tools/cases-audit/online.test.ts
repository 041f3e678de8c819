/**
 * Promise: in an account a check reads no object's data, and sees what a copy cannot show: second versions, delete markers, locks, the
 * table. What it may not read is said, and is no contradiction.
 */
import { ledgerId, storedParts } from '../../../lambda/export/domain/case-items';
import { fieldChangesKey, manifestKey, noteKey } from '../../../lambda/export/domain/keys';
import { sha256 } from '../../../lambda/export/domain/stored-form';
import { eventIdsItem } from '../../../lambda/export/domain/stored-items';
import type { VerifySummary } from '../../../tools/cases-audit/verify/summary';
import { answerOf, cli } from './command-line';
import { storesOfFile } from './local-stores';
import { DOMAIN, type Files } from './signed-archive';
import { expectFound, finding, inManifest, type ModelChange, soundArchiveOfFile } from './sound-archive';
import { DAY, flipByte, isOfCommit } from './tampering';

const archive = soundArchiveOfFile();
const { bytesOf, forged, keyFile, signer } = archive;
const stores = storesOfFile();
const { bucketOf, put } = stores;
const ROWS_2 = fieldChangesKey(DOMAIN, DAY, 2);

const verify = (bucket: string, ...args: string[]) =>
  answerOf<VerifySummary>(['verify', '--bucket', bucket, '--key', keyFile(signer), ...args]);
const hashIn = (files: Files, seq: number) => sha256(files.get(manifestKey(DOMAIN, seq)) as Uint8Array);
/** Made again from a commit on, by the function itself. */
const runAgain =
  (from: number): ModelChange =>
  (all) => {
    for (const { manifest } of all.slice(from - 1)) manifest.runId = 'again';
  };

test('a sound bucket is sound by the checksums of the store: no object of data is read', async () => {
  const bucket = await bucketOf(archive.sound);
  const calls = stores.callsFromNow();
  expect(await verify(bucket)).toMatchObject({
    exitCode: 0,
    findings: [],
    domains: [{ commits: 8, objects: { checked: 6 }, rows: { decoded: 0 } }],
  });
  const read = calls().filter(({ operation }) => operation === 'GetObject');
  expect(read.filter(({ key }) => !/^(manifests|notes)\//.test(key ?? ''))).toEqual([]);
});

test('with --read-data all rows are decoded, with a part of them only that part', async () => {
  const bucket = await bucketOf(archive.sound);
  expect((await verify(bucket, '--read-data', 'all')).domains[0]?.rows).toEqual({ commits: 8, decoded: 10 });
  const parts = await Promise.all(['1/2', '2/2'].map((part) => verify(bucket, '--read-data', part)));
  expect(parts.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(parts.reduce((sum, { domains }) => sum + (domains[0]?.rows.decoded ?? 0), 0)).toBe(10);
});

test('a file that was altered is found by its checksum', async () => {
  const { exitCode, findings } = await verify(await bucketOf(archive.changed((files) => void flipByte(files, ROWS_2))));
  expect(exitCode).toBe(1);
  expect(findings).toEqual([finding('object-altered', 2, ROWS_2, /the SHA-256/)]);
});

describe('versions', () => {
  test('what was overwritten and restored shows in its versions', async () => {
    const bucket = await bucketOf(archive.sound);
    await put(bucket, ROWS_2, Buffer.from('forged'));
    await put(bucket, ROWS_2, bytesOf(ROWS_2));
    const { exitCode, findings } = await verify(bucket);
    expect(exitCode).toBe(1);
    expect(findings).toEqual([finding('second-version', 2, ROWS_2, /has 3 versions/)]);
  });

  test('a delete marker hides a file, and is named beside what is missing', async () => {
    const bucket = await bucketOf(archive.sound);
    const MANIFEST_5 = manifestKey(DOMAIN, 5);
    for (const key of [ROWS_2, MANIFEST_5]) stores.s3.remove(bucket, key);
    const { exitCode, findings } = await verify(bucket);
    expect(exitCode).toBe(1);
    for (const [key, commit, missing] of [
      [ROWS_2, 2, 'object-missing'],
      [MANIFEST_5, 5, 'manifest-missing'],
    ] as const) {
      expect(findings).toContainEqual(finding('delete-marker', commit, key, /A plain reader no longer sees it/));
      expect(findings).toContainEqual(finding(missing, commit, key, /./));
    }
  });

  test('the newest commits hidden by delete markers are named', async () => {
    const bucket = await bucketOf(archive.sound);
    for (const seq of [7, 8])
      for (const key of [manifestKey(DOMAIN, seq), noteKey(DOMAIN, seq)]) stores.s3.remove(bucket, key);
    const { exitCode, findings } = await verify(bucket);
    expect(exitCode).toBe(1);
    expect(findings.filter(({ kind }) => kind === 'delete-marker').map(({ commit }) => commit)).toEqual([7, 7, 8, 8]);
  });
});

test('what lies unlocked in a bucket that locks new objects is said, and is no contradiction', async () => {
  const bucket = await bucketOf([[ROWS_2, bytesOf(ROWS_2)]]);
  stores.s3.setLockDays(bucket, 30);
  for (const [key, bytes] of archive.without(ROWS_2)) await put(bucket, key, bytes);
  const { exitCode, findings } = await verify(bucket);
  expect(exitCode).toBe(3);
  expect(findings).toEqual([finding('unlocked', 2, ROWS_2, /for 30 days/)]);
});

describe('what may not be read', () => {
  test('no permission for one prefix: the rest is checked, and what to allow is said', async () => {
    const bucket = await bucketOf(archive.sound);
    stores.s3.setFault(({ key }) =>
      key?.startsWith('quarantine/') ? { kind: 'error', code: 'AccessDenied' } : undefined,
    );
    const words = expect.stringMatching(/No permission for .*quarantine.*: allow s3:GetObject/);
    expect(await verify(bucket)).toMatchObject({ exitCode: 3, findings: [{ kind: 'denied', commit: 3, words }] });
  });

  test('no permission to list versions', async () => {
    const bucket = await bucketOf(archive.sound);
    stores.s3.setFault(({ operation }) =>
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
  const mirrorOf = async (files: Files) => {
    const mirror = await bucketOf([...files].filter(([key]) => key.startsWith('notes/')));
    return ['--mirror', `s3://${mirror}`];
  };

  test('equal notes are sound', async () => {
    const [bucket, mirror] = [await bucketOf(archive.sound), await mirrorOf(archive.sound)];
    expect(await verify(bucket, ...mirror)).toMatchObject({ exitCode: 0, findings: [] });
  });

  test('newest commits that are gone are a ROLLBACK, also with everything of theirs', async () => {
    const cut = await bucketOf([...archive.sound].filter(([key]) => !isOfCommit(7, 8)(key)));
    const { exitCode, findings } = await verify(cut, ...(await mirrorOf(archive.sound)));
    expect(exitCode).toBe(1);
    expect(findings.filter(({ kind }) => kind === 'rollback')).toEqual(
      [7, 8].map((commit) => finding('rollback', commit, noteKey(DOMAIN, commit), /ROLLBACK/)),
    );
  });

  test('an archive that was rewritten with our own key is a FORK', async () => {
    const bucket = await bucketOf(await forged(runAgain(8)));
    const { exitCode, findings } = await verify(bucket, ...(await mirrorOf(archive.sound)));
    expect(exitCode).toBe(1);
    expect(findings).toEqual([finding('fork', 8, noteKey(DOMAIN, 8), /FORK/)]);
  });
});

describe('the table', () => {
  async function tableOf(head: { seq: number; sha256: string }, ids = ledger()): Promise<string> {
    const table = await stores.emptyTable();
    await stores.putHead(table, head);
    for (const [seq, cases] of ids) {
      for (const [caseId, keys] of cases) {
        for (const [part, bytes] of storedParts(keys.map(ledgerId)).entries())
          await stores.putItem(table, eventIdsItem.encode(DOMAIN, { caseId, seq, part, ids: bytes }));
      }
    }
    return table;
  }

  /** Event ids by commit and case, as the exporter has written them. */
  function ledger(): Map<number, Map<string, string[]>> {
    return new Map(
      archive.commits.map(({ manifest: { seq }, rows, quarantine }) => {
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

  const headAt = (seq: number, files = archive.sound) => ({ seq, sha256: hashIn(files, seq) });

  test('head and every id agree', async () => {
    const table = await tableOf(headAt(8));
    expect(await verify(await bucketOf(archive.sound), '--table', table, '--ledger')).toMatchObject({
      exitCode: 0,
      findings: [],
      domains: [{ rows: { decoded: 10 } }],
    });
  });

  test.each([
    [
      'another manifest at the head',
      () => ({ ...headAt(7), seq: 8 }),
      /Manifest 8 has the SHA-256 .* says .*: one of them was altered/,
    ],
    [
      'commits that the archive lacks',
      () => ({ ...headAt(8), seq: 9 }),
      /has published commit 9, and the archive ends with commit 8/,
    ],
    ['a head behind the archive', () => headAt(7), /holds commit 8, and the newest that the table .* has made is 7/],
  ])('%s', async (_, head, words) => {
    expectFound(
      await verify(await bucketOf(archive.sound), '--table', await tableOf(head())),
      finding('table-differs', 8, manifestKey(DOMAIN, 8), words),
    );
  });

  test.each<[string, (ids: Map<number, Map<string, string[]>>) => void, number, string | null, RegExp]>([
    [
      'an id that was planted, so that its event is never exported',
      (ids) => ids.get(4)?.set('case-2', ['event-of-tomorrow']),
      4,
      'IDS#case-2#000000000004#000000',
      /knows 1 event that no row/,
    ],
    [
      'an id that was taken out, so that its event would come twice',
      (ids) => ids.get(7)?.delete('case-2'),
      7,
      null,
      /would be exported again/,
    ],
  ])('%s', async (_, change, commit, key, words) => {
    const ids = ledger();
    change(ids);
    const table = await tableOf(headAt(8), ids);
    const { exitCode, findings } = await verify(await bucketOf(archive.sound), '--table', table, '--ledger');
    expect(exitCode).toBe(1);
    expect(findings).toEqual([finding('ledger-differs', commit, key, words)]);
  });

  test('a gap that vanished: no row, no gone list, and no settled entry of the retry list says why', async () => {
    const files = await forged(inManifest(6, { gone: [] }));
    const table = await tableOf(headAt(8, files));
    const { exitCode, findings } = await verify(await bucketOf(files), '--table', table);
    expect(exitCode).toBe(1);
    expect(findings).toEqual([finding('gap-vanished', 6, manifestKey(DOMAIN, 6), /was a gap before commit 6/)]);
  });

  test('a bucket and a table that were both rolled back, and went on: only a held note tells', async () => {
    const state = ['--state', archive.stateFile()];
    expect((await verify(await bucketOf(archive.sound), ...state)).exitCode).toBe(0);
    const files = await forged(runAgain(5));
    const table = await tableOf(headAt(8, files));
    const bucket = await bucketOf(files);
    expect((await verify(bucket, '--table', table)).exitCode).toBe(0);
    const { exitCode, findings } = await verify(bucket, '--table', table, ...state);
    expect(exitCode).toBe(1);
    expect(findings).toEqual([finding('fork', 8, manifestKey(DOMAIN, 8), /FORK/)]);
  });
});
