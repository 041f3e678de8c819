import { ReadingOver } from '../../../lambda/export/run/budget';
import { failed, NO_CASES, NO_EVENTS } from '../../fakes/with-answers';
import { FAST } from '../fixtures';
import { AUDIT, createAudit, oneCase, SEARCH, search } from './scripted-calls';

describe('A throttled call', () => {
  test('is made again until it is answered, of a case up to ten times', async () => {
    const answeredAt = (last: number, operation: string) => (attempt: number) =>
      attempt < last ? failed('throttled', operation) : NO_EVENTS;
    const audit = createAudit(answeredAt(10, AUDIT));
    await expect(audit.calls.getCaseAuditEvents(oneCase)).resolves.toEqual(NO_EVENTS);
    expect(audit.at).toHaveLength(10);
    expect(audit.counters.counts.throttledCalls).toBe(9);
    const searched = createAudit(answeredAt(50, SEARCH));
    await expect(searched.calls.searchCases(search)).resolves.toEqual(NO_CASES);
    expect(searched.at).toHaveLength(50);
  });

  test('of one case never waits for ever: after ten attempts the reader finds out whose fault it is', async () => {
    const { calls, at, budget } = createAudit(() => failed('throttled', AUDIT));
    await expect(calls.getCaseAuditEvents(oneCase)).rejects.toMatchObject({ failure: 'throttled' });
    expect(at).toHaveLength(10);
    expect(budget.isReadingOver).toBe(false);
  });

  test('that a run needs is made again until time is up, and then reading is over: no error, the run commits what it has', async () => {
    const { calls, clock, budget } = createAudit(() => failed('throttled', SEARCH), { minutes: 2, reserveMs: 30_000 });
    await expect(calls.searchCases(search)).rejects.toThrow(ReadingOver);
    expect(budget.isReadingOver).toBe(true);
    expect(clock.monotonic()).toBeLessThanOrEqual(90_000);
  });

  test('for a case that is likely to fail again is made once', async () => {
    for (const failure of ['throttled', 'unavailable', 'malformed'] as const) {
      const { calls, at } = createAudit(() => failed(failure, AUDIT));
      await expect(calls.getCaseAuditEvents({ ...oneCase, oneTry: true })).rejects.toMatchObject({ failure });
      expect(at).toHaveLength(1);
    }
  });

  test('slows its operation down, and no other', async () => {
    const rates = { ...FAST, auditEventsRps: 1, searchCasesRps: 1 };
    const { calls, clock, at } = createAudit((attempt) => (attempt === 1 ? failed('throttled', AUDIT) : NO_EVENTS), {
      rates,
    });
    await calls.getCaseAuditEvents(oneCase);
    // One call a second, halved, and the burst is gone; the rate creeps back meanwhile.
    expect(at[1]).toBeGreaterThan(1800);
    expect(at[1]).toBeLessThanOrEqual(2000);
    const before = clock.monotonic();
    await calls.searchCases(search);
    expect(clock.monotonic()).toBe(before);
  });

  test('waits as long as the service asks for, if there is the time', async () => {
    const { calls, at } = createAudit((attempt) => (attempt === 1 ? failed('throttled', AUDIT, 60_000) : NO_EVENTS));
    await calls.getCaseAuditEvents(oneCase);
    expect(at[1]).toBeGreaterThanOrEqual(60_000);
    expect(at[1]).toBeLessThan(60_100);
  });
});

describe('A Retry-After', () => {
  test.each(['throttled', 'unavailable'] as const)(
    'that lies past the deadline ends reading at once where nothing else can be done, as waiting would help nobody: %s',
    async (failure) => {
      const { calls, at, clock, budget } = createAudit(() => failed(failure, SEARCH, 3600_000));
      await expect(calls.searchCases(search)).rejects.toThrow(ReadingOver);
      expect(at).toEqual([0]);
      expect(clock.monotonic()).toBe(0);
      expect(budget.readingOver.aborted).toBe(true);
    },
  );

  test.each(['throttled', 'unavailable'] as const)(
    'of more than a minute for one case is left to whoever asked, and keeps nobody else waiting: %s',
    async (failure) => {
      const { calls, at, clock, budget } = createAudit((attempt) =>
        attempt === 1 ? failed(failure, AUDIT, 60_001) : NO_EVENTS,
      );
      await expect(calls.getCaseAuditEvents(oneCase)).rejects.toMatchObject({
        failure,
        details: { retryAfterMs: 60_001 },
      });
      expect({ at, now: clock.monotonic(), isOver: budget.isReadingOver }).toEqual({ at: [0], now: 0, isOver: false });
      await calls.getCaseAuditEvents({ ...oneCase, caseId: 'another' });
      expect(clock.monotonic()).toBeLessThan(1000);
    },
  );
});
