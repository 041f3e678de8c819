import fc from 'fast-check';
import { Pacer } from '../../../lambda/export/domain/pacer';

type Act = { readonly afterMs: number; readonly throttled: boolean; readonly retryAfterMs: number };

const rate = fc.oneof(fc.constantFrom(1.5, 2, 0.1, 100), fc.double({ min: 0.05, max: 50, noNaN: true }));
const takes = fc.array(fc.oneof(fc.constant(0), fc.nat(50), fc.nat(5000)), { minLength: 1, maxLength: 80 });
const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.record({
    afterMs: fc.oneof(fc.constant(0), fc.nat(50), fc.nat(20_000)),
    throttled: fc.boolean(),
    retryAfterMs: fc.oneof(fc.constant(0), fc.nat(20_000)),
  }),
  { minLength: 1, maxLength: 60 },
);

/** When each call goes out: who is told to wait asks again, and the others stand behind. */
function letOut(requestsPerSecond: number, actions: readonly Act[]): number[] {
  const pacer = new Pacer(requestsPerSecond, 0);
  const out: number[] = [];
  let waiting = 0;
  let asksAt = 0;
  const runUntil = (end: number): void => {
    while (waiting > 0 && asksAt <= end) {
      const wait = pacer.take(asksAt);
      asksAt += wait;
      if (wait > 0) continue;
      out.push(asksAt);
      waiting -= 1;
    }
  };
  let now = 0;
  for (const { afterMs, throttled, retryAfterMs } of actions) {
    now += afterMs;
    runUntil(now);
    if (throttled) pacer.throttled(now, now, retryAfterMs);
    else {
      asksAt = Math.max(asksAt, now);
      waiting += 1;
    }
  }
  runUntil(Number.POSITIVE_INFINITY);
  return out;
}

/** Takes what is in the bucket, so that what flows in afterwards shows. */
function empty(pacer: Pacer, now: number): void {
  while (pacer.take(now) === 0);
}

/** When the next calls go out that all ask from `from` on. */
function nextCalls(pacer: Pacer, from: number, count: number): number[] {
  const out: number[] = [];
  for (let now = from; out.length < count; ) {
    const wait = pacer.take(now);
    if (wait === 0) out.push(now);
    now += wait;
  }
  return out;
}

/** The rate from `now` on as a share of the full one, by the calls let out in the ten milliseconds after; to two places. */
function shareOf(pacer: Pacer, requestsPerSecond: number, now: number): number {
  empty(pacer, now);
  let calls = 0;
  for (let step = 1; step <= 100; step += 1) while (pacer.take(now + step / 10) === 0) calls += 1;
  return Math.round((100 * calls) / (requestsPerSecond * 0.01)) / 100;
}

const plainTakes = (pauses: readonly number[]): Act[] =>
  pauses.map((afterMs) => ({ afterMs, throttled: false, retryAfterMs: 0 }));

function burstOf(requestsPerSecond: number): number {
  return Math.min(8, Math.max(1, 2 * requestsPerSecond));
}

/** Calls let out in any window of t ms: at most rate · t + burst. */
function expectWithinRate(out: readonly number[], requestsPerSecond: number): void {
  const sorted = [...out].sort((a, b) => a - b);
  for (const [first, from] of sorted.entries()) {
    for (const [last, to] of sorted.entries()) {
      if (last < first) continue;
      const allowed = (requestsPerSecond * (to - from)) / 1000 + burstOf(requestsPerSecond);
      // A wait is rounded up to whole milliseconds, so a window may be one shorter than the calls deserve.
      expect(last - first + 1).toBeLessThanOrEqual(allowed + requestsPerSecond / 1000 + 1e-6);
    }
  }
}

describe('A pacer that is never throttled', () => {
  test('lets out at most rate · t + burst calls in any window t, however they are asked for', () => {
    fc.assert(
      fc.property(rate, takes, (requestsPerSecond, pauses) => {
        expectWithinRate(letOut(requestsPerSecond, plainTakes(pauses)), requestsPerSecond);
      }),
    );
  });

  test('wastes nothing: n calls asked for at once are out after (n − burst) / rate', () => {
    fc.assert(
      fc.property(rate, fc.integer({ min: 1, max: 200 }), (requestsPerSecond, calls) => {
        const out = letOut(requestsPerSecond, plainTakes(Array.from({ length: calls }, () => 0)));
        const due = ((calls - burstOf(requestsPerSecond)) * 1000) / requestsPerSecond;
        expect(out.at(-1)).toBeGreaterThanOrEqual(Math.max(0, due) - 1e-6);
        // A wait is rounded up to whole milliseconds.
        expect(out.at(-1)).toBeLessThanOrEqual(Math.max(0, due) + 1 + calls);
      }),
    );
  });

  test('makes up for a pause, as one for a commit, by its burst and no more', () => {
    const pauses = [...Array.from({ length: 3 }, () => 0), 60_000, ...Array.from({ length: 4 }, () => 0)];
    expect(letOut(1.5, plainTakes(pauses)).slice(3)).toEqual([60_000, 60_000, 60_000, 60_667, 61_334]);
  });

  test('answers with whole milliseconds, never negative, also where the clock stands still or goes back', () => {
    fc.assert(
      fc.property(
        rate,
        fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 }),
        (requestsPerSecond, times) => {
          const pacer = new Pacer(requestsPerSecond, 0);
          for (const now of times) {
            const wait = pacer.take(now);
            expect(Number.isInteger(wait)).toBe(true);
            expect(wait).toBeGreaterThanOrEqual(0);
          }
        },
      ),
    );
  });
});

describe('A pacer that is throttled', () => {
  test('lets out at most rate · t + burst calls in any window t all the same', () => {
    fc.assert(
      fc.property(rate, acts, (requestsPerSecond, actions) => {
        expectWithinRate(letOut(requestsPerSecond, actions), requestsPerSecond);
      }),
    );
  });

  test('lets nobody out before the time that the service named is over, whenever they asked, and then one after the other', () => {
    const at = (afterMs: number, retryAfterMs?: number): Act => ({
      afterMs,
      throttled: retryAfterMs !== undefined,
      retryAfterMs: retryAfterMs ?? 0,
    });
    const out = letOut(1.5, [at(0), at(0), at(0), at(0), at(0), at(10, 20_000), at(0), at(0)]);
    expect(out.slice(0, 3)).toEqual([0, 0, 0]);
    expect(out[3]).toBeGreaterThanOrEqual(20_010);
    for (let index = 4; index < out.length; index += 1)
      expect((out[index] ?? 0) - (out[index - 1] ?? 0)).toBeGreaterThan(300);
  });

  test('goes on at half the rate, with an empty bucket', () => {
    const waits = [2, 200, 500].map((requestsPerSecond) => {
      const pacer = new Pacer(requestsPerSecond, 0);
      pacer.throttled(0, 0);
      return pacer.take(0);
    });
    expect(waits).toEqual([1000, 10, 4]);
  });

  test('creeps back in a straight line, a thirtieth of its full rate a second, also while it is blocked', () => {
    const shares = (retryAfterMs: number, times: readonly number[]) =>
      times.map((now) => {
        const pacer = new Pacer(10_000, 0);
        pacer.throttled(0, 0, retryAfterMs);
        return shareOf(pacer, 10_000, now);
      });
    expect(shares(0, [0, 3000, 9000, 15_000, 20_000])).toEqual([0.5, 0.6, 0.8, 1, 1]);
    expect(shares(6000, [6000, 9000, 15_000, 20_000])).toEqual([0.7, 0.8, 1, 1]);
    expect(shares(60_000, [60_000])).toEqual([1]);
  });

  test('lets out what flows in below that line, and nothing of it while it is blocked', () => {
    // Two a second at a share of 0.5 to 0.6 are 3.3 calls in 3 s; the fourth waits for 0.7 at 1.2 a second.
    const pacer = new Pacer(2, 0);
    pacer.throttled(0, 0);
    expect([3000, 3000, 3000, 3000].map((now) => pacer.take(now))).toEqual([0, 0, 0, 584]);
    // Blocked for 3 s, so at a share of 0.6 to 0.7, 3.9 calls in the 3 s after that; 0.1 at 1.4 a second.
    const blocked = new Pacer(2, 0);
    blocked.throttled(0, 0, 3000);
    expect([2999, 6000, 6000, 6000, 6000].map((now) => blocked.take(now))).toEqual([1, 0, 0, 0, 72]);
  });

  test('lets out the same however often it was asked in vain meanwhile', () => {
    const looks = fc.array(fc.nat(3000), { maxLength: 6 });
    const before = fc.array(fc.constantFrom(0, 500, 5000), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        rate,
        before,
        fc.nat(17_000),
        fc.nat(3000),
        looks,
        (requestsPerSecond, throttlings, idleMs, ms, at) => {
          const emptied = (): Pacer => {
            const pacer = new Pacer(requestsPerSecond, 0);
            for (const retryAfterMs of throttlings) pacer.throttled(0, 0, retryAfterMs);
            empty(pacer, idleMs);
            return pacer;
          };
          const patient = emptied();
          let due = 0;
          while (due < ms && patient.take(idleMs + due) > 0) due += 1;
          const nextOut = (lookedAt: readonly number[]): number[] => {
            const pacer = emptied();
            for (const look of lookedAt) expect(pacer.take(idleMs + look)).toBeGreaterThan(0);
            return nextCalls(pacer, idleMs + ms, 5);
          };
          const seldom = nextOut([]);
          const often = nextOut(at.filter((look) => look < due).sort((a, b) => a - b));
          // A wait is rounded up to whole milliseconds.
          for (const [index, out] of seldom.entries())
            expect(Math.abs(out - (often[index] ?? 0))).toBeLessThanOrEqual(2);
        },
      ),
    );
  });

  test('halves with each throttling, but never falls below a sixteenth', () => {
    const pacer = new Pacer(16, 0);
    const fast = new Pacer(160, 0);
    const waits = Array.from({ length: 8 }, (_, at) => {
      pacer.throttled(at, at);
      fast.throttled(at, at);
      return [pacer.take(at), fast.take(at)];
    });
    // At a sixteenth of 160 a second a call waits 100 ms; no wait that is told is longer than a second.
    expect(waits.map(([wait]) => wait)).toEqual([125, 250, 500, 1000, 1000, 1000, 1000, 1000]);
    expect(waits.map(([, wait]) => wait)).toEqual([13, 25, 50, 100, 100, 100, 100, 100]);
  });

  test('is back at its full rate 30 s after the last throttling, never above it', () => {
    fc.assert(
      fc.property(rate, acts, (requestsPerSecond, actions) => {
        const pacer = new Pacer(requestsPerSecond, 0);
        let now = 0;
        for (const { afterMs, throttled, retryAfterMs } of actions) {
          now += afterMs;
          if (throttled) pacer.throttled(now, now, retryAfterMs);
          else pacer.take(now);
        }
        now += 30_000;
        empty(pacer, now);
        const wait = pacer.take(now);
        if (wait < 1000) expect(pacer.take(now + wait)).toBe(0);
        const [first = 0, ...others] = nextCalls(pacer, now + wait, 50);
        for (const [index, out] of others.entries()) {
          const late = out - first - ((index + 1) * 1000) / requestsPerSecond;
          // A wait is rounded up to whole milliseconds, which a bucket for one call alone cannot make up for.
          expect(late).toBeLessThanOrEqual(burstOf(requestsPerSecond) > 1 ? 2 : index + 2);
          expect(late).toBeGreaterThan(-1.001);
        }
      }),
    );
  });

  test('lets nothing out that is asked for before the time that the service named is over', () => {
    fc.assert(
      fc.property(rate, acts, (requestsPerSecond, actions) => {
        const pacer = new Pacer(requestsPerSecond, 0);
        let now = 0;
        let blockedUntil = 0;
        for (const { afterMs, throttled, retryAfterMs } of actions) {
          now += afterMs;
          if (throttled) pacer.throttled(now, now, retryAfterMs);
          if (throttled) blockedUntil = Math.max(blockedUntil, now + retryAfterMs);
          else if (now < blockedUntil) expect(now + pacer.take(now)).toBeGreaterThanOrEqual(blockedUntil);
        }
      }),
    );
  });

  test('a shorter Retry-After does not take back a longer one', () => {
    const pacer = new Pacer(100, 0);
    pacer.throttled(0, 0, 5000);
    pacer.throttled(10, 10, 100);
    expect(pacer.take(20)).toBe(4980);
  });
});

test('Answers to calls that were under way when the rate was halved count once; a call that went out since halves it again', () => {
  const pacer = new Pacer(16, 0);
  for (let sentAt = 0; sentAt < 8; sentAt += 1) pacer.throttled(100, sentAt);
  expect(pacer.take(100)).toBe(125);
  pacer.throttled(100, 100);
  expect(pacer.take(100)).toBe(125);
  pacer.throttled(101, 101);
  expect(pacer.take(101)).toBe(250);
});

test('An answer to a call that was already under way is waited for as long as it asks', () => {
  const pacer = new Pacer(100, 0);
  pacer.throttled(10, 5);
  pacer.throttled(20, 5, 4000);
  expect(pacer.take(20)).toBe(4000);
});

test('The burst is what two seconds of the rate give, one call at least, and never more than 8', () => {
  const burst = (requestsPerSecond: number) => {
    const pacer = new Pacer(requestsPerSecond, 0);
    let calls = 0;
    while (pacer.take(0) === 0) calls += 1;
    return calls;
  };
  expect([0.1, 0.5, 1.5, 2, 4, 15, 10_000].map(burst)).toEqual([1, 1, 3, 4, 8, 8, 8]);
});
