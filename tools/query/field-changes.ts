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
import { expectOneReading } from './read-only';
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
