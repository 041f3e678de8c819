/**
 * Contract: two whole reads of a case that say the same have one digest, in whatever order; any other content has another. Digests
 * are stored, so those of this version are those of every later one.
 */
import fc from 'fast-check';
import { type AuditEvent, ExactDecimal } from '../../../lambda/export/domain/audit-event';
import { addDigests, contentDigest, digestText } from '../../../lambda/export/domain/content-digest';

const EVENT: AuditEvent = {
  eventId: 'event-1',
  type: 'Case.Updated',
  relatedItemType: 'Comment',
  performedTime: new Date('2024-05-06T07:08:09.123Z'),
  performedBy: { user: { userArn: 'arn:user' }, iamPrincipalArn: 'arn:principal', other: { ip: '::1' } },
  fields: [
    { eventFieldId: 'a', oldValue: { stringValue: 'x' }, newValue: { doubleValue: 1 }, other: { why: { b: 1, a: 2 } } },
    { eventFieldId: 'b', newValue: { $unknown: ['pointValue', [1, 2]] } },
    null,
  ],
  other: { version: 3, caseVersion: 4 },
};

const digest = (change: object) => contentDigest({ ...EVENT, ...change });

test('stays what it is: stored digests are compared by every later version', () => {
  expect(digestText(contentDigest(EVENT))).toBe('36e9812b2c4f795cb1f269b658b07580');
  expect(digestText(contentDigest({}))).toBe('60f13554ea0d53972f8face92b4aac7a');
});

describe('The same content', () => {
  test('in another order of members and of fields has the same digest', () => {
    const [a, b] = EVENT.fields ?? [];
    const reordered = {
      other: { caseVersion: 4, version: 3 },
      fields: [
        b,
        null,
        {
          other: { why: { a: 2, b: 1 } },
          newValue: { doubleValue: 1 },
          oldValue: { stringValue: 'x' },
          eventFieldId: 'a',
        },
      ],
      performedBy: { other: { ip: '::1' }, iamPrincipalArn: 'arn:principal', user: { userArn: 'arn:user' } },
      performedTime: new Date('2024-05-06T07:08:09.123Z'),
      relatedItemType: 'Comment',
      type: 'Case.Updated',
      eventId: 'event-1',
    } as AuditEvent;
    expect(contentDigest(reordered)).toBe(contentDigest(EVENT));
    expect(digest({ fields: [a, null, b] })).toBe(digest({}));
  });

  test('with members that are undefined or null in place of absent ones has the same digest', () => {
    const bare = { eventId: 'e', fields: [{ eventFieldId: 'a' }] };
    const spelled = {
      type: undefined,
      performedBy: null,
      other: undefined,
      fields: [{ eventFieldId: 'a', oldValue: null }],
    };
    expect(contentDigest({ ...bare, ...spelled } as AuditEvent)).toBe(contentDigest(bare));
  });

  test('held as a member of the model by a later version has the same digest', () => {
    const { other, ...known } = EVENT;
    expect(contentDigest({ ...known, ...other } as AuditEvent)).toBe(contentDigest(EVENT));
  });
});

describe('Other content has another digest', () => {
  const [a, b] = EVENT.fields ?? [];
  const fields = (...list: unknown[]) => ({ fields: list });
  const value = (newValue: unknown) => fields({ eventFieldId: 'a', newValue });
  const changes: readonly object[] = [
    {},
    { eventId: 'event-2' },
    { type: 'Case.Created' },
    { relatedItemType: undefined },
    { relatedItemType: 'Case.Updated', type: 'Comment' },
    { performedTime: new Date('2024-05-06T07:08:09.124Z') },
    { performedTime: EVENT.performedTime?.getTime() },
    { performedTime: EVENT.performedTime?.toISOString() },
    { performedTime: undefined },
    { performedBy: undefined },
    { performedBy: {} },
    { performedBy: ['arn:principal'] },
    { performedBy: { ...EVENT.performedBy, other: undefined } },
    { performedBy: { ...EVENT.performedBy, user: { customEntity: 'arn:user' } } },
    { performedBy: { ...EVENT.performedBy, user: { $unknown: ['robot', 1] } } },
    { other: undefined },
    { other: { version: 3 } },
    { other: { version: '3', caseVersion: 4 } },
    { fields: undefined },
    { fields: {} },
    fields(),
    fields(a, b),
    fields(a, a, b),
    fields(a, b, null, null),
    fields('a'),
    value(undefined),
    value({}),
    value({ stringValue: '1' }),
    value({ doubleValue: 1 }),
    value({ doubleValue: -0 }),
    value({ doubleValue: 0 }),
    value({ doubleValue: Number.NaN }),
    value({ doubleValue: 'NaN' }),
    value({ doubleValue: new ExactDecimal('9007199254740993') }),
    value({ doubleValue: 9007199254740992 }),
    value({ booleanValue: true }),
    value({ booleanValue: 'true' }),
    value({ emptyValue: {} }),
    value({ stringValue: '1', doubleValue: 1 }),
    value({ $unknown: ['stringValues', '1'] }),
    value({ $unknown: ['stringValues', ['1']] }),
    value({ $unknown: 'stringValue' }),
    value('stringValue'),
    value(['stringValue', '1']),
    { fields: [{ eventFieldId: 'a', oldValue: { stringValue: '1' } }] },
    { fields: [{ eventFieldId: 'a', newValue: { stringValue: '\ud800' } }] },
    { fields: [{ eventFieldId: 'a', newValue: { stringValue: '\ufffd' } }] },
    { fields: [{ eventFieldId: 'a', newValue: { stringValue: '1' }, other: { newValue: 1 } }] },
  ];

  test('whichever member it is that changes', () => {
    expect(new Set(changes.map(digest)).size).toBe(changes.length);
  });
});

describe('A sum of digests', () => {
  const some = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });

  test('law: does not depend on order, and stays below 2^128', () => {
    fc.assert(
      fc.property(some, some, some, (a, b, c) => {
        const sum = addDigests(addDigests(a, b), c);
        expect(addDigests(c, addDigests(b, a))).toBe(sum);
        expect(sum).toBe((a + b + c) % 2n ** 128n);
      }),
    );
  });

  test('law: goes through its text, of 32 hex digits', () => {
    fc.assert(
      fc.property(some, (sum) => {
        expect(digestText(sum)).toMatch(/^[0-9a-f]{32}$/);
        expect(BigInt(`0x${digestText(sum)}`)).toBe(sum);
      }),
    );
    expect(digestText(0n)).toBe('0'.repeat(32));
  });
});
