import type { FieldType } from '@aws-sdk/client-connectcases';
import { DOMAIN, errorOf, type Setup, setUp, text } from './support';

let setup: Setup;
let caseId: string;
beforeAll(async () => {
  setup = await setUp();
  caseId = await setup.createCase('t');
});
afterAll(async () => {
  await setup.close();
  expect(setup.findings).toEqual([]);
});

const ids = (count: number) => Array.from({ length: count }, () => ({ id: 'title' }));
const domainId = DOMAIN;
const required = [text('title', 't'), text('customer_id', 'c')];

function create(overrides: object) {
  const templateId = setup.service.templateId(DOMAIN);
  return setup.client.createCase({ domainId, templateId, fields: required, ...overrides });
}

function comment(body: string) {
  const content = { comment: { body, contentType: 'Text/Plain' as const } };
  return setup.client.createRelatedItem({ domainId, caseId, type: 'Comment', content });
}

const many = (length: number) => Array.from({ length }, () => ({ field: { equalTo: text('title', 't') } }));

describe('the limit', () => {
  test.each<[string, (beyond: boolean) => Promise<unknown>, string]>([
    ['SearchCases, 100 a page', (x) => setup.client.searchCases({ domainId, maxResults: x ? 101 : 100 }), 'maxResults'],
    ['SearchCases, 1 a page', (x) => setup.client.searchCases({ domainId, maxResults: x ? 0 : 1 }), 'maxResults'],
    ['SearchCases, 25 fields', (x) => setup.client.searchCases({ domainId, fields: ids(x ? 26 : 25) }), 'fields'],
    [
      'SearchCases, 2 sorts',
      (x) => {
        const sort = { fieldId: 'title', sortOrder: 'Asc' as const };
        return setup.client.searchCases({ domainId, sorts: x ? [sort, sort, sort] : [sort, sort] });
      },
      'sorts',
    ],
    ['10 filters', (x) => setup.client.searchCases({ domainId, filter: { orAll: many(x ? 11 : 10) } }), 'filter.orAll'],
    [
      'a search term of 255 characters',
      (x) => setup.client.searchCases({ domainId, searchTerm: 'x'.repeat(x ? 256 : 255) }),
      'searchTerm',
    ],
    [
      'GetCaseAuditEvents, 25 a page',
      (x) => setup.client.getCaseAuditEvents({ domainId, caseId, maxResults: x ? 26 : 25 }),
      'maxResults',
    ],
    [
      'SearchAllRelatedItems, 25 a page',
      (x) => setup.client.searchAllRelatedItems({ domainId, maxResults: x ? 26 : 25 }),
      'maxResults',
    ],
    ['ListFields, 100 a page', (x) => setup.client.listFields({ domainId, maxResults: x ? 101 : 100 }), 'maxResults'],
    ['ListDomains, 10 a page', (x) => setup.client.listDomains({ maxResults: x ? 11 : 10 }), 'maxResults'],
    ['BatchGetField, 50 ids', (x) => setup.client.batchGetField({ domainId, fields: ids(x ? 51 : 50) }), 'fields'],
    ['BatchGetField, 1 id', (x) => setup.client.batchGetField({ domainId, fields: ids(x ? 0 : 1) }), 'fields'],
    ['GetCase, 220 fields', (x) => setup.client.getCase({ domainId, caseId, fields: ids(x ? 221 : 220) }), 'fields'],
    [
      'a field name of 100 characters',
      (x) => setup.client.createField({ domainId, name: 'n'.repeat(x ? 101 : 100), type: 'Text' }),
      'name',
    ],
    [
      'a field name that is not blank',
      (x) => setup.client.createField({ domainId, name: x ? '  ' : ' n ', type: 'Text' }),
      'name',
    ],
    [
      'a field type of the seven',
      (x) => setup.client.createField({ domainId, name: 'typed', type: (x ? 'Colour' : 'Url') as FieldType }),
      'type',
    ],
    [
      'a value of 4,100 characters',
      (x) => setup.updateCase(caseId, text('title', 'v'.repeat(x ? 4_101 : 4_100))),
      'fields',
    ],
    ['a comment of 15,000 characters', (x) => comment('c'.repeat(x ? 15_001 : 15_000)), 'content.comment.body'],
    ['a comment that says something', (x) => comment(x ? '' : 'c'), 'content.comment.body'],
    ['a client token of 64 characters', (x) => create({ clientToken: 'k'.repeat(x ? 65 : 64) }), 'clientToken'],
    ['tags that are not of AWS', (x) => create({ tags: { [x ? 'aws:a' : 'a']: 'b' } }), 'tags'],
    [
      'a custom entity of these characters',
      (x) => create({ performedBy: { customEntity: x ? 'a\nb' : 'a b' } }),
      'performedBy',
    ],
    [
      'a known kind of user',
      (x) => create({ performedBy: x ? { $unknown: ['robot', 'r'] } : { userArn: 'u' } }),
      'performedBy',
    ],
  ])('%s, is where it should be', async (_, call, member) => {
    await call(false);
    const error = await errorOf(call(true));
    expect([error.name, error['$metadata']]).toEqual([
      'ValidationException',
      expect.objectContaining({ httpStatusCode: 400 }),
    ]);
    expect(error.message).toContain(`at '${member}`);
  });

  test('nextToken, 9,000 characters', async () => {
    const refused = async (length: number) =>
      (await errorOf(setup.client.searchCases({ domainId, nextToken: 'x'.repeat(length) }))).message;
    expect(await refused(9_001)).toContain("at 'nextToken'");
    expect(await refused(9_000)).toContain('not valid for this request');
  });
});

describe('the protocol', () => {
  const post = async (path: string, body: string, method = 'POST') => {
    const response = await fetch(`${setup.service.url}${path}`, { method, body });
    const answer = (await response.json()) as { message?: string };
    return [response.status, response.headers.get('x-amzn-errortype'), answer.message];
  };

  test('answers a body that is not a JSON object with SerializationException', async () => {
    for (const body of ['{', '[]', '"x"', 'null']) {
      const [status, type] = await post(`/domains/${DOMAIN}/cases-search`, body);
      expect([status, type]).toEqual([400, 'SerializationException']);
    }
  });

  test('ignores members it does not know', async () => {
    expect((await post(`/domains/${DOMAIN}/cases-search`, '{"newMember":1}'))[0]).toBe(200);
  });

  test('refuses numbers in a query string that are none', async () => {
    const [status, type] = await post(`/domains/${DOMAIN}/fields-list?maxResults=ten`, '');
    expect([status, type]).toEqual([400, 'ValidationException']);
  });

  test('knows no other operations', async () => {
    const [status, type, message] = await post('/domains/d/rules-list/', '');
    expect([status, type, message]).toEqual([404, 'UnknownOperationException', expect.stringContaining('rules-list')]);
  });

  test('refuses a union with two members or none', async () => {
    const value = (union: string) => `{"fields":[{"id":"title","value":${union}}]}`;
    for (const union of ['{}', '{"stringValue":"a","booleanValue":true}', '"a"', 'null']) {
      const answer = await post(`/domains/${DOMAIN}/cases/${caseId}`, value(union), 'PUT');
      expect(answer).toEqual([400, 'ValidationException', expect.stringContaining('exactly one member')]);
    }
    expect(
      (await post(`/domains/${DOMAIN}/cases/${caseId}`, value('{"stringValue":"a","booleanValue":null}'), 'PUT'))[0],
    ).toBe(200);
  });
});
