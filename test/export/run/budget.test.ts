import fc from 'fast-check';
import { Budget } from '../../../lambda/export/run/budget';
import { createManualClock } from '../../fakes/manual-clock';

/** An invocation whose remaining time, as Lambda tells it, can be set off the clock. */
function createBudget(remainingMs: number, reserveMs: number) {
  const clock = createManualClock();
  const endsAt = clock.monotonic() + remainingMs;
  const lambda = { jumpMs: 0 };
  const budget = new Budget(clock, () => endsAt - clock.monotonic() + lambda.jumpMs, reserveMs);
  return { clock, budget, lambda };
}

const aTurn = () => new Promise((resolve) => setImmediate(resolve));

describe('Reading', () => {
  test('ends with the reserve left, by itself', async () => {
    const { clock, budget } = createBudget(100_000, 30_000);
    clock.advance(69_999);
    await aTurn();
    expect(budget.readingOver.aborted).toBe(false);
    expect(budget.readingMs()).toBe(1);
    clock.advance(1);
    await aTurn();
    expect(budget.readingOver.aborted).toBe(true);
    expect(budget.remainingMs()).toBe(30_000);
  });

  test('ends for good: more time afterwards does not begin it again', () => {
    const { clock, budget, lambda } = createBudget(100_000, 30_000);
    clock.advance(80_000);
    expect(budget.isReadingOver).toBe(true);
    lambda.jumpMs = 500_000;
    expect(budget.readingMs()).toBe(0);
    expect(budget.isReadingOver).toBe(true);
  });

  test('ends when it is told to, and the signal says so', () => {
    const { budget } = createBudget(100_000, 30_000);
    budget.endReading();
    expect(budget.readingOver.aborted).toBe(true);
    expect(budget.readingMs()).toBe(0);
    expect(budget.remainingMs()).toBe(100_000);
  });

  test('ends the sleep of its watch too, so that nothing is left when the handler returns', async () => {
    const { clock, budget } = createBudget(100_000, 30_000);
    expect(clock.sleepers()).toBe(1);
    budget.endReading();
    await aTurn();
    expect(clock.sleepers()).toBe(0);
  });

  test('ends earlier when Lambda takes time back, and no later when it seems to give some', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 900_000 }),
        fc.nat(900_000),
        fc.array(fc.record({ passes: fc.nat(100_000), jump: fc.integer({ min: -500_000, max: 500_000 }) })),
        (remaining, reserve, steps) => {
          const { clock, budget, lambda } = createBudget(remaining, reserve);
          const kept = Math.min(reserve, remaining / 2);
          for (const { passes, jump } of steps) {
            clock.advance(passes);
            lambda.jumpMs = jump;
            const left = remaining - clock.monotonic() + Math.min(0, jump);
            expect(budget.remainingMs()).toBe(left);
            expect(budget.readingMs()).toBeLessThanOrEqual(Math.max(0, left - kept));
            if (left <= kept) expect(budget.readingOver.aborted).toBe(true);
          }
        },
      ),
    );
  });
});

describe('The reserve', () => {
  test('is never more than half of the time, so that there is always something to read in', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 900_000 }),
        fc.nat(10_000_000),
        fc.array(fc.nat(10_000_000)),
        (remaining, reserve, commits) => {
          const { budget } = createBudget(remaining, reserve);
          for (const tookMs of commits) budget.commitTook(tookMs);
          expect(budget.readingMs()).toBeGreaterThanOrEqual(remaining / 2);
        },
      ),
    );
  });

  test('grows to what the slowest commit took, and never shrinks', () => {
    const { budget } = createBudget(100_000, 10_000);
    budget.commitTook(25_000);
    expect(budget.readingMs()).toBe(75_000);
    budget.commitTook(5000);
    expect(budget.readingMs()).toBe(75_000);
    budget.commitTook(90_000);
    expect(budget.readingMs()).toBe(50_000);
  });

  test('that grows past what is left ends reading at once', () => {
    const { clock, budget } = createBudget(100_000, 10_000);
    clock.advance(70_000);
    expect(budget.isReadingOver).toBe(false);
    budget.commitTook(40_000);
    expect(budget.isReadingOver).toBe(true);
  });

  test('of an invocation that has no time at all: reading is over from the start', () => {
    for (const remaining of [0, -5]) {
      const { budget } = createBudget(remaining, 30_000);
      expect(budget.isReadingOver).toBe(true);
      expect(budget.readingOver.aborted).toBe(true);
    }
  });
});
