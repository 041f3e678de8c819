/** Promise: a query of a bucket answers what one of a copy answers, and leaves neither a copy nor a change behind. */
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { manifestKey } from '../../../lambda/export/domain/keys';
import type { Archive } from '../../../tools/cases-audit/archive/archive';
import { copyOf } from '../../../tools/cases-audit/query/archive-copy';
import { type LocalStores, startStores } from './local-stores';
import { DOMAIN, exportModel, type Files, render } from './signed-archive';
import { cli, verifierOfFile } from './verify-files';

const BUCKET = 'archive-of-query';
const { folderOf } = verifierOfFile();
let files: Files;
let stores: LocalStores;
let tmp: string;

beforeAll(async () => {
  files = await render((await exportModel()).commits);
  stores = await startStores();
  stores.s3.createBucket(BUCKET);
  for (const [Key, Body] of files) await stores.client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
  // What no exporter writes has a name that could leave the folder.
  const foreign = { Bucket: BUCKET, Key: 'field_changes/../../../escaped.parquet', Body: 'x' };
  await stores.client.send(new PutObjectCommand(foreign));
  // Gives back what it was with the rest of the environment.
  tmp = mkdtempSync(join(tmpdir(), 'query-online-'));
  process.env['TMPDIR'] = tmp;
});
afterAll(() => stores.close());
afterEach(() => {
  stores.s3.setFault(undefined);
  expect(readdirSync(tmp)).toEqual([]);
});

test('SQL and a named query: the same answer, and only reading calls', async () => {
  const start = stores.s3.calls.length;
  for (const args of [
    ['select commit_seq, count(*) as n from field_changes group by all order by all', '--json'],
    ['period-complete', '--param', 'last_day=2026-01-09', '--format', 'csv'],
  ]) {
    const online = await cli(['query', '--bucket', BUCKET, ...args]);
    expect(online).toEqual(await cli(['query', '--offline', folderOf(files), ...args]));
    expect(online.code).toBe(0);
  }
  const used = new Set(stores.s3.calls.slice(start).map(({ operation }) => operation));
  expect([...used].sort()).toEqual(['GetObject', 'ListObjectVersions']);
});

test('what a delete marker hides is not asked', async () => {
  stores.s3.createBucket('hidden');
  for (const [Key, Body] of files) await stores.client.send(new PutObjectCommand({ Bucket: 'hidden', Key, Body }));
  stores.s3.remove('hidden', manifestKey(DOMAIN, 8));
  const { out } = await cli([
    'query',
    '--bucket',
    'hidden',
    'select max(commit_seq) as n from export_commits',
    '--json',
  ]);
  expect(JSON.parse(out)).toEqual([{ n: 7 }]);
});

test('a query that is wrong, and a store that refuses: no copy stays', async () => {
  expect((await cli(['query', '--bucket', BUCKET, 'selec 1'])).code).toBe(2);
  stores.s3.setFault(({ key }) =>
    key === manifestKey(DOMAIN, 5) ? { kind: 'error', code: 'AccessDenied' } : undefined,
  );
  const { code, err } = await cli(['query', '--bucket', BUCKET, 'select 1']);
  expect(code).toBe(3);
  expect(err).toMatch(/No permission for .*000000000005.json: allow s3:GetObject/);
});

test('Ctrl-C while it copies: 130, and no copy stays', async () => {
  const controller = new AbortController();
  stores.s3.setFault(({ operation }) => {
    if (operation === 'GetObject') controller.abort();
    return undefined;
  });
  const { code } = await cli(['query', '--bucket', BUCKET, 'select 1'], { signal: controller.signal });
  expect(code).toBe(130);
});

test('more than fits on a disk of a desk is a wrong call', async () => {
  const size = 5 * 1024 ** 3;
  const listed = { key: manifestKey(DOMAIN, 1), size, writtenAt: 0, versions: 1, deleteMarkers: 0, isHidden: false };
  const archive = {
    name: 's3://big',
    async *list(prefix: string) {
      if (prefix === 'manifests/') yield listed;
    },
  } as unknown as Archive;
  const { signal } = new AbortController();
  await expect(copyOf(archive, { signal, onObject: () => undefined })).rejects.toThrow(
    /s3:\/\/big holds 5.0 GB, expected at most 4.0 to copy for a query. Ask Athena/,
  );
});

test('a folder and a bucket are two archives', async () => {
  const { code, err } = await cli(['query', '--bucket', BUCKET, '--offline', '.', 'select 1']);
  expect(code).toBe(2);
  expect(err).toContain('Both a folder and a bucket were named');
});
