import type { FaultRequest } from '../../../local/cases/calls';
import { DOMAIN, errorOf, START, setUp, setUpEach } from './support';

const setup = setUpEach();

const domainId = DOMAIN;
const search = (nextToken?: string) => setup.client.searchCases({ domainId, maxResults: 1, nextToken });

describe('faults', () => {
  test('are asked for with what is known of the request', async () => {
    const asked: FaultRequest[] = [];
    setup.service.setFault((request) => {
      asked.push(request);
      return undefined;
    });
    const caseId = await setup.createCase('a');
    await setup.createCase('b');
    const { nextToken } = await search();
    await search(nextToken);
    await setup.client.getCaseAuditEvents({ domainId, caseId });
    const [none, first] = [undefined, { domainId, caseId: undefined, nextToken: undefined }];
    expect(asked).toEqual([
      { operation: 'CreateCase', ...first, count: 1 },
      { operation: 'CreateCase', ...first, count: 2 },
      { operation: 'SearchCases', ...first, count: 1 },
      { operation: 'SearchCases', ...first, nextToken, count: 2 },
      { operation: 'GetCaseAuditEvents', domainId, caseId, nextToken: none, count: 1 },
    ]);
  });

  test.each([
    ['AccessDeniedException', 403],
    ['ThrottlingException', 429],
    ['ValidationException', 400],
    ['ConflictException', 409],
  ])('answer %s with status %d, and nothing is done', async (errorType, status) => {
    setup.service.setFault(() => ({ status, errorType, message: 'as asked' }));
    const error = await errorOf(setup.createCase('t'));
    expect(error).toMatchObject({ name: errorType, message: 'as asked', $metadata: { httpStatusCode: status } });
    expect(setup.service.history(DOMAIN)).toEqual([]);
    expect(setup.service.calls.log).toEqual([{ operation: 'CreateCase', domainId, time: START, status }]);
  });

  test('carry Retry-After', async () => {
    setup.service.setFault(() => ({
      status: 500,
      errorType: 'InternalServerException',
      message: 'later',
      retryAfterSeconds: 7,
    }));
    expect(await errorOf(search())).toMatchObject({ name: 'InternalServerException', retryAfterSeconds: 7 });
  });

  test('cut the connection before or after the work is done', async () => {
    setup.service.setFault(() => 'reset');
    expect((await errorOf(setup.createCase('lost'))).message).toContain('ECONNRESET');
    expect(setup.service.history(DOMAIN)).toHaveLength(0);
    setup.service.setFault(() => ({ applyThenReset: true }));
    expect((await errorOf(setup.createCase('done'))).message).toContain('ECONNRESET');
    expect(setup.service.history(DOMAIN)).toHaveLength(1);
    expect(setup.service.calls.log.map(({ status }) => status)).toEqual(['reset', 'reset']);
  });

  test('hang until the client goes', async () => {
    const abort = new AbortController();
    setup.service.setFault(() => {
      // The client goes once its request has come, not before.
      setImmediate(() => abort.abort());
      return 'hang';
    });
    const hanging = setup.client.searchCases({ domainId }, { abortSignal: abort.signal });
    expect((await errorOf(hanging)).name).toBe('AbortError');
    while (setup.service.calls.total() === 0) await new Promise((done) => setTimeout(done, 1));
    expect(setup.service.calls.log[0]?.status).toBe('aborted');
  });

  test('do not keep the service from closing', async () => {
    const arrived = new Promise<void>((resolve) => {
      setup.service.setFault(() => {
        resolve();
        return 'hang';
      });
    });
    const hanging = errorOf(search());
    await arrived;
    await setup.service.close();
    expect((await hanging).message).toMatch(/socket hang up|ECONNRESET/);
  });

  test('delay an answer, by real time', async () => {
    setup.service.setFault(() => ({ delayMs: 60 }));
    const before = performance.now();
    expect((await search()).cases).toEqual([]);
    // Timers may fire up to a millisecond early.
    expect(performance.now() - before).toBeGreaterThan(55);
  });

  test('end when they are taken away', async () => {
    setup.service.setFault(() => 'reset');
    await errorOf(search());
    setup.service.setFault(undefined);
    expect((await search()).cases).toEqual([]);
  });
});

describe('the controls', () => {
  test('tamper with an answer', async () => {
    setup.service.setTamper(({ operation }, body) =>
      operation === 'SearchCases' ? { ...body, totalCount: 42 } : undefined,
    );
    expect((await search()).totalCount).toBe(42);
    expect(await setup.createCase('t')).not.toBe('');
  });

  test('give the Date header by the service’s clock, shifted or not at all', async () => {
    const date = async () =>
      (await fetch(`${setup.service.url}/domains/${DOMAIN}`, { method: 'POST' })).headers.get('date');
    expect(await date()).toBe(new Date(START).toUTCString());
    setup.service.set({ dateOffsetMs: -120_000 });
    expect(await date()).toBe(new Date(START - 120_000).toUTCString());
    setup.service.set({ dateOffsetMs: null });
    expect(await date()).toBeNull();
  });

  test('count calls by operation, and forget them', async () => {
    await search();
    await search();
    await setup.createCase('t');
    const { calls } = setup.service;
    expect([calls.count('SearchCases'), calls.count('CreateCase'), calls.count('GetCase'), calls.total()]).toEqual([
      2, 1, 0, 3,
    ]);
    calls.clear();
    expect(calls.total()).toBe(0);
  });

  test('change the switches named, show how they stand, and leave the others', () => {
    setup.service.set({ indexLagMs: 5 });
    setup.service.set({ auditLagMs: 6 });
    expect(setup.service.switches).toMatchObject({ indexLagMs: 5, auditLagMs: 6, eventOrder: 'newest-first' });
  });

  test('make the same world of the same seed, whatever was read in between', async () => {
    const build = async (readsBetween: boolean) => {
      const other = await setUp({ switches: { seed: 7 } });
      await other.createCase('a');
      if (readsBetween) await other.client.searchCases({ domainId });
      await other.createCase('b');
      const history = other.service.history(DOMAIN);
      await other.close();
      return history;
    };
    expect(await build(true)).toEqual(await build(false));
  });

  test('name a domain that does not exist as one', () => {
    expect(() => setup.service.history('nowhere')).toThrow('Domain not found: nowhere');
  });
});
