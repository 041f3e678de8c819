import fc from 'fast-check';
import type { DebtSum } from '../../../lambda/export/domain/debts';
import { WaitingCases } from '../../../lambda/export/run/waiting-cases';

const BEFORE: DebtSum = { cause: 'waiting', cases: 3, neverRead: 2, since: 50, missingFrom: 10 };

function aWaiting(change: Partial<Parameters<WaitingCases['add']>[1]> = {}) {
  return { since: 100, touched: 200, missingFrom: 90, neverRead: true, ...change };
}

describe('Cases that wait', () => {
  test('are none at first', () => {
    expect(new WaitingCases(null).sum).toBeNull();
  });

  test('are each owed once, however often they are found', () => {
    const waiting = new WaitingCases(null);
    waiting.add('a', aWaiting());
    waiting.add('a', aWaiting({ touched: 300, since: 150 }));
    waiting.add('b', aWaiting({ since: 80, missingFrom: null, neverRead: false }));
    expect(waiting.sum).toEqual({ cause: 'waiting', cases: 2, neverRead: 1, since: 80, missingFrom: null });
  });

  test('are owed until a read that their latest touch led to', () => {
    const waiting = new WaitingCases(null);
    waiting.add('a', aWaiting({ touched: 200 }));
    waiting.add('a', aWaiting({ touched: 300 }));
    waiting.remove('a', 200);
    expect(waiting.sum?.cases).toBe(1);
    waiting.remove('a', 300);
    expect(waiting.sum).toBeNull();
    waiting.remove('never seen', 300);
  });

  test('of earlier runs are owed until the lanes have looked at everything again', () => {
    const waiting = new WaitingCases(BEFORE);
    waiting.add('a', aWaiting());
    expect(waiting.sum).toEqual({ cause: 'waiting', cases: 4, neverRead: 3, since: 50, missingFrom: 10 });
    waiting.remove('a', 200);
    expect(waiting.sum).toEqual(BEFORE);
    waiting.add('a', aWaiting());
    waiting.allFoundAgain();
    expect(waiting.sum).toEqual({ cause: 'waiting', cases: 1, neverRead: 1, since: 100, missingFrom: 90 });
  });

  test('are never fewer in the sum than were found and not read', () => {
    const steps = fc.array(
      fc.record({ caseId: fc.constantFrom('a', 'b', 'c'), touched: fc.nat(5), isRead: fc.boolean() }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const waiting = new WaitingCases(null);
        const open = new Map<string, number>();
        for (const { caseId, touched, isRead } of all) {
          if (isRead) waiting.remove(caseId, touched);
          else waiting.add(caseId, aWaiting({ touched }));
          if (!isRead) open.set(caseId, Math.max(touched, open.get(caseId) ?? 0));
          else if ((open.get(caseId) ?? 9) <= touched) open.delete(caseId);
          expect(waiting.sum?.cases ?? 0).toBe(open.size);
        }
      }),
    );
  });
});
