/** Shared parts of the stand-in's operations. */
import type { Bucket, StoredObject } from './bucket';
import { S3Error, type S3Response } from './http';
import type { S3Request } from './request';

/** The data that operations use. */
export interface Account {
  readonly buckets: Map<string, Bucket>;
  /** Answer 403 instead of 404 for a missing key, as S3 does to a role without s3:ListBucket. */
  readonly missingKeyIsDenied: boolean;
  /** Called after the object of a key may have changed. */
  changed(bucket: Bucket, key: string): void;
}

/** Takes effect at one moment and answers; throws S3Error. */
export type Operation = (account: Account, request: S3Request) => S3Response;

/** Throws NoSuchBucket if it does not exist. */
export function requireBucket(account: Account, request: S3Request): Bucket {
  const bucket = account.buckets.get(request.bucket ?? '');
  if (!bucket) throw new S3Error('NoSuchBucket', 'The specified bucket does not exist');
  return bucket;
}

export function describe(stored: StoredObject, asked: ReadonlyMap<string, string>): Record<string, string> {
  return {
    'content-type': 'binary/octet-stream',
    ...stored.metadata,
    'content-length': String(stored.bytes.length),
    etag: stored.etag,
    'last-modified': new Date(stored.lastModified).toUTCString(),
    ...(asked.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED' ? stored.checksums : {}),
    ...(stored.lockedUntil === null
      ? {}
      : {
          'x-amz-object-lock-mode': 'COMPLIANCE',
          'x-amz-object-lock-retain-until-date': new Date(stored.lockedUntil).toISOString(),
        }),
  };
}

export function keyOf(request: S3Request): string {
  return request.key ?? '';
}
