/** Rows of `field_changes` for tests: any that the schema allows, with a preference for values that writers get wrong. */
import * as fc from 'fast-check';
import { COLUMNS, type ColumnType, type CommitColumns, type FieldChange } from '../../lambda/export/domain/columns';
import { sortChanges } from '../../lambda/export/domain/flatten';
import { anyCharacter } from '../export/domain/arbitraries';

export const COMMIT: CommitColumns = {
  exported_at: new Date('2026-01-31T12:34:56.789Z'),
  run_id: 'run-1',
  commit_seq: 7,
};

export const METADATA = { domain_id: 'domain-1', export_date: '2026-01-31' };

const COMMIT_NAMES: ReadonlySet<string> = new Set(Object.keys(COMMIT));

/** The columns that a FieldChange has. */
export const CHANGE_COLUMNS = COLUMNS.filter(({ name }) => !COMMIT_NAMES.has(name));

export const EDGE_VALUES: Readonly<Record<ColumnType, readonly unknown[]>> = {
  string: [
    '',
    ' ',
    'a\0b',
    '\0',
    '😀 happy',
    '👩‍👩‍👧‍👦',
    '\uffff',
    '\u{10ffff}',
    '\ufeffbyte order mark',
    'ÃƒÂ©',
    'é',
    '\ufffd',
    'x'.repeat(4_100),
    '€'.repeat(4_100),
    '\u007f',
    '\u0080',
    'null',
    '"quoted" \'text\' \\ \r\n',
  ],
  timestamp: [0, 1, -1, -62_135_596_800_000, 253_402_300_799_999, 8.64e15, -8.64e15, 1_700_000_000_123].map(
    (time) => new Date(time),
  ),
  int: [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)],
  bigint: [0, 1, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
  double: [
    0,
    0.1,
    -0.1,
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
    Number.MIN_VALUE,
    2.2250738585072014e-308,
    1 / 3,
    2 ** 53,
  ],
  boolean: [true, false],
};

/** A row that is right; what the test is about goes into `change`. */
export function row(change: Partial<FieldChange> = {}): FieldChange {
  return {
    case_id: 'case-1',
    event_id: 'event-1',
    event_type: 'Case.Updated',
    performed_time: new Date('2024-05-06T07:08:09.123Z'),
    related_item_type: null,
    performed_by_user_arn: 'arn:user',
    performed_by_custom_entity: null,
    performed_by_other: null,
    performed_by_iam_principal_arn: 'arn:principal',
    field_index: 0,
    field_id: 'status',
    field_name: 'Status',
    field_type: 'SingleSelect',
    field_namespace: 'System',
    old_value_type: 'string',
    new_value_type: 'string',
    old_value: 'open',
    new_value: 'closed',
    old_value_double: null,
    new_value_double: null,
    old_value_boolean: null,
    new_value_boolean: null,
    template_id: 'template-1',
    other: null,
    ...change,
  };
}

/** One row for each edge value of each column, sorted. */
export function edgeRows(): FieldChange[] {
  const rows = CHANGE_COLUMNS.flatMap(({ name, type, nullable }) =>
    [...EDGE_VALUES[type], ...(nullable ? [null] : [])].map((value) => row({ [name]: value })),
  );
  return sortChanges(rows);
}

/** Any row that the schema allows; `strings` to have others than any. */
export function anyRow(strings: fc.Arbitrary<string> = ANY_STRING): fc.Arbitrary<FieldChange> {
  const columns = CHANGE_COLUMNS.map(({ name, type, nullable }) => {
    const value = type === 'string' ? strings : ANY[type];
    return [name, nullable ? fc.option(value, { freq: 3 }) : value] as const;
  });
  return fc.record(Object.fromEntries(columns)) as unknown as fc.Arbitrary<FieldChange>;
}

/** A commit's rows, sorted. */
export function anyRows(maxLength: number): fc.Arbitrary<FieldChange[]> {
  return fc.array(anyRow(), { minLength: 1, maxLength }).map(sortChanges);
}

/** Equal times are different Dates, as they come from different events. */
function copyOfDate(value: unknown): unknown {
  return value instanceof Date ? new Date(value) : value;
}

function edge<T>(type: ColumnType): fc.Arbitrary<T> {
  return fc.constantFrom(...EDGE_VALUES[type]).map(copyOfDate) as fc.Arbitrary<T>;
}

const ANY_STRING: fc.Arbitrary<string> = fc.oneof(
  edge<string>('string'),
  fc.string({ unit: anyCharacter }),
  fc.string({ unit: 'grapheme' }),
  fc.string(),
);

const ANY: Readonly<Record<Exclude<ColumnType, 'string'>, fc.Arbitrary<unknown>>> = {
  timestamp: fc.oneof(edge<Date>('timestamp'), fc.date({ noInvalidDate: true })),
  int: fc.oneof(edge<number>('int'), fc.integer()),
  bigint: fc.oneof(edge<number>('bigint'), fc.maxSafeInteger()),
  double: fc.oneof(
    edge<number>('double'),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
  ),
  boolean: fc.boolean(),
};
