import { findMismatches, schemaNamed } from './schema-check';

const AUDIT = schemaNamed('GetCaseAuditEventsResponse');

function soundAnswer() {
  return {
    auditEvents: [
      null,
      {
        eventId: 'e1',
        type: 'Case.Updated',
        performedTime: '2026-01-02T03:04:05.678Z',
        fields: [null, { eventFieldId: 'f', oldValue: { emptyValue: {} }, newValue: { doubleValue: 'NaN' } }],
        performedBy: { user: { customEntity: 'bot' }, iamPrincipalArn: 'arn' },
      },
    ],
    nextToken: 't',
  };
}

type Event = Record<string, unknown> & { fields: unknown[] };

function broken(change: (event: Event, answer: Record<string, unknown>) => void): string[] {
  const answer: Record<string, unknown> = soundAnswer();
  change((answer['auditEvents'] as Event[])[1] as Event, answer);
  return findMismatches(AUDIT, answer);
}

describe('the schema check', () => {
  test('finds nothing in a sound answer, with nulls where the model allows them', () => {
    expect(findMismatches(AUDIT, soundAnswer())).toEqual([]);
  });

  test.each<[string, (event: Event, answer: Record<string, unknown>) => void, string]>([
    ['a missing required list', (_, answer) => delete answer['auditEvents'], '$.auditEvents: is missing'],
    ['a missing required member', (event) => delete event['eventId'], '$.auditEvents[1].eventId: is missing'],
    ['an unknown member', (event) => Object.assign(event, { relatedItemId: 'x' }), '.relatedItemId: is unknown'],
    ['a timestamp that is a number', (event) => Object.assign(event, { performedTime: 1 }), 'performedTime: 1 is not'],
    [
      'a timestamp that is no date',
      (event) => Object.assign(event, { performedTime: 'x' }),
      'performedTime: "x" is not',
    ],
    ['a string that is a number', (_, answer) => Object.assign(answer, { nextToken: 1 }), '$.nextToken: 1 is not'],
    ['a null member', (_, answer) => Object.assign(answer, { nextToken: null }), '$.nextToken: is null'],
    ['a list that is none', (event) => Object.assign(event, { fields: {} }), 'fields: is not a list'],
    [
      'a union with two members',
      (event) => event.fields.push({ eventFieldId: 'f', newValue: { stringValue: '', booleanValue: true } }),
      'newValue: has 2 members',
    ],
    [
      'an unknown union member',
      (event) => event.fields.push({ eventFieldId: 'f', newValue: { futureValue: {} } }),
      'newValue.futureValue: is unknown',
    ],
    [
      'an empty union',
      (event) => Object.assign(event, { performedBy: { iamPrincipalArn: 'a', user: {} } }),
      'user: has 0 members',
    ],
  ])('finds %s', (_, change, finding) => {
    const findings = broken(change);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toContain(finding);
  });

  test('finds a null in a list that is not sparse', () => {
    expect(findMismatches(schemaNamed('ListFieldsResponse'), { fields: [null] })).toEqual(['$.fields[0]: is null']);
  });

  test('finds a null value only in a map that is not sparse', () => {
    const answer = (tags: object) => ({ fields: [], templateId: 't', tags });
    expect(findMismatches(schemaNamed('GetCaseResponse'), answer({ a: null, b: 'c' }))).toEqual([]);
    expect(findMismatches(schemaNamed('GetCaseResponse'), answer({ a: 1 }))).toHaveLength(1);
  });

  test('does not look for members in the body that travel in a header', () => {
    expect(findMismatches(schemaNamed('InternalServerException'), { message: 'm' })).toEqual([]);
    expect(findMismatches(schemaNamed('InternalServerException'), { message: 'm', retryAfterSeconds: 1 })).toHaveLength(
      1,
    );
  });

  test('refuses to look for a schema that does not exist', () => {
    expect(() => schemaNamed('NoSuchThing')).toThrow('exports no schema NoSuchThing$');
  });
});
