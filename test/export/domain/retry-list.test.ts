import fc from 'fast-check';
import type { RetryCause, RetryEntry } from '../../../lambda/export/domain/case-items';
import { dueRetries, isLostToSweep, isNotFoundTwice, park } from '../../../lambda/export/domain/retry-list';
import { aFailedCase, aRetry } from '../../support/stored-values';
import { anyRetry } from './arbitraries';

const DAY = 86_400_000;
const SETTLE = 180_000;
/** Causes whose pause doubles from settle on. */
const cause = fc.constantFrom<RetryCause>(
  'not-found',
  'malformed',
  'incomplete',
  'null-field',
  'no-progress',
  'unavailable',
  'refused',
  'denied',
  'throttled',
);

/** What stands on the list after the case failed so, at these times. */
function parkAll(
  failures: readonly { readonly cause: RetryCause; readonly at: number }[],
  settleMs = SETTLE,
): RetryEntry[] {
  const entries: RetryEntry[] = [];
  for (const failed of failures) {
    const task = aFailedCase({ cause: failed.cause });
    entries.push({ ...park(entries.at(-1), task, failed.at, settleMs), seq: entries.length + 1 });
  }
  return entries;
}

describe('A case on the retry list', () => {
  test('is due after settle, then after twice as long each time, but at least once a day', () => {
    const entries = parkAll(Array.from({ length: 40 }, () => ({ cause: 'malformed', at: 1000 })));
    const pauses = entries.map(({ notBefore }) => notBefore - 1000);
    expect(pauses.slice(0, 9)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256].map((factor) => factor * SETTLE));
    expect(pauses.slice(9)).toEqual(Array.from({ length: 31 }, () => DAY));
    expect(entries.map(({ attempts }) => attempts)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  });

  test('that killed the process rests an hour first, or settle if that is longer, as trying it again costs a whole run', () => {
    const pausesOf = (settleMs: number) =>
      parkAll(
        Array.from({ length: 7 }, () => ({ cause: 'fatal', at: 1000 })),
        settleMs,
      ).map(({ notBefore }) => notBefore - 1000);
    const HOUR = 3_600_000;
    expect(pausesOf(0)).toEqual([HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR, DAY, DAY]);
    expect(pausesOf(5 * HOUR).slice(0, 3)).toEqual([5 * HOUR, 10 * HOUR, 20 * HOUR]);
  });

  test('is due within a day and never before now, whatever settle is and however often it failed', () => {
    fc.assert(
      fc.property(anyRetry, cause, fc.nat(4_000_000_000_000), fc.nat(100 * DAY), (previous, why, now, settleMs) => {
        const { notBefore } = park(previous, aFailedCase({ cause: why }), now, settleMs);
        expect(notBefore).toBeGreaterThanOrEqual(now);
        expect(notBefore).toBeLessThanOrEqual(now + DAY);
      }),
    );
  });

  test('keeps the latest touch, its last cause, and is open', () => {
    fc.assert(
      fc.property(anyRetry, cause, fc.nat(), (previous, why, touched) => {
        const entry = park(previous, aFailedCase({ templateId: 'template', touched, cause: why }), 5, SETTLE);
        expect(entry.touched).toBe(Math.max(touched, previous.touched));
        expect(entry).toMatchObject({ caseId: 'case', templateId: 'template', cause: why, closed: false });
      }),
    );
  });

  test('remembers when it failed first', () => {
    const [, , last] = parkAll([
      { cause: 'refused', at: 10 },
      { cause: 'malformed', at: 20 },
      { cause: 'unavailable', at: 30 },
    ]);
    expect(last).toMatchObject({ firstSeen: 10, notFoundSince: null, attempts: 3 });
    expect(
      parkAll([
        { cause: 'refused', at: 10 },
        { cause: 'not-found', at: 20 },
      ]).at(-1),
    ).toMatchObject({ firstSeen: 10, notFoundSince: 20 });
  });
});

describe('A case that a 404 hides', () => {
  const at = 1_000_000;

  test('is not found twice at its first 404', () => {
    expect(isNotFoundTwice(undefined, at, SETTLE)).toBe(false);
    expect(isNotFoundTwice(undefined, at, 0)).toBe(false);
  });

  test('is not found twice only when settle has passed since the first', () => {
    const [first] = parkAll([{ cause: 'not-found', at }]);
    expect(isNotFoundTwice(first, at + SETTLE - 1, SETTLE)).toBe(false);
    expect(isNotFoundTwice(first, at + SETTLE, SETTLE)).toBe(true);
  });

  test('is not found twice by a 404 that follows another failure, however long ago that was', () => {
    const failures = [
      { cause: 'refused' as const, at },
      { cause: 'not-found' as const, at: at + 10 * SETTLE },
    ];
    const now = at + 10 * SETTLE + 1;
    expect(isNotFoundTwice(parkAll(failures.slice(0, 1)).at(-1), now, SETTLE)).toBe(false);
    expect(isNotFoundTwice(parkAll(failures).at(-1), now, SETTLE)).toBe(false);
    expect(isNotFoundTwice(parkAll(failures).at(-1), now + SETTLE, SETTLE)).toBe(true);
  });

  test('is not found twice by two 404s, however the case had failed before', () => {
    fc.assert(
      fc.property(fc.array(cause, { maxLength: 6 }), fc.nat(3 * SETTLE), fc.nat(3 * SETTLE), (causes, step, last) => {
        const failures = causes.map((why, index) => ({ cause: why, at: at + index * step }));
        const now = at + causes.length * step + last;
        const first = failures.find(({ cause: why }) => why === 'not-found')?.at;
        const expected = first !== undefined && now - first >= SETTLE;
        expect(isNotFoundTwice(parkAll(failures).at(-1), now, SETTLE)).toBe(expected);
      }),
    );
  });

  test('is lost to a sweep that began after its first 404 and did not show it', () => {
    const entry = aRetry({ cause: 'not-found', notFoundSince: 99 });
    expect(isLostToSweep(entry, 98)).toBe(false);
    expect(isLostToSweep(entry, 99)).toBe(false);
    expect(isLostToSweep(entry, 100)).toBe(true);
    expect(isLostToSweep({ ...entry, sweptAt: 99 }, 100)).toBe(true);
    expect(isLostToSweep({ ...entry, sweptAt: 100 }, 100)).toBe(false);
    expect(isLostToSweep({ ...entry, cause: 'unavailable' }, 100)).toBe(false);
    expect(isLostToSweep({ ...entry, notFoundSince: null }, 100)).toBe(false);
  });
});

describe('What is due', () => {
  test('is every entry whose time has come, no other, oldest first, each once', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(anyRetry, { selector: ({ caseId }) => caseId }),
        fc.nat(4_102_444_800_000),
        (entries, now) => {
          const due = dueRetries(entries, now);
          expect(new Set(due)).toEqual(new Set(entries.filter(({ notBefore }) => notBefore <= now)));
          expect(due).toHaveLength(new Set(due).size);
          for (const [index, entry] of due.entries()) {
            expect(entry.firstSeen).toBeGreaterThanOrEqual(due[index - 1]?.firstSeen ?? 0);
          }
        },
      ),
    );
  });

  test('is due at the very millisecond of its time, not one before', () => {
    const [entry] = parkAll([{ cause: 'refused', at: 1000 }]);
    const listed = [entry as RetryEntry];
    expect(dueRetries(listed, 1000 + SETTLE - 1)).toEqual([]);
    expect(dueRetries(listed, 1000 + SETTLE)).toEqual(listed);
  });

  test('is ordered by case id where cases failed first at the same time', () => {
    const [entry] = parkAll([{ cause: 'refused', at: 1000 }]);
    const listed = ['b', 'c', 'a'].map((caseId) => ({ ...(entry as RetryEntry), caseId }));
    expect(dueRetries(listed, 1000 + SETTLE).map(({ caseId }) => caseId)).toEqual(['a', 'b', 'c']);
  });

  test('comes in the same order whatever order the table gives', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyRetry, { selector: ({ caseId }) => caseId, maxLength: 8 }), (entries) => {
        const same = entries.map((entry) => ({ ...entry, firstSeen: 1, notFoundSince: null, notBefore: 0 }));
        expect(dueRetries([...same].reverse(), 1)).toEqual(dueRetries(same, 1));
      }),
    );
  });

  test('leaves the list it was given as it is', () => {
    const entries = parkAll(
      [
        { cause: 'refused', at: 5 },
        { cause: 'refused', at: 3 },
      ],
      0,
    );
    const before = [...entries];
    dueRetries(entries, 10);
    expect(entries).toEqual(before);
  });
});
