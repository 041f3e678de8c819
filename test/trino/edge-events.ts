/** Audit events as they travel, with every value that readers and writers get wrong. */
import { EDGE_VALUES } from '../support/rows';

/** Without its id. */
type EdgeEvent = Readonly<Record<string, unknown>>;

const AGENT = 'arn:aws:connect:us-east-1:111122223333:instance/i/agent/edge';

/**
 * Instants about which time zones, calendars and sign have made readers differ: before 1970, a leap day, hours that clocks skip
 * and repeat in America/St_Johns and Europe/Berlin, the ends of months and years.
 */
export const EDGE_TIMES = [
  '1969-12-31T23:59:59.999Z',
  '1970-01-01T00:00:00.000Z',
  '1999-12-31T23:59:59.999Z',
  '2000-01-01T00:00:00.000Z',
  '2024-02-29T12:00:00.001Z',
  '2024-03-10T05:31:00.000Z',
  '2024-11-03T04:31:00.000Z',
  '2026-03-29T01:30:00.000Z',
  '2026-10-25T00:30:00.000Z',
  '2026-10-25T01:30:00.000Z',
  '2026-01-31T23:59:59.999Z',
  '2026-02-01T00:00:00.000Z',
  '2038-01-19T03:14:08.000Z',
  '9999-12-31T23:59:59.999Z',
] as const;

const DOUBLES = [
  ...(EDGE_VALUES.double as readonly number[]),
  -0,
  1e21,
  123_456_789.125,
  'NaN',
  'Infinity',
  '-Infinity',
];

/** One event an edge value and place of it. */
export function edgeEvents(): EdgeEvent[] {
  const strings = (EDGE_VALUES.string as readonly string[]).filter((text) => text.isWellFormed());
  const values = [
    ...strings.map((stringValue) => ({ stringValue })),
    ...DOUBLES.map((doubleValue) => ({ doubleValue })),
    { booleanValue: true },
    { booleanValue: false },
    { emptyValue: {} },
    { userArnValue: AGENT },
    { futureValue: { text: '😀 {"nested": [1, null]}' } },
  ];
  return [
    ...values.flatMap((value, index) => [
      event({ fields: [{ eventFieldId: 'title', newValue: value }] }),
      event({ fields: [null, { eventFieldId: 'field', oldValue: value, newValue: values[index - 1] ?? value }] }),
    ]),
    ...strings.map((text) => event({ performedBy: { user: { customEntity: text }, iamPrincipalArn: AGENT } })),
    ...strings.filter((text) => text !== '').map((text) => event({ type: text, relatedItemType: text })),
    ...EDGE_TIMES.map((performedTime) => event({ performedTime })),
    event({ fields: [] }),
    event({ performedBy: { user: { futureUser: { id: 'é' } }, iamPrincipalArn: AGENT } }),
    event({ performedBy: undefined }),
    event({ fields: values.map((value) => ({ eventFieldId: 'many', newValue: value })) }),
  ];
}

function event(change: EdgeEvent): EdgeEvent {
  return {
    type: 'Case.Updated',
    performedTime: '2026-05-06T07:08:09.123Z',
    fields: [{ eventFieldId: 'title', oldValue: { stringValue: 'a' }, newValue: { stringValue: 'b' } }],
    performedBy: { user: { userArn: AGENT }, iamPrincipalArn: 'arn:aws:iam::111122223333:role/desk' },
    ...change,
  };
}
