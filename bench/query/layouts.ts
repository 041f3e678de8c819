/**
 * What would make the curated table smaller? The same rows as one Parquet file by DuckDB, in the order of time as merges bring
 * them, or case by case, with zstd at the level that Athena uses (3) and at one that it does not offer for Iceberg tables (19).
 *
 *     npx tsx bench/query/layouts.ts --rows 1000000
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { readOptions, tableHead, tableRow } from '../harness';
import { columnBytes } from './column-bytes';
import { writeRawFiles } from './raw-files';

const BY_TIME = 'performed_time, case_id, event_id, field_index';
const BY_CASE = 'case_id, performed_time, event_id, field_index';
const LAYOUTS = [
  { name: 'by time, zstd 3', order: BY_TIME, level: 3 },
  { name: 'by case, zstd 3', order: BY_CASE, level: 3 },
  { name: 'by time, zstd 19', order: BY_TIME, level: 19 },
] as const;

void main();

async function main(): Promise<void> {
  const { rows } = readOptions({ rows: [1_000_000, 1, 1_000_000_000] });
  const folder = mkdtempSync(join(tmpdir(), 'bench-layouts-'));
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  try {
    // As the curated table has them: how many rows a commit has makes no difference there.
    const plan = { archive: folder, domainId: 'bench', rows, rowsACommit: 5_000, seed: 1 };
    await writeRawFiles(plan, () => undefined);
    const files = join(folder, 'field_changes', '**', '*.parquet');
    await connection.run(`CREATE TABLE changes AS SELECT * FROM read_parquet('${files}', hive_partitioning = true)`);
    const counts = await connection.runAndReadAll(
      'SELECT count(*) / count(DISTINCT case_id), count(*) / count(DISTINCT event_id) FROM changes',
    );
    const [aCase, anEvent] = (counts.getRows()[0] ?? []).map((count) => Number(count).toFixed(1));
    console.log(`${rows} rows, ${aCase} a case, ${anEvent} an event`);
    tableHead('layout', 'bytes per row', 'most of them');
    for (const { name, order, level } of LAYOUTS) {
      const file = join(folder, 'layout.parquet');
      const options = `FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL ${level}, ROW_GROUP_SIZE 250000`;
      await connection.run(`COPY (SELECT * FROM changes ORDER BY ${order}) TO '${file}' (${options})`);
      tableRow(name, `**${(statSync(file).size / rows).toFixed(1)}**`, await columnBytes([file], rows));
    }
  } finally {
    connection.closeSync();
    rmSync(folder, { recursive: true, force: true });
  }
}
