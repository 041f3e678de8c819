import fc from 'fast-check';
import { RETRY_CAUSES } from '../../../lambda/export/domain/case-items';
import { accountOf, type CaseDebt, concerns, missingOf, sumDebts } from '../../../lambda/export/domain/debts';
import type { DebtCause, DebtSum } from '../../../lambda/export/domain/state';
import { aPartialRead, aRecord, aRetry, aWaitingCase } from '../../support/stored-values';
import { anyDebtSum, anyRetry } from './arbitraries';

const time = fc.nat(4_000_000_000_000);
const maybeTime = fc.option(time, { nil: null });
const cause: fc.Arbitrary<DebtCause> = fc.constantFrom(...RETRY_CAUSES, 'waiting', 'partly-read', 'not-shown');
const anyDebt: fc.Arbitrary<CaseDebt> = fc.record({
  cause,
  since: time,
  missingFrom: maybeTime,
  neverRead: fc.boolean(),
});
const anyDebts = fc.array(anyDebt, { maxLength: 60 });

const total = (sums: readonly DebtSum[], of: (sum: DebtSum) => number) =>
  sums.reduce((result, sum) => result + of(sum), 0);

describe('The sum of debts', () => {
  test('counts every case once under its cause, and how many of them were never read', () => {
    fc.assert(
      fc.property(anyDebts, (debts) => {
        const sums = sumDebts(debts);
        for (const { cause: why, cases, neverRead } of sums) {
          expect(cases).toBe(debts.filter((debt) => debt.cause === why).length);
          expect(neverRead).toBe(debts.filter((debt) => debt.cause === why && debt.neverRead).length);
        }
        expect(total(sums, ({ cases }) => cases)).toBe(debts.length);
      }),
    );
  });

  test('has one entry a cause, in the order of their names, and none that is empty', () => {
    fc.assert(
      fc.property(anyDebts, fc.array(anyDebtSum), (debts, more) => {
        const sums = sumDebts(debts, more);
        const names = sums.map(({ cause: why }) => why);
        expect(names).toEqual([...new Set(names)].sort());
        for (const { cases } of sums) expect(cases).toBeGreaterThan(0);
      }),
    );
  });

  test('dates from the oldest, and misses from the earliest that anything may be missing of any', () => {
    fc.assert(
      fc.property(anyDebts, (debts) => {
        for (const { cause: why, since, missingFrom } of sumDebts(debts)) {
          const those = debts.filter((debt) => debt.cause === why);
          expect(since).toBe(Math.min(...those.map((debt) => debt.since)));
          const froms = those.map((debt) => debt.missingFrom);
          expect(missingFrom).toBe(froms.includes(null) ? null : Math.min(...froms.map(Number)));
        }
      }),
    );
  });

  test('is the same whichever part was summed first', () => {
    fc.assert(
      fc.property(anyDebts, anyDebts, (some, others) => {
        expect(sumDebts(some, sumDebts(others))).toEqual(sumDebts([...others, ...some]));
      }),
    );
  });

  test('never concerns less than one of its debts does', () => {
    fc.assert(
      fc.property(anyDebts, time, (debts, until) => {
        const sums = sumDebts(debts);
        for (const debt of debts) {
          const sum = sums.find(({ cause: why }) => why === debt.cause) as DebtSum;
          if (concerns(debt, until)) expect(concerns(sum, until)).toBe(true);
        }
      }),
    );
  });
});

describe('A debt', () => {
  test('concerns a period whose end lies after what may be missing begins; one of which nothing is certain, every period', () => {
    expect(concerns({ missingFrom: 100 }, 100)).toBe(false);
    expect(concerns({ missingFrom: 100 }, 101)).toBe(true);
    expect(concerns({ missingFrom: null }, 0)).toBe(true);
  });

  const found = { touched: 5000, created: 10, record: undefined, provenUntil: null };
  const read = aRecord({ touched: 900, readAt: 1000 });

  test('of a case that was read whole misses nothing recorded up to the touch that was read, nor until settle before that read', () => {
    expect(missingOf({ ...found, record: read }, 180)).toEqual({ missingFrom: 820, neverRead: false });
  });

  test('of a case whose history may have lagged by more than settle misses what came after the touch that was read', () => {
    const record = { ...read, touched: 500 };
    expect(missingOf({ ...found, record }, 180)).toEqual({ missingFrom: 500, neverRead: false });
    expect(missingOf({ ...found, record, provenUntil: 3000 }, 180)).toEqual({ missingFrom: 3000, neverRead: false });
  });

  test('of a case that was read whole misses nothing recorded up to a later proof, if it was touched after that', () => {
    const missing = (touched: number | null) => missingOf({ ...found, record: read, touched, provenUntil: 3000 }, 180);
    expect(missing(3001)).toEqual({ missingFrom: 3000, neverRead: false });
    // It was touched before, and shows it only now: the proof did not know of it.
    expect(missing(3000)).toEqual({ missingFrom: 820, neverRead: false });
    expect(missing(null)).toEqual({ missingFrom: 820, neverRead: false });
    expect(missingOf({ ...found, record: read, provenUntil: 400 }, 180).missingFrom).toBe(820);
  });

  test('of a case that waits already misses what it did when it began to', () => {
    const record = { ...read, waitingSince: 4000, owedFrom: 3000 };
    expect(missingOf({ ...found, record, provenUntil: 4500 }, 180)).toEqual({ missingFrom: 3000, neverRead: false });
    const before = { ...record, owedFrom: null };
    expect(missingOf({ ...found, record: before, provenUntil: 4500 }, 180)).toEqual({
      missingFrom: 820,
      neverRead: false,
    });
  });

  test('is known by the newest record alone: an older one, written over it by a late publisher, would prove too much', () => {
    // Read whole by commit 1; then changed, and waiting since commit 2; proven since is what no debt concerns.
    const first = { ...read, seq: 1 };
    const waiting = { ...first, seq: 2, waitingSince: 4000, owedFrom: 3000 };
    const gone = { ...first, seq: 2, goneAt: 4000 };
    const again = { ...found, touched: 4600, provenUntil: 4500 };
    const missedBy = (record: typeof first) => missingOf({ ...again, record }, 180).missingFrom ?? 0;
    expect(missedBy(waiting)).toBeLessThan(missedBy(first));
    expect(missedBy(gone)).toBeLessThan(missedBy(first));
    // Hence no record is written without its condition, not even that of a case which the table did not have.
  });

  test('of a case that was never read misses everything, which cannot be older than its creation', () => {
    for (const record of [undefined, aRecord(), aRecord({ waitingSince: 5, owedFrom: 3000 })]) {
      const one = { ...found, record, provenUntil: 4500 };
      expect(missingOf({ ...one, created: 1000 }, 180)).toEqual({ missingFrom: 820, neverRead: true });
      expect(missingOf({ ...one, created: null }, 180)).toEqual({ missingFrom: null, neverRead: true });
    }
  });

  test('of a case that was found gone and is shown again misses everything, whatever was read of it before', () => {
    const record = { ...read, goneAt: 2000 };
    expect(missingOf({ ...found, record }, 180)).toEqual({ missingFrom: -170, neverRead: true });
    expect(missingOf({ ...found, record, created: null }, 180)).toEqual({ missingFrom: null, neverRead: true });
  });
});

describe('The account', () => {
  const none = { halfRead: [], waiting: [], notShown: null };

  test('of a domain that owes nothing is empty', () => {
    expect(accountOf([], none)).toEqual([]);
  });

  test('holds what stands on the retry list, what is read in part, what waits and what no search shows', () => {
    const entry = aRetry({ cause: 'denied', firstSeen: 5, missingFrom: 3, neverRead: false });
    const half = aPartialRead({ firstPageAt: 7, missingFrom: 6, neverRead: false });
    const fresh = aWaitingCase({ caseId: 'a', touched: 10, lastUpdated: 10, since: 9, missingFrom: 8 });
    const waiting = [fresh, { ...fresh, caseId: 'b', missingFrom: 20, neverRead: false }];
    const notShown: DebtSum = { cause: 'not-shown', cases: 4, neverRead: 4, since: 1, missingFrom: null };
    expect(accountOf([entry], { halfRead: [half], waiting, notShown })).toEqual([
      { cause: 'denied', cases: 1, neverRead: 0, since: 5, missingFrom: 3 },
      notShown,
      { cause: 'partly-read', cases: 1, neverRead: 0, since: 7, missingFrom: 6 },
      { cause: 'waiting', cases: 2, neverRead: 1, since: 9, missingFrom: 8 },
    ]);
  });

  test('leaves out no open entry, whatever its cause', () => {
    fc.assert(
      fc.property(fc.array(anyRetry, { maxLength: 20 }), (entries) => {
        expect(total(accountOf(entries, none), ({ cases }) => cases)).toBe(entries.length);
      }),
    );
  });
});
