/**
 * Raw against curated in Trino: files, bytes and seconds for five questions. The curated table is filled by the refresh as it is
 * deployed, and then optimized. Both tables take turns in one server; the answers must be the same.
 *
 *     TRINO_HOME=$(.ci/trino/fetch.sh) npx tsx bench/query/main.ts --rows 1000000
 *
 * Rows are spread over as many commits as a year of five-minute ticks makes of 10 million: about 95 each.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ARCHIVE_BUCKET } from '../../local/exporter/stack';
import { Trino } from '../../test/trino/client';
import { createDatabase, mustRefresh } from '../../test/trino/database';
import { CATALOG, startTrino } from '../../test/trino/server';
import { median, readOptions, tableHead, tableRow } from '../harness';
import { columnBytes } from './column-bytes';
import { type Period, questions } from './questions';
import { COMMITS_A_YEAR, daysBetween, type RawFiles, writeRawFiles } from './raw-files';

const MOST = 1_000_000_000;
/**
 * `heap-mb`: OPTIMIZE keeps a file open for each month. `folder`: where the files are made and removed; a few gigabytes for
 * 10 million rows. `resume`: the folder of a run that failed, of which nothing is made again.
 */
const options = readOptions(
  { rows: [1_000_000, 1, MOST], repeats: [3, 1, MOST], seed: [1, 1, MOST], 'heap-mb': [8_192, 1, MOST] },
  'folder',
  'resume',
);

const DOMAIN = 'bench';
const DATABASE = 'bench';
const RAW = 'field_changes';
const CURATED = 'field_changes_curated';
const ROWS_A_COMMIT = Math.ceil(10_000_000 / COMMITS_A_YEAR);
const ROWS_A_MERGE = 1_000_000;

void main();

async function main(): Promise<void> {
  const home = process.env['TRINO_HOME'];
  if (home === undefined) throw new Error('TRINO_HOME is not set, expected the folder that .ci/trino/fetch.sh prints');
  const folder = options.resume ?? mkdtempSync(join(options.folder ?? tmpdir(), 'bench-query-'));
  try {
    await run(home, folder);
  } catch (error) {
    note(`What was made is kept: --resume ${folder} goes on from there.`);
    throw error;
  }
  rmSync(folder, { recursive: true, force: true });
}

async function run(home: string, folder: string): Promise<void> {
  const buckets = join(folder, 'buckets');
  const raw = await rawFiles(folder, join(buckets, ARCHIVE_BUCKET));
  const server = await startTrino({ home, folder, heapMb: options['heap-mb'], optimize: true });
  try {
    const client = new Trino(server.url, { catalog: CATALOG, schema: DATABASE });
    await fill(client, { metastore: server.metastore, buckets, firstExportDate: raw.firstDate });
    await report(client, raw);
  } finally {
    await server.close();
  }
}

async function rawFiles(folder: string, archive: string): Promise<RawFiles> {
  const facts = join(folder, 'raw.json');
  if (existsSync(facts)) return JSON.parse(readFileSync(facts, 'utf8')) as RawFiles;
  const plan = {
    archive,
    domainId: DOMAIN,
    rows: options.rows,
    rowsACommit: ROWS_A_COMMIT,
    seed: options.seed,
  };
  const raw = await timed('raw files', () => writeRawFiles(plan, (rows) => note(`${rows} rows`)));
  writeFileSync(facts, JSON.stringify(raw));
  return raw;
}

async function fill(
  client: Trino,
  places: { readonly metastore: string; readonly buckets: string; readonly firstExportDate: string },
): Promise<void> {
  const refresh = await createDatabase(client, { ...places, name: DATABASE, flavour: 'curated', domains: [DOMAIN] });
  await timed('merges', () => mustRefresh(refresh, {}, ROWS_A_MERGE));
  await timed('optimize and vacuum', () => mustRefresh(refresh, { maintain: true }, ROWS_A_MERGE));
}

async function report(client: Trino, raw: RawFiles): Promise<void> {
  const sums = 'SELECT count(*), sum(file_size_in_bytes), sum(record_count)';
  const [[files, bytes, rows] = []] = (await client.query(`${sums} FROM "${CURATED}$files"`)).rows;
  if (Number(rows) !== raw.rows) throw new Error(`the curated table has ${rows} rows, expected ${raw.rows}`);
  console.log(`${raw.rows} rows, ${daysBetween(raw.firstDate, raw.lastDate)} days of export`);
  tableHead('table', 'files', 'MB', 'bytes per row');
  sizes('raw', raw.files, raw.bytes, raw.rows);
  sizes('curated', Number(files), Number(bytes), raw.rows);
  console.log(`files: raw / curated ${(raw.files / Number(files)).toFixed(0)}`);

  const paths = (await client.query(`SELECT file_path FROM "${CURATED}$files"`)).rows.map(([path]) => String(path));
  const onDisk = paths.map((path) => path.replace('file://', ''));
  console.log(`curated, bytes per row by column: ${await columnBytes(onDisk, raw.rows)}`);

  const caseId = String(await client.value(`SELECT min(case_id) FROM ${CURATED}`));
  const period: Period = { firstDate: raw.firstDate, lastDate: raw.lastDate, caseId };
  tableHead('question', 'raw s', 'curated s', 'raw / curated');
  const onCurated = questions(CURATED, period);
  for (const [index, { name, sql }] of questions(RAW, period).entries()) {
    const seconds = await inTurns(client, sql, onCurated[index]?.sql ?? '');
    const ratio = `**${(seconds.raw / seconds.curated).toFixed(1)}**`;
    tableRow(name, seconds.raw.toFixed(2), seconds.curated.toFixed(2), ratio);
  }
}

function sizes(name: string, files: number, bytes: number, rows: number): void {
  tableRow(name, files, (bytes / 1e6).toFixed(1), (bytes / rows).toFixed(1));
}

/** Medians of the wall clock, after one run of each that is not counted. Throws where the answers differ or are empty. */
async function inTurns(client: Trino, raw: string, curated: string): Promise<{ raw: number; curated: number }> {
  const answers = [await client.query(raw), await client.query(curated)].map(({ rows }) =>
    // The curated table has microseconds.
    JSON.stringify(rows).replace(/(\.\d{3})000"/g, '$1"'),
  );
  if (answers[0] !== answers[1] || answers[0] === '[]') throw new Error(`the answers differ or are empty: ${raw}`);
  const seconds = { raw: [] as number[], curated: [] as number[] };
  for (let repeat = 0; repeat < options.repeats; repeat += 1) {
    seconds.raw.push(await secondsOf(client, raw));
    seconds.curated.push(await secondsOf(client, curated));
  }
  return { raw: median(seconds.raw), curated: median(seconds.curated) };
}

async function secondsOf(client: Trino, sql: string): Promise<number> {
  const start = performance.now();
  await client.query(sql);
  return (performance.now() - start) / 1000;
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  note(`${what}: ${((performance.now() - start) / 1000).toFixed(0)} s`);
  return result;
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
