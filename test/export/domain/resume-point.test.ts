import fc from 'fast-check';
import { ResumePoint } from '../../../lambda/export/domain/resume-point';

type Action =
  | { readonly do: 'found'; readonly value: number; readonly caseId: string }
  | { readonly do: 'settle'; readonly which: number }
  | { readonly do: 'reached'; readonly value: number }
  | { readonly do: 'stayBelow'; readonly value: number };

const caseId = fc.constantFrom('a', 'b', 'c', 'd');
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ do: fc.constant('found' as const), value: fc.integer({ min: 0, max: 30 }), caseId }),
  fc.record({ do: fc.constant('settle' as const), which: fc.nat(20) }),
  fc.record({ do: fc.constant('reached' as const), value: fc.integer({ min: 0, max: 30 }) }),
  fc.record({ do: fc.constant('stayBelow' as const), value: fc.integer({ min: 0, max: 30 }) }),
);

describe('An anchor', () => {
  test('starts where the search starts', () => {
    expect(new ResumePoint(7).anchor()).toBe(7);
  });

  test('never passes a case that was found and is not settled, nor what was reached, nor what it must stay below', () => {
    fc.assert(
      fc.property(fc.nat(10), fc.array(action, { maxLength: 40 }), (from, actions) => {
        const tracker = new ResumePoint(from);
        const open: { value: number; settled: () => void }[] = [];
        let reached = from;
        let ceiling = Number.POSITIVE_INFINITY;
        for (const step of actions) {
          if (step.do === 'found') open.push({ value: step.value, settled: tracker.found(step.value, step.caseId) });
          if (step.do === 'reached') tracker.reached(step.value);
          if (step.do === 'reached') reached = Math.max(reached, step.value);
          if (step.do === 'stayBelow') tracker.stayBelow(step.value);
          if (step.do === 'stayBelow') ceiling = Math.min(ceiling, step.value);
          if (step.do === 'settle' && open.length > 0) open.splice(step.which % open.length, 1)[0]?.settled();
          for (const { value } of open) expect(tracker.anchor()).toBeLessThanOrEqual(value);
          expect(tracker.anchor()).toBeLessThanOrEqual(Math.min(reached, ceiling));
        }
      }),
    );
  });

  test('falls only to a case below it that is found, or must be found again: settling and reaching never take anything back', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const tracker = new ResumePoint(0);
        const open: (() => void)[] = [];
        for (const step of actions) {
          const before = tracker.anchor();
          if (step.do === 'found') open.push(tracker.found(step.value, step.caseId));
          if (step.do === 'reached') tracker.reached(step.value);
          if (step.do === 'stayBelow') tracker.stayBelow(step.value);
          if (step.do === 'settle' && open.length > 0) open.splice(step.which % open.length, 1)[0]?.();
          if (step.do === 'found' || step.do === 'stayBelow')
            expect(tracker.anchor()).toBe(Math.min(before, step.value));
          else expect(tracker.anchor()).toBeGreaterThanOrEqual(before);
        }
      }),
    );
  });

  test('arrives where the search arrived once every case is settled, in whatever order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(1000), { minLength: 1 }), fc.infiniteStream(fc.nat()), (values, order) => {
        const tracker = new ResumePoint(0);
        const settlers = values.map((value) => tracker.found(value, `case-${value}`));
        tracker.reached(Math.max(...values));
        while (settlers.length > 0) settlers.splice((order.next().value as number) % settlers.length, 1)[0]?.();
        expect(tracker.anchor()).toBe(Math.max(...values));
      }),
    );
  });

  test('passes a case that the commit saves half-read, and no other', () => {
    const tracker = new ResumePoint(0);
    tracker.found(10, 'half');
    tracker.found(20, 'open');
    tracker.reached(30);
    expect(tracker.anchor()).toBe(10);
    expect(tracker.anchor(new Map([['half', 10]]))).toBe(20);
    expect(
      tracker.anchor(
        new Map([
          ['half', 10],
          ['open', 20],
        ]),
      ),
    ).toBe(30);
    expect(tracker.anchor()).toBe(10);
  });

  test('counts two findings of one case apart: one of them settled does not settle the other', () => {
    const tracker = new ResumePoint(0);
    const first = tracker.found(10, 'a');
    tracker.found(12, 'a');
    tracker.reached(30);
    first();
    expect(tracker.anchor()).toBe(12);
    first();
    expect(tracker.anchor()).toBe(12);
  });

  test('stays below a case that must be found again, whatever is done and reached beyond it', () => {
    const tracker = new ResumePoint(0);
    tracker.reached(10);
    tracker.stayBelow(20);
    expect(tracker.anchor()).toBe(10);
    tracker.reached(50);
    expect(tracker.anchor()).toBe(20);
    tracker.stayBelow(30);
    expect(tracker.anchor()).toBe(20);
    tracker.found(3, 'below');
    expect(tracker.anchor()).toBe(3);
  });
});

describe('All that was found', () => {
  test('is done once each case is settled, or saved half-read for the touch that led to it', () => {
    const tracker = new ResumePoint(0);
    const none = new Map<string, number>();
    expect(tracker.isDone(none)).toBe(true);
    const settled = tracker.found(5, 'a');
    tracker.found(9, 'b');
    expect(tracker.isDone(none)).toBe(false);
    settled();
    expect(tracker.isDone(none)).toBe(false);
    expect(tracker.isDone(new Map([['b', 8]]))).toBe(false);
    expect(tracker.isDone(new Map([['b', 9]]))).toBe(true);
  });
});
