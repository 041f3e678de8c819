/**
 * Contract: an audit event becomes one row a changed field, every value kept as text and typed where it can be; what no
 * row can hold is named and never half written. docs/architecture.md, What is stored.
 */
import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { type AuditEvent, ExactDecimal, type FieldValueUnion } from '../../../lambda/export/domain/audit-event';
import { COLUMNS, type FieldChange } from '../../../lambda/export/domain/columns';
import type { FieldDefinition, FieldDictionary } from '../../../lambda/export/domain/fields';
import {
  completeEvent,
  estimateBytes,
  eventKey,
  flattenEvent,
  rawEvent,
  restoreEvent,
  sortChanges,
} from '../../../lambda/export/domain/flatten';
import { setTo } from '../../fakes/cases-api';
import { row } from '../../support/rows';
import { aField } from '../../support/stored-values';

const DICTIONARY: FieldDictionary = new Map([['status', aField({ type: 'SingleSelect' })]]);

describe('rows', () => {
  test('one row a changed field, with everything the event says', () => {
    const fields = [
      { ...setTo('status', 'closed'), oldValue: { stringValue: 'open' } },
      { eventFieldId: 'unknown-field', newValue: { doubleValue: 1.5 } },
    ];
    const unnamed = { field_id: 'unknown-field', field_name: null, field_type: null, field_namespace: null };
    const set = { old_value_type: null, old_value: null, new_value_type: 'double', new_value: '1.5' };
    expect(rowsOf(event({ fields }))).toEqual([
      row({ related_item_type: 'Comment' }),
      row({ related_item_type: 'Comment', field_index: 1, ...unnamed, ...set, new_value_double: 1.5 }),
    ]);
  });

  test('a row has exactly the columns of the schema that the commit does not add', () => {
    const names = COLUMNS.map((column) => column.name).filter(
      (name) => !['exported_at', 'run_id', 'commit_seq'].includes(name),
    );
    for (const fields of [[], [{ eventFieldId: 'status', newValue: { emptyValue: {} } }]]) {
      const [made] = rowsOf(event({ fields }));
      expect(Object.keys(made ?? {}).sort()).toEqual([...names].sort());
    }
  });

  test.each([
    ['an empty list', [], []],
    ['a list of nulls', [null, null], [0, 1]],
    ['a list of what is undefined', [undefined], [0]],
  ])('an event with %s of fields makes one row without a field', (_name, fields, nullPositions) => {
    const flattened = flatten(event({ fields }));
    expect(flattened).toMatchObject({ kind: 'rows', nullPositions, length: fields.length, altered: false });
    expect(rowsOf(event({ fields }))).toEqual([
      expect.objectContaining({ event_id: 'event-1', field_index: 0, field_id: null, new_value_type: null }),
    ]);
  });

  test('field_index counts the fields that are not null, and the places of nulls are told', () => {
    const field = setTo('status', 'x');
    const rows = [{ field_index: 0 }, { field_index: 1 }];
    const flattened = flatten(event({ fields: [null, field, null, field] }));
    expect(flattened).toMatchObject({ kind: 'rows', rows, nullPositions: [0, 2], length: 4 });
  });

  test('what is optional may be missing or null', () => {
    const [row] = rowsOf(event({ relatedItemType: undefined, performedBy: undefined, fields: [] }), null);
    expect(row).toMatchObject({
      related_item_type: null,
      performed_by_user_arn: null,
      performed_by_iam_principal_arn: null,
      template_id: null,
    });
    const [other] = rowsOf(event({ performedBy: { iamPrincipalArn: 'arn:p', user: null }, fields: [] }));
    expect(other).toMatchObject({ performed_by_user_arn: null, performed_by_iam_principal_arn: 'arn:p' });
    const nulls = { relatedItemType: null, performedBy: { iamPrincipalArn: null, user: undefined }, fields: [] };
    expect(rowsOf(event(nulls))[0]).toMatchObject({ related_item_type: null, performed_by_iam_principal_arn: null });
    expect(rowsOf(event({ performedBy: null }))[0]).toMatchObject({ performed_by_iam_principal_arn: null });
  });

  test('what a look-up says of a field may be less than all: the rest is null', () => {
    const definition = aField({ fieldId: 'f', name: null, type: null, namespace: null, deleted: true });
    const flattened = flattenEvent(event({ fields: [setTo('f', 'x')] }), 'case', null, new Map([['f', definition]]));
    const unnamed = { field_id: 'f', field_name: null, field_type: null, field_namespace: null };
    expect(flattened).toMatchObject({ rows: [unnamed] });
  });

  test('types that do not exist yet are kept as they come', () => {
    const [row] = rowsOf(event({ type: 'Case.Merged', relatedItemType: 'Hologram', fields: [] }));
    expect(row).toMatchObject({ event_type: 'Case.Merged', related_item_type: 'Hologram' });
  });

  test('every member of the user union has its place', () => {
    const by = (user: object) => rowsOf(event({ performedBy: { iamPrincipalArn: 'arn:p', user }, fields: [] }))[0];
    const none = { performed_by_user_arn: null, performed_by_custom_entity: null, performed_by_other: null };
    expect(by({ userArn: 'arn:u' })).toMatchObject({ ...none, performed_by_user_arn: 'arn:u' });
    expect(by({ customEntity: 'bot' })).toMatchObject({ ...none, performed_by_custom_entity: 'bot' });
    expect(by({ $unknown: ['robotId', { n: 1 }] })).toMatchObject({
      ...none,
      performed_by_other: '{"robotId":{"n":1}}',
    });
  });
});

describe('values', () => {
  const nothing = { type: null, text: null, double: null, boolean: null };
  const typed = (type: string, text: string | null = null) => ({ ...nothing, type, text });
  const double = (text: string, value: number | null = null) => ({ ...typed('double', text), double: value });
  const exact = (text: string) => ({ doubleValue: new ExactDecimal(text) });
  const cases: [string, unknown, object][] = [
    ['absent', undefined, nothing],
    ['null', null, nothing],
    ['a string', { stringValue: 'abc' }, typed('string', 'abc')],
    ['an empty string', { stringValue: '' }, typed('string', '')],
    ['emoji', { stringValue: '👩‍👩‍👧 ü' }, typed('string', '👩‍👩‍👧 ü')],
    ['a NUL', { stringValue: 'a\0b' }, typed('string', 'a\0b')],
    ['a user', { userArnValue: 'arn:u' }, typed('userArn', 'arn:u')],
    ['true', { booleanValue: true }, { ...typed('boolean', 'true'), boolean: true }],
    ['false', { booleanValue: false }, { ...typed('boolean', 'false'), boolean: false }],
    ['empty', { emptyValue: {} }, typed('empty')],
    ['a number', { doubleValue: 0.1 }, double('0.1', 0.1)],
    ['zero', { doubleValue: 0 }, double('0', 0)],
    ['minus zero', { doubleValue: -0 }, double('-0', 0)],
    ['NaN', { doubleValue: Number.NaN }, double('NaN')],
    ['Infinity', { doubleValue: Infinity }, double('Infinity')],
    ['-Infinity', { doubleValue: -Infinity }, double('-Infinity')],
    ['the largest number', { doubleValue: Number.MAX_VALUE }, double('1.7976931348623157e+308', Number.MAX_VALUE)],
    ['the smallest number', { doubleValue: Number.MIN_VALUE }, double('5e-324', Number.MIN_VALUE)],
    [
      'a number of more digits than a double keeps',
      exact('9007199254740993'),
      double('9007199254740993', 9007199254740992),
    ],
    ['a number beyond all doubles', exact('-1e400'), double('-1e400')],
    ['a number too small for a double', exact('-1e-400'), double('-1e-400', 0)],
    [
      'an unknown member with a number that no double keeps',
      { $unknown: ['x', [new ExactDecimal('1e400')]] },
      typed('x', '[{"$decimal":"1e400"}]'),
    ],
    [
      'an unknown member',
      { $unknown: ['dateValue', { at: ['2024', 1, null, true] }] },
      typed('dateValue', '{"at":["2024",1,null,true]}'),
    ],
    ['an unknown null', { $unknown: ['dateValue', null] }, typed('dateValue', 'null')],
    [
      'an unknown member with what JSON lacks',
      { $unknown: ['x', [Number.NaN, -0, 12n, new Date(0)]] },
      typed('x', '[{"$number":"NaN"},{"$number":"-0"},{"$bigint":"12"},{"$date":"1970-01-01T00:00:00.000Z"}]'),
    ],
  ];
  test.each(cases)('%s, as the new value and as the old one', (_name, union, expected) => {
    const value = union as FieldValueUnion;
    expect(side(value, undefined, 'old')).toEqual(expected);
    expect(side(value, undefined, 'new')).toEqual(nothing);
    expect(side(undefined, value, 'new')).toEqual(expected);
    expect(side(undefined, value, 'old')).toEqual(nothing);
  });

  test('the text of any number reads back as the very same number', () => {
    void fc.assert(
      fc.property(fc.double(), (number) => {
        const { text, double } = side(undefined, { doubleValue: number }, 'new');
        expect(Number(text)).toBe(number);
        expect(double).toBe(Number.isFinite(number) ? number + 0 : null);
      }),
    );
  });
});

describe('poison', () => {
  const value = (newValue: unknown) => ({ fields: [{ eventFieldId: 'f', newValue }] });
  const SECRET = 'secret-customer-data';
  const HUGE = new ExactDecimal('1e400');
  const cases: [string, object, RegExp][] = [
    ['no event id', { eventId: undefined }, /eventId/],
    ['an empty event id', { eventId: '' }, /eventId/],
    ['an event id that is no string', { eventId: 5 }, /eventId/],
    ['no type', { type: undefined }, /^type/],
    ['an empty type', { type: '' }, /^type/],
    ['no time', { performedTime: undefined }, /performedTime/],
    ['an invalid time', { performedTime: new Date(Number.NaN) }, /performedTime/],
    ['a time that is a number', { performedTime: 1_767_603_600 }, /performedTime/],
    ['a time that is text', { performedTime: '2024-01-01T00:00:00Z' }, /performedTime/],
    ['a related item type that is no string', { relatedItemType: 7 }, /relatedItemType/],
    ['performedBy that is no object', { performedBy: SECRET }, /performedBy/],
    ['performedBy that is a list', { performedBy: [SECRET] }, /performedBy is not an object/],
    ['performedBy that is a number', { performedBy: HUGE }, /performedBy is not an object/],
    ['a principal that is no string', { performedBy: { iamPrincipalArn: 7 } }, /iamPrincipalArn/],
    ['a user union without a member', { performedBy: { user: {} } }, /performedBy.user has 0 members/],
    [
      'a user with two members',
      { performedBy: { user: { userArn: 'a', customEntity: SECRET } } },
      /user has 2 members/,
    ],
    ['a user ARN that is no string', { performedBy: { user: { userArn: 1 } } }, /user.userArn/],
    ['fields that are no list', { fields: { length: 1 } }, /fields/],
    ['a field that is no object', { fields: [SECRET] }, /fields\[0\].eventFieldId/],
    ['a field without id', { fields: [null, { newValue: { stringValue: SECRET } }] }, /fields\[1\].eventFieldId/],
    ['a value without a member', value({}), /fields\[0\].newValue has 0 members/],
    ['a value with null members only', value({ stringValue: null }), /newValue has 0 members/],
    ['a value with two members', value({ stringValue: SECRET, doubleValue: 1 }), /newValue has 2 members/],
    ['a value that is no union', value(SECRET), /newValue is not a union/],
    ['a list as value', value([SECRET]), /newValue is not a union/],
    ['a number as stringValue', value({ stringValue: 1 }), /newValue.stringValue/],
    ['text as doubleValue', value({ doubleValue: SECRET }), /newValue.doubleValue/],
    ['text as booleanValue', value({ booleanValue: 'true' }), /newValue.booleanValue/],
    ['text as emptyValue', value({ emptyValue: SECRET }), /newValue.emptyValue/],
    ['a list as emptyValue', value({ emptyValue: [] }), /newValue.emptyValue/],
    ['a number that no double keeps as stringValue', value({ stringValue: HUGE }), /newValue.stringValue/],
    ['a number that no double keeps as value', value(HUGE), /newValue is not a union/],
    ['a number as userArnValue', value({ userArnValue: 1 }), /newValue.userArnValue/],
    ['a malformed $unknown', value({ $unknown: SECRET }), /\$unknown/],
    ['an unknown member that would pass for a known one', value({ $unknown: ['double', 1] }), /named like/],
    ['a bad old value', { fields: [{ eventFieldId: 'f', oldValue: {} }] }, /oldValue has 0 members/],
  ];
  test.each(cases)('%s is named, and the value is not', (_name, change, reason) => {
    const flattened = flatten(event(change));
    expect(flattened).toEqual({ kind: 'poison', reason: expect.stringMatching(reason) });
    expect(JSON.stringify(flattened)).not.toContain(SECRET);
  });

  test('a fault that is not the event’s is not blamed on it: it is thrown on', () => {
    const broken = new Map<string, FieldDefinition>();
    broken.get = () => {
      throw new Error('broken dictionary');
    };
    const input = event({ fields: [setTo('f', 'x')] });
    expect(() => flattenEvent(input, 'case', null, broken)).toThrow('broken dictionary');
  });

  test.each([[undefined], [null]])('a list of fields that is %s makes the answer incomplete, not empty', (fields) => {
    expect(flatten(event({ fields } as object))).toEqual({
      kind: 'incomplete',
      reason: expect.stringMatching(/no list of fields/),
    });
  });
});

describe('members that no column holds', () => {
  const field = setTo('f', 'x');

  test('stand in `other` of every row of the event, by what they are members of; a field’s in its own row alone', () => {
    const input = event({
      other: { caseVersion: 3 },
      performedBy: { iamPrincipalArn: 'arn:p', other: { sourceIp: '::1' } },
      fields: [field, { ...field, other: { reason: 'r', by: null } }],
    });
    expect(flatten(input)).toMatchObject({ kind: 'rows', unknownMembers: 4 });
    expect(rowsOf(input).map(({ other }) => other)).toEqual([
      '{"event":{"caseVersion":3},"performedBy":{"sourceIp":"::1"}}',
      '{"event":{"caseVersion":3},"performedBy":{"sourceIp":"::1"},"field":{"reason":"r","by":null}}',
    ]);
    expect(rowsOf({ ...input, fields: [] }).map(({ other }) => other)).toEqual([
      '{"event":{"caseVersion":3},"performedBy":{"sourceIp":"::1"}}',
    ]);
  });

  test('are JSON that keeps what plain JSON would lose', () => {
    const other = { big: new ExactDecimal('9007199254740993'), zero: -0, text: '\ud800', ['__proto__']: { a: 1 } };
    const [row] = rowsOf(event({ other }));
    expect(row?.other).toBe(
      '{"event":{"big":{"$decimal":"9007199254740993"},"zero":{"$number":"-0"},"text":"\\ud800","__proto__":{"a":1}}}',
    );
    expect(flatten(event({ other }))).toMatchObject({ altered: false, unknownMembers: 4 });
  });

  test('what a column holds not wholly stands there too, and is no unknown member', () => {
    const input = event({
      other: { performedTime: '2024-05-06T07:08:09.123456Z' },
      fields: [{ eventFieldId: 'f', newValue: { emptyValue: {} }, other: { newValue: { emptyValue: { a: 1 } } } }],
    });
    expect(flatten(input)).toMatchObject({ kind: 'rows', unknownMembers: 0 });
    expect(rowsOf(input)[0]?.other).toBe(
      '{"event":{"performedTime":"2024-05-06T07:08:09.123456Z"},"field":{"newValue":{"emptyValue":{"a":1}}}}',
    );
  });

  test.each([[undefined], [null], [{}], [[]], ['x']])('%p is none: null', (other) => {
    const input = event({ other, performedBy: { iamPrincipalArn: 'arn:p', other }, fields: [{ ...field, other }] });
    expect(flatten(input)).toMatchObject({ kind: 'rows', unknownMembers: 0, rows: [{ other: null }] });
  });
});

describe('fields that came as null and are there at last', () => {
  const fields = ['a', 'b', 'c', 'd'].map((id) => setTo(id, `value of ${id}`));
  const complete = (list: unknown, positions: readonly number[], length = 4) =>
    completeEvent(event({ fields: list }), 'case-1', 'template-1', DICTIONARY, { positions, length });

  test('make rows of the next field_index, so that the event has the rows of one that never had a null', () => {
    void fc.assert(
      fc.property(fc.subarray([0, 1, 2, 3], { minLength: 1, maxLength: 3 }), (positions) => {
        const seen = fields.map((field, position) => (positions.includes(position) ? null : field));
        const before = rowsOf(event({ fields: seen }));
        const after = complete(fields, positions);
        expect(after).toMatchObject({ kind: 'rows', nullPositions: [], length: 4, altered: false, unknownMembers: 0 });
        const rows = [...before, ...(after?.kind === 'rows' ? after.rows : [])];
        expect(rows.map(({ field_index }) => field_index)).toEqual([0, 1, 2, 3]);
        const content = ({ field_index: _, ...row }: FieldChange) => row;
        const whole = rowsOf(event({ fields }));
        expect(rows.map(content).sort(byField)).toEqual(whole.map(content));
      }),
    );
  });

  test('of an event of which all fields were null follow the row without a field', () => {
    expect(rowsOf(event({ fields: [null, null] }))).toMatchObject([{ field_index: 0, field_id: null }]);
    expect(complete(fields.slice(0, 2), [0, 1], 2)).toMatchObject({
      rows: [
        { field_index: 1, field_id: 'a' },
        { field_index: 2, field_id: 'b' },
      ],
    });
  });

  test.each<[string, unknown, readonly number[]]>([
    ['one of them is still null', [fields[0], null, fields[2], fields[3]], [0, 1]],
    ['the list is shorter now', fields.slice(0, 3), [0]],
    ['the list is missing', undefined, [0]],
    ['it is no list', { length: 4, 0: fields[0] }, [0]],
    ['they lie beyond the list', fields, [4]],
  ])('make no row while %s', (_, list, positions) => {
    expect(complete(list, positions)).toBeNull();
  });

  test('of a list that has grown since make their rows, and what it has gained is in none', () => {
    expect(complete([...fields, { ...fields[0], eventFieldId: 'e' }], [1, 3])).toMatchObject({
      rows: [
        { field_index: 2, field_id: 'b' },
        { field_index: 3, field_id: 'd' },
      ],
    });
  });

  test('are named if no row can hold them, and not half written', () => {
    const bad = [fields[0], { eventFieldId: 'b', newValue: { stringValue: 5 } }, fields[2], fields[3]];
    expect(complete(bad, [0, 1])).toEqual({ kind: 'poison', reason: 'fields[1].newValue.stringValue is not a string' });
  });

  test('tell of a lone surrogate, and of members that no column holds', () => {
    const shown = [{ eventFieldId: 'a\ud800', other: { reason: 1 } }, ...fields.slice(1)];
    expect(complete(shown, [0])).toMatchObject({
      altered: true,
      unknownMembers: 1,
      rows: [{ field_id: 'a\ufffd', other: '{"field":{"reason":1}}' }],
    });
  });
});

describe('strings', () => {
  test('a lone surrogate is replaced and reported, wherever it stands', () => {
    const bad = 'a\ud800b';
    const fields = (value: object) => ({ fields: [{ eventFieldId: 'f', newValue: value }] });
    const places: object[] = [
      { eventId: bad, fields: [] },
      { type: bad, fields: [] },
      { relatedItemType: bad, fields: [] },
      { performedBy: { iamPrincipalArn: bad }, fields: [] },
      { performedBy: { user: { userArn: bad } }, fields: [] },
      { performedBy: { user: { customEntity: bad } }, fields: [] },
      { fields: [{ eventFieldId: bad }] },
      fields({ stringValue: bad }),
      fields({ userArnValue: bad }),
      fields({ $unknown: [bad, 1] }),
    ];
    for (const place of places) {
      const flattened = flatten(event(place));
      expect(flattened).toMatchObject({ kind: 'rows', altered: true });
      expect(JSON.stringify(flattened)).toContain('a\ufffdb');
    }
  });

  test('JSON of an unknown member escapes a lone surrogate and so loses nothing', () => {
    const flattened = flatten(
      event({ fields: [{ eventFieldId: 'f', newValue: { $unknown: ['x', '\ud800'] as const } }] }),
    );
    expect(flattened).toMatchObject({ kind: 'rows', altered: false, rows: [{ new_value: '"\\ud800"' }] });
  });

  test('strings that are not the event’s own are mended without a report', () => {
    const dictionary: FieldDictionary = new Map([['f', aField({ fieldId: 'f', name: '\udc00' })]]);
    expect(flattenEvent(event({ fields: [setTo('f', 'x')] }), 'case', 't\ud800', dictionary)).toMatchObject({
      altered: false,
      rows: [{ field_name: '\ufffd', template_id: 't\ufffd' }],
    });
  });
});

describe('laws', () => {
  test('any event, sound or not: no throw, no mutation, the same answer twice, rows well-formed', () => {
    void fc.assert(
      fc.property(anyEvent(), (input) => {
        const before = rawEvent(input);
        const flattened = flatten(input);
        expect(flatten(input)).toEqual(flattened);
        expect(rawEvent(input)).toEqual(before);
        if (flattened.kind !== 'rows') return;
        const fields = input.fields ?? [];
        expect(flattened.rows).toHaveLength(Math.max(1, fields.length - flattened.nullPositions.length));
        flattened.rows.forEach((row, index) => {
          expect(row.field_index).toBe(index);
          for (const value of Object.values(row)) {
            expect(value).not.toBeUndefined();
            if (typeof value === 'string') expect(value.isWellFormed()).toBe(true);
          }
        });
      }),
    );
  });

  test('a raw event restores to an equal event, also through JSON text, and flattens alike', () => {
    void fc.assert(
      fc.property(anyEvent(), (input) => {
        const restored = restoreEvent(JSON.parse(JSON.stringify(rawEvent(input))));
        expect(datesByText(restored)).toEqual(datesByText(input));
        expect(flatten(restored)).toEqual(flatten(input));
        expect(eventKey(restored)).toBe(eventKey(input));
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    [{ $date: 'x' }],
    [{ $literal: { $number: 'NaN' } }],
    [{ $number: 1, other: 2 }],
    [JSON.parse('{"__proto__": {"polluted": true}}')],
    [{ $decimal: 'x' }],
    [[undefined, -0, Number.NaN, new Uint8Array([1, 2, 255]), new ExactDecimal('1e400')]],
  ])('what looks like a tag, or has none in JSON, comes back: %p', (value) => {
    const input = { $unknown: ['x', value] } as unknown as AuditEvent;
    const restored = restoreEvent(JSON.parse(JSON.stringify(rawEvent(input))));
    expect(restored).toStrictEqual(input);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

test('an invalid date comes back as an invalid date', () => {
  const { performedTime } = restoreEvent(JSON.parse(JSON.stringify(rawEvent({ performedTime: new Date(Number.NaN) }))));
  expect(performedTime).toBeInstanceOf(Date);
  expect(performedTime?.getTime()).toBeNaN();
});

describe('eventKey', () => {
  test('is the event’s id where there is one', () => {
    expect(eventKey(event({ eventId: 'abc' }))).toBe('abc');
  });

  test('is a hash of the content otherwise: the order of keys does not matter, any value does', () => {
    const first = { type: 'T', performedTime: new Date(5), fields: [] };
    const reordered = { fields: [], performedTime: new Date(5), type: 'T' };
    expect(eventKey(first)).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(eventKey(reordered)).toBe(eventKey(first));
    expect(eventKey({ ...first, performedTime: new Date(6) })).not.toBe(eventKey(first));
    expect(eventKey({ ...first, eventId: '' })).toMatch(/^sha256:/);
  });

  test('hashes JSON with sorted keys at every depth, lists in their order: the ledger relies on it in every later version', () => {
    const newValue = { $unknown: ['x', { b: [2, 1], a: -0 }] as const };
    const text =
      '{"fields":[{"newValue":{"$unknown":["x",{"a":{"$number":"-0"},"b":[2,1]}]},"oldValue":null},null],' +
      '"performedTime":{"$date":"1970-01-01T00:00:00.005Z"},"type":"T"}';
    expect(eventKey({ type: 'T', performedTime: new Date(5), fields: [{ oldValue: null, newValue }, null] })).toBe(
      `sha256:${createHash('sha256').update(text).digest('hex')}`,
    );
  });
});

describe('sortChanges and estimateBytes', () => {
  test('orders by time, case, event, field, in code-unit order, and leaves its input alone', () => {
    const at = (time: number, case_id: string, event_id: string, field_index: number) =>
      row({ performed_time: new Date(time), case_id, event_id, field_index });
    const sorted = [
      at(-1, 'z', 'z', 9),
      at(1, 'A', 'z', 0),
      at(1, 'a', 'a', 2),
      at(1, 'a', 'a', 10),
      at(1, 'a', 'b', 0),
      at(1, 'ä', 'a', 0),
      at(1, '😀', 'a', 0),
      at(1, '\uffff', 'a', 0),
    ];
    void fc.assert(
      fc.property(fc.shuffledSubarray(sorted, { minLength: sorted.length }), (shuffled) => {
        const before = [...shuffled];
        expect(sortChanges(shuffled)).toEqual(sorted);
        expect(shuffled).toEqual(before);
      }),
    );
  });

  test('the estimate is at least the UTF-8 bytes of every string', () => {
    const [long] = rowsOf(event({ fields: [setTo('status', '€'.repeat(4_100))] }));
    const bytes = estimateBytes(long as FieldChange);
    expect(bytes).toBeGreaterThan(3 * 4_100);
    expect(bytes).toBeLessThan(3 * 4_100 + 500);
    const [with1000] = rowsOf(event({ fields: [], other: { note: '€'.repeat(1_000) } }));
    const [without] = rowsOf(event({ fields: [] }));
    expect(estimateBytes(with1000 as FieldChange) - estimateBytes(without as FieldChange)).toBeGreaterThan(3_000);
  });
});

function event(change: object): AuditEvent {
  return {
    eventId: 'event-1',
    type: 'Case.Updated',
    relatedItemType: 'Comment',
    performedTime: new Date('2024-05-06T07:08:09.123Z'),
    performedBy: { user: { userArn: 'arn:user' }, iamPrincipalArn: 'arn:principal' },
    fields: [],
    ...change,
  };
}

function flatten(input: AuditEvent) {
  return flattenEvent(input, 'case-1', 'template-1', DICTIONARY);
}

function rowsOf(input: AuditEvent, templateId: string | null = 'template-1'): readonly FieldChange[] {
  const flattened = flattenEvent(input, 'case-1', templateId, DICTIONARY);
  if (flattened.kind !== 'rows') throw new Error(flattened.reason);
  return flattened.rows;
}

function side(oldValue: FieldValueUnion | undefined, newValue: FieldValueUnion | undefined, which: 'old' | 'new') {
  const [row] = rowsOf(event({ fields: [{ eventFieldId: 'f', oldValue, newValue }] }));
  return {
    type: row?.[`${which}_value_type`],
    text: row?.[`${which}_value`],
    double: row?.[`${which}_value_double`],
    boolean: row?.[`${which}_value_boolean`],
  };
}

function byField(a: { readonly field_id: string | null }, b: { readonly field_id: string | null }): number {
  return String(a.field_id) < String(b.field_id) ? -1 : 1;
}

/** Jest holds two invalid dates for different. */
function datesByText(value: unknown): unknown {
  if (value instanceof Date) return `date ${value.getTime()}`;
  if (Array.isArray(value)) return value.map(datesByText);
  if (typeof value !== 'object' || value === null) return value;
  // A member that is undefined is as good as absent: JSON knows none, and jest tells them apart where the name is inherited.
  const present = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(present.map(([key, member]) => [key, datesByText(member)]));
}

/** Events as an API that keeps no promise might send them. */
function anyEvent(): fc.Arbitrary<AuditEvent> {
  const text = fc.string({ unit: 'binary' });
  const raggedText = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));
  const anything = fc.anything({ withDate: true, withBigInt: true, withNullPrototype: false, withSparseArray: false });
  const unknown = fc.tuple(text, anything);
  const value = fc.oneof(
    fc.record({ stringValue: fc.oneof(text, raggedText) }),
    fc.record({ doubleValue: fc.double() }),
    fc.record({ booleanValue: fc.boolean() }),
    fc.record({ emptyValue: fc.constant({}) }),
    fc.record({ userArnValue: text }),
    fc.record({ $unknown: unknown }),
    fc.constantFrom(undefined, null, {}, { stringValue: 'a', doubleValue: 2 }),
  );
  const field = fc.option(fc.record({ eventFieldId: text, oldValue: value, newValue: value }, { requiredKeys: [] }));
  const user = fc.oneof(
    fc.record({ userArn: text }),
    fc.record({ customEntity: text }),
    fc.record({ $unknown: unknown }),
  );
  return fc.record(
    {
      eventId: fc.oneof(text, raggedText),
      type: text,
      relatedItemType: text,
      performedTime: fc.date(),
      fields: fc.array(field, { maxLength: 5 }),
      performedBy: fc.record({ user, iamPrincipalArn: text }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<AuditEvent>;
}
