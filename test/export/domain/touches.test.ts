import fc from 'fast-check';
import { areMostlyUnexplained, counted, isExplained } from '../../../lambda/export/domain/retry-list';

const NONE = { explained: 0, unexplained: 0, accepted: 0 };
const counts = fc.record({ explained: fc.nat(1_000), unexplained: fc.nat(1_000), accepted: fc.nat(50) });

function countedAll(touches: readonly boolean[]) {
  return touches.reduce((before, isExplainedNow) => counted(before, isExplainedNow), NONE);
}

describe('A touch', () => {
  test('is explained by an event that is no older than a second before it', () => {
    expect(isExplained(10_000, 9_000)).toBe(true);
    expect(isExplained(10_000, 8_999)).toBe(false);
    expect(isExplained(10_000, 99_000)).toBe(true);
  });

  test('is explained by no event where the history has none', () => {
    expect(isExplained(0, null)).toBe(false);
    expect(isExplained(-5_000, null)).toBe(false);
  });
});

describe('A domain', () => {
  test('has mostly touches without events from the twentieth on, and only while they are more than the others', () => {
    const unexplained = (count: number) => Array.from({ length: count }, () => false);
    const explained = (count: number) => Array.from({ length: count }, () => true);
    expect(areMostlyUnexplained(countedAll(unexplained(19)))).toBe(false);
    expect(areMostlyUnexplained(countedAll(unexplained(20)))).toBe(true);
    expect(areMostlyUnexplained(countedAll([...explained(20), ...unexplained(20)]))).toBe(false);
    expect(areMostlyUnexplained(countedAll([...explained(20), ...unexplained(21)]))).toBe(true);
  });

  test('is judged by what was counted lately: it pays again once touches are explained again', () => {
    const before = Array.from({ length: 100_000 }, () => false);
    const since = Array.from({ length: 1_000 }, () => true);
    expect(areMostlyUnexplained(countedAll(before))).toBe(true);
    expect(areMostlyUnexplained(countedAll([...before, ...since]))).toBe(false);
  });

  test('is counted in small numbers for ever, one more for each touch, and what was accepted stays', () => {
    fc.assert(
      fc.property(counts, fc.boolean(), (before, isExplainedNow) => {
        const after = counted(before, isExplainedNow);
        expect(after.accepted).toBe(before.accepted);
        expect(after.explained + after.unexplained).toBeLessThanOrEqual(1_001);
        if (before.explained + before.unexplained >= 1_000) return;
        expect(after.explained - before.explained).toBe(isExplainedNow ? 1 : 0);
        expect(after.unexplained - before.unexplained).toBe(isExplainedNow ? 0 : 1);
      }),
    );
  });
});
