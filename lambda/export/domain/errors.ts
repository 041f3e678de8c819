/**
 * One class per decision a caller can make. Messages say what came, what was expected and what to do; they never hold
 * customer data. AWS exceptions are translated once, in the adapters, with the original as `cause`.
 */

/** The invocation's event or the settings are wrong: nothing was done, and nothing will be until they are corrected. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';
}

/**
 * How a call of the Cases service failed (docs/architecture.md, Failures; the table is `FAILURES`):
 * - `throttled` 429 · `unavailable` 5xx, network, time limit, abort · `denied` 403 and credentials
 * - `not-found` 404 · `refused` 400 (a token that is no longer good, among others) · `malformed` undecodable, or a
 *   required list missing
 */
export type CasesFailure = 'throttled' | 'unavailable' | 'denied' | 'not-found' | 'refused' | 'malformed';

export class CasesCallError extends Error {
  override readonly name = 'CasesCallError';
  constructor(
    message: string,
    readonly failure: CasesFailure,
    readonly operation: string,
    readonly details: {
      readonly retryAfterMs?: number;
      readonly serviceTime?: number | null;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: details.cause });
  }
}

/**
 * S3 or DynamoDB failed. `missing-resource`: the bucket or table is not there · `denied` 403 ·
 * `unavailable`: everything else, after the SDK's own retries.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  constructor(
    message: string,
    readonly store: 's3' | 'dynamodb',
    readonly failure: 'missing-resource' | 'denied' | 'unavailable',
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options);
  }
}

/**
 * A note could not be signed. `denied`: the key's policy or the role does not allow it, or the key is disabled or gone
 * ·
 * `unavailable`: everything else, after all tries. The commit goes on with a note that lacks this signature.
 */
export class SigningError extends Error {
  override readonly name = 'SigningError';
  constructor(
    message: string,
    readonly failure: 'denied' | 'unavailable',
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options);
  }
}

/** Another invocation has taken over (a newer fence): nothing that this one still holds may become visible. */
export class FencedOutError extends Error {
  override readonly name = 'FencedOutError';
}

/**
 * Stored data contradicts itself: other bytes at a final key, a missing manifest, a switched bucket. A person must
 * look.
 */
export class IntegrityError extends Error {
  override readonly name = 'IntegrityError';
}

/**
 * A Parquet file could not be made, or came out wrong; nothing was returned. The message holds names and counts, no
 * value.
 */
export class ParquetError extends Error {
  override readonly name = 'ParquetError';
}

const MAX_QUOTE = 200;

/**
 * Formats a value as JSON where it has one, cut after 200 characters. Never throws: it serves values that are already
 * wrong.
 */
export function quote(value: unknown): string {
  const text = toJson(value);
  return text.length > MAX_QUOTE ? `${text.slice(0, MAX_QUOTE)}…` : text;
}

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return '(no JSON)';
  }
}

interface FailurePolicy {
  /** Number of attempts before a failure of the call counts. */
  readonly attempts: number;
  /**
   * The consequence of a failure where no case was requested, or where the service itself is down: `run` ends the run
   * as time does, `error` ends it with an error.
   */
  readonly ends: 'run' | 'error';
  /**
   * Number of distinct cases that have to fail in a row, with no success between, before the service may be at fault
   * and not the cases.
   */
  readonly suspiciousInARow: number;
}

/**
 * The one table of failure classes (docs/architecture.md, Failures). One failing case alone never counts as a failing
 * service.
 */
export const FAILURES: Readonly<Record<CasesFailure, FailurePolicy>> = {
  throttled: { attempts: 10, ends: 'run', suspiciousInARow: 5 },
  unavailable: { attempts: 3, ends: 'error', suspiciousInARow: 5 },
  denied: { attempts: 1, ends: 'error', suspiciousInARow: 3 },
  'not-found': { attempts: 1, ends: 'error', suspiciousInARow: 10 },
  refused: { attempts: 1, ends: 'error', suspiciousInARow: 10 },
  malformed: { attempts: 2, ends: 'error', suspiciousInARow: 10 },
};

/** After this many failures in a row of a call that the run needs, the service counts as down. */
export const BREAKER_LIMIT = 5;

/** The longest time that one case may keep a reader, or the pace of all, waiting. */
export const MAX_PAUSE_PER_CASE_MS = 60_000;

const FIRST_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 10_000;

/** Pause before attempt `attempt + 1`, in milliseconds: doubling, or the service's own wish if that is longer. */
export function backoffMs(attempt: number, retryAfterMs = 0): number {
  return Math.max(retryAfterMs, Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1)));
}
