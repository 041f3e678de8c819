/** What Athena finds in the Glue database, for DuckDB over the same files on disk. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { COLUMNS, type ColumnType } from '../../lambda/export/domain/columns';
import { fillIn, readViews, type ViewFile } from '../../lib/athena/sql-files';
import { VIEW_SOURCES } from '../../lib/athena/view-encoding';
import { readText } from '../../lib/text-file';

/** Views whose text for Athena is too far from DuckDB's, one file each. */
const TWIN_DIRECTORY = join(__dirname, 'duckdb');

/** Functions of Trino that DuckDB lacks or means otherwise. */
const MACROS = [
  'CREATE MACRO cardinality(list) AS len(list)',
  'CREATE MACRO array_join(list, separator) AS array_to_string(list, separator)',
  "CREATE MACRO from_unixtime_nanos(nanos) AS make_timestamp(nanos // 1000) AT TIME ZONE 'UTC'",
  "CREATE MACRO from_iso8601_timestamp(text) AS date_trunc('millisecond', cast(text AS timestamptz))",
  'CREATE MACRO regexp_like(text, pattern) AS regexp_matches(text, pattern)',
  'CREATE MACRO sequence(first, last, step) AS generate_series(first, last, step)',
  'CREATE MACRO arrays_overlap(a, b) AS list_has_any(a, b)',
  // Of a time without a zone, the instant; of an instant, the time on the clocks of a zone.
  'CREATE MACRO with_timezone(moment, zone) AS moment AT TIME ZONE cast(zone AS varchar)',
  'CREATE MACRO at_timezone(instant, zone) AS instant AT TIME ZONE cast(zone AS varchar)',
  // Of the pattern's letters only those that a query uses.
  "CREATE MACRO format_datetime(moment, pattern) AS strftime(moment, replace(replace(pattern, 'e', '%u'), 'HH', '%H'))",
];

/** Paths of the files of an archive, in which nothing is a pattern. */
interface FilePaths {
  readonly rows: readonly string[];
  readonly manifests: readonly string[];
  readonly dictionaries: readonly string[];
}

/** Statements that make every table and view over these files, in an order in which each finds what it names. */
export function relations({ rows, manifests, dictionaries }: FilePaths): string[] {
  const paths = { manifest_files: manifests, dictionary_files: dictionaries };
  return [
    ...MACROS,
    listOf(ROW_FILES, rows),
    `CREATE VIEW field_changes AS ${parquetFiles(rows.length > 0)}`,
    ...JSON_TABLES.flatMap((table) => [
      listOf(table.name, paths[table.name]),
      `CREATE VIEW ${table.name} AS ${jsonFiles(table, paths[table.name].length > 0)}`,
    ]),
    // All columns are text, as Athena's reader of CSV has it.
    'CREATE TABLE user_names (user_arn VARCHAR, name VARCHAR, team VARCHAR)',
    ...inOrder(readViews()).map((view) => `CREATE VIEW ${view.name} AS ${duckDbText(view)}`),
  ];
}

/** What DuckDB says in other words. */
const REWRITES: readonly (readonly [trino: RegExp, duckDb: string])[] = [
  // Trino unnests rows into columns; DuckDB unnests structs into one column, whose members have the columns' names.
  [/\bUNNEST\(([\w.]+)\) AS (\w+) \([^)]*\)/g, 'UNNEST($1) AS $2_rows ($2)'],
  // DuckDB's has microseconds.
  [/\btimestamp\(3\)/g, 'timestamp'],
];

/** A view's statement as DuckDB takes it: its twin if it has one, else the text that Athena gets. */
function duckDbText({ name, body }: Pick<ViewFile, 'name' | 'body'>): string {
  const twin = join(TWIN_DIRECTORY, `${name}.sql`);
  const text = existsSync(twin)
    ? readText(twin)
    : REWRITES.reduce((sql, [trino, duckDb]) => sql.replace(trino, duckDb), body);
  return fillIn(text, VIEW_SOURCES.raw);
}

/** The views, each behind those that it names. Throws where they name each other in a circle. */
function inOrder<View extends Pick<ViewFile, 'name' | 'body'>>(views: readonly View[]): View[] {
  const names = new Set(views.map(({ name }) => name));
  const needs = (view: View) => [...view.body.matchAll(/\b(?:FROM|JOIN)\s+(\w+)/g)].map(([, name]) => name ?? '');
  const ordered: View[] = [];
  let waiting = [...views];
  while (waiting.length > 0) {
    const done = new Set(ordered.map(({ name }) => name));
    const ready = waiting.filter((view) => needs(view).every((name) => !names.has(name) || done.has(name)));
    if (ready.length === 0) {
      throw new Error(`Views name each other in a circle: ${waiting.map(({ name }) => name).join(', ')}`);
    }
    ordered.push(...ready);
    waiting = waiting.filter((view) => !ready.includes(view));
  }
  return ordered;
}

const PARQUET_TYPES: Readonly<Record<ColumnType, string>> = {
  string: 'VARCHAR',
  timestamp: 'TIMESTAMP',
  int: 'INTEGER',
  bigint: 'BIGINT',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
};

/** Names of variables of DuckDB that hold lists of files: a view would be parsed anew with all of them at each question. */
const ROW_FILES = 'row_files';

/**
 * Files of earlier versions lack the columns of later ones: null, as in Athena, also where no file has them. The last folders of a path
 * are columns, and no folder above them: the archive may be kept below one that looks like a partition.
 */
function parquetFiles(hasRows: boolean): string {
  const nothing = COLUMNS.map(({ name, type }) => `cast(NULL AS ${PARQUET_TYPES[type]}) AS ${name}`).join(', ');
  const none = `SELECT ${nothing}, '' AS domain_id, '' AS export_date WHERE false`;
  if (!hasRows) return none;
  return `${none}
    UNION ALL BY NAME
    SELECT * EXCLUDE (${FILE}), ${partOf('domain_id=([^/]+)/export_date=[^/]+/[^/]+$')} AS domain_id,
      ${partOf('/export_date=([^/]+)/[^/]+$')} AS export_date
    FROM read_parquet(getvariable('${ROW_FILES}'), union_by_name = true, hive_partitioning = false, filename = true)`;
}

const FILE = 'filename';

function partOf(pattern: string): string {
  return `regexp_extract(${FILE}, '${pattern}', 1)`;
}

function jsonFiles({ name, columns }: JsonTable, hasFiles: boolean): string {
  const names = Object.keys(columns).map((column) => `"${column}"`);
  if (!hasFiles) {
    const nothing = Object.entries(columns).map(([column, type]) => `cast(NULL AS ${type}) AS "${column}"`);
    return `SELECT ${nothing.join(', ')}, cast(NULL AS VARCHAR) AS domain_id WHERE false`;
  }
  const types = Object.entries(columns).map(([column, type]) => `'${column}': ${quoted(type)}`);
  return `SELECT ${names.join(', ')}, ${partOf('domain_id=([^/]+)/[^/]+$')} AS domain_id
    FROM read_json(getvariable('${name}'), format = 'unstructured', columns = {${types.join(', ')}},
      hive_partitioning = false, filename = true)`;
}

/** The same for a database file, which keeps views and no variables: the lists of files stand in the views. */
export function keptRelations(paths: FilePaths): string[] {
  const lists: Readonly<Record<string, readonly string[]>> = {
    [ROW_FILES]: paths.rows,
    manifest_files: paths.manifests,
    dictionary_files: paths.dictionaries,
  };
  return relations(paths)
    .filter((statement) => !statement.startsWith('SET VARIABLE'))
    .map((statement) =>
      statement.replaceAll(/getvariable\('(\w+)'\)/g, (_, name) => `[${(lists[name] ?? []).map(quoted).join(', ')}]`),
    );
}

function listOf(name: string, paths: readonly string[]): string {
  return `SET VARIABLE ${name} = [${paths.map(quoted).join(', ')}]::VARCHAR[]`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A table over JSON files: one object a file, the domain in its path. */
interface JsonTable {
  readonly name: 'manifest_files' | 'dictionary_files';
  /** Members of the objects with their DuckDB types, as `lambda/export/domain` writes them. */
  readonly columns: Readonly<Record<string, string>>;
}

const SWEEP = struct({
  number: 'BIGINT',
  purpose: 'VARCHAR',
  startedAt: 'BIGINT',
  anchor: 'BIGINT',
  finishedAt: 'BIGINT',
  exportFrom: 'BIGINT',
  totalCount: 'BIGINT',
  casesFound: 'BIGINT',
});

/** The manifests and the dictionaries of an archive. Members that no view reads are left out. */
const JSON_TABLES: readonly JsonTable[] = [
  {
    name: 'manifest_files',
    columns: {
      version: 'INTEGER',
      seq: 'BIGINT',
      previousSha256: 'VARCHAR',
      runId: 'VARCHAR',
      exportDate: 'VARCHAR',
      exportedAt: 'VARCHAR',
      lanes: struct({
        live: struct({ watermark: 'BIGINT', provenUntil: 'BIGINT' }),
        related: struct({ watermark: 'BIGINT' }),
        sweep: SWEEP,
      }),
      livePassFinished: 'BOOLEAN',
      counts: struct({
        calls: 'MAP(VARCHAR, BIGINT)',
        casesFound: 'BIGINT',
        casesRead: 'BIGINT',
        pages: 'BIGINT',
        events: 'BIGINT',
        rows: 'BIGINT',
        quarantined: 'BIGINT',
        replayed: 'BIGINT',
        nullElements: 'BIGINT',
        anomalies: 'BIGINT',
        totalCount: 'BIGINT',
      }),
      objects: list({
        key: 'VARCHAR',
        sha256: 'VARCHAR',
        bytes: 'BIGINT',
        rows: 'BIGINT',
        firstPerformedTime: 'VARCHAR',
        lastPerformedTime: 'VARCHAR',
      }),
      gaps: list({ caseId: 'VARCHAR', cause: 'VARCHAR', since: 'VARCHAR', attempts: 'BIGINT' }),
      debts: list({
        cause: 'VARCHAR',
        cases: 'BIGINT',
        neverRead: 'BIGINT',
        since: 'BIGINT',
        missingFrom: 'BIGINT',
      }),
      history: struct({
        sweepNumber: 'BIGINT',
        startedAt: 'BIGINT',
        finishedAt: 'BIGINT',
        exportFrom: 'BIGINT',
        casesFound: 'BIGINT',
        casesNotFound: 'BIGINT',
      }),
      unexplainedTouches: 'BIGINT',
      changedUpstream: 'VARCHAR[]',
      halfRead: list({ caseId: 'VARCHAR' }),
      waiting: list({
        caseId: 'VARCHAR',
        templateId: 'VARCHAR',
        touched: 'BIGINT',
        lastUpdated: 'BIGINT',
        since: 'BIGINT',
        missingFrom: 'BIGINT',
        neverRead: 'BOOLEAN',
      }),
      openQuarantine: 'BIGINT',
      gone: 'VARCHAR[]',
      voids: struct({ sha256: 'VARCHAR', runId: 'VARCHAR', at: 'VARCHAR' }),
      bundleSha256: 'VARCHAR',
      settingsSha256: 'VARCHAR',
    },
  },
  {
    name: 'dictionary_files',
    columns: {
      version: 'INTEGER',
      seq: 'BIGINT',
      fields: list({
        fieldId: 'VARCHAR',
        name: 'VARCHAR',
        type: 'VARCHAR',
        namespace: 'VARCHAR',
        deleted: 'BOOLEAN',
      }),
      options: list({
        fieldId: 'VARCHAR',
        asOf: 'VARCHAR',
        options: list({ value: 'VARCHAR', name: 'VARCHAR', active: 'BOOLEAN' }),
      }),
      templates: struct({
        asOf: 'VARCHAR',
        templates: list({ templateId: 'VARCHAR', name: 'VARCHAR', status: 'VARCHAR' }),
      }),
    },
  },
];

function struct(members: Readonly<Record<string, string>>): string {
  return `STRUCT(${Object.entries(members)
    .map(([name, type]) => `"${name}" ${type}`)
    .join(', ')})`;
}

function list(members: Readonly<Record<string, string>>): string {
  return `${struct(members)}[]`;
}
