/**
 * Contract: an answer of GetCaseAuditEvents reads as the SDK's decoder has it wherever that one changes nothing, and as it came where
 * the SDK changes, drops or refuses something. Both are asked the same over one client, whose answers are made here.
 */
import { ConnectCasesClient, GetCaseAuditEventsCommand } from '@aws-sdk/client-connectcases';
import fc from 'fast-check';
import { createCasesApi } from '../../../lambda/export/aws/cases-api';
import { type AuditEvent, ExactDecimal } from '../../../lambda/export/domain/audit-event';
import { flattenEvent } from '../../../lambda/export/domain/flatten';

let body: Uint8Array;
const client = new ConnectCasesClient({
  region: 'eu-west-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
  requestHandler: {
    handle: async () => ({ response: { statusCode: 200, headers: { date: 'Mon, 05 Jan 2026 09:00:00 GMT' }, body } }),
  } as never,
});
const api = createCasesApi(client);
const ids = { domainId: 'd1', caseId: 'c1' };
const never = new AbortController().signal;

async function ours(text: string | Uint8Array) {
  body = Buffer.from(text as string);
  return api.getCaseAuditEvents(ids, never);
}

/** The SDK's error where it refuses the answer. */
async function theirs(text: string | Uint8Array) {
  body = Buffer.from(text as string);
  const { auditEvents, nextToken } = await client.send(new GetCaseAuditEventsCommand(ids));
  return { events: auditEvents, nextToken };
}

const event = (members: string) => `{"auditEvents":[{${members}}]}`;
const field = (members: string) => event(`"fields":[{${members}}]`);
const value = (members: string) => field(`"newValue":{${members}}`);

async function ourEvent(text: string | Uint8Array): Promise<AuditEvent | null | undefined> {
  return (await ours(text)).events[0];
}

async function theirEvent(text: string | Uint8Array): Promise<unknown> {
  return theirs(text).then(
    ({ events }) => events?.[0],
    () => 'refused',
  );
}

describe('As the SDK has it', () => {
  test('law: whatever sound answer comes', async () => {
    await fc.assert(
      fc.asyncProperty(soundAnswer(), async (text) => {
        const { events, nextToken } = await ours(text);
        expect({ events, nextToken }).toEqual(await theirs(text));
      }),
      { numRuns: 150 },
    );
  });

  test('law: beside members that the model does not have, which are kept under `other`', async () => {
    const unknown = fc.dictionary(unknownName, json, { minKeys: 1, maxKeys: 3 });
    await fc.assert(
      fc.asyncProperty(soundEvent, unknown, unknown, unknown, async (sound, ofEvent, ofField, ofPerformer) => {
        const by = { ...(sound['performedBy'] as object), ...ofPerformer };
        const made = { ...sound, ...ofEvent, fields: [ofField], performedBy: by };
        const text = JSON.stringify({ auditEvents: [made] });
        const { other, fields, performedBy, ...known } = (await ourEvent(text)) ?? {};
        expect(other).toEqual(withoutNulls(ofEvent));
        expect(fields?.[0]?.other).toEqual(withoutNulls(ofField));
        expect(performedBy?.other).toEqual(withoutNulls(ofPerformer));
        expect({ ...known, performedBy: { ...performedBy, other: undefined }, fields: [{}] }).toEqual(
          await theirEvent(text),
        );
      }),
    );
  });
});

describe('Where the SDK changes what came', () => {
  const at = (text: string) => event(`"performedTime":"${text}"`);
  const year = (text: string) => ({ performedTime: new Date(`${text}T00:00:00.000Z`) });
  const shows = (newValue: unknown) => ({ fields: [{ newValue }] });

  test.each<[string, string | Uint8Array, unknown, unknown]>([
    ['year 1 stays year 1', at('0001-01-01T00:00:00Z'), year('1901-01-01'), year('0001-01-01')],
    ['year 99 stays year 99', at('0099-12-31T00:00:00Z'), year('1999-12-31'), year('0099-12-31')],
    [
      'what is finer than a millisecond is kept as text',
      at('2026-01-05T09:00:00.1234567+01:00'),
      { performedTime: new Date('2026-01-05T08:00:00.123Z') },
      {
        performedTime: new Date('2026-01-05T08:00:00.123Z'),
        other: { performedTime: '2026-01-05T09:00:00.1234567+01:00' },
      },
    ],
    [
      'so is a leap second',
      at('2016-12-31T23:59:60Z'),
      year('2017-01-01'),
      { ...year('2017-01-01'), other: { performedTime: '2016-12-31T23:59:60Z' } },
    ],
    [
      'an offset that no clock has makes no time',
      at('2026-01-05T09:00:00+99:99'),
      { performedTime: new Date('2026-01-01T04:21:00Z') },
      { performedTime: '2026-01-05T09:00:00+99:99' },
    ],
    [
      'an integer that no double holds',
      value('"doubleValue":9007199254740993'),
      shows({ doubleValue: 9007199254740992 }),
      shows({ doubleValue: new ExactDecimal('9007199254740993') }),
    ],
    [
      'a number beyond all doubles',
      value('"doubleValue":-1e400'),
      shows({ doubleValue: Number.NEGATIVE_INFINITY }),
      shows({ doubleValue: new ExactDecimal('-1e400') }),
    ],
    [
      'such a number inside what nobody knows',
      value('"pointValue":[1,9007199254740993]'),
      shows({ $unknown: ['pointValue', [1, 9007199254740992]] }),
      shows({ $unknown: ['pointValue', [1, new ExactDecimal('9007199254740993')]] }),
    ],
    [
      'an unknown member beside a known one',
      value('"stringValue":"a","pointValue":1'),
      shows({ stringValue: 'a' }),
      shows({ stringValue: 'a', pointValue: 1 }),
    ],
    ['two unknown members', value('"lineValue":2,"pointValue":1'), shows({}), shows({ lineValue: 2, pointValue: 1 })],
    [
      'an unknown member beside one that is null',
      value('"lineValue":null,"pointValue":1'),
      shows({}),
      shows({ $unknown: ['pointValue', 1] }),
    ],
    ['a list for a union', field('"newValue":["a"]'), shows({ $unknown: ['0', 'a'] }), shows(['a'])],
    ['a list for a field', event('"fields":[["a"]]'), { fields: [{}] }, { fields: [['a']] }],
    ['a list for performedBy', event('"performedBy":["a"]'), { performedBy: {} }, { performedBy: ['a'] }],
    [
      'what an emptyValue holds',
      value('"emptyValue":{"why":"reset"}'),
      shows({ emptyValue: {} }),
      { fields: [{ newValue: { emptyValue: {} }, other: { newValue: { emptyValue: { why: 'reset' } } } }] },
    ],
    ['a list for an emptyValue', value('"emptyValue":[1]'), shows({ emptyValue: {} }), shows({ emptyValue: [1] })],
    [
      'bytes that are not UTF-8',
      Buffer.concat([Buffer.from('{"auditEvents":[{"eventId":"a'), Buffer.from([0xff]), Buffer.from('"}]}')]),
      { eventId: 'a\ufffd' },
      { eventId: 'a\udcff' },
    ],
    [
      'members beside __type, which the SDK puts among those it knows',
      event('"__type":"Event","caseVersion":3'),
      { __type: 'Event', caseVersion: 3 },
      { other: { __type: 'Event', caseVersion: 3 } },
    ],
    [
      'a member named __proto__',
      event('"__proto__":{"eventId":"e1"}'),
      {},
      { other: Object.fromEntries([['__proto__', { eventId: 'e1' }]]) },
    ],
  ])('%s', async (_, text, changed, asItCame) => {
    expect(await theirEvent(text)).toEqual(changed);
    expect(await ourEvent(text)).toEqual(asItCame);
  });
});

describe('Where the SDK refuses the whole page for one event', () => {
  test.each<[string, string, unknown]>([
    ['a number as time', event('"performedTime":1767603600'), { performedTime: 1767603600 }],
    ['a word as time', event('"performedTime":"yesterday"'), { performedTime: 'yesterday' }],
    [
      'a day that does not exist',
      event('"performedTime":"2026-02-30T00:00:00Z"'),
      { performedTime: '2026-02-30T00:00:00Z' },
    ],
    ['a time in a list', event('"performedTime":["2026"]'), { performedTime: ['2026'] }],
  ])('%s stays as it came, and the others of the page with it', async (_, text, asItCame) => {
    expect(await theirEvent(text)).toBe('refused');
    expect(await ourEvent(text)).toEqual(asItCame);
  });

  test('a time without seconds, or with an offset without a colon, is one all the same', async () => {
    for (const time of ['2026-01-05T09:00Z', '2026-01-05T11:00:00+0200']) {
      const text = event(`"performedTime":"${time}"`);
      expect(await theirEvent(text)).toBe('refused');
      expect(await ourEvent(text)).toEqual({ performedTime: new Date('2026-01-05T09:00:00Z') });
    }
  });
});

describe('An event for quarantine', () => {
  const whole = (more: string) =>
    `{"auditEvents":[{"eventId":"e1","type":"T","performedTime":"2026-01-05T09:00:00Z","fields":[],${more}}]}`;

  const value = (json: string) => `"fields":[{"eventFieldId":"f","newValue":${json}}]`;
  test.each([
    ['a number as time', '"performedTime":5', /performedTime is not a valid date/],
    ['a word as time', '"performedTime":"soon"', /performedTime is not a valid date/],
    ['a value of two members', value('{"stringValue":"a","pointValue":1}'), /newValue has 2 members/],
    ['a value of two unknown members', value('{"a":"a","b":1}'), /newValue has 2 members/],
    ['a user of two members', '"performedBy":{"user":{"userArn":"a","robot":1}}', /user has 2 members/],
    ['a list as value', value('["a"]'), /newValue is not a union/],
    ['a number that no double keeps, as value', value('1e400'), /newValue is not a union/],
    ['a list as emptyValue', value('{"emptyValue":[]}'), /emptyValue is not an object/],
    ['a number as emptyValue', value('{"emptyValue":1e400}'), /emptyValue is not an object/],
    ['a list as who made the change', '"performedBy":[]', /performedBy is not an object/],
    ['a number as who made the change', '"performedBy":1e400', /performedBy is not an object/],
    ['a text for a field', '"fields":["f"]', /fields\[0\].eventFieldId/],
    ['a list for a field', '"fields":[["f"]]', /fields\[0\].eventFieldId/],
    ['an object for the list of fields', '"fields":{"0":{}}', /fields is not a list/],
  ])('%s', async (_, more, reason) => {
    const flattened = flattenEvent((await ourEvent(whole(more))) ?? {}, 'c1', null, new Map());
    expect(flattened).toEqual({ kind: 'poison', reason: expect.stringMatching(reason) });
  });
});

describe('An event that nobody could write down again', () => {
  const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  test.each([
    ['in a member of the model', (value: string) => event(`"eventId":${value}`)],
    ['in a value', (value: string) => field(`"newValue":{"stringValue":${value}}`)],
    ['in an unknown value', (value: string) => field(`"newValue":{"deepValue":${value}}`)],
    ['in an unknown member', (value: string) => event(`"deep":${value}`)],
  ])('counts as a null: nested too deep %s', async (_, around) => {
    expect(await ourEvent(around(deep(90)))).not.toBeNull();
    expect(await ourEvent(around(deep(5_000)))).toBeNull();
  });

  test('so does a list, and what is no object', async () => {
    expect((await ours('{"auditEvents":[[],["a"],5,"a",null,{}]}')).events).toEqual([null, null, null, null, null, {}]);
  });
});

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc.constantFrom('', ' trimmed? ', 'NaN', '2026-01-05T09:00:00Z', '1e400', '\u0000'),
);
const json = fc.jsonValue({ maxDepth: 3 }).map((value): unknown => JSON.parse(JSON.stringify(value)));
const unknownName = fc
  .oneof(fc.string({ minLength: 1 }), fc.constantFrom('other', 'constructor', '$unknown', 'dateValue'))
  .filter(
    (name) =>
      !/^(__type|__proto__|.*Value|user.*|customEntity|iamPrincipalArn|type|fields|event.*|related.*|perf.*)$/.test(
        name,
      ) || name === 'dateValue',
  );

/** What stands for a number until the text of the answer is made. */
const NUMBER = '\ue000number:';
const number = fc.oneof(
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .chain((double) =>
      fc.constantFrom(
        JSON.stringify(double),
        double.toExponential().replace('e', 'E'),
        Object.is(double, -0) ? '-0.0' : JSON.stringify(double),
      ),
    ),
  fc.integer().map((integer) => `${integer}.0`),
);
const time = fc
  .record({
    date: fc.date({ min: new Date('0101-01-01'), max: new Date('9999-12-30'), noInvalidDate: true }),
    digits: fc.constantFrom('', '.1', '.12', '.123', '.100000', '.000'),
    offset: fc.constantFrom('Z', 'z', '+00:00', '-00:00', '+05:30', '-23:59', '+14:00'),
    separator: fc.constantFrom('T', 't'),
  })
  .map(
    ({ date, digits, offset, separator }) =>
      `${date.toISOString().slice(0, 19).replace('T', separator)}${digits}${offset}`,
  );

/** One member, unknown ones too, at times beside what counts for none: known members that are null, and `__type`. */
const union = (nulls: object, ...known: fc.Arbitrary<object>[]) =>
  fc
    .tuple(
      fc.oneof(
        ...known,
        fc
          .tuple(
            unknownName,
            json.filter((its) => its !== null),
          )
          .map(([name, its]) => ({ [name]: its })),
      ),
      fc.constantFrom({}, nulls, { __type: 'T' }, { ...nulls, __type: 'T' }),
    )
    .map(([member, none]) => ({ ...none, ...member }));
const fieldValue = fc.option(
  fc.oneof(
    union(
      { stringValue: null },
      fc.record({ stringValue: text }),
      fc.record({ doubleValue: number.map((digits) => NUMBER + digits) }),
      fc.record({ doubleValue: fc.constantFrom('NaN', 'Infinity', '-Infinity', 'text') }),
      fc.record({ booleanValue: fc.boolean() }),
      fc.record({ emptyValue: fc.constant({}) }),
      fc.record({ userArnValue: text }),
    ),
    unknownName.map((name) => ({ [name]: null })),
  ),
);
const user = fc.option(union({ userArn: null }, fc.record({ userArn: text }), fc.record({ customEntity: text })));
const soundField = fc.option(
  fc.record({ eventFieldId: fc.option(text), oldValue: fieldValue, newValue: fieldValue }, { requiredKeys: [] }),
);
const soundEvent = fc.record(
  {
    eventId: fc.option(text),
    type: text,
    relatedItemType: fc.option(text),
    performedTime: fc.option(time),
    fields: fc.option(fc.array(soundField, { maxLength: 4 })),
    performedBy: fc.option(fc.record({ user, iamPrincipalArn: text }, { requiredKeys: [] })),
  },
  { requiredKeys: [] },
);

function soundAnswer(): fc.Arbitrary<string> {
  return fc
    .record(
      {
        auditEvents: fc.array(fc.option(soundEvent), { maxLength: 4 }),
        nextToken: fc.string({ minLength: 1 }),
      },
      { requiredKeys: ['auditEvents'] },
    )
    .chain((answer) => fc.constantFrom(JSON.stringify(answer), JSON.stringify(answer, null, '\t')))
    .map((made) => made.replace(new RegExp(`"${NUMBER}([^"]*)"`, 'g'), '$1'));
}

function withoutNulls(members: object): object | undefined {
  const entries = Object.entries(members).filter(([, member]) => member !== null);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
