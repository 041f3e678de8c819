import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  type DuckDBConnection,
  DuckDBInstance,
  DuckDBTimestampTZValue,
  DuckDBTypeId,
  type DuckDBValue,
} from '@duckdb/node-api';
import { textDecoder } from '@duckdb/node-api/lib/vectors/dataAccessors';
import { archiveFiles, patternFree } from './archive-files';
import { QueryError } from './query-error';
import { relations } from './relations';
import { readUsers, type UserRow } from './users-file';

export { QueryError } from './query-error';

// The binding writes times with a zone in that of the machine, and drops a byte order mark that begins a text.
DuckDBTimestampTZValue.timezoneOffsetInMinutes = 0;
const EXACT = new TextDecoder('utf-8', { ignoreBOM: true });
textDecoder.decode = EXACT.decode.bind(EXACT);

export interface QueryResult {
  readonly columns: readonly { readonly name: string; readonly isNumber: boolean }[];
  readonly rows: readonly (readonly DuckDBValue[])[];
  /** The same rows as values of JSON, by column name; integers beyond 2^53 as text. */
  readonly objects: readonly Readonly<Record<string, unknown>>[];
}

export interface FieldChanges {
  /** What lies in the archive and is not read, and what is odd in the lists of users: a sentence each, for people. */
  readonly notices: readonly string[];
  /** One statement that reads; rejects with QueryError for any other. Parameters stand for `?`, in their order. */
  query(sql: string, parameters?: readonly string[]): Promise<QueryResult>;
  close(): void;
}

interface ArchiveOptions {
  /** A CSV file of `user_arn,name,team`, or a folder of such files. Default: `work-area/users` beside the archive. No file, no names. */
  readonly users?: string;
}

/**
 * DuckDB, in memory, over the files that the manifests of an archive list, also of one that `aws s3 sync` has brought here: the table
 * `field_changes` (the columns of the files, and `domain_id` and `export_date` from their keys), `manifest_files`,
 * `dictionary_files`, `user_names`, and every view of `sql/views`, as in Athena. Nothing above the archive's folder counts, and no
 * name is a pattern. Times are UTC. Rejects with QueryError where no such files are.
 */
export async function openFieldChanges(archiveFolder: string, options: ArchiveOptions = {}): Promise<FieldChanges> {
  const archive = resolve(archiveFolder);
  const files = archiveFiles(archive);
  if (files.rows.length + files.manifests.length === 0)
    throw new QueryError(withoutManifests(archiveFolder, files.notices));
  if (options.users !== undefined && !existsSync(options.users)) {
    throw new QueryError(
      `There is no ${options.users}, expected a CSV file of user_arn,name,team or a folder of such files`,
    );
  }
  const users = readUsers(resolve(options.users ?? join(dirname(archive), 'work-area', 'users')));
  const { pathOf, close: removeLink } = patternFree(archive);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const close = () => {
    connection.closeSync();
    instance.closeSync();
    removeLink();
  };
  try {
    for (const setting of SETTINGS) await connection.run(setting);
    const [rows, manifests, dictionaries] = [files.rows, files.manifests, files.dictionaries].map((keys) =>
      keys.map(pathOf),
    ) as [string[], string[], string[]];
    for (const statement of relations({ rows, manifests, dictionaries })) await connection.run(statement);
    await fillUserNames(connection, users.rows);
    await connection.run('SET lock_configuration = true');
  } catch (error) {
    close();
    throw new QueryError(messageOf(error));
  }
  return {
    notices: [...files.notices, ...users.notices],
    query: (sql, parameters = []) => run(connection, sql, parameters),
    close,
  };
}

const SETTINGS = [
  "SET TimeZone = 'UTC'",
  // Every query looks into every file for its columns: once is enough.
  'SET parquet_metadata_cache = true',
  // A question neither loads code nor asks the network for it.
  'SET autoinstall_known_extensions = false',
  'SET autoload_known_extensions = false',
] as const;

function withoutManifests(folder: string, notices: readonly string[]): string {
  return [
    `There are no exported files in ${folder}: expected field_changes/domain_id=…/export_date=…/….parquet, and manifests/domain_id=…/….json that list them. Copy the whole bucket.`,
    ...notices,
  ].join('\n');
}

/** Puts the lists of people into `user_names`. */
export async function fillUserNames(connection: DuckDBConnection, users: readonly UserRow[]): Promise<void> {
  const appender = await connection.createAppender('user_names');
  for (const { arn, name, team } of users) {
    for (const text of [arn, name, team]) appender.appendVarchar(text);
    appender.endRow();
  }
  appender.closeSync();
}

async function run(connection: DuckDBConnection, sql: string, parameters: readonly string[]): Promise<QueryResult> {
  await expectOneReading(connection, sql);
  try {
    const reader = await connection.runAndReadAll(sql, [...parameters]);
    const types = reader.columnTypes();
    const names = reader.deduplicatedColumnNames();
    const rows = reader.getRows();
    return {
      columns: names.map((name, index) => ({
        name,
        isNumber: NUMBERS.has(types[index]?.typeId ?? DuckDBTypeId.INVALID),
      })),
      rows,
      objects: reader
        .getRowsJson()
        .map((row, at) =>
          Object.fromEntries(row.map((json, index) => [names[index], orNumber(json, rows[at]?.[index])])),
        ),
    };
  } catch (error) {
    throw new QueryError(messageOf(error));
  }
}

/** A BIGINT, such as every count is, comes as text; where a number can hold it, a number it shall be. */
function orNumber(json: unknown, value: unknown): unknown {
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : json;
}

const NUMBERS: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.UHUGEINT,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.DECIMAL,
]);

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

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
async function expectOneReading(connection: DuckDBConnection, sql: string): Promise<void> {
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
