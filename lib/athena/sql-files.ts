/**
 * The statements of `sql/`, one file each. A file opens with a comment: first what question it answers, then one line
 * for each column of a view (`-- @column <name> <type> <description>`) or parameter of a query (`-- @param <name>
 * <type> <description>`).
 */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { PACKAGE_ROOT, readText } from '../text-file';

/** Folder of the statements. */
export const SQL_DIRECTORY = join(PACKAGE_ROOT, 'sql');

/** Views, one file each: a SELECT over `${changes}`, the tables, and views whose names sort anywhere. */
const VIEW_DIRECTORY = join(SQL_DIRECTORY, 'views');

/** Queries that the workgroup offers, one file each: a SELECT over views and tables. */
const QUERY_DIRECTORY = join(SQL_DIRECTORY, 'queries');

/**
 * Types of a view's columns, as Trino names them. `timestamp` stands for the precision of the table that is read:
 * milliseconds in the raw table, microseconds in the curated one.
 */
const VIEW_TYPES = ['varchar', 'bigint', 'integer', 'double', 'boolean', 'date', 'timestamp'] as const;
export type ViewType = (typeof VIEW_TYPES)[number];

/**
 * Type of a parameter; a query converts its text. `date` is YYYY-MM-DD, `timestamp` is YYYY-MM-DD hh:mm:ss, both UTC;
 * `zone` is a name of the IANA time zone database, `hour` a whole number from 0 to 24.
 */
const PARAMETER_TYPES = ['text', 'integer', 'date', 'timestamp', 'zone', 'hour'] as const;
export type ParameterType = (typeof PARAMETER_TYPES)[number];

export interface Described<Type> {
  readonly name: string;
  readonly type: Type;
  readonly description: string;
}

interface SqlFile {
  /** The file's name without `.sql`. */
  readonly name: string;
  /** The opening comment without its `@` lines: the question that it answers. */
  readonly description: string;
  /** The text behind the opening comment, without a semicolon. */
  readonly body: string;
  /** The whole file. */
  readonly sql: string;
}

/** A view of the database. */
export interface ViewFile extends SqlFile {
  readonly columns: readonly Described<ViewType>[];
}

/** A query that the workgroup offers under Saved queries. */
export interface QueryFile extends SqlFile {
  /** In the order of the `?` of the query, which Athena takes in a WHERE clause only. */
  readonly parameters: readonly Described<ParameterType>[];
}

/** Returns all views by name. Throws if a file does not have the form above. */
export function readViews(directory: string = VIEW_DIRECTORY): ViewFile[] {
  return readSqlFiles(directory).map(({ file, tags }) => {
    const columns = tags.map((tag) => described(tag, '@column', VIEW_TYPES, file.name));
    if (columns.length === 0)
      throw new Error(`${file.name}.sql: expected a line "-- @column <name> <type> <description>" for each column`);
    return { ...file, columns };
  });
}

/** Returns all queries by name. Throws if a file does not have the form above. */
export function readQueries(directory: string = QUERY_DIRECTORY): QueryFile[] {
  return readSqlFiles(directory).map(({ file, tags }) => {
    const parameters = tags.map((tag) => described(tag, '@param', PARAMETER_TYPES, file.name));
    const marks = file.body.split('?').length - 1;
    if (marks !== parameters.length) {
      throw new Error(`${file.name}.sql: got ${marks} "?", expected one for each of ${parameters.length} @param lines`);
    }
    return { ...file, parameters };
  });
}

/** Fills in `${changes}` and every other name of the statement. Throws if a value is missing. */
export function fillIn(sql: string, values: Readonly<Record<string, string>>): string {
  return sql.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined)
      throw new Error(`The statement names \${${name}}, expected one of ${Object.keys(values).join(', ')}`);
    return value;
  });
}

function readSqlFiles(directory: string): { file: SqlFile; tags: string[] }[] {
  const names = readdirSync(directory).filter((name) => name.endsWith('.sql'));
  return names.sort().map((name) => {
    const sql = readText(join(directory, name));
    const lines = sql.split('\n');
    const comment = lines
      .slice(
        0,
        lines.findIndex((line) => !line.startsWith('--')),
      )
      .map((line) => line.replace(/^--\s*/, ''));
    const description = comment.filter((line) => !line.startsWith('@')).join(' ');
    if (description === '') throw new Error(`${name}: expected an opening comment that says what question it answers`);
    const body = lines.slice(comment.length).join('\n').trim();
    if (body.includes(';')) throw new Error(`${name}: expected one statement, without a semicolon`);
    return {
      file: { name: basename(name, '.sql'), description, body, sql },
      tags: comment.filter((line) => line.startsWith('@')),
    };
  });
}

function described<Type extends string>(
  line: string,
  tag: string,
  types: readonly Type[],
  file: string,
): Described<Type> {
  const [found, name, type, ...words] = line.split(/\s+/);
  const known = types.find((each) => each === type);
  if (found !== tag || name === undefined || known === undefined || words.length === 0) {
    throw new Error(`${file}.sql: got "-- ${line}", expected "-- ${tag} <name> <${types.join('|')}> <description>"`);
  }
  return { name, type: known, description: words.join(' ') };
}
