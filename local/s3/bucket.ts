/**
 * A bucket: objects by key, and the conditions on writes. Pure data and synchronous functions, so that each request
 * takes effect at one moment. Source: S3 user guide, "Conditional requests".
 */
import { createHash, randomBytes } from 'node:crypto';
import { S3Error } from './http';

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
  /** Epoch ms; null if the bucket did not lock the object when it was put. */
  readonly lockedUntil: number | null;
}

/** One write or delete of a key, kept for ever. */
export interface StoredVersion {
  readonly versionId: string;
  readonly lastModified: number;
  /** Bytes; null for a delete marker. */
  readonly size: number | null;
}

export interface BucketOptions {
  /** Whether Object Lock has a default retention: then a put has to bring a digest of its body. */
  readonly locked?: boolean;
  /** Number of days for which new objects are locked; undefined where none are. */
  lockDays?: number;
}

export interface Bucket extends BucketOptions {
  readonly name: string;
  readonly objects: Map<string, StoredObject>;
  /** Oldest first. */
  readonly versions: Map<string, StoredVersion[]>;
}

interface PutInput {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly checksums?: Readonly<Record<string, string>>;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly ifNoneMatch?: string | undefined;
}

const MAX_KEY_BYTES = 1024;
const DAY_MS = 86_400_000;

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
  const lockedUntil = bucket.lockDays === undefined ? null : now + bucket.lockDays * DAY_MS;
  const stored = {
    bytes: Buffer.from(bytes),
    etag: etagOf(bytes),
    lastModified: now,
    checksums,
    metadata,
    lockedUntil,
  };
  bucket.objects.set(key, stored);
  addVersion(bucket, key, { lastModified: now, size: bytes.length });
  return stored;
}

/** Hides the object behind a delete marker, even if there is no object. */
export function deleteObject(bucket: Bucket, key: string, now: number): void {
  bucket.objects.delete(key);
  addVersion(bucket, key, { lastModified: now, size: null });
}

function addVersion({ versions }: Bucket, key: string, version: Omit<StoredVersion, 'versionId'>): void {
  const before = versions.get(key) ?? [];
  versions.set(key, [...before, { versionId: randomBytes(16).toString('hex'), ...version }]);
}

/** `"md5"`, as S3 gives it for objects put in one piece. */
function etagOf(bytes: Uint8Array): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}
