import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, DuckDBTypeId, type DuckDBValue } from '@duckdb/node-api';
import { hasFiles, relations } from './relations';

export interface QueryResult {
  readonly columns: readonly { readonly name: string; readonly isNumber: boolean }[];
  readonly rows: readonly (readonly DuckDBValue[])[];
  /** The same rows as values of JSON, by column name; integers beyond 2^53 as text. */
  readonly objects: readonly Readonly<Record<string, unknown>>[];
}

export interface FieldChanges {
  /** Rejects with QueryError. Parameters stand for `?`, in their order. */
  query(sql: string, parameters?: readonly string[]): Promise<QueryResult>;
  close(): void;
}

/** What is wrong with the query, in DuckDB's words, or with the folder. For people to read. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
}

interface ArchiveOptions {
  /** A CSV file of `user_arn,name,team`, or a folder of such files. Default: `work-area/users` beside the archive. No file, no names. */
  readonly users?: string;
}

/**
 * DuckDB, in memory, over the files of an archive, also one that `aws s3 sync` has brought here: the table `field_changes` (the
 * columns of the files, and `domain_id` and `export_date` from their paths), `manifest_files`, `dictionary_files`, `user_names`,
 * and every view of `sql/views`, as in Athena. Times are UTC. Rejects with QueryError where no files are.
 */
export async function openFieldChanges(archiveFolder: string, options: ArchiveOptions = {}): Promise<FieldChanges> {
  const archive = resolve(archiveFolder);
  if (!hasFiles(join(archive, 'field_changes'), '.parquet')) {
    throw new QueryError(
      `There are no exported files in ${archiveFolder}: expected field_changes/domain_id=…/export_date=…/….parquet`,
    );
  }
  if (options.users !== undefined && !existsSync(options.users)) {
    throw new QueryError(
      `There is no ${options.users}, expected a CSV file of user_arn,name,team or a folder of such files`,
    );
  }
  const users = options.users ?? join(dirname(archive), 'work-area', 'users');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const close = () => {
    connection.closeSync();
    instance.closeSync();
  };
  try {
    await connection.run("SET TimeZone = 'UTC'");
    // Every query looks into every file for its columns: once is enough.
    await connection.run('SET parquet_metadata_cache = true');
    for (const statement of relations(archive, resolve(users))) await connection.run(statement);
  } catch (error) {
    close();
    throw new QueryError(messageOf(error));
  }
  return { query: (sql, parameters = []) => run(connection, sql, parameters), close };
}

async function run(connection: DuckDBConnection, sql: string, parameters: readonly string[]): Promise<QueryResult> {
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
