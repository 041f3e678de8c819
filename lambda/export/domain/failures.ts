import type { CasesFailure } from './errors';

interface FailurePolicy {
  /** How often a call is made before its failure counts. */
  readonly attempts: number;
  /**
   * What a failure says where no case was asked for, or where the service itself is found to be down: `run` ends the run as time
   * does, `error` ends it with an error.
   */
  readonly ends: 'run' | 'error';
  /** Distinct cases that have to fail in a row, with nothing read between, before it may be the service and not the cases. */
  readonly suspiciousInARow: number;
}

/** The one table of failure classes (docs/architecture.md, Failures). One case alone is never taken for the service. */
export const FAILURES: Readonly<Record<CasesFailure, FailurePolicy>> = {
  throttled: { attempts: 10, ends: 'run', suspiciousInARow: 5 },
  unavailable: { attempts: 3, ends: 'error', suspiciousInARow: 5 },
  denied: { attempts: 1, ends: 'error', suspiciousInARow: 3 },
  'not-found': { attempts: 1, ends: 'error', suspiciousInARow: 10 },
  refused: { attempts: 1, ends: 'error', suspiciousInARow: 10 },
  malformed: { attempts: 2, ends: 'error', suspiciousInARow: 10 },
};

/** This many failures in a row of a call that the run cannot do without: the service is down for us. */
export const BREAKER_LIMIT = 5;

/** One case may keep a reader, or the pace of all, waiting for so long at a time and no longer. */
export const MAX_PAUSE_PER_CASE_MS = 60_000;

const FIRST_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 10_000;

/** Pause before attempt `attempt + 1`, in milliseconds: doubling, or what the service asked for if that is longer. */
export function backoffMs(attempt: number, retryAfterMs = 0): number {
  return Math.max(retryAfterMs, Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1)));
}
