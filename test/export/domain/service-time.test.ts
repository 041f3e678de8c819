import fc from 'fast-check';
import { ServiceTime } from '../../../lambda/export/domain/times';

const clockTime = fc.integer({ min: 1_600_000_000_000, max: 1_900_000_000_000 });
/** A `Date` header: whole seconds. */
const header = clockTime.map((ms) => Math.floor(ms / 1000) * 1000);
const nearby = fc.oneof(fc.integer({ min: -200_000, max: 200_000 }), fc.integer({ min: -2000, max: 2000 }));

describe("The service's time", () => {
  test("is our clock's until an answer came with a date", () => {
    const time = new ServiceTime();
    time.observe(null, 5000);
    expect(time.correct(1234)).toBe(1234);
    expect(time.isAlarming).toBe(false);
  });

  test("is never later than our clock and never more than a second later than the service's", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(header, nearby), { minLength: 1 }), (answers) => {
        const time = new ServiceTime();
        for (const [serviceTime, off] of answers) {
          const clockNow = serviceTime + off;
          time.observe(serviceTime, clockNow);
          expect(time.correct(clockNow)).toBeLessThanOrEqual(clockNow);
          expect(time.correct(clockNow)).toBeLessThan(serviceTime + 1000);
        }
      }),
    );
  });

  test('loses nothing to the whole seconds of the header: clocks that agree are left alone', () => {
    fc.assert(
      fc.property(clockTime, (now) => {
        const time = new ServiceTime();
        time.observe(Math.floor(now / 1000) * 1000, now);
        expect(time.correct(now)).toBe(now);
      }),
    );
  });

  test('is never more than a second earlier than the earlier of the two clocks', () => {
    fc.assert(
      fc.property(clockTime, nearby, (trueTime, ourLead) => {
        const time = new ServiceTime();
        time.observe(Math.floor(trueTime / 1000) * 1000, trueTime + ourLead);
        expect(time.correct(trueTime + ourLead)).toBeGreaterThan(Math.min(trueTime, trueTime + ourLead) - 1000);
      }),
    );
  });

  test.each([
    [999, 999],
    [1000, 0],
    [1001, 0],
  ])(
    'our clock %i ms ahead of a header leaves %i ms: only below a second it may be the header alone',
    (aheadMs, left) => {
      const time = new ServiceTime();
      time.observe(50_000, 50_000 + aheadMs);
      expect(time.correct(50_000 + aheadMs)).toBe(50_000 + left);
    },
  );

  test('keeps durations: two of our times stay as far apart', () => {
    fc.assert(
      fc.property(header, nearby, clockTime, fc.nat(1e9), (serviceTime, off, from, ms) => {
        const time = new ServiceTime();
        time.observe(serviceTime, serviceTime + off);
        expect(time.correct(from + ms) - time.correct(from)).toBe(ms);
      }),
    );
  });

  test('goes by the last answer, and an answer without a date changes nothing', () => {
    const time = new ServiceTime();
    time.observe(100_000, 400_000);
    expect(time.correct(400_000)).toBe(100_000);
    time.observe(null, 900_000);
    expect(time.correct(400_000)).toBe(100_000);
    time.observe(500_000, 500_300);
    expect(time.correct(500_300)).toBe(500_300);
  });

  test.each([
    [60_000, false],
    [60_001, true],
    [-60_000, false],
    [-60_001, true],
  ])('%i ms apart: alarming is %s', (differenceMs, alarming) => {
    const time = new ServiceTime();
    time.observe(1_000_000, 1_000_000 + differenceMs);
    expect(time.differenceMs).toBe(differenceMs);
    expect(time.isAlarming).toBe(alarming);
  });
});
