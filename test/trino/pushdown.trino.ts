/** A WHERE gives the same rows whether or not it is pushed down to the statistics of the files, on every column. */
import { join } from 'node:path';
import { COLUMNS } from '../../lambda/export/domain/columns';
import { PARTITION_KEYS } from '../../lib/athena/raw-table';
import type { Row } from '../../local/demo/expected-rows';
import { ARCHIVE_BUCKET } from '../../local/exporter/stack';
import { clientOf, DATABASES, readContext } from './context';
import { type Predicate, predicates } from './predicates';
import { CATALOG } from './server';
import { readRows } from './world';

const context = readContext();
const client = clientOf(context, DATABASES.curated);
/** Trino reads each file to its end. */
const blind = client.with({
  properties: {
    [`${CATALOG}.parquet_ignore_statistics`]: 'true',
    [`${CATALOG}.parquet_use_column_index`]: 'false',
    [`${CATALOG}.parquet_use_bloom_filter`]: 'false',
  },
});
const ALL_COLUMNS = [...COLUMNS, ...PARTITION_KEYS.map(({ name }) => ({ name, type: 'string' as const }))];
let rows: Row[];

beforeAll(async () => {
  rows = await readRows(join(context.buckets, ARCHIVE_BUCKET));
});

/** A scan for each condition, in one statement. */
function scans(table: string, column: string, conditions: readonly Predicate[]): string {
  const counts = conditions.map(
    ({ sql }, index) => `SELECT ${index}, count(*) FROM ${table} WHERE ${sql.replace('x', () => column)}`,
  );
  return `${counts.join('\nUNION ALL\n')}\nORDER BY 1`;
}

/** One scan of everything: a condition within an aggregate is nothing that a connector could take. */
function wholeScan(table: string, column: string, conditions: readonly Predicate[]): string {
  const counts = conditions.map(({ sql }) => `count_if(${sql.replace('x', () => column)})`);
  return `SELECT ${counts.join(', ')} FROM ${table}`;
}

test('the archive that is read is exactly the history', () => {
  expect(context.problems).toEqual({ desk: [], edges: [] });
  expect(rows.length).toBeGreaterThan(1_000);
});

describe.each(ALL_COLUMNS)('WHERE on $name', ({ name, type }) => {
  test.each(['field_changes', 'field_changes_curated'])(
    'of %s gives the same counts, pushed down or not, and those of the files',
    async (table) => {
      const values = rows.map((row) => row[name] ?? null);
      const conditions = predicates(type, values);
      const counted = conditions.map(({ sql, holds }) => [sql, values.filter(holds).length]);
      const pushed = (await client.query(scans(table, name, conditions))).rows.map(([, count]) => count);
      const [whole = []] = (await blind.query(wholeScan(table, name, conditions))).rows;
      const named = (counts: readonly unknown[]) => counts.map((count, index) => [conditions[index]?.sql, count]);
      expect(named(pushed)).toEqual(counted);
      expect(named(whole)).toEqual(counted);
    },
  );
});
