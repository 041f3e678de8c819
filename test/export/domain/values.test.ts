/**
 * Contract: JSON that keeps what plain JSON would lose, in the form that quarantine objects have been stored in; and unions of
 * which exactly one member counts.
 */
import { ExactDecimal, type FieldValueUnion, type UserUnion } from '../../../lambda/export/domain/audit-event';
import {
  ABSENT,
  canonicalJson,
  fromJsonValue,
  losslessJson,
  toJsonValue,
  Unrepresentable,
  userColumns,
  valueColumns,
} from '../../../lambda/export/domain/values';

describe('A JSON value', () => {
  test.each<[string, unknown, unknown]>([
    ['null', null, null],
    ['text', 'a', 'a'],
    ['a boolean', false, false],
    ['a number', 1.5, 1.5],
    ['minus zero', -0, { $number: '-0' }],
    ['NaN', Number.NaN, { $number: 'NaN' }],
    ['minus infinity', Number.NEGATIVE_INFINITY, { $number: '-Infinity' }],
    ['a number that no double keeps', new ExactDecimal('1e400'), { $decimal: '1e400' }],
    ['a bigint', 12n, { $bigint: '12' }],
    ['a date', new Date(5), { $date: '1970-01-01T00:00:00.005Z' }],
    ['an invalid date', new Date(Number.NaN), { $date: 'Invalid Date' }],
    ['bytes', new Uint8Array([1, 2, 255]), { $bytes: 'AQL/' }],
    ['undefined in a list', [undefined, 1], [{ $undefined: true }, 1]],
    ['a hole of a list', new Array(1), [{ $undefined: true }]],
    ['a member that is undefined', { a: undefined, b: 1 }, { b: 1 }],
    ['an object with a member like a tag and others', { $number: 1, other: 2 }, { $number: 1, other: 2 }],
    ['an empty object', {}, {}],
  ])('of %s is as quarantine objects have it stored', (_, value, stored) => {
    expect(toJsonValue(value)).toStrictEqual(stored);
    expect(losslessJson(value)).toBe(JSON.stringify(stored));
  });

  test.each([[() => 1], [Symbol('s')], [undefined]])('knows data only: %p counts as undefined', (value) => {
    expect(toJsonValue(value)).toEqual({ $undefined: true });
  });

  test.each(['$date', '$number', '$decimal', '$bigint', '$bytes', '$undefined', '$literal'])(
    'of an object that merely looks like the tag %s is marked, and comes back as that object',
    (tag) => {
      for (const lookalike of [{ [tag]: '12' }, { [tag]: '12', other: undefined }]) {
        expect(toJsonValue(lookalike)).toEqual({ $literal: { [tag]: '12' } });
        expect(fromJsonValue(toJsonValue(lookalike))).toStrictEqual({ [tag]: '12' });
      }
    },
  );
});

describe('Canonical JSON', () => {
  test('has names in code-unit order at every depth, and lists as they are', () => {
    expect(canonicalJson({ b: [{ d: 1, c: [2, 1] }, null], a: 'x', '😀': 1, '\uffff': 2 })).toBe(
      '{"a":"x","b":[{"c":[2,1],"d":1},null],"😀":1,"\uffff":2}',
    );
  });
});

describe('A union', () => {
  test('has the members that are there: what is undefined or null is none', () => {
    const value = { stringValue: undefined, booleanValue: null, doubleValue: 1 } as unknown as FieldValueUnion;
    expect(valueColumns(value, 'v')).toEqual({ ...ABSENT, type: 'double', text: '1', double: 1 });
    const user = { userArn: undefined, customEntity: 'bot' };
    expect(userColumns(user, 'u')).toEqual({ userArn: null, customEntity: 'bot', other: null });
  });

  test.each(['string', 'double', 'boolean', 'userArn', 'empty'])(
    'with an unknown member that would pass for the known type %s is refused',
    (name) => {
      expect(() => valueColumns({ $unknown: [name, 1] }, 'v')).toThrow(
        new Unrepresentable('v has an unknown member named like a known type'),
      );
    },
  );

  test.each([['x'], [[]], [[5, 1]], [{ 0: 'x' }]])(
    'with %p for name and value of an unknown member is refused',
    (pair) => {
      expect(() => valueColumns({ $unknown: pair } as unknown as FieldValueUnion, 'v')).toThrow(
        new Unrepresentable('v.$unknown is not a pair of name and value'),
      );
    },
  );

  test('with a member of another type is refused by the name of the member', () => {
    const user = { customEntity: 5 } as unknown as UserUnion;
    expect(() => userColumns(user, 'performedBy.user')).toThrow('performedBy.user.customEntity is not a string');
  });

  test('is refused by an error that says so by its name', () => {
    expect(new Unrepresentable('reason')).toMatchObject({ name: 'Unrepresentable', message: 'reason' });
  });
});
