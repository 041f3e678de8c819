/** One statement that reads, or a refusal that says so. The engine parses the text and runs nothing before this has agreed. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { QueryError } from './query-error';

/** Table functions that read; every other one is refused, as some write: `enable_logging` makes files. */
const READING =
  /^(unnest|range|generate_series|repeat|repeat_row|glob|json_each|json_tree|read_\w+|parquet_\w+|sniff_csv|duckdb_(columns|constraints|functions|settings|tables|types|views)|pragma_(show|table_info|version))$/;

/** Functions that a SELECT may name and that act. */
const ACTING = new Set(['write_log']);

/** What may begin a statement that reads. */
const EXPECTED = 'Expected one statement that reads, such as SELECT or WITH … SELECT';

/**
 * Resolves if `sql` is one statement that reads: SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW, SUMMARIZE, or EXPLAIN of one.
 * Rejects with QueryError that says what came and what was expected.
 */
export async function expectOneReading(connection: DuckDBConnection, sql: string): Promise<void> {
  const explained = /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*EXPLAIN(?:\s+ANALYZE)?(?:\s*\([^()]*\))?(?=[\s(])/iu.exec(sql);
  const parsed = await parse(connection, explained === null ? sql : sql.slice(explained[0].length));
  if (parsed.error_type === 'parser') await refuseAsParsed(connection, sql);
  if (parsed.error) {
    throw new QueryError(
      `The query is ${beginningOf(sql)}. ${EXPECTED}: an archive is never written to. To keep an answer, send it to a file: --format csv > answer.csv${hintOf(sql)}`,
    );
  }
  const count = parsed.statements?.length ?? 0;
  if (count === 0) throw new QueryError(`The query holds no statement, only blanks or comments. ${EXPECTED}.`);
  if (count > 1) throw new QueryError(`The query holds ${count} statements. ${EXPECTED}; ask them one by one.`);
  const refused = functionsIn(parsed.statements).find(({ name, isTable }) =>
    isTable ? !READING.test(name) : ACTING.has(name),
  );
  if (refused === undefined) return;
  throw new QueryError(`The query calls ${refused.name}(), which does more than read rows. ${EXPECTED}.`);
}

interface Parsed {
  readonly error: boolean;
  readonly error_type?: string;
  readonly statements?: readonly unknown[];
}

/** DuckDB's own parser, which neither binds nor runs what it reads, and knows SELECT alone. */
async function parse(connection: DuckDBConnection, sql: string): Promise<Parsed> {
  const reader = await connection.runAndReadAll('SELECT json_serialize_sql(?::VARCHAR)', [sql]);
  return JSON.parse(String(reader.getRows()[0]?.[0])) as Parsed;
}

/** Always rejects, in the parser's words with the line that it names. */
async function refuseAsParsed(connection: DuckDBConnection, sql: string): Promise<never> {
  try {
    await connection.extractStatements(sql);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new QueryError(message.replace(/^Failed to extract statements: /, ''));
  }
  throw new QueryError(`The query cannot be read. ${EXPECTED}.`);
}

function beginningOf(sql: string): string {
  const words = sql.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ').match(/[A-Za-z]+/g) ?? [];
  const isExplained = words[0]?.toUpperCase() === 'EXPLAIN';
  return words.length === 0
    ? 'none that reads'
    : `${words
        .slice(0, isExplained ? 2 : 1)
        .join(' ')
        .toUpperCase()} …`;
}

function hintOf(sql: string): string {
  return /\bPIVOT\b/i.test(sql) ? '. PIVOT reads if it names its values: ON column IN (…)' : '';
}

/** Every function that the statement names, wherever. */
function functionsIn(node: unknown): { name: string; isTable: boolean }[] {
  if (Array.isArray(node)) return node.flatMap(functionsIn);
  if (typeof node !== 'object' || node === null) return [];
  const { type, function_name: name, function: call } = node as Record<string, unknown>;
  const inside = Object.entries(node).flatMap(([member, value]) =>
    type === 'TABLE_FUNCTION' && member === 'function' ? argumentsOf(value) : functionsIn(value),
  );
  const table = type === 'TABLE_FUNCTION' ? (call as Record<string, unknown>)['function_name'] : undefined;
  return [
    ...(typeof table === 'string' ? [{ name: table.toLowerCase(), isTable: true }] : []),
    ...(typeof name === 'string' ? [{ name: name.toLowerCase(), isTable: false }] : []),
    ...inside,
  ];
}

function argumentsOf(call: unknown): { name: string; isTable: boolean }[] {
  return Object.values(call as Record<string, unknown>).flatMap(functionsIn);
}
