/**
 * The statements with which Athena keeps the curated table (`sql/curated/`), with `${name}` for values to fill in.
 * Numbered files change a table, in their order; a line `-- @applied table <table>` or `-- @applied column
 * <table>.<column>` names the thing that exists once the change is made.
 */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { COLUMNS } from '../../lambda/export/domain/columns';
import { DICTIONARY_COLUMNS, type GlueColumn, MANIFEST_COLUMNS } from '../athena/json-tables';
import { PARTITION_KEYS } from '../athena/raw-table';
import { SQL_DIRECTORY } from '../athena/sql-files';
import { readText } from '../text-file';

/** Name of the curated table in Athena. */
export const CURATED_TABLE = 'field_changes_curated';

/** Name of the table with one row per commit: its manifest, and the dictionary that it wrote. */
export const COMMITS_TABLE = 'commits_curated';

/** Views that the refresh makes: everything that the tables of JSON hold, most of it from `COMMITS_TABLE`. */
export const ALL_MANIFESTS = 'all_manifests';
export const ALL_DICTIONARIES = 'all_dictionaries';

const CURATED_DIRECTORY = join(SQL_DIRECTORY, 'curated');

/** A change of the table. */
interface SchemaChange {
  /** The file's name without `.sql`. */
  readonly name: string;
  /** The thing in the catalog that proves the change: a table, or a column of it. */
  readonly applied: { readonly table: string; readonly column: string | undefined };
  readonly statement: string;
}

/** The statements with the open names for `fillIn`, each under the name of its file. */
export interface CuratedStatements {
  /** Open: `location`, `commits_location` (`s3://<bucket>/<prefix>/`). */
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
  /** Open: `firsts`, as `('<domain>', <first commit>), …`. Gives `domain_id`, `held`; no row for a domain without commits. */
  readonly held: string;
  /** Open: `archive` (`s3://<bucket>/`), `domain_id`, `held`, `until`, and both as names of 12 digits: `held_name`, `until_name`. */
  readonly mergeCommits: string;
  /** Open: `before`, `since`: conditions on domain and number, and on the path. */
  readonly allManifests: string;
  /** The same. */
  readonly allDictionaries: string;
  /** The same two views without `COMMITS_TABLE`. */
  readonly storedManifests: string;
  readonly storedDictionaries: string;
  readonly optimize: string;
  readonly optimizeCommits: string;
  readonly vacuum: string;
  readonly vacuumCommits: string;
  readonly drop: string;
  readonly dropCommits: string;
}

const CHANGE = /^\d{3}-[a-z0-9-]+\.sql$/;
const APPLIED = /^-- @applied (?:table (\w+)|column (\w+)\.(\w+))$/;

/** Of the raw table, in its order, with the partition columns. */
const NAMES = [...COLUMNS, ...PARTITION_KEYS].map(({ name }) => name);
/** Iceberg keeps microseconds. */
const VALUES = [...COLUMNS, ...PARTITION_KEYS].map(({ name, type }) =>
  type === 'timestamp' ? `cast(${name} AS timestamp(6)) AS ${name}` : name,
);
/** A dictionary beside its manifest: what the manifest does not say itself. */
const OF_DICTIONARY = DICTIONARY_COLUMNS.filter(({ name }) => name !== 'domainid' && name !== 'seq').map((column) => ({
  ...column,
  name: column.name === 'version' ? 'dictionaryversion' : column.name,
  value: `dictionary.${column.name}`,
}));
const [DOMAIN_ID] = PARTITION_KEYS;
const OF_MANIFEST = [...MANIFEST_COLUMNS, DOMAIN_ID];
const COMMIT_COLUMNS: readonly (GlueColumn & { readonly value: string })[] = [
  ...MANIFEST_COLUMNS.map((column) => ({ ...column, value: `manifest.${column.name}` })),
  ...OF_DICTIONARY,
  { ...DOMAIN_ID, value: `manifest.${DOMAIN_ID.name}` },
];
const COLUMN_LISTS: Readonly<Record<string, string>> = {
  columns: NAMES.join(', '),
  values: VALUES.join(', '),
  inserted: NAMES.map((name) => `source.${name}`).join(', '),
  manifest_columns: OF_MANIFEST.map(({ name }) => name).join(', '),
  commit_columns: COMMIT_COLUMNS.map(({ name }) => name).join(', '),
  commit_values: COMMIT_COLUMNS.map(({ name, value }) => `${value} AS ${name}`).join(', '),
  commit_inserted: COMMIT_COLUMNS.map(({ name }) => `source.${name}`).join(', '),
  commit_definitions: COMMIT_COLUMNS.map(({ name, type, comment }) => `  ${name} ${type} COMMENT '${comment}'`).join(
    ',\n',
  ),
};

/**
 * Reads the statements of the folder.
 * @throws Error for a numbered file without an `@applied` line.
 */
export function readCuratedStatements(directory: string = CURATED_DIRECTORY): CuratedStatements {
  const names = readdirSync(directory).sort();
  const statements = names
    .filter((name) => !CHANGE.test(name))
    .map((name) => {
      const words = basename(name, '.sql').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
      return [words, withColumns(bodyOf(readText(join(directory, name))))];
    });
  return {
    schemaChanges: names.filter((name) => CHANGE.test(name)).map((name) => schemaChange(directory, name)),
    ...Object.fromEntries(statements),
  };
}

/** With the lists of columns; what else is open stays so. */
function withColumns(sql: string): string {
  return sql.replace(/\$\{(\w+)\}/g, (open, list: string) => COLUMN_LISTS[list] ?? open);
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
  return { name: file.replace(/\.sql$/, ''), applied, statement: withColumns(bodyOf(sql)) };
}

/** Returns the text behind the opening comment. */
function bodyOf(sql: string): string {
  return sql.replace(/^(--.*\n)+/, '').trim();
}
