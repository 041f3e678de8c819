import fc from 'fast-check';
import type { CaseRecord } from '../../../lambda/export/domain/case-items';
import { decide, type SkipRule } from '../../../lambda/export/domain/skip';
import { aRecord } from '../../support/stored-values';

const time = fc.nat(2000);
const maybeTime = fc.option(time, { nil: null });
const anyHead: fc.Arbitrary<CaseRecord | undefined> = fc.option(
  fc
    .record({ touched: maybeTime, readAt: maybeTime, waitingSince: maybeTime, goneAt: maybeTime })
    .map((change) => aRecord(change)),
  { nil: undefined },
);
const anyRule: fc.Arbitrary<SkipRule> = fc.record({
  now: time,
  settleMs: fc.nat(300),
  maxLagMs: fc.nat(600),
  readSince: fc.option(time, { nil: undefined }),
});

describe('The skip rule', () => {
  test('skips only what really was read at or after the time it was touched, and settle later', () => {
    fc.assert(
      fc.property(maybeTime, anyHead, anyRule, (touched, head, rule) => {
        if (decide(touched, head, rule) !== 'skip') return;
        expect(touched).not.toBeNull();
        expect(head?.readAt).not.toBeNull();
        expect(head?.readAt).toBeGreaterThanOrEqual((touched as number) + rule.settleMs);
        expect(head?.readAt).toBeGreaterThanOrEqual(rule.readSince ?? 0);
      }),
    );
  });

  test('skips all that was read enough: a change costs one read', () => {
    fc.assert(
      fc.property(time, fc.nat(300), fc.nat(1000), time, fc.nat(100), (touched, settleMs, after, now, older) => {
        const head = aRecord({ touched, readAt: touched + settleMs + after });
        expect(decide(touched - older, head, { now, settleMs, maxLagMs: 600 })).toBe('skip');
      }),
    );
  });

  test('as time passes it turns from waiting to reading, once, and never back; skipping does not depend on the time', () => {
    fc.assert(
      fc.property(maybeTime, anyHead, anyRule, fc.nat(1000), (touched, head, rule, later) => {
        const order = { skip: 0, wait: 1, read: 2 };
        const now = decide(touched, head, rule);
        const then = decide(touched, head, { ...rule, now: rule.now + later });
        expect(order[then]).toBeGreaterThanOrEqual(order[now]);
        expect(then === 'skip').toBe(now === 'skip');
      }),
    );
  });

  test('a newer touch never makes a case that is to be read one to be skipped', () => {
    fc.assert(
      fc.property(time, fc.nat(1000), anyHead, anyRule, (touched, newer, head, rule) => {
        if (decide(touched, head, rule) === 'skip') return;
        expect(decide(touched + newer, head, rule)).not.toBe('skip');
      }),
    );
  });

  test('waits only while settle is not over, and no longer than MAX_LAG', () => {
    fc.assert(
      fc.property(maybeTime, anyHead, anyRule, (touched, head, rule) => {
        if (decide(touched, head, rule) !== 'wait') return;
        expect(rule.now).toBeLessThan((touched as number) + rule.settleMs);
        expect(rule.now).toBeLessThan((head?.waitingSince ?? rule.now) + rule.maxLagMs);
      }),
    );
  });

  test('reads at the very millisecond that settle, or MAX_LAG, is over', () => {
    const rule = { settleMs: 100, maxLagMs: 50 };
    expect(decide(1000, undefined, { ...rule, now: 1099 })).toBe('wait');
    expect(decide(1000, undefined, { ...rule, now: 1100 })).toBe('read');
    const waiting = aRecord({ waitingSince: 1000 });
    expect(decide(1040, waiting, { ...rule, now: 1049 })).toBe('wait');
    expect(decide(1040, waiting, { ...rule, now: 1050 })).toBe('read');
  });

  test('a case touched every minute is read all the same, once every MAX_LAG', () => {
    const rule = { settleMs: 180_000, maxLagMs: 900_000 };
    let head: CaseRecord | undefined;
    let reads = 0;
    for (let now = 0; now < 100 * 60_000; now += 60_000) {
      const decision = decide(now, head, { ...rule, now });
      if (decision === 'read') reads += 1;
      if (decision === 'read') head = aRecord({ touched: now, readAt: now });
      else if (head?.waitingSince == null) head = aRecord({ ...head, waitingSince: now });
    }
    expect(reads).toBe(6);
  });

  test('a read that a lagging history may have fooled is made again after settle', () => {
    const early = aRecord({ touched: 1000, readAt: 1050 });
    expect(decide(1000, early, { now: 1200, settleMs: 100, maxLagMs: 900 })).toBe('read');
  });

  test('a sweep trusts no read from before it began', () => {
    const head = aRecord({ touched: 1000, readAt: 2000 });
    const rule = { now: 9000, settleMs: 100, maxLagMs: 900 };
    expect(decide(1000, head, { ...rule, readSince: 2000 })).toBe('skip');
    expect(decide(1000, head, { ...rule, readSince: 2001 })).toBe('read');
  });

  test('a case that was never read to its end is never skipped, not even one touched at or before the epoch', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1000, max: 1000 }), time, anyRule, (touched, readAt, rule) => {
        expect(decide(touched, aRecord({ touched: null, readAt }), rule)).not.toBe('skip');
        expect(decide(touched, aRecord({ touched, readAt: null }), rule)).not.toBe('skip');
      }),
    );
    const rule = { now: 9000, settleMs: 100, maxLagMs: 900 };
    expect(decide(0, aRecord({ touched: null, readAt: 2000 }), rule)).toBe('read');
  });

  test('a case that the search gave without a time is read', () => {
    fc.assert(
      fc.property(anyHead, anyRule, (head, rule) => {
        expect(decide(null, head, rule)).toBe('read');
      }),
    );
  });

  test('a case that was found gone and is shown again is read, whatever was read of it before', () => {
    fc.assert(
      fc.property(maybeTime, anyHead, anyRule, time, (touched, head, rule, goneAt) => {
        expect(decide(touched, aRecord({ ...head, goneAt }), rule)).not.toBe('skip');
      }),
    );
    const gone = aRecord({ touched: 1000, readAt: 2000, goneAt: 3000 });
    expect(decide(1000, gone, { now: 9000, settleMs: 100, maxLagMs: 900 })).toBe('read');
  });
});
