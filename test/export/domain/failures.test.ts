import fc from 'fast-check';
import { BREAKER_LIMIT, backoffMs, FAILURES } from '../../../lambda/export/domain/failures';

describe('The table of failures', () => {
  test("a throttled call is made again as long as there is time, and is nobody's fault", () => {
    expect(FAILURES.throttled).toEqual({ attempts: Number.POSITIVE_INFINITY, systemicInARow: false, ends: 'run' });
  });

  test('only what no other case could do better at ends with an error, and at its first time', () => {
    const ending = Object.entries(FAILURES).filter(([, { ends }]) => ends === 'error');
    expect(ending).toEqual([['denied', expect.objectContaining({ attempts: 1 })]]);
  });

  test('what depends on the case never counts for the breaker', () => {
    for (const failure of ['not-found', 'refused', 'malformed'] as const) {
      expect(FAILURES[failure]).toMatchObject({ systemicInARow: false, ends: 'case' });
    }
    expect(FAILURES.unavailable.systemicInARow).toBe(true);
    expect(FAILURES.denied.systemicInARow).toBe(true);
  });

  test('a case that the service could not answer for is tried again later, and the run goes on with the next', () => {
    expect(FAILURES.unavailable.ends).toBe('case');
  });

  test('one case alone cannot open the breaker: its attempts stay below the limit', () => {
    expect(FAILURES.unavailable.attempts).toBeLessThan(BREAKER_LIMIT);
  });
});

describe('The pause before the next attempt', () => {
  test('doubles from 200 ms up to 10 s', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8].map((attempt) => backoffMs(attempt))).toEqual([
      200, 400, 800, 1600, 3200, 6400, 10_000, 10_000,
    ]);
  });

  test('is never shorter than the service asked for, never shrinks, and stays finite for any number of attempts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.nat(86_400_000), (attempt, retryAfterMs) => {
        const pause = backoffMs(attempt, retryAfterMs);
        expect(pause).toBeGreaterThanOrEqual(Math.max(retryAfterMs, 200));
        expect(pause).toBeLessThanOrEqual(Math.max(retryAfterMs, 10_000));
        expect(backoffMs(attempt + 1, retryAfterMs)).toBeGreaterThanOrEqual(pause);
      }),
    );
  });
});
