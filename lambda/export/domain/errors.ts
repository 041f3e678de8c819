/**
 * One class per decision a caller can make. Messages say what came, what was expected and what to do; they never hold
 * customer data. AWS exceptions are translated once, in the adapters, with the original as `cause`.
 */

/** The invocation's event or the settings are wrong: nothing was done, nothing will be until they are mended. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';
}

/**
 * How a call of the Cases service failed (docs/architecture.md, Failures; the table is `FAILURES`):
 * - `throttled` 429 · `unavailable` 5xx, network, time limit, abort · `denied` 403 and credentials
 * - `not-found` 404 · `refused` 400 (a token that is no longer good, among others) · `malformed` undecodable, or a required list missing
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
 * A note could not be signed. `denied`: the key's policy or the role does not allow it, or the key is disabled or gone ·
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

/** Another invocation has taken over (a newer fence): whatever this one still holds must not become visible. */
export class FencedOutError extends Error {
  override readonly name = 'FencedOutError';
}

/** What is stored contradicts itself: other bytes at a final key, a missing manifest, a switched bucket. A person must look. */
export class IntegrityError extends Error {
  override readonly name = 'IntegrityError';
}

/** A Parquet file could not be made, or came out wrong; nothing was returned. The message holds names and counts, no value. */
export class ParquetError extends Error {
  override readonly name = 'ParquetError';
}

const MAX_QUOTE = 200;

/** JSON where there is one, cut after 200 characters. Never throws: it is for values that are wrong already. */
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
