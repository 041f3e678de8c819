/** Lists of people that the owner keeps: CSV files of `user_arn,name,team`, read as Athena's reader (OpenCSVSerde) reads them. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inCell } from '../shown-text';
import { QueryError } from './query-error';

export interface UserRow {
  readonly arn: string;
  readonly name: string;
  readonly team: string;
}

interface Users {
  readonly rows: readonly UserRow[];
  /** What is odd and no error: a sentence each, with file and line. */
  readonly notices: readonly string[];
}

const HEADER = 'user_arn,name,team';
const EXPECTED = `Expected UTF-8 text with the header ${HEADER}, then one person a line`;
/** What file managers, office programs and sync tools leave, and what Athena does not read (`_` and `.` at the start). */
const NO_LIST = /^[._~]/;

/**
 * All people of a CSV file, or of the `*.csv` files of a folder, in the order of the names. None where there is no such folder.
 * Throws QueryError that names file and line, what came and what was expected.
 */
export function readUsers(path: string): Users {
  if (!existsSync(path)) return { rows: [], notices: [] };
  const files = statSync(path).isFile() ? [path] : filesIn(path);
  const first = new Map<string, string>();
  const notices: string[] = [];
  const rows = files.flatMap((file) =>
    linesOf(file).map(({ number, row }) => {
      const place = `${file}, line ${number}`;
      const before = first.get(row.arn);
      if (before === undefined) first.set(row.arn, place);
      else {
        notices.push(
          `${place}: got a user_arn that ${before} has, too; expected each once. The name that sorts first is shown.`,
        );
      }
      return row;
    }),
  );
  return { rows, notices };
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && entry.name.endsWith('.csv') && !NO_LIST.test(entry.name))
    .map(({ name }) => join(folder, name))
    .sort();
}

function linesOf(file: string): { number: number; row: UserRow }[] {
  const [header = '', ...lines] = decoded(file).split(/\r\n|\r|\n/);
  const names = fieldsOf(header);
  if (names?.map((name) => name.trim().toLowerCase()).join() !== HEADER) throw wrongHeader(file, header);
  return lines.flatMap((line, index) => {
    const number = index + 2;
    return line.trim() === '' ? [] : [{ number, row: rowOf(`${file}, line ${number}`, line) }];
  });
}

function wrongHeader(file: string, header: string): QueryError {
  if (header.trim() === '') return new QueryError(`${file}, line 1: got nothing. ${EXPECTED}.`);
  const separator = [';', '\t', '|'].find((each) => header.includes(each));
  const hint =
    separator === undefined
      ? ''
      : ` Columns are separated by commas, not by ${separator === '\t' ? 'tabs' : `"${separator}"`}: save it as "CSV UTF-8" with commas.`;
  return new QueryError(`${file}, line 1: got ${JSON.stringify(short(header))}. ${EXPECTED}.${hint}`);
}

function rowOf(place: string, line: string): UserRow {
  const fields = fieldsOf(line);
  if (fields === null) {
    throw new QueryError(
      `${place}: got a field between quotes that does not end on its line. Expected each person on one line, as Athena reads line by line; a quote inside of quotes is written twice.`,
    );
  }
  const [arn = '', name = '', team = ''] = fields;
  if (fields.length === 3 && arn !== '') return { arn, name, team };
  const came = fields.length === 3 ? 'no user_arn' : `${fields.length} column${fields.length === 1 ? '' : 's'}`;
  const hint = fields.length > 3 ? '; a value with a comma goes between double quotes' : '; a column may be empty';
  throw new QueryError(`${place}: got ${came}, expected the 3 columns ${HEADER}${hint}.`);
}

/** Throws QueryError where the bytes are no UTF-8, with the line of the first that is none. */
function decoded(file: string): string {
  const bytes = readFileSync(file);
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) || bytes.includes(0)) {
    throw new QueryError(
      `${file}, line 1: got UTF-16${bytes.includes(0) ? ', or bytes of 0' : ''}. ${EXPECTED}: save it as "CSV UTF-8".`,
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new QueryError(
      `${file}, line ${firstWrongLine(bytes)}: got bytes that are no UTF-8, such as those of Latin-1 (Windows-1252). ${EXPECTED}: save it as "CSV UTF-8".`,
      { cause },
    );
  }
}

/** No byte of a longer character is a line end, so lines can be looked at one by one. */
function firstWrongLine(bytes: Buffer): number {
  const lines = bytes.toString('latin1').split(/\r\n|\r|\n/);
  return 1 + lines.findIndex((line) => Buffer.from(line, 'latin1').toString('utf8').includes('\ufffd'));
}

function short(text: string): string {
  const shown = [...inCell(text)];
  return shown.length <= 60 ? shown.join('') : `${shown.slice(0, 59).join('')}…`;
}

/**
 * The fields of one line by the rules of opencsv 2.3 (`CSVParser.parseLine`) with its defaults, on which OpenCSVSerde stands: a backslash
 * before a quote or a backslash makes it a character inside of a field, and is dropped before all others. Null where a quote is
 * open at the end of the line.
 */
function fieldsOf(line: string): string[] | null {
  const fields: string[] = [];
  let field = '';
  let inQuotes = false;
  let inField = false;
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at] as string;
    const next = line[at + 1];
    const isInside = inQuotes || inField;
    if (char === '\\') {
      if (isInside && (next === '"' || next === '\\')) {
        field += next;
        at += 1;
      }
    } else if (char === '"' && isInside && next === '"') {
      field += next;
      at += 1;
      inField = !inField;
    } else if (char === '"') {
      inQuotes = !inQuotes;
      inField = !inField;
      if (at > 2 && line[at - 1] !== ',' && next !== undefined && next !== ',') {
        field = field !== '' && field.trim() === '' ? '' : `${field}"`;
      }
    } else if (char === ',' && !inQuotes) {
      fields.push(field);
      field = '';
      inField = false;
    } else {
      field += char;
      inField = true;
    }
  }
  return inQuotes ? null : [...fields, field];
}
