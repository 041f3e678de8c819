import type { Described, ParameterType } from '../../lib/athena/sql-files';
import { QueryError } from './query-error';

/** How each kind of parameter is written. */
export const WRITTEN: Readonly<Record<ParameterType, string>> = {
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
export function parameterValues(
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
export function parameterUsage(parameters: readonly Described<ParameterType>[]): string {
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
