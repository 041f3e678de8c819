/**
 * Contract: no filter loses or invents a row because an engine trusted the file's statistics. The rows that DuckDB finds in the
 * file, where it skips row groups by min and max, are those that it finds in a table, and those that plain JavaScript finds.
 */
import * as fc from 'fast-check';
import { type ParquetQueryFilter, parquetQuery } from 'hyparquet';
import { COLUMNS, type Column, type CommitColumns, type FieldChange } from '../../../lambda/export/domain/columns';
import { sortChanges } from '../../../lambda/export/domain/flatten';
import { encoderWith, parquetSchema } from '../../../lambda/export/parquet/encode';
import { COMPRESSORS, Duck, inMemory } from '../../support/parquet-files';
import { anyRow, COMMIT, METADATA } from '../../support/rows';
import { writtenBy } from './layout';

const LAYOUT = { rowGroupSize: 3, pageSize: 2 };
const FILES = 10;
const FILTERS_A_FILE = 100;
/** Fixed: which filters are tried must not depend on the day. */
const SEED = 20_260_131;

interface Filter {
  readonly column: Column;
  readonly operator: '=' | '<' | '>' | 'BETWEEN' | 'IS NULL';
  readonly low: unknown;
  readonly high: unknown;
}

let duck: Duck;
beforeAll(async () => {
  duck = await Duck.open();
});
afterAll(() => duck.close());

test(`${FILES * FILTERS_A_FILE} random filters find the same rows with and without pushdown`, async () => {
  let found = 0;
  for (const rows of files()) {
    const bytes = await encoderWith(LAYOUT)(rows, COMMIT, METADATA);
    const filters = filtersFor(rows);
    const answers = await askDuck(bytes, filters);
    filters.forEach((filter, index) => {
      const expected = matching(rows, filter);
      expect({ filter, rows: answers[index]?.inFile }).toEqual({ filter, rows: expected });
      expect({ filter, rows: answers[index]?.inTable }).toEqual({ filter, rows: expected });
      found += expected.length > 0 ? 1 : 0;
    });
  }
  // Filters that find nothing would prove nothing.
  expect(found).toBeGreaterThan((FILES * FILTERS_A_FILE) / 3);
});

test('the same filters catch a file that keeps the writer’s own statistics of strings', async () => {
  let lost = 0;
  for (const rows of files()) {
    const bytes = await writtenBy(parquetSchema(new Set(COLUMNS.map(({ name }) => name))), rows, LAYOUT);
    const filters = filtersFor(rows);
    const answers = await askDuck(bytes, filters);
    lost += filters.filter((filter, index) => answers[index]?.inFile.length !== matching(rows, filter).length).length;
  }
  expect(lost).toBeGreaterThan(20);
});

test('hyparquet, which skips row groups too, finds them as well', async () => {
  for (const rows of files().slice(0, 3)) {
    const bytes = await encoderWith(LAYOUT)(rows, COMMIT, METADATA);
    for (const filter of filtersFor(rows).filter(({ column }) => column.type !== 'timestamp')) {
      const text = new TextDecoder('utf-8', { ignoreBOM: true });
      const read = await parquetQuery({
        file: inMemory(bytes),
        compressors: COMPRESSORS,
        parsers: { stringFromBytes: (stored) => text.decode(stored) },
        columns: ['event_id'],
        filter: asHyparquet(filter),
      });
      const expected = rows.filter((row) => matches(row, filter, (a, b) => (a < b ? -1 : a > b ? 1 : 0)));
      expect({ filter, rows: read.map((row) => row['event_id']) }).toEqual({
        filter,
        rows: expected.map((row) => row.event_id),
      });
    }
  }
});

/**
 * Rows as a commit has them, with strings whose UTF-16 order is not their UTF-8 order, and for each second file ASCII alone, where
 * statistics are kept. `event_id` is a number that names the row, so the other columns are what is tried.
 */
function files(): FieldChange[][] {
  const ascii = fc.constantFrom('', ' ', '0', 'A', 'B', 'a', 'ab', 'b', 'zz', '\u007f');
  const others = fc.constantFrom('é', '\ud7ff', '\ue000', '\ufeff', '\ufffd', '\uffff', '😀', '😀 happy', '\u{10ffff}');
  return Array.from({ length: FILES }, (_, index) => {
    const strings = index % 2 === 0 ? fc.oneof(ascii, others) : ascii;
    return sortChanges(fc.sample(anyRow(strings), { numRuns: 40, seed: SEED + index })).map((row, number) => ({
      ...row,
      event_id: String(number),
    }));
  });
}

function filtersFor(rows: readonly FieldChange[]): Filter[] {
  const filter = fc.constantFrom(...COLUMNS).chain((column) => {
    const value = fc.constantFrom(...valuesNear(rows, column));
    return fc.record({
      column: fc.constant<Column>(column),
      operator: fc.constantFrom<Filter['operator'][]>('=', '=', '<', '>', 'BETWEEN', 'IS NULL'),
      low: value,
      high: value,
    });
  });
  return fc.sample(filter, { numRuns: FILTERS_A_FILE, seed: SEED + rows.length });
}

/** Values of the column, which are where bounds are, and some that are in no row. */
function valuesNear(rows: readonly FieldChange[], { name, type }: Column): unknown[] {
  const values = rows.map((row) => ({ ...row, ...COMMIT })[name]).filter((value) => value !== null);
  const others = {
    string: ['m', 'é', '😀', '\uffff', ''],
    timestamp: [new Date(5)],
    int: [5],
    bigint: [5],
    double: [0.5],
    boolean: [true, false],
  };
  return [...values, ...others[type]];
}

/** Row numbers found, ascending. All filters of a file go into one query each way, so that a thousand take seconds. */
async function askDuck(bytes: Uint8Array, filters: readonly Filter[]) {
  const file = await duck.file(bytes);
  await duck.query(`CREATE OR REPLACE TABLE copy AS SELECT * FROM ${file}`);
  const ask = async (source: string): Promise<number[][]> => {
    const each = filters.map(
      (filter, index) => `SELECT ${index} AS filter, event_id FROM ${source} WHERE ${asSql(filter)}`,
    );
    const found = filters.map((): number[] => []);
    for (const { filter, event_id } of await duck.query(each.join(' UNION ALL '))) {
      found[Number(filter)]?.push(Number(event_id));
    }
    return found.map((rows) => rows.sort((a, b) => a - b));
  };
  const [inFile, inTable] = [await ask(file), await ask('copy')];
  return filters.map((_filter, index) => ({ inFile: inFile[index] ?? [], inTable: inTable[index] ?? [] }));
}

function asSql({ column: { name, type }, operator, low, high }: Filter): string {
  if (operator === 'IS NULL') return `${name} IS NULL`;
  if (operator === 'BETWEEN') return `${name} BETWEEN ${literal(type, low)} AND ${literal(type, high)}`;
  return `${name} ${operator} ${literal(type, low)}`;
}

function literal(type: Column['type'], value: unknown): string {
  if (type === 'string') return `decode(unhex('${Buffer.from(value as string).toString('hex')}'))`;
  if (type === 'timestamp') return `make_timestamp_ms(${(value as Date).getTime()})`;
  return type === 'double' ? `'${value}'::DOUBLE` : String(value);
}

function matching(rows: readonly FieldChange[], filter: Filter): number[] {
  return rows.flatMap((row, index) => (matches(row, filter, compare) ? [index] : []));
}

type Comparable = string | number | boolean;

function matches(
  row: FieldChange,
  { column: { name }, operator, low, high }: Filter,
  by: (a: Comparable, b: Comparable) => number,
): boolean {
  const all: FieldChange & CommitColumns = { ...row, ...COMMIT };
  const value = plain(all[name as keyof typeof all]);
  if (operator === 'IS NULL') return value === null;
  if (value === null) return false;
  const order = by(value, plain(low) as Comparable);
  if (operator === '=') return order === 0;
  if (operator === '<') return order < 0;
  if (operator === '>') return order > 0;
  return order >= 0 && by(value, plain(high) as Comparable) <= 0;
}

function plain(value: unknown): Comparable | null {
  return value instanceof Date ? value.getTime() : (value as Comparable | null);
}

/** As SQL orders: strings by their UTF-8. */
function compare(a: Comparable, b: Comparable): number {
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(String(b)));
  return a < b ? -1 : a > b ? 1 : 0;
}

function asHyparquet({ column: { name, type }, operator, low, high }: Filter): ParquetQueryFilter {
  const stored = (value: unknown) => (type === 'bigint' ? BigInt(value as number) : value) as string;
  if (operator === 'IS NULL') return { [name]: { $eq: null } };
  if (operator === 'BETWEEN') return { [name]: { $gte: stored(low), $lte: stored(high) } };
  return { [name]: { [{ '=': '$eq', '<': '$lt', '>': '$gt' }[operator]]: stored(low) } };
}
