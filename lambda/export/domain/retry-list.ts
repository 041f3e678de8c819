import type { RetryCause, RetryEntry } from './state';

const DAY_MS = 86_400_000;

/** A case that a read left incomplete, as the retry list will hold it; `previous` is its open entry, if any. */
export function park(
  previous: RetryEntry | undefined,
  failed: { caseId: string; templateId: string | null; touched: number; cause: RetryCause },
  now: number,
  settleMs: number,
): Omit<RetryEntry, 'seq'> {
  const attempts = (previous?.attempts ?? 0) + 1;
  // The first 404 is what a second one is measured from, so another cause before it does not count.
  const sameStory = previous !== undefined && (failed.cause !== 'not-found' || previous.cause === 'not-found');
  return {
    ...failed,
    touched: Math.max(failed.touched, previous?.touched ?? failed.touched),
    attempts,
    firstSeen: sameStory ? previous.firstSeen : now,
    notBefore: now + Math.min(DAY_MS, settleMs * 2 ** Math.min(attempts - 1, 20)),
    closed: false,
  };
}

/** A case is gone only after two 404s at least `settle` apart: the first may be a replica that has not heard of it yet. */
export function isGone(previous: RetryEntry | undefined, now: number, settleMs: number): boolean {
  return previous?.cause === 'not-found' && now >= previous.firstSeen + settleMs;
}

/** Due entries, oldest first. */
export function dueRetries(entries: Iterable<RetryEntry>, now: number): RetryEntry[] {
  return [...entries]
    .filter((entry) => entry.notBefore <= now)
    .sort((a, b) => a.firstSeen - b.firstSeen || (a.caseId < b.caseId ? -1 : 1));
}
