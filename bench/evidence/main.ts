/**
 * What the views over manifests and dictionaries read, after one year and after five, with the table of commits and without it:
 * files and bytes by Trino's own statistics. The table is filled by the refresh as it is deployed, and optimized; then a day of
 * commits follows that no refresh has seen.
 *
 *     TRINO_HOME=$(.ci/trino/fetch.sh) npx tsx bench/evidence/main.ts --commits-a-year 2628
 *
 * One domain. Five-minute ticks make 105,120 commits a year at most; what is read without the table grows with their number.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readQueries } from '../../lib/athena/sql-files';
import type { Flavour } from '../../lib/athena/view-encoding';
import { ARCHIVE_BUCKET } from '../../local/exporter/stack';
import { Trino } from '../../test/trino/client';
import { createDatabase, mustRefresh } from '../../test/trino/database';
import { CATALOG, startTrino, type TrinoServer } from '../../test/trino/server';
import { readOptions, tableHead, tableRow } from '../harness';
import { type ScanStatistics, scanStatistics } from './scan-statistics';
import { DOMAIN, FIRST_DATE, LAST_DAY, writeCommits } from './stored-commits';

/** `folder`: where the files are made and removed. */
const options = readOptions({ 'commits-a-year': [2_628, 1, 105_120], 'heap-mb': [3_072, 1, 1_000_000] }, 'folder');

const YEARS = [1, 5];
const VIEWS = ['export_commits', 'export_debts', 'export_gaps', 'status_periods', 'case_milestones', 'option_labels'];
const QUERIES = ['open-debts', 'freshness', 'period-complete'];

void main();

async function main(): Promise<void> {
  const home = process.env['TRINO_HOME'];
  if (home === undefined) throw new Error('TRINO_HOME is not set, expected the folder that .ci/trino/fetch.sh prints');
  const folder = mkdtempSync(join(options.folder ?? tmpdir(), 'bench-evidence-'));
  const server = await startTrino({ home, folder, heapMb: options['heap-mb'], optimize: true });
  try {
    tableHead('asked', 'years', 'commits', 'files before', 'MB before', 'files now', 'MB now');
    for (const years of YEARS) await measure(server, join(folder, `buckets-${years}`), years);
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(server: TrinoServer, buckets: string, years: number): Promise<void> {
  const perYear = options['commits-a-year'];
  const perDay = Math.ceil(perYear / 365);
  const archive = join(buckets, ARCHIVE_BUCKET);
  const merged = perYear * years;
  await writeCommits(archive, { from: 1, until: merged, perDay });
  const clients: Partial<Record<Flavour, Trino>> = {};
  for (const flavour of ['raw', 'curated'] as const) {
    const name = `evidence_${flavour}_${years}`;
    const client = new Trino(server.url, { catalog: CATALOG, schema: name });
    const places = { metastore: server.metastore, buckets, domains: [DOMAIN], firstExportDate: FIRST_DATE };
    const refresh = await createDatabase(client, { name, flavour, ...places });
    if (flavour === 'curated') await mustRefresh(refresh, { maintain: true });
    clients[flavour] = client;
  }
  await writeCommits(archive, { from: merged + 1, until: merged + perDay, perDay });
  const { raw, curated } = clients;
  if (raw === undefined || curated === undefined) throw new Error('expected a database of each flavour');
  for (const { name, sql, parameters } of asked()) {
    const before = await scanStatistics(server.url, raw, sql, parameters);
    const now = await scanStatistics(server.url, curated, sql, parameters);
    tableRow(name, years, merged + perDay, ...cells(before), ...cells(now));
  }
}

function asked(): { readonly name: string; readonly sql: string; readonly parameters: readonly string[] }[] {
  const queries = readQueries().filter(({ name }) => QUERIES.includes(name));
  return [
    ...VIEWS.map((name) => ({ name, sql: `SELECT * FROM ${name}`, parameters: [] })),
    ...queries.map(({ name, body, parameters }) => ({ name, sql: body, parameters: parameters.map(() => LAST_DAY) })),
  ];
}

function cells({ files, bytes }: ScanStatistics): string[] {
  return [String(files), (bytes / 1e6).toFixed(1)];
}
