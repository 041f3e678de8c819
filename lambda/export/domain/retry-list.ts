import type { PendingEvent, RetryCause, RetryEntry } from './case-items';
import type { UnreadCase } from './debts';
import type { TouchCounts } from './state';
import { latest } from './times';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** First pause of a poison case, which killed the process: trying it costs a whole run, and settle may be 0. */
const FATAL_PAUSE_MS = HOUR_MS;

/** Pauses before the second and the third read of an unexplained touch, as multiples of settle; an hour at most. */
const UNEXPLAINED_PAUSES = [4, 20] as const;

/** Number of reads of an unexplained touch before it is accepted. */
export const MAX_UNEXPLAINED_READS = UNEXPLAINED_PAUSES.length + 1;

/** With no more entries than this the retry list costs a run less than 64 MB. */
export const MAX_OPEN_RETRIES = 100_000;

/**
 * An event explains a touch if it is no older than this before it: different parts of the service take the two times,
 * and one of them may have whole seconds.
 */
const TOLERANCE_MS = 1_000;

/** Number of touches that have to be known before they describe the domain. */
const MIN_KNOWN = 20;

/** The counts are halved beyond this, so that they describe recent touches. */
const MAX_KNOWN = 1_000;

/** A case that a read left incomplete. */
interface FailedCase extends UnreadCase {
  readonly cause: RetryCause;
  /** The pause that the service asked for. */
  readonly retryAfterMs?: number | undefined;
  readonly pending?: readonly PendingEvent[] | undefined;
  /** Time at which a sweep showed it, if one led to the read. */
  readonly sweptAt?: number | undefined;
  /** A search at its place did not show the case. */
  readonly isLost?: boolean | undefined;
}

/** Builds the retry entry of a failed case; `previous` is the case's open entry, if any. */
export function park(
  previous: RetryEntry | undefined,
  { retryAfterMs = 0, isLost = false, pending, sweptAt, ...failed }: FailedCase,
  now: number,
  settleMs: number,
): Omit<RetryEntry, 'seq'> {
  const attempts = (previous?.attempts ?? 0) + 1;
  const pauseMs = Math.min(DAY_MS, Math.max(pauseOf(failed.cause, attempts, settleMs), retryAfterMs));
  return {
    ...failed,
    touched: Math.max(failed.touched, previous?.touched ?? failed.touched),
    lastUpdated: latest(failed.lastUpdated, previous?.lastUpdated ?? null),
    attempts,
    firstSeen: previous?.firstSeen ?? now,
    // Events that an earlier read exported stay exported.
    missingFrom: previous === undefined ? failed.missingFrom : previous.missingFrom,
    neverRead: previous === undefined ? failed.neverRead : previous.neverRead,
    notFoundSince: previous?.notFoundSince ?? (failed.cause === 'not-found' ? now : null),
    notBefore: now + pauseMs,
    triedAt: now,
    sweptAt: sweptAt ?? previous?.sweptAt ?? null,
    lostAt: isLost ? (previous?.lostAt ?? now) : null,
    pending: pending ?? previous?.pending ?? [],
    closed: false,
  };
}

/**
 * Updates the entry of a case that a search shows again, touched at `touched`: it is tried once that has settled,
 * however long its pause, but at most once per `maxLagMs`. A poison case waits.
 */
export function touchedAgain<T extends Omit<RetryEntry, 'seq'>>(
  entry: T,
  seen: { readonly touched: number; readonly lastUpdated: number | null },
  { settleMs, maxLagMs }: { readonly settleMs: number; readonly maxLagMs: number },
): T {
  const lastUpdated = latest(seen.lastUpdated, entry.lastUpdated);
  const lostAt = seen.lastUpdated === null ? entry.lostAt : null;
  if (seen.touched <= entry.touched) return { ...entry, lastUpdated, lostAt };
  const due = Math.max(seen.touched + settleMs, (entry.triedAt ?? Number.NEGATIVE_INFINITY) + maxLagMs);
  return {
    ...entry,
    touched: seen.touched,
    lastUpdated,
    lostAt,
    notBefore: entry.cause === 'fatal' ? entry.notBefore : Math.min(entry.notBefore, due),
    // A new touch, which is owed its own reads.
    attempts: entry.cause === 'unexplained' ? 0 : entry.attempts,
  };
}

function pauseOf(cause: RetryCause, attempts: number, settleMs: number): number {
  if (cause === 'unexplained') {
    const factor = UNEXPLAINED_PAUSES[Math.min(attempts, UNEXPLAINED_PAUSES.length) - 1] ?? UNEXPLAINED_PAUSES[0];
    return Math.min(HOUR_MS, settleMs * factor);
  }
  const first = cause === 'fatal' ? Math.max(FATAL_PAUSE_MS, settleMs) : settleMs;
  return first * 2 ** Math.min(attempts - 1, 20);
}

/** Whether two 404s are at least settle apart: the first may come from a replica that does not know the case yet. */
export function isNotFoundTwice(previous: RetryEntry | undefined, now: number, settleMs: number): boolean {
  return previous?.notFoundSince != null && now >= previous.notFoundSince + settleMs;
}

/** Whether a sweep that began after the first 404 has looked at every case without showing this one. */
export function isLostToSweep(entry: RetryEntry, sweepStartedAt: number): boolean {
  const { cause, notFoundSince, sweptAt } = entry;
  return (
    cause === 'not-found' && notFoundSince !== null && notFoundSince < sweepStartedAt && (sweptAt ?? 0) < sweepStartedAt
  );
}

/** Due entries, oldest first. */
export function dueRetries(entries: Iterable<RetryEntry>, now: number): RetryEntry[] {
  return [...entries]
    .filter((entry) => entry.notBefore <= now)
    .sort((a, b) => a.firstSeen - b.firstSeen || (a.caseId < b.caseId ? -1 : 1));
}

/**
 * Whether an event explains the touch.
 * @param newest the latest `performedTime` of the whole history; null where no event has one.
 */
export function isExplained(touched: number, newest: number | null): boolean {
  return newest !== null && newest + TOLERANCE_MS >= touched;
}

/** Whether most touches of the domain have no event: then reading again is not worth its calls. */
export function areMostlyUnexplained({ explained, unexplained }: TouchCounts): boolean {
  return unexplained >= MIN_KNOWN && unexplained > explained;
}

/** Returns the counts after one more touch was explained, or accepted without an event. */
export function counted(counts: TouchCounts, isExplainedNow: boolean): TouchCounts {
  const { explained, unexplained } =
    counts.explained + counts.unexplained < MAX_KNOWN
      ? counts
      : { explained: counts.explained >> 1, unexplained: counts.unexplained >> 1 };
  return {
    ...counts,
    explained: explained + (isExplainedNow ? 1 : 0),
    unexplained: unexplained + (isExplainedNow ? 0 : 1),
  };
}
