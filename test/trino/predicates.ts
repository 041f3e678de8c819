/** Conditions on a column, each as SQL and as TypeScript. Null makes none of them true but IS NULL, as in SQL. */
import type { ColumnType } from '../../lambda/export/domain/columns';
import type { Cell } from '../../local/demo/expected-rows';
import { quoted } from './client';

export interface Predicate {
  /** `x` stands for the column. */
  readonly sql: string;
  readonly holds: (value: Cell) => boolean;
}

/** Conditions on values that occur in the column, on the greatest and the least of them, and on one that does not occur. */
export function predicates(type: ColumnType, values: readonly Cell[]): Predicate[] {
  const samples = [...samplesOf(type, values), ...absent(type, values)];
  const [first = null, second = null] = samples;
  return [
    { sql: 'x IS NULL', holds: (value) => value === null },
    { sql: 'x IS NOT NULL', holds: (value) => value !== null },
    ...samples.flatMap((sample): Predicate[] => {
      const literal = literalOf(type, sample);
      return [
        { sql: `x = ${literal}`, holds: known((value) => order(value, sample) === 0) },
        { sql: `x < ${literal}`, holds: known((value) => order(value, sample) < 0) },
        { sql: `x >= ${literal}`, holds: known((value) => order(value, sample) >= 0) },
      ];
    }),
    {
      sql: `x IN (${literalOf(type, first)}, ${literalOf(type, second ?? first)})`,
      holds: known((value) => order(value, first) === 0 || order(value, second ?? first) === 0),
    },
    ...(type === 'string' ? samples.slice(0, 4).flatMap((sample) => likes(String(sample))) : []),
  ];
}

/** LIKE with the first characters and with one from the middle, wild cards taken literally. */
function likes(sample: string): Predicate[] {
  const characters = [...sample];
  const start = characters.slice(0, 3).join('');
  const middle = characters[Math.floor(characters.length / 2)] ?? '';
  return [
    { sql: `x LIKE ${pattern(start)} || '%' ESCAPE '!'`, holds: known((value) => String(value).startsWith(start)) },
    {
      sql: `x LIKE '%' || ${pattern(middle)} || '%' ESCAPE '!'`,
      holds: known((value) => String(value).includes(middle)),
    },
  ];
}

function pattern(text: string): string {
  return quoted(text.replace(/[!%_]/g, '!$&'));
}

function known(holds: (value: Exclude<Cell, null>) => boolean): Predicate['holds'] {
  return (value) => value !== null && holds(value);
}

/** As Trino orders: text by its UTF-8 bytes, false before true. */
function order(a: Cell, b: Cell): number {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return Number(a) - Number(b);
}

const MAX_SAMPLES = 4;

/** The least and the greatest, then those that readers get wrong most, then some of the others. */
function samplesOf(type: ColumnType, values: readonly Cell[]): Cell[] {
  const distinct = [...new Set(values)].filter((value) => value !== null).sort(order);
  const rare = distinct.filter((value) => type === 'string' && /[^ -~]/.test(String(value)));
  const step = Math.max(1, Math.floor(distinct.length / MAX_SAMPLES));
  const spread = distinct.filter((_, index) => index % step === 0);
  const chosen = [...distinct.slice(0, 1), ...distinct.slice(-1), ...rare.slice(-2), ...spread];
  // A text of thousands of characters only makes the statement long.
  return [...new Set(chosen)].filter((value) => String(value).length < 1_000).slice(0, MAX_SAMPLES);
}

function absent(type: ColumnType, values: readonly Cell[]): Cell[] {
  const candidates: Readonly<Record<ColumnType, Cell[]>> = {
    string: ['nobody’s value'],
    timestamp: [Date.UTC(2025, 0, 1, 0, 0, 0, 7)],
    int: [-7],
    bigint: [-7],
    double: [0.123_456_789],
    boolean: [],
  };
  return candidates[type].filter((value) => !values.includes(value));
}

function literalOf(type: ColumnType, value: Cell): string {
  if (value === null) return 'NULL';
  if (type === 'string') return quoted(String(value));
  if (type === 'timestamp')
    return `TIMESTAMP '${new Date(Number(value)).toISOString().replace('T', ' ').replace('Z', '')}'`;
  return type === 'double' ? `DOUBLE '${value}'` : String(value);
}
