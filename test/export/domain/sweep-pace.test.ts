import fc from 'fast-check';
import { costMs, paidUntilAtStart } from '../../../lambda/export/find/sweep';

const MINUTE = 60_000;

describe('The pace of a check sweep', () => {
  test('A call costs three times what it takes at full pace', () => {
    expect(costMs(1, 1.5)).toBeCloseTo(2000);
    expect(costMs(30, 10)).toBeCloseTo(9000);
    expect(costMs(0, 1.5)).toBe(0);
  });

  test('A sweep that begins has no credit', () => {
    expect(paidUntilAtStart(null, 1000)).toBe(1000);
  });

  test('Calls not made are made up for as long as an invocation can be, and what is overdrawn stands', () => {
    expect(paidUntilAtStart(1000, 1000 + 5 * MINUTE)).toBe(1000);
    expect(paidUntilAtStart(1000, 1000 + 15 * MINUTE)).toBe(1000);
    expect(paidUntilAtStart(1000, 1000 + 60 * MINUTE)).toBe(1000 + 45 * MINUTE);
    expect(paidUntilAtStart(5000, 1000)).toBe(5000);
  });

  test('However runs and pauses follow each other, calls stay within a third of the pace and one credit', () => {
    const ticks = fc.array(fc.record({ pauseMs: fc.nat(60 * MINUTE), runMs: fc.nat(15 * MINUTE) }), { maxLength: 50 });
    fc.assert(
      fc.property(ticks, fc.double({ min: 0.1, max: 20, noNaN: true }), (runs, rps) => {
        let now = 0;
        let stored: number | null = null;
        let calls = 0;
        for (const { pauseMs, runMs } of runs) {
          now += pauseMs;
          let paidUntil = paidUntilAtStart(stored, now);
          for (const end = now + runMs; now < end; now += 1000 / rps) {
            if (paidUntil > now) continue;
            paidUntil += costMs(1, rps);
            calls += 1;
          }
          stored = paidUntil;
        }
        expect(calls).toBeLessThanOrEqual((((now + 15 * MINUTE) / 1000) * rps) / 3 + 1);
      }),
    );
  });
});
