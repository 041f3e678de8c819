/** What the adapter makes of single answers, sound and broken, on the wire itself: a raw HTTP server plays the service. */
import { getEventListeners } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { ConnectCasesClient } from '@aws-sdk/client-connectcases';
import { createCasesApi, createCasesClient } from '../../../lambda/export/aws/cases-api';
import { CasesCallError, type CasesFailure } from '../../../lambda/export/domain/errors';
import type { CasesApi } from '../../../lambda/export/ports';
import { patient } from '../../support/patient';
import { rejection } from '../../support/rejections';
import { setAwsEnvironment } from './aws-environment';

interface Request {
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

const DATE = 'Mon, 05 Jan 2026 09:00:00 GMT';
const DATE_MS = Date.UTC(2026, 0, 5, 9);
const never = new AbortController().signal;
const requests: Request[] = [];
let answer: (response: ServerResponse) => void;
let api: CasesApi;
let client: ConnectCasesClient;
let restoreEnvironment: () => void;

const setEndpoint = (port: number) => setAwsEnvironment({ AWS_ENDPOINT_URL_CONNECTCASES: `http://127.0.0.1:${port}` });

const server = createServer((request, response) => {
  const chunks: Uint8Array[] = [];
  request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  request.on('end', () => {
    const text = Buffer.concat(chunks).toString();
    requests.push({
      line: `${request.method} ${request.url}`,
      headers: request.headers,
      body: text === '' ? undefined : JSON.parse(text),
    });
    answer(response);
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  restoreEnvironment = setEndpoint((server.address() as AddressInfo).port);
  client = patient(createCasesClient());
  api = createCasesApi(client);
});
beforeEach(() => {
  requests.length = 0;
});
afterAll(async () => {
  client.destroy();
  restoreEnvironment();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function reply(body: unknown, status = 200, headers: Record<string, string> = {}): void {
  answer = (response) => {
    response.sendDate = false;
    response.writeHead(status, { date: DATE, 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

function replyError(status: number, name: string | undefined, headers: Record<string, string> = {}): void {
  const type = name === undefined ? {} : { 'x-amzn-errortype': name };
  reply({ message: 'Jane Doe' }, status, { ...type, 'x-amzn-requestid': 'request-1', ...headers });
}

const readEvents = (signal = never) => api.getCaseAuditEvents({ domainId: 'd1', caseId: 'c1' }, signal);
const searchCases = () => api.searchCases({ domainId: 'd1', by: 'created_datetime', from: 0 }, never);
const searchItems = () => api.searchAllRelatedItems({ domainId: 'd1' }, never);
const listFields = (from = api) => from.listFields({ domainId: 'd1' }, never);
const listOptions = () => api.listFieldOptions({ domainId: 'd1', fieldId: 'f1' }, never);
const listTemplates = () => api.listTemplates({ domainId: 'd1' }, never);

async function failureOf(call: Promise<unknown>): Promise<CasesCallError> {
  const error = await rejection(call);
  if (!(error instanceof CasesCallError)) throw error;
  return error;
}

describe('what is asked', () => {
  beforeEach(() => reply({ cases: [], auditEvents: [], relatedItems: [], fields: [], options: [], templates: [] }));

  const bound = (id: string, stringValue: string) => ({
    field: { greaterThanOrEqualTo: { id, value: { stringValue } } },
  });

  test('searchCases: one bound, both dates, ascending, 100 a page', async () => {
    await api.searchCases({ domainId: 'd1', by: 'last_updated_datetime', from: DATE_MS + 7 }, never);
    expect(requests.map(({ line, body }) => [line, body])).toEqual([
      [
        'POST /domains/d1/cases-search',
        {
          maxResults: 100,
          fields: [{ id: 'last_updated_datetime' }, { id: 'created_datetime' }],
          sorts: [{ fieldId: 'last_updated_datetime', sortOrder: 'Asc' }],
          filter: bound('last_updated_datetime', '2026-01-05T09:00:00.007Z'),
        },
      ],
    ]);
  });

  test('searchCases: a second bound makes andAll of two; the token goes along', async () => {
    await api.searchCases(
      { domainId: 'd1', by: 'created_datetime', from: 1, lastUpdatedFrom: 2, nextToken: 'token-1' },
      never,
    );
    expect(requests[0]?.body).toMatchObject({
      nextToken: 'token-1',
      sorts: [{ fieldId: 'created_datetime', sortOrder: 'Asc' }],
      filter: {
        andAll: [
          bound('created_datetime', '1970-01-01T00:00:00.001Z'),
          bound('last_updated_datetime', '1970-01-01T00:00:00.002Z'),
        ],
      },
    });
  });

  test('searchCases: a time before 1970 means 1970', async () => {
    await api.searchCases({ domainId: 'd1', by: 'created_datetime', from: -1e12 }, never);
    expect(JSON.stringify(requests[0]?.body)).toContain('"1970-01-01T00:00:00.000Z"');
  });

  test('the other operations: page sizes, order, ids escaped in the path', async () => {
    await api.getCaseAuditEvents({ domainId: 'd1', caseId: 'c/1 ?', nextToken: 'token-1' }, never);
    await api.searchAllRelatedItems({ domainId: 'd1', nextToken: 'token-2' }, never);
    await api.listFields({ domainId: 'd1', nextToken: 'token 3' }, never);
    await api.batchGetFields({ domainId: 'd1', fieldIds: ['f1', 'f2'] }, never);
    await api.listFieldOptions({ domainId: 'd1', fieldId: 'f 1', nextToken: 'token-4' }, never);
    await api.listTemplates({ domainId: 'd1', nextToken: 'token-5' }, never);
    expect(requests.map(({ line, body }) => [line, body])).toEqual([
      ['POST /domains/d1/cases/c%2F1%20%3F/audit-history', { maxResults: 25, nextToken: 'token-1' }],
      [
        'POST /domains/d1/related-items-search',
        { maxResults: 25, nextToken: 'token-2', sorts: [{ sortProperty: 'AssociationTime', sortOrder: 'Desc' }] },
      ],
      ['POST /domains/d1/fields-list?maxResults=100&nextToken=token%203', undefined],
      ['POST /domains/d1/fields-batch', { fields: [{ id: 'f1' }, { id: 'f2' }] }],
      ['POST /domains/d1/fields/f%201/options-list?maxResults=100&nextToken=token-4', undefined],
      ['POST /domains/d1/templates-list?maxResults=100&nextToken=token-5', undefined],
    ]);
    expect(requests.every(({ headers }) => headers.authorization?.includes('/eu-west-1/cases/aws4_request'))).toBe(
      true,
    );
  });
});

describe('what is read of a sound answer', () => {
  test('cases: ids, template and both dates as epoch milliseconds', async () => {
    const date = (id: string, stringValue: string) => ({ id, value: { stringValue } });
    const created = (text: string) => date('created_datetime', text);
    reply({
      totalCount: 7,
      nextToken: 'token-1',
      cases: [
        {
          caseId: 'c1',
          templateId: 't1',
          fields: [
            created('2026-01-05T09:00:00.007Z'),
            date('last_updated_datetime', '2026-01-05T11:00:00.1239+02:00'),
          ],
        },
        { caseId: 'c2', fields: [created('2026-01-05T09:00:00Z'), null, 'x', { id: 'last_updated_datetime' }] },
        { caseId: 'c3', templateId: '', fields: [created('yesterday')] },
        { caseId: 'c4', fields: [{ id: 'created_datetime', value: { doubleValue: 5 } }] },
        { caseId: 'c5' },
      ],
    });
    expect(await searchCases()).toEqual({
      totalCount: 7,
      nextToken: 'token-1',
      serviceTime: DATE_MS,
      cases: [
        { caseId: 'c1', templateId: 't1', created: DATE_MS + 7, lastUpdated: DATE_MS + 123 },
        { caseId: 'c2', templateId: null, created: DATE_MS, lastUpdated: null },
        { caseId: 'c3', templateId: null, created: null, lastUpdated: null },
        { caseId: 'c4', templateId: null, created: null, lastUpdated: null },
        { caseId: 'c5', templateId: null, created: null, lastUpdated: null },
      ],
    });
  });

  test('events go on unchanged: unknown types, unknown union members, nulls', async () => {
    reply({
      auditEvents: [
        null,
        {
          eventId: 'e1',
          type: 'Case.Dreamt',
          relatedItemType: 'Hologram',
          performedTime: '2026-01-05T09:00:00.007Z',
          performedBy: { iamPrincipalArn: 'arn:p', user: { robot: { id: 1 } } },
          fields: [
            null,
            { eventFieldId: 'f1', oldValue: { emptyValue: {} }, newValue: { pointValue: [1, 2] } },
            { eventFieldId: 'f2', oldValue: { doubleValue: 'NaN' }, newValue: { doubleValue: -0.5 } },
            { eventFieldId: 'f3', oldValue: { booleanValue: false }, newValue: { userArnValue: 'arn:u' } },
          ],
        },
      ],
    });
    expect(await readEvents()).toEqual({
      nextToken: undefined,
      serviceTime: DATE_MS,
      events: [
        null,
        {
          eventId: 'e1',
          type: 'Case.Dreamt',
          relatedItemType: 'Hologram',
          performedTime: new Date(DATE_MS + 7),
          performedBy: { iamPrincipalArn: 'arn:p', user: { $unknown: ['robot', { id: 1 }] } },
          fields: [
            null,
            { eventFieldId: 'f1', oldValue: { emptyValue: {} }, newValue: { $unknown: ['pointValue', [1, 2]] } },
            { eventFieldId: 'f2', oldValue: { doubleValue: Number.NaN }, newValue: { doubleValue: -0.5 } },
            { eventFieldId: 'f3', oldValue: { booleanValue: false }, newValue: { userArnValue: 'arn:u' } },
          ],
        },
      ],
    });
  });

  test('one event that the model does not allow leaves the page as it is', async () => {
    reply('{"auditEvents":[{"eventId":"e1","performedTime":1767603600},{"eventId":"e2","fields":[]}],"nextToken":"t"}');
    expect(await readEvents()).toEqual({
      events: [
        { eventId: 'e1', performedTime: 1767603600 },
        { eventId: 'e2', fields: [] },
      ],
      nextToken: 't',
      serviceTime: DATE_MS,
    });
  });

  test('related items and fields', async () => {
    reply({
      relatedItems: [{ caseId: 'c1', relatedItemId: 'r1', associationTime: '2026-01-05T09:00:00Z' }, { caseId: 'c2' }],
    });
    expect((await searchItems()).items).toEqual([
      { caseId: 'c1', associatedAt: DATE_MS },
      { caseId: 'c2', associatedAt: null },
    ]);
    const named = { fieldId: 'f1', name: 'Colour', type: 'Text', namespace: 'Custom' };
    reply({ fields: [named, { fieldId: 'f2' }] });
    expect((await listFields()).fields).toEqual([
      { ...named, deleted: false },
      { fieldId: 'f2', name: null, type: null, namespace: null, deleted: false },
    ]);
    reply({ fields: [{ ...named, deleted: true }], errors: [{ id: 'f2', errorCode: 'ResourceNotFoundException' }] });
    expect((await api.batchGetFields({ domainId: 'd1', fieldIds: ['f1', 'f2'] }, never)).fields).toEqual([
      { ...named, deleted: true },
    ]);
  });

  test('labels', async () => {
    const option = { value: '', name: 'None', active: true };
    reply({ options: [option, { value: 'v' }, { name: 'without a value' }, null] });
    expect((await listOptions()).options).toEqual([option, { value: 'v', name: null, active: null }, null, null]);
    reply({
      templates: [{ templateId: 't1', templateArn: 'arn', name: 'Complaint', status: 'Active' }, { name: 'x' }],
    });
    expect((await listTemplates()).templates).toEqual([
      { templateId: 't1', name: 'Complaint', status: 'Active' },
      null,
    ]);
  });

  const lists: readonly [operation: string, list: string, ask: () => Promise<unknown>][] = [
    ['SearchCases', 'cases', () => searchCases()],
    ['GetCaseAuditEvents', 'auditEvents', () => readEvents()],
    ['SearchAllRelatedItems', 'relatedItems', () => searchItems()],
    ['ListFields', 'fields', () => listFields()],
    ['BatchGetField', 'fields', () => api.batchGetFields({ domainId: 'd1', fieldIds: ['f1'] }, never)],
    ['ListFieldOptions', 'options', () => listOptions()],
    ['ListTemplates', 'templates', () => listTemplates()],
  ];
  test.each(lists)('a missing list is malformed, never an empty one: %s', async (operation, list, ask) => {
    for (const body of [{}, '', { [list]: null }]) {
      reply(body);
      await expect(ask()).rejects.toMatchObject({
        failure: 'malformed',
        operation,
        message: expect.stringContaining(`without a list in "${list}"`),
        details: { serviceTime: DATE_MS },
      });
    }
  });

  test('an empty list is empty, an empty token is none', async () => {
    reply({ auditEvents: [], nextToken: '' });
    expect(await readEvents()).toEqual({ events: [], nextToken: undefined, serviceTime: DATE_MS });
  });

  test('an element without an id, or that is no object, counts as a null', async () => {
    const elements = [null, 5, 'x', {}, { caseId: 5 }, { caseId: '' }, { fieldId: '' }];
    const nulls = elements.map(() => null);
    reply({ cases: elements, relatedItems: elements, fields: elements });
    expect((await searchCases()).cases).toEqual(nulls);
    expect((await searchItems()).items).toEqual(nulls);
    expect((await listFields()).fields).toEqual(nulls);
    reply({ auditEvents: [null, 5, 'x', {}] });
    expect((await readEvents()).events).toEqual([null, null, null, {}]);
  });

  test.each(['', 'yesterday', '0', '2026-01-05T09:00:00Z'])('a Date header %p is no time', async (date) => {
    reply({ auditEvents: [] }, 200, { date });
    expect((await readEvents()).serviceTime).toBeNull();
  });
});

describe('how a call fails', () => {
  const answers: readonly [CasesFailure, number, string | undefined][] = [
    ['throttled', 429, 'ThrottlingException'],
    ['throttled', 429, undefined],
    ['throttled', 400, 'ThrottlingException'],
    ['throttled', 400, 'TooManyRequestsException'],
    ['throttled', 503, 'SlowDown'],
    ['unavailable', 500, 'InternalServerException'],
    ['unavailable', 502, undefined],
    ['unavailable', 503, 'ServiceUnavailableException'],
    ['unavailable', 408, 'RequestTimeoutException'],
    ['unavailable', 302, undefined],
    ['denied', 403, 'AccessDeniedException'],
    ['denied', 403, undefined],
    ['denied', 401, undefined],
    ['denied', 400, 'UnrecognizedClientException'],
    ['denied', 400, 'ExpiredTokenException'],
    ['denied', 403, 'InvalidSignatureException:http://internal.amazon.com/'],
    ['not-found', 404, 'ResourceNotFoundException'],
    ['not-found', 404, 'com.amazonaws.connectcases#ResourceNotFoundException'],
    ['not-found', 404, undefined],
    ['refused', 404, 'UnknownOperationException'],
    ['refused', 400, 'ValidationException'],
    ['refused', 400, undefined],
    ['refused', 409, 'ConflictException'],
  ];

  test.each(answers)('%s: HTTP %i %s', async (failure, status, name) => {
    replyError(status, name);
    const error = await failureOf(readEvents());
    expect(error).toMatchObject({ failure, operation: 'GetCaseAuditEvents', details: { serviceTime: DATE_MS } });
    expect(error.message).toContain(`HTTP ${status}`);
    expect(error.message).toContain('request-1');
    expect(requests).toHaveLength(1);
  });

  test('the error name may also stand in the body', async () => {
    reply({ __type: 'com.amazonaws.connectcases#ThrottlingException' }, 400);
    expect((await failureOf(readEvents())).failure).toBe('throttled');
  });

  test.each([
    [403, 'denied'],
    [404, 'not-found'],
    [500, 'unavailable'],
    [429, 'throttled'],
    [400, 'refused'],
  ] as const)('HTTP %i whose body is no JSON is classed by its status', async (status, failure) => {
    reply('<html>Jane Doe</html>', status);
    const error = await failureOf(readEvents());
    expect(error.failure).toBe(failure);
    expect(inspect(error, { depth: 9 })).not.toContain('Jane');
  });

  test.each([
    ['html', '<html>Jane Doe</html>'],
    ['JSON cut short', '{"auditEvents":[{"eventId":"Jane Doe'],
    ['null', 'null'],
    ['a list', '[{"auditEvents":"Jane Doe"}]'],
    ['a text', '"Jane Doe"'],
    ['a byte order mark', '\ufeff{"auditEvents":["Jane Doe"]}'],
    ['an object for a list', '{"auditEvents":{"Jane":"Doe"}}'],
    ['a text for a list', '{"auditEvents":"Jane Doe"}'],
    ['a number as token', '{"auditEvents":[],"nextToken":5}'],
  ])('malformed: HTTP 200 with %s, and nothing of it in the error', async (_, body) => {
    reply(body);
    const error = await failureOf(readEvents());
    expect(error).toMatchObject({ failure: 'malformed', details: { serviceTime: DATE_MS } });
    expect(inspect(error, { depth: 9 })).not.toContain('Jane');
    expect(requests).toHaveLength(1);
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ['before the answer', (response) => response.socket?.destroy()],
    ['within a body of known length', (response) => breakOff(response, { 'content-length': '100' })],
    ['within a body of unknown length', (response) => breakOff(response, { 'transfer-encoding': 'chunked' })],
    ['after something that is not HTTP', (response) => response.socket?.end('hello\r\n\r\n')],
  ])('unavailable: the connection breaks %s', async (_, breakDown) => {
    answer = breakDown;
    expect((await failureOf(readEvents())).failure).toBe('unavailable');
    expect(requests).toHaveLength(1);
  });

  test('denied: an error body that breaks off is still classed by its status', async () => {
    answer = (response) => breakOff(response, { 'content-length': '100' }, 403);
    expect((await failureOf(readEvents())).failure).toBe('denied');
  });

  test('unavailable: nobody listens', async () => {
    const unused = createServer();
    await new Promise<void>((resolve) => unused.listen(0, '127.0.0.1', resolve));
    const { port } = unused.address() as AddressInfo;
    await new Promise((resolve) => unused.close(resolve));
    const restore = setEndpoint(port);
    const error = await failureOf(listFields(createCasesApi(createCasesClient())));
    restore();
    expect(error.failure).toBe('unavailable');
    expect(error.message).toContain('no answer came');
  });

  test('denied: no credentials, no region', async () => {
    const restore = setEndpoint(9);
    const files = { AWS_SHARED_CREDENTIALS_FILE: '/nowhere', AWS_CONFIG_FILE: '/nowhere' };
    const noFiles = { AWS_EC2_METADATA_DISABLED: 'true', ...files };
    Object.assign(process.env, noFiles);
    delete process.env['AWS_ACCESS_KEY_ID'];
    const noCredentials = await failureOf(listFields(createCasesApi(createCasesClient())));
    delete process.env['AWS_REGION'];
    const noRegion = await failureOf(listFields(createCasesApi(createCasesClient())));
    restore();
    for (const name of Object.keys(noFiles)) delete process.env[name];
    expect([noCredentials.failure, noRegion.failure]).toEqual(['denied', 'denied']);
    expect(noRegion.message).toContain('set AWS_REGION');
  });
});

describe('a call that hangs', () => {
  test.each<[string, (response: ServerResponse) => void]>([
    ['before the answer', () => {}],
    ['within the body', (response) => response.writeHead(200, { 'content-length': '100' }).write('{"auditEvents":')],
    ['within an error', (response) => response.writeHead(403, { 'content-length': '100' }).write('{"message":')],
  ])('%s, ends with its signal as unavailable, and its connection with it', async (_, hang) => {
    const closed = new Promise<void>((resolve) => {
      answer = (response) => {
        response.once('close', resolve);
        hang(response);
        // The client must have read what was sent of the answer.
        setTimeout(() => ending.abort(), 50);
      };
    });
    const ending = new AbortController();
    const error = await failureOf(readEvents(ending.signal));
    expect(error.failure).toBe('unavailable');
    expect(error.message).toContain('time limit');
    await closed;
  });

  test('while it looks for credentials, ends with its signal too', async () => {
    const ending = new AbortController();
    const credentials = () => {
      setImmediate(() => ending.abort());
      return new Promise<never>(() => {});
    };
    const waiting = createCasesApi(new ConnectCasesClient({ region: 'eu-west-1', credentials, maxAttempts: 1 }));
    const error = await failureOf(waiting.listFields({ domainId: 'd1' }, ending.signal));
    expect(error.failure).toBe('unavailable');
  });

  test('a signal that fired before sends nothing', async () => {
    reply({ auditEvents: [] });
    expect((await failureOf(readEvents(AbortSignal.abort()))).failure).toBe('unavailable');
    expect(requests).toHaveLength(0);
  });

  test('a call that is over leaves no listener on its signal', async () => {
    reply({ auditEvents: [] });
    const { signal } = new AbortController();
    for (let i = 0; i < 3; i += 1) await readEvents(signal);
    replyError(404, 'ResourceNotFoundException');
    await failureOf(readEvents(signal));
    // The SDK lets go when the request closes, which may be a moment after its answer.
    while (getEventListeners(signal, 'abort').length > 0) await new Promise(setImmediate);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('what an error tells', () => {
  test.each([
    ['seconds', '3', 3_000],
    ['a date', 'Mon, 05 Jan 2026 09:00:09 GMT', 9_000],
    ['a date that is past', 'Mon, 05 Jan 2026 08:00:00 GMT', 0],
  ])('Retry-After as %s, by the service’s own clock', async (_, value, retryAfterMs) => {
    for (const [status, name] of [
      [429, 'ThrottlingException'],
      [500, 'InternalServerException'],
    ] as const) {
      replyError(status, name, { 'retry-after': value });
      expect((await failureOf(readEvents())).details).toMatchObject({ retryAfterMs, serviceTime: DATE_MS });
    }
  });

  test.each(['', 'soon', '-1', '1.5'])('Retry-After %p is none', async (value) => {
    replyError(429, 'ThrottlingException', { 'retry-after': value });
    expect((await failureOf(readEvents())).details).not.toHaveProperty('retryAfterMs');
  });

  test('denied names the action and the resource to allow it on', async () => {
    replyError(403, 'AccessDeniedException');
    const { message } = await failureOf(readEvents());
    expect(message).toContain('GetCaseAuditEvents of domain d1, case c1');
    expect(message).toContain('allow cases:GetCaseAuditEvents on arn:aws:cases:eu-west-1:<account>:domain/d1 and');
    expect(message).toContain('domain/d1/case/*');
    expect((await failureOf(searchCases())).message).toContain('allow cases:SearchCases on arn:aws:cases:eu-west-1:');
  });

  test('not-found names the domain and the region, or the case', async () => {
    replyError(404, 'ResourceNotFoundException');
    expect((await failureOf(searchCases())).message).toContain('There is no domain d1 in region eu-west-1');
    expect((await failureOf(readEvents())).message).toContain('Expected case c1 to be there');
  });

  test('a refused call with a token says so', async () => {
    replyError(400, 'ValidationException');
    const withToken = api.getCaseAuditEvents({ domainId: 'd1', caseId: 'c1', nextToken: 'secret-token' }, never);
    const { message } = await failureOf(withToken);
    expect(message).toContain('Expected the nextToken to be still good');
    expect(message).not.toContain('secret-token');
  });

  test('nothing of the service’s own text, neither in the message nor in a cause', async () => {
    for (const status of [400, 403, 404, 429, 500]) {
      replyError(status, 'ValidationException');
      expect(inspect(await failureOf(readEvents()), { depth: 9, showHidden: true })).not.toContain('Jane');
    }
  });
});

function breakOff(response: ServerResponse, headers: Record<string, string>, status = 200): void {
  response.writeHead(status, headers);
  response.write('{"auditEvents":', () => response.socket?.destroy());
}
