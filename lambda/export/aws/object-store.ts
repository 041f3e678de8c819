import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { StoreError } from '../domain/errors';
import type { BucketRole, ObjectStore } from '../ports';
import { backoffMs, describeError, errorName, httpStatus, isDenied } from './store-failures';

/** Our own tries where the SDK does not repeat: an answer whose body broke off, and a write that met another one. */
const MAX_TRIES = 3;

/**
 * Creates a client that the standard SDK variables alone configure (AWS_REGION, AWS_ENDPOINT_URL_S3, credentials), with
 * path style where an endpoint is given. Every request has a time limit and the SDK repeats passing failures, so a call
 * to a hanging service ends within about 35 s.
 */
export function createS3Client(env: Readonly<Record<string, string | undefined>> = process.env): S3Client {
  return new S3Client({
    forcePathStyle: Boolean(env['AWS_ENDPOINT_URL_S3'] || env['AWS_ENDPOINT_URL']),
    retryMode: 'standard',
    maxAttempts: 3,
    // We send our own SHA-256; a second checksum would arrive as a trailer of a chunked body.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_SUPPORTED',
    requestHandler: {
      connectionTimeout: 2_000,
      // From the request's first byte to the answer's headers, so it covers the upload of a whole batch.
      requestTimeout: 30_000,
      throwOnRequestTimeout: true,
      // Without a byte in either direction.
      socketTimeout: 8_000,
    },
  });
}

/**
 * Implements the port over Amazon S3. It calls GetObject, PutObject and DeleteObject only, and never sends a retention:
 * that is the bucket's default.
 */
export function createObjectStore(options: {
  readonly client: S3Client;
  readonly buckets: Readonly<Record<BucketRole, string>>;
  /** Waits between tries. */
  readonly pause?: (ms: number) => Promise<unknown>;
}): ObjectStore {
  const { client, buckets, pause = sleep } = options;

  async function putOnce(bucket: BucketRole, key: string, bytes: Uint8Array, ifNoneMatch?: '*'): Promise<void> {
    await client.send(
      new PutObjectCommand({
        Bucket: buckets[bucket],
        Key: key,
        Body: bytes,
        ContentLength: bytes.length,
        ChecksumSHA256: createHash('sha256').update(bytes).digest('base64'),
        IfNoneMatch: ifNoneMatch,
      }),
    );
  }

  return {
    async get(bucket, key) {
      return retrying(pause, { operation: 'GetObject', bucket: buckets[bucket], key }, async () => {
        try {
          return await wholeBody(await client.send(new GetObjectCommand({ Bucket: buckets[bucket], Key: key })));
        } catch (error) {
          if (errorName(error) === 'NoSuchKey') return null;
          throw error;
        }
      });
    },

    async put(bucket, key, bytes) {
      await retrying(pause, { operation: 'PutObject', bucket: buckets[bucket], key }, () =>
        putOnce(bucket, key, bytes),
      );
    },

    async putIfAbsent(bucket, key, bytes) {
      return retrying(pause, { operation: 'PutObject', bucket: buckets[bucket], key }, async () => {
        try {
          await putOnce(bucket, key, bytes, '*');
          return 'created';
        } catch (error) {
          if (httpStatus(error) === 412) return 'exists';
          throw error;
        }
      });
    },

    async delete(bucket, key) {
      await retrying(pause, { operation: 'DeleteObject', bucket: buckets[bucket], key }, async () => {
        await client.send(new DeleteObjectCommand({ Bucket: buckets[bucket], Key: key }));
      });
    },
  };
}

interface Target {
  readonly operation: string;
  readonly bucket: string;
  readonly key: string;
}

async function retrying<T>(
  pause: (ms: number) => Promise<unknown>,
  target: Target,
  call: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof BrokenBodyError || isConflict(error)) || attempt === MAX_TRIES) {
        throw translate(error, target);
      }
    }
    await pause(backoffMs(attempt));
  }
}

/** The headers of an answer arrived but its body did not, or not whole; the SDK does not retry this. */
class BrokenBodyError extends Error {
  override readonly name = 'BrokenBodyError';
}

async function wholeBody({ Body, ContentLength }: GetObjectCommandOutput): Promise<Uint8Array> {
  if (!Body) throw new BrokenBodyError('the answer has no body');
  const bytes = await readBody(Body, ContentLength).catch((cause: unknown) => {
    throw new BrokenBodyError(describeError(cause), { cause });
  });
  if (ContentLength !== undefined && bytes.length !== ContentLength) {
    throw new BrokenBodyError(`${bytes.length} of ${ContentLength} bytes came`);
  }
  return bytes;
}

/** Reads into one buffer where the length is known: collecting chunks first would hold a file in memory twice. */
async function readBody(body: NonNullable<GetObjectCommandOutput['Body']>, length?: number): Promise<Uint8Array> {
  if (length === undefined || !(body instanceof Readable)) return body.transformToByteArray();
  const bytes = new Uint8Array(length);
  let at = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    if (at + chunk.length > length) throw new Error(`more than ${length} bytes came`);
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes.subarray(0, at);
}

/** Another write to the key was under way; S3 asks for another try. */
function isConflict(error: unknown): boolean {
  return httpStatus(error) === 409;
}

function translate(error: unknown, target: Target): StoreError {
  const what = `S3 ${target.operation} of ${target.key} in bucket ${target.bucket}`;
  if (errorName(error) === 'NoSuchBucket') {
    return new StoreError(
      `${what}: there is no such bucket. Check EXPORT_BUCKET and STAGING_BUCKET, and that the function runs in the bucket's Region and account.`,
      's3',
      'missing-resource',
      { cause: error },
    );
  }
  if (isDenied(error)) {
    const hint =
      target.operation === 'GetObject'
        ? ' S3 answers 403 for a missing key, too, when the role lacks s3:ListBucket on its prefix: allow s3:GetObject and s3:ListBucket.'
        : ` Allow s3:${target.operation} on this key, and the bucket's encryption key if it has one.`;
    return new StoreError(`${what} was denied: ${describeError(error)}.${hint}`, 's3', 'denied', { cause: error });
  }
  return new StoreError(`${what} failed: ${describeError(error)}`, 's3', 'unavailable', { cause: error });
}
