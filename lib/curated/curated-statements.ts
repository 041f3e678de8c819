/**
 * The statements with which Athena keeps the curated table (`sql/curated/`), with `${name}` for values to fill in.
 * Numbered files change a table, in their order; a line `-- @applied table <table>` or `-- @applied column
 * <table>.<column>` names the thing that exists once the change is made.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { COLUMNS } from '../../lambda/export/domain/columns';
import { PARTITION_KEYS } from '../athena/raw-table';
import { SQL_DIRECTORY } from '../athena/sql-files';
import { readText } from '../text-file';

/** Name of the curated table in Athena. */
export const CURATED_TABLE = 'field_changes_curated';

const CURATED_DIRECTORY = join(SQL_DIRECTORY, 'curated');

/** A change of the table. */
interface SchemaChange {
  /** The file's name without `.sql`. */
  readonly name: string;
  /** The thing in the catalog that proves the change: a table, or a column of it. */
  readonly applied: { readonly table: string; readonly column: string | undefined };
  readonly statement: string;
}

/** The statements with the open names for `fillIn`. */
export interface CuratedStatements {
  /** Open: `database`, `location` (`s3://<bucket>/<prefix>/`). */
  readonly schemaChanges: readonly SchemaChange[];
  /** Open: `domain_id`, `first_export_date`. Gives `last_commit`, `last_date`. */
  readonly position: string;
  /**
   * Open: `domain_id`, `last_date`, `last_commit`, `newest_published`, `most_rows`. Gives `until_commit`, `until_date`,
   * `newest_commit`.
   */
  readonly next: string;
  /** Open: `domain_id`, `first_export_date`, `last_date`, `until_date`, `until_commit`. */
  readonly merge: string;
  readonly optimize: string;
  readonly vacuum: string;
  readonly drop: string;
}

const CHANGE = /^\d{3}-[a-z0-9-]+\.sql$/;
const APPLIED = /^-- @applied (?:table (\w+)|column (\w+)\.(\w+))$/;

/** Of the raw table, in its order, with the partition columns. */
const NAMES = [...COLUMNS, ...PARTITION_KEYS].map(({ name }) => name);
/** Iceberg keeps microseconds. */
const VALUES = [...COLUMNS, ...PARTITION_KEYS].map(({ name, type }) =>
  type === 'timestamp' ? `cast(${name} AS timestamp(6)) AS ${name}` : name,
);
const COLUMN_LISTS = {
  columns: NAMES.join(', '),
  values: VALUES.join(', '),
  inserted: NAMES.map((name) => `source.${name}`).join(', '),
};
type ColumnList = keyof typeof COLUMN_LISTS;

/**
 * Reads the statements of the folder.
 * @throws Error for a numbered file without an `@applied` line.
 */
export function readCuratedStatements(directory: string = CURATED_DIRECTORY): CuratedStatements {
  const names = readdirSync(directory).sort();
  const statement = (name: string) => bodyOf(readText(join(directory, `${name}.sql`)));
  return {
    schemaChanges: names.filter((name) => CHANGE.test(name)).map((name) => schemaChange(directory, name)),
    position: statement('position'),
    next: statement('next'),
    merge: statement('merge').replace(/\$\{(columns|values|inserted)\}/g, (_, list: ColumnList) => COLUMN_LISTS[list]),
    optimize: statement('optimize'),
    vacuum: statement('vacuum'),
    drop: statement('drop'),
  };
}

function schemaChange(directory: string, file: string): SchemaChange {
  const sql = readText(join(directory, file));
  const found = sql.split('\n').flatMap((line) => {
    const [, made, altered, column] = APPLIED.exec(line) ?? [];
    const table = made ?? altered;
    return table === undefined ? [] : [{ table, column }];
  });
  const [applied] = found;
  if (applied === undefined || found.length > 1) {
    throw new Error(
      `${file}: expected one line "-- @applied table <table>" or "-- @applied column <table>.<column>", which says what is there once the change is made`,
    );
  }
  return { name: file.replace(/\.sql$/, ''), applied, statement: bodyOf(sql) };
}

/** Returns the text behind the opening comment. */
function bodyOf(sql: string): string {
  return sql.replace(/^(--.*\n)+/, '').trim();
}
