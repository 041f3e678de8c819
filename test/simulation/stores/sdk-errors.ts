/**
 * Failures in the shape in which the SDK's clients throw them. One fault stands for everything that became of one call:
 * the clients make up to three attempts (`retryMode: 'standard'`, `maxAttempts: 3`), and a failure that they try again and
 * that still surfaces has hit all three.
 */
import { DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { S3ServiceException } from '@aws-sdk/client-s3';
import type { Clock } from '../../../lambda/export/ports';
import type { Faults } from '../faults';

/** `maxAttempts` of the exporter's clients. */
export const ATTEMPTS = 3;

/** About what the SDK waits between three attempts. */
const RETRIES_MS = 100;

export const ANSWERED = { httpStatusCode: 200, attempts: 1, totalRetryDelay: 0 } as const;

/** `$metadata` of an answer that is an error, to the attempt of this number. */
export function refusedWith(httpStatusCode: number, attempts = 1): DynamoDBServiceException['$metadata'] {
  return { httpStatusCode, attempts, totalRetryDelay: attempts > 1 ? RETRIES_MS : 0 };
}

/** An error that the client's model does not name. */
export function dynamoDBError(name: string, message: string, status = 400): DynamoDBServiceException {
  const $fault = status >= 500 ? 'server' : 'client';
  return new DynamoDBServiceException({
    name,
    message,
    $fault,
    $metadata: refusedWith(status, status >= 500 ? ATTEMPTS : 1),
  });
}

/** An error that the client's model does not name. */
export function s3Error(name: string, status: number, message: string, attempts = 1): S3ServiceException {
  const $fault = status >= 500 ? 'server' : 'client';
  return new S3ServiceException({ name, message, $fault, $metadata: refusedWith(status, attempts) });
}

/** Waits as the SDK does before it gives up on a service that answers, and refuses. */
export function retriesTake(clock: Clock): Promise<void> {
  return clock.sleep(RETRIES_MS);
}

/**
 * Waits until the client has given up on a connection, then gives what it throws: half of them are reset at once, the
 * others hang until each attempt's time is over.
 */
export async function lostConnection(faults: Faults, clock: Clock, attemptMs: number): Promise<Error> {
  const hangs = faults.below(2) === 0;
  await clock.sleep(RETRIES_MS + (hangs ? ATTEMPTS * attemptMs : 0));
  const message = hangs
    ? `@smithy/node-http-handler - [ERROR] a request has exceeded the configured ${attemptMs} ms requestTimeout.`
    : 'socket hang up';
  return Object.assign(new Error(message), {
    name: 'TimeoutError',
    code: hangs ? 'ETIMEDOUT' : 'ECONNRESET',
    $metadata: { attempts: ATTEMPTS, totalRetryDelay: RETRIES_MS },
  });
}
