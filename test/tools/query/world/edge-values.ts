/** Values that have broken exporters and readers before. */
import type { FieldValueUnion } from '../../../../lambda/export/domain/audit-event';

export const EMPTY: FieldValueUnion = { emptyValue: {} };
export const text = (stringValue: string): FieldValueUnion => ({ stringValue });
export const number = (doubleValue: number): FieldValueUnion => ({ doubleValue });
export const flag = (booleanValue: boolean): FieldValueUnion => ({ booleanValue });
export const user = (userArnValue: string): FieldValueUnion => ({ userArnValue });
const unknown = (name: string, value: unknown): FieldValueUnion => ({ $unknown: [name, value] });

export const TEXTS: readonly string[] = [
  '',
  ' ',
  'plain',
  'null',
  '(empty)',
  'it\'s "quoted", with a comma',
  'two\nlines\tand a tab\r\n',
  'back\\slash %_? ; -- no comment',
  'Zoë Ångström 山田 花子 🚲 👩‍👩‍👧',
  'مرحبا בעולם',
  '\u{1f600}'.repeat(20),
  '\u0001\u007f\u200b\ufeff',
  'x'.repeat(4_100),
  '{"json": [1, 2, 3]}',
  '2026-01-01',
  'string:a',
];

export const NUMBERS: readonly number[] = [
  0,
  -0,
  1,
  -1.5,
  0.1,
  1 / 3,
  1e21,
  1e300,
  5e-324,
  Number.MAX_SAFE_INTEGER,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];

/** DateTime values, also those that are none. */
export const TIMES: readonly string[] = [
  '2026-01-02T03:04:05Z',
  '2026-01-02T03:04:05.678Z',
  '2026-01-02T03:04:05.678901Z',
  '2026-01-02T03:04:05+05:30',
  '2026-01-02T00:30:00-08:00',
  '1969-12-31T23:59:59.999Z',
  '2026-03-29T02:30:00+01:00',
  '2026-01-02',
  '2026-01-02 03:04:05',
  '2026-13-45T25:61:61Z',
  'tomorrow',
  '',
];

export const UNKNOWN_VALUES: readonly FieldValueUnion[] = [
  unknown('dateValue', '2026-01-01'),
  unknown('listValue', { items: [1, 'two', null, { three: true }] }),
  unknown('moneyValue', { amount: 12.5, currency: 'EUR' }),
];
