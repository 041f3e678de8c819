/**
 * A pacer in front of a service with a token bucket of its own: what comes through, and what is throttled. The service's quota is the
 * documented one in proportion: for a set rate of 15 a second, 20 a second with a burst of 10.
 */
import { Pacer } from '../../../lambda/export/domain/pacer';

interface Quota {
  readonly perSecond: number;
  readonly burst: number;
  /** Tokens there at the start: less than the burst where others have called. */
  readonly left?: number;
}

interface Outcome {
  /** Calls answered well, by the second in which they went out. */
  readonly answered: readonly number[];
  readonly throttled: number;
}

/** Readers call as fast as the pacer lets them, one call each under way at a time, for so many seconds. */
function run(setRate: number, quota: Quota, { seconds = 60, readers = 8, latencyMs = 150 } = {}): Outcome {
  const pacer = new Pacer(setRate, 0);
  const answered = Array.from({ length: seconds }, () => 0);
  const underWay: { readonly endsAt: number; readonly sentAt: number; readonly isGood: boolean }[] = [];
  let tokens = quota.left ?? quota.burst;
  let throttled = 0;
  let asksAt = 0;
  for (let now = 0; now < seconds * 1000; now += 1) {
    tokens = Math.min(quota.burst, tokens + quota.perSecond / 1000);
    while (underWay[0] !== undefined && underWay[0].endsAt <= now) {
      const { sentAt, isGood } = underWay.shift() as (typeof underWay)[number];
      if (isGood) answered[Math.floor(sentAt / 1000)] = (answered[Math.floor(sentAt / 1000)] ?? 0) + 1;
      else pacer.throttled(now, sentAt);
    }
    while (underWay.length < readers && now >= asksAt) {
      const wait = pacer.take(now);
      asksAt = now + wait;
      if (wait > 0) break;
      const isGood = tokens >= 1;
      if (isGood) tokens -= 1;
      else throttled += 1;
      underWay.push({ endsAt: now + latencyMs, sentAt: now, isGood });
    }
  }
  return { answered, throttled };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

describe('A pacer set to 15 a second before a service of 20 a second with a burst of 10', () => {
  test.each([10, 150, 400])(
    'uses at least 98 %% of its rate from the first ten seconds on, at %i ms a call',
    (latencyMs) => {
      const { answered, throttled } = run(15, { perSecond: 20, burst: 10 }, { latencyMs });
      expect(throttled).toBe(0);
      for (let from = 0; from + 10 < answered.length; from += 10) {
        expect(sum(answered.slice(from, from + 10))).toBeGreaterThanOrEqual(0.98 * 15 * 10);
      }
    },
  );

  test('is throttled once where others have used up the burst, halves once, and is back within half a minute', () => {
    const { answered, throttled } = run(15, { perSecond: 20, burst: 10, left: 0 });
    expect(throttled).toBeLessThanOrEqual(8);
    expect(sum(answered.slice(0, 10))).toBeGreaterThanOrEqual(0.5 * 15 * 10);
    expect(sum(answered.slice(30, 40))).toBeGreaterThanOrEqual(0.98 * 15 * 10);
  });
});

describe('A pacer before a service that gives less than it is set to', () => {
  test('gets most of what there is, and few of its calls are in vain', () => {
    const { answered, throttled } = run(15, { perSecond: 5, burst: 10 }, { seconds: 120 });
    expect(sum(answered.slice(60))).toBeGreaterThanOrEqual(0.8 * 5 * 60);
    expect(throttled).toBeLessThanOrEqual(0.3 * sum(answered));
  });
});
