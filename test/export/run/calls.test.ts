import { CasesCallError } from '../../../lambda/export/domain/errors';
import { ReadingOver } from '../../../lambda/export/run/budget';
import { isCasesFailure, SystemicError } from '../../../lambda/export/run/calls';
import { failed, NO_EVENTS, neverAnswers } from '../../fakes/with-answers';
import { anomaliesOf, casesApi, createPacedCalls, DOMAIN, FAST, MINUTE, START } from '../fixtures';
import { AUDIT, createAudit, oneCase, SEARCH, search } from './scripted-calls';

describe('A service that is not available', () => {
  test("is tried three times for a case, ever later, and then the failure is the case's", async () => {
    const { calls, at } = createAudit(() => failed('unavailable', AUDIT));
    await expect(calls.getCaseAuditEvents(oneCase)).rejects.toMatchObject({
      name: 'CasesCallError',
      failure: 'unavailable',
    });
    expect(at).toEqual([0, 200, 600]);
  });

  test('waits as long as it asks for', async () => {
    const { calls, at } = createAudit((attempt) => (attempt === 1 ? failed('unavailable', AUDIT, 7000) : NO_EVENTS));
    await calls.getCaseAuditEvents(oneCase);
    expect(at).toEqual([0, 7000]);
  });

  test('over however many cases is not taken to be down here: that takes distinct cases and a look elsewhere', async () => {
    const { calls, at } = createAudit(() => failed('unavailable', AUDIT));
    for (let index = 0; index < 10; index += 1) {
      const reading = calls.getCaseAuditEvents({ ...oneCase, caseId: `case-${index}` });
      await expect(reading).rejects.toMatchObject({ name: 'CasesCallError', failure: 'unavailable' });
    }
    expect(at).toHaveLength(30);
  });

  test('is searched until the breaker opens: without a search nothing else can be done', async () => {
    const { calls, at } = createAudit(() => failed('unavailable', SEARCH));
    await expect(calls.searchCases(search)).rejects.toMatchObject({
      name: 'SystemicError',
      cause: { failure: 'unavailable' },
    });
    expect(at).toHaveLength(5);
  });

  test('four failures and a good answer begin the count anew', async () => {
    const { calls, at } = createAudit((attempt) => (attempt % 5 === 0 ? NO_EVENTS : failed('unavailable', SEARCH)));
    for (let round = 0; round < 3; round += 1) await calls.searchCases(search);
    expect(at).toHaveLength(15);
  });

  test.each(['not-found', 'refused'] as const)(
    'an answer about the case shows that it is not down: %s',
    async (failure) => {
      const { calls, at } = createAudit((attempt) => failed(attempt % 3 === 0 ? failure : 'unavailable', AUDIT));
      for (let round = 0; round < 4; round += 1)
        await expect(calls.getCaseAuditEvents(oneCase)).rejects.toMatchObject({ failure });
      expect(at).toHaveLength(12);
    },
  );

  test('throttling in between neither counts nor begins the count anew', async () => {
    const { calls } = createAudit((attempt) => failed(attempt % 2 === 0 ? 'throttled' : 'unavailable', SEARCH));
    await expect(calls.searchCases(search)).rejects.toThrow(SystemicError);
  });
});

describe('A call that nothing helps', () => {
  test.each(['denied', 'not-found', 'refused'] as const)('is made once: %s', async (failure) => {
    const { calls, at, clock } = createAudit(() => failed(failure, AUDIT));
    await expect(calls.getCaseAuditEvents(oneCase)).rejects.toMatchObject({ name: 'CasesCallError', failure });
    expect(at).toEqual([0]);
    expect(clock.monotonic()).toBe(0);
  });

  test("a fault of our own is passed on as it is, and is not the service's", async () => {
    const bug = new TypeError('ours');
    const { calls, at } = createAudit(() => bug);
    await expect(calls.getCaseAuditEvents(oneCase)).rejects.toBe(bug);
    expect(at).toHaveLength(1);
    expect(isCasesFailure(bug)).toBe(false);
    expect(isCasesFailure(failed('not-found', AUDIT)) && isCasesFailure(new SystemicError('down'))).toBe(true);
  });
});

describe('A malformed answer', () => {
  test('is asked for twice, then it is a failure', async () => {
    const { calls, at } = createAudit(() => failed('malformed', AUDIT));
    await expect(calls.getCaseAuditEvents(oneCase)).rejects.toMatchObject({ failure: 'malformed' });
    expect(at).toHaveLength(2);
  });

  const domain = { domainId: DOMAIN };
  test.each([
    ['SearchCases', 'searchCases', search],
    [AUDIT, 'getCaseAuditEvents', oneCase],
    ['SearchAllRelatedItems', 'searchAllRelatedItems', domain],
    ['ListFields', 'listFields', domain],
    ['BatchGetField', 'batchGetFields', { ...domain, fieldIds: ['field'] }],
  ] as const)('of any operation is asked for twice: %s', async (name, operation, request) => {
    const { calls, counters } = createPacedCalls(
      casesApi({ [operation]: async () => Promise.reject(failed('malformed', name)) }),
    );
    const asked = calls[operation](request as never);
    await expect(asked).rejects.toMatchObject({ failure: 'malformed', operation: name });
    expect(counters.calls).toEqual({ [name]: 2 });
  });
});

describe('A call that never answers', () => {
  /** Rejects only when its signal fires, as the adapter does. */
  function createSilent(silentCalls: number, minutes = 15) {
    const at: number[] = [];
    const world = createPacedCalls(
      casesApi({
        getCaseAuditEvents: (_, signal) => {
          at.push(world.clock.monotonic());
          return at.length > silentCalls ? Promise.resolve(NO_EVENTS) : neverAnswers('getCaseAuditEvents')(_, signal);
        },
      }),
      { minutes },
    );
    return { ...world, at };
  }

  test('is given up after 30 s and made again', async () => {
    const { calls, at } = createSilent(1);
    await expect(calls.getCaseAuditEvents(oneCase)).resolves.toEqual(NO_EVENTS);
    expect(at).toEqual([0, 30_200]);
  });

  test('is given up when reading is over, and that is no failure of the service', async () => {
    const { calls, at, clock } = createSilent(9, 0.25);
    await expect(calls.getCaseAuditEvents(oneCase)).rejects.toThrow(ReadingOver);
    expect(at).toEqual([0]);
    expect(clock.monotonic()).toBe(15_000);
  });

  test('leaves no timer behind, answered or not', async () => {
    const { calls, clock } = createSilent(1);
    await calls.getCaseAuditEvents(oneCase);
    await Promise.resolve();
    expect(clock.sleepers()).toBe(1); // The budget's own watch.
  });
});

describe('Every attempt', () => {
  test('is paced and counted like any call', async () => {
    const rates = { ...FAST, auditEventsRps: 1 };
    const { calls, at, counters } = createAudit(
      (attempt) => (attempt % 3 === 0 ? NO_EVENTS : failed('unavailable', AUDIT)),
      { rates },
    );
    for (let round = 0; round < 4; round += 1) await calls.getCaseAuditEvents(oneCase);
    expect(counters.calls).toEqual({ GetCaseAuditEvents: 12 });
    // Two in the bucket, then one a second: within t seconds never more than t + 2.
    for (const [first, from] of at.entries()) {
      for (const [last, to] of at.entries())
        expect(last - first + 1).toBeLessThanOrEqual(Math.max(0, to - from) / 1000 + 2);
    }
    expect(at.at(-1)).toBeGreaterThanOrEqual(10_000);
  });

  test('goes out in the order of asking, side by side', async () => {
    const order: string[] = [];
    const { calls, clock } = createPacedCalls(
      casesApi({
        getCaseAuditEvents: async ({ caseId }) => {
          order.push(caseId);
          return NO_EVENTS;
        },
      }),
      { rates: { ...FAST, auditEventsRps: 2 } },
    );
    const ids = Array.from({ length: 8 }, (_, index) => `case-${index}`);
    await Promise.all(ids.map((caseId) => calls.getCaseAuditEvents({ ...oneCase, caseId })));
    expect(order).toEqual(ids);
    expect(clock.monotonic()).toBe(2000); // Eight less the four in the bucket, two a second.
  });

  test('that would begin after reading is over is not made at all', async () => {
    const { calls, at, budget, counters } = createAudit(() => NO_EVENTS);
    budget.endReading();
    await expect(calls.getCaseAuditEvents(oneCase)).rejects.toThrow(ReadingOver);
    expect(at).toEqual([]);
    expect(counters.calls).toEqual({});
  });

  test('that has to wait while reading ends is not made', async () => {
    const { calls, at, budget, clock } = createAudit(() => NO_EVENTS, { rates: { ...FAST, auditEventsRps: 0.1 } });
    await calls.getCaseAuditEvents(oneCase);
    const waiting = calls.getCaseAuditEvents(oneCase);
    budget.endReading();
    await expect(waiting).rejects.toThrow(ReadingOver);
    expect(at).toHaveLength(1);
    expect(clock.monotonic()).toBe(0);
  });
});

describe("The service's clock", () => {
  test('is taken from every answer, also from a failure', async () => {
    const late = START - 10 * MINUTE;
    const { calls, time, telemetry } = createAudit((attempt) =>
      attempt === 1
        ? { ...NO_EVENTS, serviceTime: START }
        : new CasesCallError('gone', 'not-found', AUDIT, { serviceTime: late }),
    );
    await calls.getCaseAuditEvents(oneCase);
    expect(time.correct(START)).toBe(START);
    expect(anomaliesOf(telemetry)).toEqual([]);
    await expect(calls.getCaseAuditEvents(oneCase)).rejects.toThrow('gone');
    expect(time.correct(START)).toBe(late);
    expect(anomaliesOf(telemetry)).toEqual(['clock-differs']);
  });
});
