/** What the operations work on, and what an operation is. */
import type { Bucket } from './bucket';
import type { S3Request, S3Response } from './request';

export interface Account {
  readonly buckets: Map<string, Bucket>;
  /** Epoch ms. */
  now(): number;
  /** Answer 403 instead of 404 for a missing key, as S3 does to a role without s3:ListBucket. */
  readonly missingKeyIsDenied: boolean;
  /** Called after the current version of a key may have changed. */
  changed(bucket: Bucket, key: string): void;
}

/** Takes effect at one moment and answers; throws S3Error. */
export type Operation = (account: Account, request: S3Request) => S3Response;
