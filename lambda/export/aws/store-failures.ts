/** What a failure of S3, DynamoDB or KMS means, and what to do about it: try again, or read back what became of it. */
import { StoreError } from '../domain/errors';
import type { Attributes } from './table-requests';

/** Answers and client-side failures that mean a lack of permission. */
const DENIED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AllAccessDisabled',
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'InvalidToken',
  'KMSAccessDeniedException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);

/** Returns the service's name of an error, `Error` where it has none. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : 'Error';
}

/** Returns the HTTP status of the answer behind an error; undefined where no answer arrived. */
export function httpStatus(error: unknown): number | undefined {
  const metadata = (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata;
  return metadata?.httpStatusCode;
}

export function isDenied(error: unknown): boolean {
  return DENIED.has(errorName(error)) || httpStatus(error) === 403;
}

/**
 * Formats `Name: message (status)`. The clients put none of our values into messages, except names of buckets, tables
 * and keys.
 */
export function describeError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const status = httpStatus(error);
  return `${errorName(error)}: ${message}${status === undefined ? '' : ` (HTTP ${status})`}`;
}

/** Whether a later try can help: neither a permission nor the bucket or table is missing. */
function mayPass(error: unknown): boolean {
  return error instanceof StoreError && error.failure === 'unavailable';
}

/** Whether the request itself is wrong and would fail again. */
function isInvalidRequest(error: unknown): boolean {
  return error instanceof StoreError && errorName(error.cause) === 'ValidationException';
}

/** The wait before try `attempt` + 1: 50 ms, doubling, at most two seconds. */
export function backoffMs(attempt: number): number {
  return Math.min(2_000, 50 * 2 ** (attempt - 1));
}

/** How time passes between tries. */
export interface Waiting {
  pause(ms: number): Promise<unknown>;
  /** Milliseconds that never go back. */
  monotonic(): number;
}

const MAX_READS = 6;
/**
 * No new try starts after this. The client's own tries take up to 9 s where the table hangs, so a read ends within
 * about 15 s.
 */
const MAX_READING_MS = 5_000;

/**
 * Repeats a read with pauses while the table fails in a passing way, so that one failed read of many does not end a
 * run. Rejects with the last error if that does not help.
 */
export async function readAgain<T>({ pause, monotonic }: Waiting, read: () => Promise<T>): Promise<T> {
  const start = monotonic();
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      const isLast = attempt === MAX_READS || monotonic() - start >= MAX_READING_MS;
      if (isLast || !mayPass(error) || isInvalidRequest(error)) throw error;
    }
    await pause(backoffMs(attempt + 1));
  }
}

/** The write happened, or its condition was false when the last of `requests` requests was answered. */
export type Written =
  | { readonly done: true; readonly attributes: Attributes }
  | { readonly done: false; readonly requests: number };

/** The state of a write that was not confirmed. */
export interface Unconfirmed {
  /** The last try was answered: its condition did not hold. Otherwise it may still be under way. */
  readonly conditionFailed: boolean;
  /** An earlier request, or this one, was never answered: it may have taken effect. */
  readonly unanswered: boolean;
}

interface ConditionalWrite<T> {
  write(): Promise<Written>;
  written(attributes: Attributes): T | Promise<T>;
  /** Returns the outcome of the write as the table shows it now; undefined asks for another try. */
  readBack(so: Unconfirmed): Promise<T | undefined>;
}

const MAX_WRITES = 5;
/** No new try starts after this: an invocation must end by itself, even when the table hangs. */
const MAX_WRITING_MS = 15_000;

/**
 * Returns the certain outcome of a write. A failed condition may echo an earlier try whose answer was lost, and an
 * error may hide a success, so both are read back. Rejects with a StoreError of kind `unavailable` if a few tries do
 * not settle it.
 */
export async function conclude<T>(
  { pause, monotonic }: Waiting,
  { write, written, readBack }: ConditionalWrite<T>,
): Promise<T> {
  let lastError: unknown;
  let unanswered = false;
  const start = monotonic();
  for (let attempt = 1; attempt <= MAX_WRITES && monotonic() - start < MAX_WRITING_MS; attempt++) {
    let conditionFailed = false;
    try {
      const answer = await write();
      if (answer.done) return await written(answer.attributes);
      conditionFailed = true;
      unanswered ||= answer.requests > 1;
    } catch (error) {
      if (!mayPass(error)) throw error;
      lastError = error;
      unanswered = true;
    }
    try {
      const verdict = await readBack({ conditionFailed, unanswered });
      if (verdict !== undefined) return verdict;
    } catch (error) {
      if (!mayPass(error)) throw error;
      lastError = error;
    }
    if (isInvalidRequest(lastError)) throw lastError;
    await pause(backoffMs(attempt));
  }
  throw new StoreError(
    `DynamoDB: what became of a write could not be found out in several tries; the next run will see.${lastError === undefined ? '' : ` Last: ${describeError(lastError)}`}`,
    'dynamodb',
    'unavailable',
    { cause: lastError },
  );
}
