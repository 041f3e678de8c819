/**
 * One class per decision a caller can make. Messages say what came, what was expected and what to do; they never hold
 * customer data. AWS exceptions are translated once, in the adapters, with the original as `cause`.
 */

/** The invocation's event or the settings are wrong: nothing was done, nothing will be until they are mended. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';
}

/**
 * How a call of the Cases service failed (docs/architecture.md, Failures; the table is `failures.ts`):
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
