import { DuckDBInstance } from '@duckdb/node-api';
import type { FieldChanges, QueryResult } from '../../../tools/query/field-changes';
import { type Cell, type Row, timeCellOfText } from './oracle/canonical';

/** Runs statements, one after the other, in a database of their own that is gone afterwards. */
export async function runInDuckDb(...statements: readonly string[]): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const sql of statements) await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

/** The rows of an answer of DuckDB in canonical form, in its order. */
export async function duckRows(
  changes: FieldChanges,
  sql: string,
  parameters: readonly string[] = [],
): Promise<{ columns: string[]; rows: Row[] }> {
  const { columns, rows } = await changes.query(sql, parameters);
  const names = columns.map(({ name }) => name);
  return {
    columns: names,
    rows: rows.map((row) => Object.fromEntries(names.map((name, index) => [name, toCell(row[index])]))),
  };
}

function toCell(value: QueryResult['rows'][number][number] | undefined): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return Number(value);
  const text = String(value);
  // A DATE has no time.
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? text : timeCellOfText(text);
}
