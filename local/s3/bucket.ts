/**
 * What a bucket is: objects by key, and the conditions on writes. Pure data and synchronous functions, so that each request
 * takes effect at one moment. Source: S3 user guide, "Conditional requests".
 */
import { createHash } from 'node:crypto';
import { S3Error } from './s3-error';

export interface StoredObject {
  readonly bytes: Buffer;
  /** With its quotes. */
  readonly etag: string;
  /** Epoch ms. */
  readonly lastModified: number;
  /** `x-amz-checksum-…` as sent. */
  readonly checksums: Readonly<Record<string, string>>;
  /** `content-type`, `x-amz-meta-…` and the like. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface BucketOptions {
  /** As where Object Lock has a default retention: a put has to bring a digest of its body. */
  readonly locked?: boolean;
}

export interface Bucket extends BucketOptions {
  readonly name: string;
  readonly objects: Map<string, StoredObject>;
}

interface PutInput {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly checksums?: Readonly<Record<string, string>>;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly ifNoneMatch?: string | undefined;
}

const MAX_KEY_BYTES = 1024;

/** Writes the object if the condition holds; PreconditionFailed if it does not. */
export function putObject(bucket: Bucket, input: PutInput, now: number): StoredObject {
  const { key, bytes, checksums = {}, metadata = {}, ifNoneMatch } = input;
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new S3Error('KeyTooLongError', 'Your key is too long.');
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw new S3Error('NotImplemented', 'A header you provided implies functionality that is not implemented');
  }
  if (ifNoneMatch === '*' && bucket.objects.has(key)) {
    const message = 'At least one of the pre-conditions you specified did not hold (If-None-Match)';
    throw new S3Error('PreconditionFailed', message);
  }
  const stored = { bytes: Buffer.from(bytes), etag: etagOf(bytes), lastModified: now, checksums, metadata };
  bucket.objects.set(key, stored);
  return stored;
}

/** `"md5"`, as S3 gives it for objects put in one piece. */
function etagOf(bytes: Uint8Array): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}
