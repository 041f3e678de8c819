import { existsSync, readFileSync } from 'node:fs';
import { type Described, type ParameterType, type QueryFile, readQueries, readViews } from '../../lib/athena/sql-files';
import { editDistance } from '../cases-audit/words';
import { QueryError } from './query-error';

/** What is to be asked, with a value for each `?`. */
export interface Statement {
  /** The question that it answers, where it is a named query. */
  readonly question?: string;
  /** The case that a named query asks for. */
  readonly caseId?: string;
  readonly sql: string;
  readonly parameters: readonly string[];
}

const MAX_SUGGESTIONS = 3;
/** Looks like the name of a query: no SELECT is one word. */
const NAME = /^[\w-]+$/;

/**
 * A named query, or SQL, with what `--param` gave: `name=value` for a named query, values in the order of the `?` else.
 * Throws QueryError for a name that no query has, and for parameters that do not fit.
 */
export function statementOf(text: string, given: readonly string[]): Statement {
  const name = text.trim();
  if (!NAME.test(name)) return { sql: text, parameters: given };
  const query = findQuery(name);
  const parameters = parameterValues(name, query.parameters, given);
  const caseId = parameters[query.parameters.findIndex((parameter) => parameter.name === 'case_id')];
  return {
    question: questionOf(query),
    sql: query.body,
    parameters,
    ...(caseId === undefined ? {} : { caseId }),
  };
}

/** Throws QueryError where there is no such file. */
export function statementOfFile(file: string, given: readonly string[]): Statement {
  if (!existsSync(file)) throw new QueryError(`There is no file ${file}`);
  return { sql: readFileSync(file, 'utf8'), parameters: given };
}

/** Throws QueryError with the names that are most like it. */
export function findQuery(name: string): QueryFile {
  const queries = readQueries();
  const found = queries.find((query) => query.name === name);
  if (found !== undefined) return found;
  const near = nearest(
    name,
    queries.map((query) => query.name),
  );
  const hint = near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`;
  throw new QueryError(`There is no query "${name}".${hint} All of them: npm run query -- --list`);
}

/** The first sentence of the query's comment. */
function questionOf({ description }: QueryFile): string {
  const end = description.indexOf('?');
  return end < 0 ? description : description.slice(0, end + 1);
}

/** The names that are most like the one that was typed, best first, three at most; none where nothing is like it. */
function nearest(typed: string, names: readonly string[]): string[] {
  const wanted = typed.toLowerCase();
  const words = wanted.split(/[^a-z0-9]+/).filter((word) => word.length > 2);
  const distanceOf = (name: string) => {
    const shared = words.filter((word) => name.includes(word)).length;
    return shared > 0 ? 1 - shared / 10 : editDistance(wanted, name);
  };
  return names
    .map((name) => ({ name, distance: distanceOf(name) }))
    .filter(({ name, distance }) => distance <= name.length / 2)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MAX_SUGGESTIONS)
    .map(({ name }) => name);
}

const TABLES = ['field_changes', 'manifest_files', 'dictionary_files', 'user_names'];

/** Every named query with its question and its parameters, and the names of views and tables for SQL of one's own. */
export function listing(): string {
  const queries = readQueries();
  const indent = Math.max(...queries.map(({ name }) => name.length)) + 2;
  const lines = queries.flatMap((query) => [
    `${query.name.padEnd(indent)}${questionOf(query)}`,
    ...(query.parameters.length === 0 ? [] : [`${' '.repeat(indent)}${parameterUsage(query.parameters)}`]),
  ]);
  return [
    ...lines,
    '',
    `Views:  ${readViews()
      .map(({ name }) => name)
      .join(', ')}`,
    `Tables: ${TABLES.join(', ')}`,
    'Columns are in docs/data-dictionary.md.',
    '',
  ].join('\n');
}

/** What one query answers, takes and is. */
export function details(query: QueryFile): string {
  const { name, description, parameters, body } = query;
  const usage = parameterUsage(parameters);
  return [
    description,
    '',
    `Usage: npm run query -- ${name}${usage === '' ? '' : ` ${usage}`}`,
    ...parameters.map((each) => `  ${each.name.padEnd(12)}${each.description} (${WRITTEN[each.type]})`),
    '',
    body,
    '',
  ].join('\n');
}

/** How each kind of parameter is written. */
const WRITTEN: Readonly<Record<ParameterType, string>> = {
  text: 'text',
  integer: 'whole number',
  date: 'YYYY-MM-DD',
  timestamp: 'YYYY-MM-DD hh:mm:ss',
  zone: 'IANA name such as Europe/Berlin',
  hour: '0 to 24',
};

const EXPECTED: Readonly<Record<ParameterType, string>> = {
  text: 'text',
  integer: 'a whole number',
  date: 'a date, YYYY-MM-DD',
  timestamp: 'a time, YYYY-MM-DD hh:mm:ss',
  zone: 'a time zone by its IANA name, such as Europe/Berlin',
  hour: 'an hour from 0 to 24',
};

const INTEGER = /^-?\d{1,18}$/;
const HOUR = /^(0?\d|1\d|2[0-4])$/;
/** A name, spelled as in the database, and no offset: Trino knows names by their exact letters, and an offset has no summer time. */
const ZONE = /^(UTC|[A-Z][A-Za-z_-]+(\/[A-Z][A-Za-z0-9_+-]*)+)$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIMESTAMP = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)Z?$/;

/**
 * The values of `--param name=value`, in the order of the query's `?`. A time may be written as in ISO 8601 too, and is UTC.
 * Throws QueryError that says which parameter is missing, not known, given twice, or of another kind.
 */
function parameterValues(
  query: string,
  parameters: readonly Described<ParameterType>[],
  given: readonly string[],
): string[] {
  const values = new Map<string, string>();
  for (const text of given) {
    const at = text.indexOf('=');
    const name = at < 0 ? text : text.slice(0, at);
    if (at < 0) throw new QueryError(`--param takes name=value, not "${text}". ${expected(query, parameters)}`);
    if (!parameters.some((parameter) => parameter.name === name)) {
      throw new QueryError(`${query} has no parameter "${name}". ${expected(query, parameters)}`);
    }
    if (values.has(name)) throw new QueryError(`The parameter ${name} is given twice`);
    values.set(name, text.slice(at + 1));
  }
  const all = parameters.map((parameter) => {
    const value = values.get(parameter.name);
    if (value === undefined) {
      throw new QueryError(`The parameter ${parameter.name} is missing. ${expected(query, parameters)}`);
    }
    return converted(parameter, value);
  });
  expectInOrder(parameters, all);
  return all;
}

/** A span that ends before it begins holds nothing, and an empty answer would look like one. */
function expectInOrder(parameters: readonly Described<ParameterType>[], values: readonly string[]): void {
  for (const [at, { name, type }] of parameters.entries()) {
    const end = parameters.findIndex((other) => other.type === type && other.name === name.replace(/^first_/, 'last_'));
    const [first, last] = [values[at] ?? '', values[end] ?? ''];
    if (!name.startsWith('first_') || end < 0 || first <= last) continue;
    throw new QueryError(
      `${name} ${first} is after ${parameters[end]?.name} ${last}: expected the earlier one in ${name}. Exchange them.`,
    );
  }
}

/** `--param case_id=<text> --param day=<YYYY-MM-DD>`; empty for a query without parameters. */
function parameterUsage(parameters: readonly Described<ParameterType>[]): string {
  return parameters
    .map(({ name, type }) => {
      const option = `--param ${name}=<${WRITTEN[type]}>`;
      return WRITTEN[type].includes(' ') ? option.replace(/(\S+)=(.*)$/, '"$1=$2"') : option;
    })
    .join(' ');
}

function expected(query: string, parameters: readonly Described<ParameterType>[]): string {
  return parameters.length === 0
    ? 'It takes none.'
    : `Expected: npm run query -- ${query} ${parameterUsage(parameters)}`;
}

function converted({ name, type }: Described<ParameterType>, value: string): string {
  const converted = CONVERSIONS[type](value);
  if (converted === undefined) {
    throw new QueryError(`The parameter ${name} is "${value}", expected ${EXPECTED[type]}`);
  }
  return converted;
}

const CONVERSIONS: Readonly<Record<ParameterType, (value: string) => string | undefined>> = {
  text: (value) => value,
  integer: (value) => (INTEGER.test(value) ? value : undefined),
  zone: (value) => (ZONE.test(value) && isZone(value) ? value : undefined),
  hour: (value) => (HOUR.test(value) ? value : undefined),
  date: (value) => (DATE.test(value) && isInstant(value, '00:00') ? value : undefined),
  timestamp(value) {
    const [, day, time] = TIMESTAMP.exec(DATE.test(value) ? `${value} 00:00` : value) ?? [];
    if (day === undefined || time === undefined || !isInstant(day, time)) return undefined;
    return `${day} ${time.length === 5 ? `${time}:00` : time}`;
  },
};

/** Whether this machine's time zone database has the name. */
function isZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
}

/** Whether the calendar has the day, and the day the time: 30 February would else become 2 March. */
function isInstant(day: string, time: string): boolean {
  const instant = new Date(`${day}T${time}Z`);
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(day);
}
