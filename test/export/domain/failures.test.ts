import fc from 'fast-check';
import { BREAKER_LIMIT, backoffMs, FAILURES } from '../../../lambda/export/domain/errors';

describe('The table of failures', () => {
  test('no failure of one case can be taken for the service: it takes distinct cases', () => {
    const suspicious = Object.fromEntries(
      Object.entries(FAILURES).map(([failure, { suspiciousInARow }]) => [failure, suspiciousInARow]),
    );
    expect(suspicious).toEqual({
      throttled: 5,
      unavailable: 5,
      denied: 3,
      'not-found': 10,
      refused: 10,
      malformed: 10,
    });
  });

  test('every call for a case is bounded in attempts, so that one case never takes what all share', () => {
    const attempts = Object.fromEntries(Object.entries(FAILURES).map(([failure, one]) => [failure, one.attempts]));
    expect(attempts).toEqual({
      throttled: 10,
      unavailable: 3,
      denied: 1,
      'not-found': 1,
      refused: 1,
      malformed: 2,
    });
  });

  test('throttling ends a run as time does, and everything else that the service does to all with an error', () => {
    const ending = Object.entries(FAILURES).filter(([, { ends }]) => ends === 'run');
    expect(ending.map(([failure]) => failure)).toEqual(['throttled']);
  });

  test('one call alone cannot open the breaker for a call that a run needs: its attempts stay below the limit', () => {
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
