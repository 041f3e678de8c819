import type { FieldType, FieldValueUnion, UserUnion } from '@aws-sdk/client-connectcases';
import { DOMAIN, errorOf, START, setUpEach, text } from './support';

const setup = setUpEach();

async function valuesOf(caseId: string, ...ids: string[]) {
  const fields = ids.map((id) => ({ id }));
  return (await setup.client.getCase({ domainId: DOMAIN, caseId, fields })).fields;
}

describe('creating a case', () => {
  test('sets the system fields and records every initial value', async () => {
    const caseId = await setup.createCase('Broken lamp', [text('case_reason', 'defect')]);
    const [created, ...more] = await setup.eventsOf(caseId);
    expect(more).toEqual([]);
    expect(created).toMatchObject({ type: 'Case.Created', performedTime: new Date(START) });
    expect(created?.relatedItemType).toBeUndefined();
    const time = new Date(START).toISOString();
    expect(created?.fields).toEqual([
      { eventFieldId: 'title', newValue: { stringValue: 'Broken lamp' } },
      { eventFieldId: 'customer_id', newValue: { stringValue: 'arn:aws:profile:customer' } },
      { eventFieldId: 'case_reason', newValue: { stringValue: 'defect' } },
      { eventFieldId: 'status', newValue: { stringValue: 'open' } },
      { eventFieldId: 'reference_number', newValue: { stringValue: '00000001' } },
      { eventFieldId: 'created_datetime', newValue: { stringValue: time } },
    ]);
    expect(await valuesOf(caseId, 'created_datetime', 'last_updated_datetime', 'summary')).toEqual([
      text('created_datetime', time),
      text('last_updated_datetime', time),
    ]);
  });

  test.each<[string, UserUnion | undefined]>([
    ['a Connect user', { userArn: 'arn:aws:connect:::agent/1' }],
    ['a custom entity', { customEntity: 'nightly job' }],
    ['nobody named', undefined],
  ])('names who did it: %s', async (_, performedBy) => {
    const { caseId = '' } = await setup.client.createCase({
      domainId: DOMAIN,
      templateId: setup.service.templateId(DOMAIN),
      fields: [text('title', 't'), text('customer_id', 'c')],
      performedBy,
    });
    const [created] = await setup.eventsOf(caseId);
    expect(created?.performedBy?.user).toEqual(performedBy);
    expect(created?.performedBy?.iamPrincipalArn).toBe('arn:aws:iam::111122223333:role/local-cases');
  });

  test('is idempotent by client token, and a conflict with another request under the same token', async () => {
    const request = {
      domainId: DOMAIN,
      templateId: setup.service.templateId(DOMAIN),
      fields: [text('title', 't'), text('customer_id', 'c')],
      clientToken: 'once',
    };
    const first = await setup.client.createCase(request);
    expect((await setup.client.createCase(request)).caseId).toBe(first.caseId);
    expect(setup.service.history(DOMAIN)).toHaveLength(1);
    const other = { ...request, fields: [text('title', 'u'), text('customer_id', 'c')] };
    expect(await errorOf(setup.client.createCase(other))).toMatchObject({ name: 'ConflictException' });
  });

  test('needs the required fields, a template that exists and is active', async () => {
    const templateId = setup.service.templateId(DOMAIN);
    const bare = setup.client.createCase({ domainId: DOMAIN, templateId, fields: [text('title', 't')] });
    expect(await errorOf(bare)).toMatchObject({
      name: 'ValidationException',
      message: 'Required fields are missing: customer_id',
    });
    const fields = [text('title', 't'), text('customer_id', 'c')];
    const nowhere = setup.client.createCase({ domainId: DOMAIN, templateId: 'no', fields });
    expect(await errorOf(nowhere)).toMatchObject({ name: 'ResourceNotFoundException', resourceType: 'Template' });
    const strict = await setup.client.createTemplate({
      domainId: DOMAIN,
      name: 's',
      requiredFields: [{ fieldId: 'summary' }],
    });
    const short = setup.client.createCase({ domainId: DOMAIN, templateId: strict.templateId, fields });
    expect((await errorOf(short)).message).toContain('summary');
    const retired = await setup.client.createTemplate({ domainId: DOMAIN, name: 'r', status: 'Inactive' });
    const late = setup.client.createCase({ domainId: DOMAIN, templateId: retired.templateId, fields });
    expect(await errorOf(late)).toMatchObject({ name: 'ValidationException' });
  });
});

describe('updating a case', () => {
  const VALUES: [FieldType, FieldValueUnion, FieldValueUnion][] = [
    ['Text', { stringValue: 'Grüße 😀' }, { stringValue: '' }],
    ['Number', { doubleValue: 0.1 }, { doubleValue: Number.NaN }],
    ['Number', { doubleValue: Number.NEGATIVE_INFINITY }, { doubleValue: 1e-300 }],
    ['Boolean', { booleanValue: false }, { booleanValue: true }],
    ['DateTime', { stringValue: '2026-01-01T00:00:00.000Z' }, { stringValue: '2026-01-01T01:00:00+01:00' }],
    ['SingleSelect', { stringValue: 'a' }, { stringValue: 'b' }],
    ['Url', { stringValue: 'https://example.com' }, { stringValue: 'https://example.org' }],
    ['User', { userArnValue: 'arn:aws:connect:::agent/1' }, { userArnValue: 'arn:aws:connect:::agent/2' }],
  ];

  test.each(VALUES)('of a %s field records old and new value, set, changed, cleared, set again', async (type, a, b) => {
    const caseId = await setup.createCase('t');
    const id = await setup.createField(type);
    const empty: FieldValueUnion = { emptyValue: {} };
    for (const value of [a, b, empty, a]) await setup.updateCase(caseId, { id, value });
    const changes = (await setup.eventsOf(caseId)).slice(0, -1).reverse();
    expect(changes.map((event) => event?.type)).toEqual(Array(4).fill('Case.Updated'));
    expect(changes.map((event) => event?.fields)).toEqual([
      [{ eventFieldId: id, newValue: a }],
      [{ eventFieldId: id, oldValue: a, newValue: b }],
      [{ eventFieldId: id, oldValue: b, newValue: empty }],
      [{ eventFieldId: id, oldValue: empty, newValue: a }],
    ]);
    expect(await valuesOf(caseId, id)).toEqual([{ id, value: a }]);
  });

  test('moves last_updated_datetime to the very time of the event, and records only what differs', async () => {
    const caseId = await setup.createCase('t');
    setup.tick(61_001);
    await setup.updateCase(caseId, text('title', 't'), text('summary', 's'));
    const [updated] = await setup.eventsOf(caseId);
    expect(updated?.fields).toEqual([{ eventFieldId: 'summary', newValue: { stringValue: 's' } }]);
    expect(updated?.performedTime).toEqual(new Date(START + 61_001));
    const time = '2026-03-01T10:01:01.001Z';
    expect(await valuesOf(caseId, 'last_updated_datetime')).toEqual([text('last_updated_datetime', time)]);
  });

  test('does nothing where nothing differs', async () => {
    const caseId = await setup.createCase('t');
    setup.tick(1_000);
    await setup.updateCase(caseId, text('title', 't'), { id: 'summary', value: { emptyValue: {} } });
    expect(await setup.eventsOf(caseId)).toHaveLength(1);
    const time = new Date(START).toISOString();
    expect(await valuesOf(caseId, 'last_updated_datetime')).toEqual([text('last_updated_datetime', time)]);
  });

  test('to closed sets last_closed_datetime, as part of the event', async () => {
    const caseId = await setup.createCase('t');
    setup.tick(1_000);
    await setup.updateCase(caseId, text('status', 'closed'));
    const [closed] = await setup.eventsOf(caseId);
    const newValue = { stringValue: new Date(START + 1_000).toISOString() };
    expect(closed?.fields).toContainEqual({ eventFieldId: 'last_closed_datetime', newValue });
  });

  test('names who did it', async () => {
    const caseId = await setup.createCase('t');
    const performedBy = { customEntity: 'bot' };
    await setup.client.updateCase({ domainId: DOMAIN, caseId, fields: [text('title', 'u')], performedBy });
    expect((await setup.eventsOf(caseId))[0]?.performedBy?.user).toEqual(performedBy);
  });

  test('refuses what a field does not take', async () => {
    const caseId = await setup.createCase('t');
    const number = await setup.createField('Number');
    const date = await setup.createField('DateTime');
    const gone = await setup.createField('Text');
    await setup.client.deleteField({ domainId: DOMAIN, fieldId: gone });
    const refused: [string, FieldValueUnion, string][] = [
      [number, { stringValue: '1' }, 'takes doubleValue'],
      [date, { stringValue: 'tomorrow' }, 'ISO 8601'],
      [date, { stringValue: '2026-02-30T00:00:00' }, 'ISO 8601'],
      [gone, { stringValue: 'x' }, 'is deleted'],
      ['no-such-field', { stringValue: 'x' }, 'does not exist'],
      ['last_updated_datetime', { stringValue: '2026-01-01T00:00:00Z' }, 'set by the service'],
      ['status', { stringValue: 'ajar' }, 'no active option'],
      ['title', { emptyValue: {} }, 'is required'],
      ['summary', { stringValue: 'x'.repeat(3_001) }, 'at most 3000'],
    ];
    for (const [id, value, message] of refused) {
      const error = await errorOf(setup.updateCase(caseId, { id, value }));
      expect([error.name, error.message]).toEqual(['ValidationException', expect.stringContaining(message)]);
    }
    const twice = await errorOf(setup.updateCase(caseId, text('title', 'a'), text('title', 'b')));
    expect(twice.message).toContain('more than once');
    expect(await setup.eventsOf(caseId)).toHaveLength(1);
  });
});

describe('deleting a case', () => {
  test('makes it unknown to every operation, while the history stays for the tests', async () => {
    const caseId = await setup.createCase('t');
    await setup.client.deleteCase({ domainId: DOMAIN, caseId });
    const calls = [
      () => setup.eventsOf(caseId),
      () => valuesOf(caseId, 'title'),
      () => setup.updateCase(caseId, text('title', 'u')),
      () => setup.client.deleteCase({ domainId: DOMAIN, caseId }),
    ];
    for (const call of calls) {
      expect(await errorOf(call())).toMatchObject({ name: 'ResourceNotFoundException', resourceId: caseId });
    }
    expect(setup.service.history(DOMAIN)).toMatchObject([{ caseId, deleted: true, events: [{ injected: false }] }]);
  });
});

describe('the history', () => {
  test('is what a client reads, event by event', async () => {
    const caseId = await setup.createCase('t');
    await setup.updateCase(caseId, text('title', 'u'), text('summary', 's'));
    const [history] = setup.service.history(DOMAIN);
    const read = (await setup.eventsOf(caseId)).reverse();
    expect(history?.templateId).toBe(setup.service.templateId(DOMAIN));
    expect(history?.events.map(({ event }) => ({ ...event, performedTime: new Date(event.performedTime) }))).toEqual(
      read,
    );
  });

  test('carries what the client cannot send: -0, and a lone surrogate', async () => {
    const caseId = await setup.createCase('t');
    const fields = [
      { eventFieldId: 'n', newValue: { doubleValue: -0 } },
      { eventFieldId: 's', newValue: { stringValue: 'a\ud800b' } },
    ];
    const performedTime = '2026-03-01T10:00:00.000Z';
    setup.service.injectEvent(DOMAIN, caseId, { eventId: 'raw', type: 'Case.Updated', performedTime, fields });
    expect((await setup.eventsOf(caseId))[0]?.fields).toEqual(fields);
  });

  test('takes raw events of kinds that do not exist yet, which the client shows as unknown', async () => {
    const caseId = await setup.createCase('t');
    setup.service.injectEvent(DOMAIN, caseId, {
      eventId: 'raw',
      type: 'Case.Merged',
      performedTime: '2026-03-01T10:00:00.000Z',
      fields: [{ eventFieldId: 'x', newValue: { listValue: [1, 2] } }, null],
    });
    const answer = await setup.eventsOf(caseId).finally(() => {
      // The schema check must notice it too.
      expect(setup.findings).toEqual([expect.stringContaining('newValue.listValue: is unknown')]);
      (setup.findings as string[]).length = 0;
    });
    expect(answer[0]).toMatchObject({
      type: 'Case.Merged',
      fields: [{ newValue: { $unknown: ['listValue', [1, 2]] } }, null],
    });
    expect(setup.service.history(DOMAIN)[0]?.events.map(({ injected }) => injected)).toEqual([false, true]);
  });
});
