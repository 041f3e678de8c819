import type { RetryCause, RetryEntry } from './state';

const DAY_MS = 86_400_000;

/** First pause of a case that killed the process: trying it costs a whole run, and settle may be 0. */
const FATAL_PAUSE_MS = 3_600_000;

/** A case that a read left incomplete, as the retry list will hold it; `previous` is its open entry, if any. */
export function park(
  previous: RetryEntry | undefined,
  failed: { caseId: string; templateId: string | null; touched: number; cause: RetryCause },
  now: number,
  settleMs: number,
): Omit<RetryEntry, 'seq'> {
  const attempts = (previous?.attempts ?? 0) + 1;
  return {
    ...failed,
    touched: Math.max(failed.touched, previous?.touched ?? failed.touched),
    attempts,
    firstSeen: previous?.firstSeen ?? now,
    notFoundSince: previous?.notFoundSince ?? (failed.cause === 'not-found' ? now : null),
    notBefore: now + pauseMs(failed.cause, attempts, settleMs),
    closed: false,
  };
}

function pauseMs(cause: RetryCause, attempts: number, settleMs: number): number {
  const first = cause === 'fatal' ? Math.max(FATAL_PAUSE_MS, settleMs) : settleMs;
  return Math.min(DAY_MS, first * 2 ** Math.min(attempts - 1, 20));
}

/** A case is gone only after two 404s at least `settle` apart: the first may be a replica that has not heard of it yet. */
export function isGone(previous: RetryEntry | undefined, now: number, settleMs: number): boolean {
  return previous?.notFoundSince != null && now >= previous.notFoundSince + settleMs;
}

/** Due entries, oldest first. */
export function dueRetries(entries: Iterable<RetryEntry>, now: number): RetryEntry[] {
  return [...entries]
    .filter((entry) => entry.notBefore <= now)
    .sort((a, b) => a.firstSeen - b.firstSeen || (a.caseId < b.caseId ? -1 : 1));
}
