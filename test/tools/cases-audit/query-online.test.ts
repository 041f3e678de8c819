/** Promise: a query of a bucket answers what one of a copy answers, and leaves neither a copy nor a change behind. */
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifestKey } from '../../../lambda/export/domain/keys';
import type { Archive } from '../../../tools/cases-audit/archive/archive';
import { copyOf } from '../../../tools/cases-audit/query/archive-copy';
import { cli } from './command-line';
import { storesOfFile } from './local-stores';
import { DOMAIN } from './signed-archive';
import { soundArchiveOfFile } from './sound-archive';

const archive = soundArchiveOfFile();
const stores = storesOfFile();
let bucket: string;
let tmp: string;

beforeAll(async () => {
  bucket = await stores.bucketOf(archive.sound);
  // What no exporter writes has a name that could leave the folder.
  await stores.put(bucket, 'field_changes/../../../escaped.parquet', Buffer.from('x'));
  // Gives back what it was with the rest of the environment.
  tmp = mkdtempSync(join(tmpdir(), 'query-online-'));
  process.env['TMPDIR'] = tmp;
});
afterEach(() => expect(readdirSync(tmp)).toEqual([]));

test('SQL and a named query: the same answer, and only reading calls', async () => {
  const calls = stores.callsFromNow();
  for (const args of [
    ['select commit_seq, count(*) as n from field_changes group by all order by all', '--json'],
    ['period-complete', '--param', 'last_day=2026-01-09', '--format', 'csv'],
  ]) {
    const online = await cli(['query', '--bucket', bucket, ...args]);
    expect(online).toEqual(await cli(['query', '--offline', archive.folderOf(archive.sound), ...args]));
    expect(online.code).toBe(0);
  }
  const used = new Set(calls().map(({ operation }) => operation));
  expect([...used].sort()).toEqual(['GetObject', 'ListObjectVersions']);
});

test('what a delete marker hides is not asked', async () => {
  const hidden = await stores.bucketOf(archive.sound);
  stores.s3.remove(hidden, manifestKey(DOMAIN, 8));
  const sql = 'select max(commit_seq) as n from export_commits';
  const { out } = await cli(['query', '--bucket', hidden, sql, '--json']);
  expect(JSON.parse(out)).toEqual([{ n: 7 }]);
});

test('a query that is wrong, and a store that refuses: no copy stays', async () => {
  expect((await cli(['query', '--bucket', bucket, 'selec 1'])).code).toBe(2);
  stores.s3.setFault(({ key }) =>
    key === manifestKey(DOMAIN, 5) ? { kind: 'error', code: 'AccessDenied' } : undefined,
  );
  const { code, err } = await cli(['query', '--bucket', bucket, 'select 1']);
  expect(code).toBe(3);
  expect(err).toMatch(/No permission for .*000000000005.json: allow s3:GetObject/);
});

test('Ctrl-C while it copies: 130, and no copy stays', async () => {
  const controller = new AbortController();
  stores.s3.setFault(({ operation }) => {
    if (operation === 'GetObject') controller.abort();
    return undefined;
  });
  const { code } = await cli(['query', '--bucket', bucket, 'select 1'], { signal: controller.signal });
  expect(code).toBe(130);
});

test('more than fits on a disk of a desk is a wrong call', async () => {
  const size = 5 * 1024 ** 3;
  const listed = { key: manifestKey(DOMAIN, 1), size, writtenAt: 0, versions: 1, deleteMarkers: 0, isHidden: false };
  const big = {
    name: 's3://big',
    async *list(prefix: string) {
      if (prefix === 'manifests/') yield listed;
    },
  } as unknown as Archive;
  const { signal } = new AbortController();
  await expect(copyOf(big, { signal, onObject: () => undefined })).rejects.toThrow(
    /s3:\/\/big holds 5.0 GB, expected at most 4.0 to copy for a query. Ask Athena/,
  );
});

test('a folder and a bucket are two archives', async () => {
  const { code, err } = await cli(['query', '--bucket', bucket, '--offline', '.', 'select 1']);
  expect(code).toBe(2);
  expect(err).toContain('Both a folder and a bucket were named');
});
