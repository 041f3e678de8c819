/** Classifies the errors of the S3 and DynamoDB clients, in one place. */
import { StoreError } from '../domain/errors';

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
export function mayPass(error: unknown): boolean {
  return error instanceof StoreError && error.failure === 'unavailable';
}

/** Whether the request itself is wrong and would fail again. */
export function isInvalidRequest(error: unknown): boolean {
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

const MAX_TRIES = 6;
/**
 * No new try starts after this. The client's own tries take up to 9 s where the table hangs, so a read ends within
 * about 15 s.
 */
const MAX_MS = 5_000;

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
      const isLast = attempt === MAX_TRIES || monotonic() - start >= MAX_MS;
      if (isLast || !mayPass(error) || isInvalidRequest(error)) throw error;
    }
    await pause(backoffMs(attempt + 1));
  }
}
