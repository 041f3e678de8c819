import fc from 'fast-check';
import { ResumePoint } from '../../../lambda/export/domain/resume-point';

type Action =
  | { readonly do: 'found'; readonly value: number; readonly caseId: string }
  | { readonly do: 'settle'; readonly which: number }
  | { readonly do: 'reached'; readonly value: number }
  | { readonly do: 'freeze' };

const caseId = fc.constantFrom('a', 'b', 'c', 'd');
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ do: fc.constant('found' as const), value: fc.integer({ min: 0, max: 30 }), caseId }),
  fc.record({ do: fc.constant('settle' as const), which: fc.nat(20) }),
  fc.record({ do: fc.constant('reached' as const), value: fc.integer({ min: 0, max: 30 }) }),
  fc.record({ do: fc.constant('freeze' as const) }),
);

describe('An anchor', () => {
  test('starts where the search starts', () => {
    expect(new ResumePoint(7).anchor()).toBe(7);
  });

  test('never passes a case that was found and is not settled, nor what was reached', () => {
    fc.assert(
      fc.property(fc.nat(10), fc.array(action, { maxLength: 40 }), (from, actions) => {
        const tracker = new ResumePoint(from);
        const open: { value: number; settled: () => void }[] = [];
        let reached = from;
        for (const step of actions) {
          if (step.do === 'found') open.push({ value: step.value, settled: tracker.found(step.value, step.caseId) });
          if (step.do === 'reached') tracker.reached(step.value);
          if (step.do === 'reached') reached = Math.max(reached, step.value);
          if (step.do === 'freeze') tracker.freeze();
          if (step.do === 'settle' && open.length > 0) open.splice(step.which % open.length, 1)[0]?.settled();
          for (const { value } of open) expect(tracker.anchor()).toBeLessThanOrEqual(value);
          expect(tracker.anchor()).toBeLessThanOrEqual(reached);
        }
      }),
    );
  });

  test('falls only to a case that is found below it: settling and reaching never take anything back', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const tracker = new ResumePoint(0);
        const open: (() => void)[] = [];
        for (const step of actions) {
          const before = tracker.anchor();
          if (step.do === 'found') open.push(tracker.found(step.value, step.caseId));
          if (step.do === 'reached') tracker.reached(step.value);
          if (step.do === 'freeze') tracker.freeze();
          if (step.do === 'settle' && open.length > 0) open.splice(step.which % open.length, 1)[0]?.();
          if (step.do === 'found') expect(tracker.anchor()).toBe(Math.min(before, step.value));
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

  test('does not rise any more once the pages came unsorted, but still waits for what is found', () => {
    const tracker = new ResumePoint(0);
    tracker.reached(10);
    tracker.freeze();
    tracker.reached(50);
    expect(tracker.anchor()).toBe(10);
    tracker.found(3, 'below');
    expect(tracker.anchor()).toBe(3);
  });
});
