import type { CasesFailure } from './errors';

interface FailurePolicy {
  /** How often a call is made before its failure counts. */
  readonly attempts: number;
  /** Counts for the breaker: does not depend on the case that was asked for. */
  readonly systemicInARow: boolean;
  /** What becomes of a case whose read ends so: `run` ends the run, `case` puts it on the retry list, `error` ends with an error. */
  readonly ends: 'run' | 'case' | 'error';
}

/** The one table of failure classes (docs/architecture.md, Failures). */
export const FAILURES: Readonly<Record<CasesFailure, FailurePolicy>> = {
  throttled: { attempts: Number.POSITIVE_INFINITY, systemicInARow: false, ends: 'run' },
  unavailable: { attempts: 3, systemicInARow: true, ends: 'case' },
  denied: { attempts: 1, systemicInARow: true, ends: 'error' },
  'not-found': { attempts: 1, systemicInARow: false, ends: 'case' },
  refused: { attempts: 1, systemicInARow: false, ends: 'case' },
  malformed: { attempts: 2, systemicInARow: false, ends: 'case' },
};

/** This many failures in a row that do not depend on the case, without one good answer between: the service is down for us. */
export const BREAKER_LIMIT = 5;

const FIRST_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 10_000;

/** Pause before attempt `attempt + 1`, in milliseconds: doubling, or what the service asked for if that is longer. */
export function backoffMs(attempt: number, retryAfterMs = 0): number {
  return Math.max(retryAfterMs, Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1)));
}
