/** Each published row is in the curated table once, whatever the refresh meets. */
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { readQueries } from '../../lib/athena/sql-files';
import { filesOf } from '../../local/demo/archive';
import { ARCHIVE_BUCKET } from '../../local/exporter/stack';
import { runInDuckDb } from '../tools/query/duck-rows';
import { createArchive, type TestArchive } from './archive';
import type { Trino } from './client';
import { clientOf, readContext } from './context';
import { createDatabase, mustRefresh } from './database';
import type { Refresh } from './refresh';
import { readRows } from './world';

const context = readContext();
const DOMAINS = ['one', 'two'];
const FIRST_DATE = new Date(Date.now() - 20 * 86_400_000).toISOString().slice(0, 10);
/** A commit that met another one: noticed by Iceberg, or by the metastore at the last moment. */
const CONFLICTS: ReadonlySet<string> = new Set(['ICEBERG_COMMIT_ERROR', 'HIVE_METASTORE_ERROR']);
let databases = 0;
let archive: TestArchive;
let client: Trino;
let refresh: Refresh;

/** A database and an archive of its own for each test. */
beforeEach(async () => {
  databases += 1;
  const name = `merge_${databases}`;
  const buckets = join(context.folder, name);
  archive = createArchive(join(buckets, ARCHIVE_BUCKET), FIRST_DATE);
  client = clientOf(context, name);
  refresh = await createDatabase(client, {
    name,
    flavour: 'curated',
    metastore: context.metastore,
    buckets,
    domains: DOMAINS,
    firstExportDate: FIRST_DATE,
  });
});

/** Every column of every row, by its key, as text. */
async function curatedRows(): Promise<string[]> {
  const { columns, rows } = await client.query('SELECT * FROM field_changes_curated');
  const isTime = columns.map(({ type }) => type.startsWith('timestamp'));
  const texts = rows.map((row) =>
    JSON.stringify(row.map((value, index) => (isTime[index] ? epochMs(String(value)) : value))),
  );
  return texts.sort();
}

/** The same of the files whose commits have a manifest, read by another reader. */
async function publishedRows(): Promise<string[]> {
  const { columns } = await client.query('SELECT * FROM field_changes_curated LIMIT 0');
  const rows = await readRows(archive.folder);
  return rows
    .filter((row) => archive.isPublished(String(row['domain_id']), Number(row['commit_seq'])))
    .map((row) => JSON.stringify(columns.map(({ name }) => row[name] ?? null)))
    .sort();
}

/** The same file as a version wrote it that did not know the column. */
async function withoutColumn(path: string, column: string): Promise<void> {
  await runInDuckDb(
    `CREATE TABLE kept AS SELECT * EXCLUDE (${column}) FROM read_parquet('${path}', hive_partitioning = false)`,
    `COPY kept TO '${path}' (FORMAT parquet)`,
  );
}

function epochMs(text: string): number {
  return Date.parse(`${text.replace(' ', 'T').slice(0, 23)}Z`);
}

/** Both views have what all files of the archive have, row for row. */
async function expectEvidence(): Promise<void> {
  for (const [view, table] of [
    ['all_manifests', 'manifest_files'],
    ['all_dictionaries', 'dictionary_files'],
  ] as const) {
    const { columns } = await client.query(`SELECT * FROM ${table} LIMIT 0`);
    const rows = async (of: string) => {
      const sql = `SELECT ${columns.map(({ name }) => name).join(', ')} FROM ${of} ORDER BY domain_id, seq`;
      return (await client.query(sql)).rows;
    };
    expect(await rows(view)).toEqual(await rows(table));
  }
}

async function expectEachOnce(atLeast: number): Promise<void> {
  const curated = await curatedRows();
  expect(curated.length).toBeGreaterThanOrEqual(atLeast);
  expect(curated).toEqual(await publishedRows());
  await expectEvidence();
}

test('from an empty table, and again with nothing new', async () => {
  await archive.commit('one', { rows: 40 });
  await archive.commit('two', { rows: 25 });
  await mustRefresh(refresh);
  await expectEachOnce(65);
  await mustRefresh(refresh);
  await expectEachOnce(65);
});

test('the table is of Iceberg, in months, with zstd', async () => {
  await archive.commit('one', { rows: 10 });
  await mustRefresh(refresh);
  const ddl = String(await client.value('SHOW CREATE TABLE field_changes_curated'));
  expect(ddl).toContain("partitioning = ARRAY['month(performed_time)']");
  const { rows } = await client.query('SELECT file_path FROM "field_changes_curated$files"');
  for (const [path] of rows) {
    const bytes = readFileSync(String(path).replace('file://', ''));
    // The magic number of a zstd frame.
    expect(bytes.includes(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))).toBe(true);
  }
});

test('after an outage, many commits behind, in merges of few rows', async () => {
  await archive.commit('one', { rows: 5 });
  await mustRefresh(refresh);
  for (let day = 1; day <= 6; day += 1) await archive.commit('one', { rows: 20, daysLater: day % 2 });
  const { statements } = await mustRefresh(refresh, {}, 45);
  expect(statements.filter((sql) => sql.startsWith('MERGE INTO field_changes')).length).toBe(3);
  await expectEachOnce(125);
});

test('several at once: Iceberg refuses the later commits, and they are made again', async () => {
  await archive.commit('one', { rows: 10 });
  await mustRefresh(refresh);
  const conflicts: string[] = [];
  let rows = 10;
  // Until two have met, which is nearly always at once.
  for (let round = 0; round < 10 && conflicts.length === 0; round += 1) {
    await archive.commit('one', { rows: 30 });
    await archive.commit('two', { rows: 30, daysLater: 1 });
    rows += 60;
    const together = await Promise.all([refresh(), refresh(), refresh()]);
    conflicts.push(...together.flatMap(({ failures }) => failures));
    // One that failed for good has changed nothing, and this one finds what is missing.
    await mustRefresh(refresh);
    await expectEachOnce(rows);
  }
  expect(conflicts).not.toEqual([]);
  expect(conflicts.filter((name) => !CONFLICTS.has(name))).toEqual([]);
});

test('rows whose manifest is not yet published stay out until it is', async () => {
  await archive.commit('one', { rows: 10 });
  await archive.commit('one', { rows: 10, published: false });
  await mustRefresh(refresh);
  await expectEachOnce(10);
  expect(await client.value('SELECT count(*) FROM field_changes_curated')).toBe(10);
  archive.publish('one', 2);
  await mustRefresh(refresh);
  await expectEachOnce(20);
});

test('after a rebuild', async () => {
  await archive.commit('one', { rows: 30 });
  await archive.commit('two', { rows: 30 });
  await mustRefresh(refresh);
  await client.query("DELETE FROM field_changes_curated WHERE domain_id = 'one'");
  await mustRefresh(refresh, { rebuild: true });
  await expectEachOnce(60);
});

test('OPTIMIZE and VACUUM make few files of many and change no row', async () => {
  for (let commit = 0; commit < 4; commit += 1) {
    await archive.commit('one', { rows: 12 });
    await mustRefresh(refresh);
  }
  const files = () => client.value('SELECT count(*) FROM "field_changes_curated$files"');
  const before = Number(await files());
  await mustRefresh(refresh, { maintain: true });
  expect(Number(await files())).toBeLessThan(before);
  await expectEachOnce(48);
  expect(await client.value('SELECT count(*) FROM "field_changes_curated$snapshots"')).toBe(1);
});

test('a table that was made before a column gets it, and what is merged from then on has it', async () => {
  await archive.commit('one', { rows: 10 });
  await mustRefresh(refresh);
  await client.query(`ALTER TABLE iceberg.merge_${databases}.field_changes_curated DROP COLUMN other`);
  await archive.commit('one', { rows: 10, other: '{"event":{"a":1}}' });
  const { statements } = await mustRefresh(refresh);
  expect(statements.filter((sql) => sql.startsWith('ALTER'))).toHaveLength(1);
  await expectEachOnce(20);
  const filled = `SELECT count(*) FROM field_changes_curated WHERE other = '{"event":{"a":1}}'`;
  expect(await client.value(filled)).toBe(10);
  expect(await client.value('SELECT count(*) FROM changes WHERE other IS NULL')).toBe(10);
});

test('a file of an earlier version, which lacks a column, has null in it', async () => {
  await archive.commit('one', { rows: 10, other: '{"event":{"a":1}}' });
  await archive.commit('one', { rows: 10, other: '{"event":{"a":2}}' });
  const [first = ''] = filesOf(archive.folder).filter((key) => key.endsWith('.parquet'));
  await withoutColumn(join(archive.folder, first), 'other');
  const others = 'SELECT other, count(*) FROM field_changes GROUP BY other ORDER BY other NULLS FIRST';
  const expected = [
    [null, 10],
    ['{"event":{"a":2}}', 10],
  ];
  expect((await client.query(others)).rows).toEqual(expected);
  await mustRefresh(refresh);
  await expectEachOnce(20);
  expect((await client.query(others.replace('field_changes', 'field_changes_curated'))).rows).toEqual(expected);
});

test('commits are in a table of Iceberg, by domain, and the views open the files from the last held one on, and no other', async () => {
  for (let commit = 0; commit < 5; commit += 1) {
    await archive.commit('one', { rows: 2 });
    await archive.commit('two', { rows: 2 });
  }
  await mustRefresh(refresh);
  const ddl = String(await client.value('SHOW CREATE TABLE commits_curated'));
  expect(ddl).toContain("partitioning = ARRAY['domain_id']");
  await archive.commit('one', { rows: 2 });
  // A file that is opened gives its row.
  const opened = async (from: string) => {
    const { rows } = await client.query(`EXPLAIN ANALYZE SELECT seq FROM ${from}`);
    return Number(/:manifest_files[\s\S]*?Input: (\d+) rows? \(/.exec(String(rows[0]?.[0]))?.[1]);
  };
  expect(await opened('manifest_files')).toBe(11);
  expect(await opened('all_manifests')).toBe(3);
  await expectEvidence();
});

test('a table that lost commits makes no period complete: the newest commit is always there, so the hole shows', async () => {
  for (let commit = 0; commit < 5; commit += 1) await archive.commit('one', { rows: 2 });
  await mustRefresh(refresh);
  const sql = readQueries().find(({ name }) => name === 'period-complete')?.body ?? '';
  const holes = async () => {
    const { columns, rows } = await client.query(sql, ['2026-01-01']);
    return rows.map((row) => row[columns.findIndex(({ name }) => name === 'holes_in_chain')]);
  };
  expect(await holes()).toEqual([0]);
  await client.query('DELETE FROM commits_curated WHERE seq = 3');
  expect(await holes()).toEqual([1]);
  await client.query('DELETE FROM commits_curated');
  expect(await holes()).toEqual([4]);
  await mustRefresh(refresh);
  expect(await holes()).toEqual([0]);
});

test('rows that a plain INSERT doubles are seen by the comparison of these tests', async () => {
  await archive.commit('one', { rows: 10 });
  await mustRefresh(refresh);
  await client.query('INSERT INTO field_changes_curated SELECT * FROM field_changes_curated');
  expect(await curatedRows()).not.toEqual(await publishedRows());
});

test('a file that vanishes from the archive takes no row from the curated table', async () => {
  await archive.commit('one', { rows: 10 });
  await mustRefresh(refresh);
  const before = await curatedRows();
  const [file = ''] = filesOf(archive.folder).filter((key) => key.endsWith('.parquet'));
  renameSync(join(archive.folder, file), join(context.folder, 'gone.parquet'));
  await mustRefresh(refresh);
  expect(await curatedRows()).toEqual(before);
});
