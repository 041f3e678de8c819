import fc from 'fast-check';
import type { WaitingCase } from '../../../lambda/export/domain/state';
import { MAX_WAITING, WaitingCases } from '../../../lambda/export/run/open-batch';
import { aWaitingCase } from '../../support/stored-values';

const aWaiting = (change: Partial<WaitingCase> = {}) =>
  aWaitingCase({ caseId: 'a', since: 100, touched: 200, missingFrom: 90, ...change });

const ids = (cases: readonly WaitingCase[]) => cases.map(({ caseId }) => caseId);

describe('Cases that wait', () => {
  test('are none at first', () => {
    expect(new WaitingCases([]).list).toEqual([]);
  });

  test('are each owed once, however often they are found, since the first time and from the earliest place', () => {
    const waiting = new WaitingCases([aWaiting({ since: 50, missingFrom: 70, lastUpdated: 200 })]);
    waiting.add(aWaiting({ touched: 300, since: 150, missingFrom: 60, templateId: 't' }));
    waiting.add(aWaiting({ touched: 250, missingFrom: 80 }));
    expect(waiting.list).toEqual([
      aWaiting({ touched: 300, lastUpdated: 200, since: 50, missingFrom: 60, templateId: 't' }),
    ]);
    waiting.lower('a', null);
    expect(waiting.list).toMatchObject([{ missingFrom: null }]);
    waiting.lower('never seen', null);
  });

  test('are owed until a read that their latest touch led to', () => {
    const waiting = new WaitingCases([]);
    waiting.add(aWaiting({ touched: 200 }));
    waiting.add(aWaiting({ touched: 300 }));
    waiting.remove('a', 200);
    expect(ids(waiting.list)).toEqual(['a']);
    waiting.remove('a', 300);
    expect(waiting.list).toEqual([]);
    waiting.remove('never seen', 300);
  });

  test('of earlier runs are taken out once, if they were not found again, read or owed otherwise', () => {
    const before = ['found', 'read', 'unseen'].map((caseId) => aWaiting({ caseId }));
    const waiting = new WaitingCases(before);
    waiting.add(aWaiting({ caseId: 'found' }));
    waiting.add(aWaiting({ caseId: 'new' }));
    waiting.remove('read', 200);
    expect(ids(waiting.takeUnseen())).toEqual(['unseen']);
    expect(ids(waiting.list)).toEqual(['found', 'new']);
    expect(waiting.takeUnseen()).toEqual([]);
  });

  test('are refused beyond so many, but for those that wait already', () => {
    const full = Array.from({ length: MAX_WAITING }, (_, index) => aWaiting({ caseId: `case-${index}` }));
    const waiting = new WaitingCases(full);
    expect(waiting.add(aWaiting({ caseId: 'one more' }))).toBe(false);
    expect(waiting.add(aWaiting({ caseId: 'case-0', touched: 400 }))).toBe(true);
    expect(waiting.list).toHaveLength(MAX_WAITING);
  });

  test('are never fewer than were found and not read', () => {
    const steps = fc.array(
      fc.record({ caseId: fc.constantFrom('a', 'b', 'c'), touched: fc.nat(5), isRead: fc.boolean() }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const waiting = new WaitingCases([]);
        const open = new Map<string, number>();
        for (const { caseId, touched, isRead } of all) {
          if (isRead) waiting.remove(caseId, touched);
          else waiting.add(aWaiting({ caseId, touched }));
          if (!isRead) open.set(caseId, Math.max(touched, open.get(caseId) ?? 0));
          else if ((open.get(caseId) ?? 9) <= touched) open.delete(caseId);
          expect(ids(waiting.list).sort()).toEqual([...open.keys()].sort());
        }
      }),
    );
  });
});
