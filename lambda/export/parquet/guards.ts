/** Rejects values that parquetjs-lite would silently store wrong, before the first row is written. */
import { COLUMNS, type Column, type ColumnType, type CommitColumns, type FieldChange } from '../domain/columns';
import { ParquetError } from '../domain/errors';

const COMMIT_COLUMN_NAMES: ReadonlySet<string> = new Set<keyof CommitColumns>(['exported_at', 'run_id', 'commit_seq']);
const CHANGE_COLUMNS: readonly Column[] = COLUMNS.filter((column) => !COMMIT_COLUMN_NAMES.has(column.name));
const COMMIT_COLUMNS: readonly Column[] = COLUMNS.filter((column) => COMMIT_COLUMN_NAMES.has(column.name));

const ASCII = /^\p{ASCII}*$/u;

/**
 * Checks every value of a file: exactly the columns, each of its type, present where required, rows in order of
 * performed_time. Throws ParquetError naming row and column, never the value. `asciiColumns` are the string columns
 * with ASCII values only.
 */
export function checkRows(
  rows: readonly FieldChange[],
  commit: CommitColumns,
): { readonly asciiColumns: ReadonlySet<string> } {
  const checks = CHANGE_COLUMNS.map((column) => new ColumnCheck(column));
  const commitChecks = COMMIT_COLUMNS.map((column) => new ColumnCheck(column));
  checkRow(commit, commitChecks, -1);
  let latest = Number.NEGATIVE_INFINITY;
  for (const [index, row] of rows.entries()) {
    checkRow(row, checks, index);
    const time = row.performed_time.getTime();
    if (time < latest) throw new ParquetError(`row ${index} is earlier than the row before it: rows must be sorted`);
    latest = time;
  }
  const ascii = [...checks, ...commitChecks].filter((check) => check.type === 'string' && check.ascii);
  return { asciiColumns: new Set(ascii.map((check) => check.name)) };
}

function checkRow(row: object, checks: readonly ColumnCheck[], index: number): void {
  for (const check of checks) check.accept(row, index);
  let keys = 0;
  for (const _key in row) keys += 1;
  if (keys !== checks.length) {
    throw new ParquetError(`${place(index)} has ${keys} columns instead of ${checks.length}`);
  }
}

/** Guards one column. Neighbouring rows mostly repeat their strings, so the last accepted one is not checked again. */
class ColumnCheck {
  readonly name: string;
  readonly type: ColumnType;
  ascii = true;
  private readonly nullable: boolean;
  private lastString: string | null = null;

  constructor(column: Column) {
    this.name = column.name;
    this.type = column.type;
    this.nullable = column.nullable;
  }

  accept(row: object, index: number): void {
    const value: unknown = (row as Readonly<Record<string, unknown>>)[this.name];
    if (value === null) {
      if (!this.nullable) this.refuse(index, 'is null, which the column does not allow');
      return;
    }
    if (value === undefined) this.refuse(index, 'is missing');
    if (this.type === 'string') this.acceptString(value, index);
    else if (!VALID[this.type](value)) this.refuse(index, EXPECTED[this.type]);
  }

  private acceptString(value: unknown, index: number): void {
    if (value === this.lastString) return;
    if (typeof value !== 'string') this.refuse(index, 'is not a string');
    if (!ASCII.test(value)) {
      if (!value.isWellFormed()) this.refuse(index, 'holds a lone surrogate');
      this.ascii = false;
    }
    this.lastString = value;
  }

  private refuse(index: number, problem: string): never {
    throw new ParquetError(`${place(index)}, column ${this.name}: the value ${problem}`);
  }
}

const VALID: Readonly<Record<Exclude<ColumnType, 'string'>, (value: unknown) => boolean>> = {
  timestamp: (value) => value instanceof Date && !Number.isNaN(value.getTime()),
  int: (value) => Number.isInteger(value) && value === ((value as number) | 0),
  bigint: (value) => Number.isSafeInteger(value),
  // The writer turns -0 into 0.
  double: (value) => Number.isFinite(value) && !Object.is(value, -0),
  boolean: (value) => typeof value === 'boolean',
};

const EXPECTED: Readonly<Record<Exclude<ColumnType, 'string'>, string>> = {
  timestamp: 'is not a valid Date',
  int: 'is not an integer of 32 bits',
  bigint: 'is not an integer between -(2^53 - 1) and 2^53 - 1',
  double: 'is not a finite number, or is -0',
  boolean: 'is not a boolean',
};

function place(index: number): string {
  return index < 0 ? 'the commit' : `row ${index}`;
}
