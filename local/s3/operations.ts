/** The operations of S3 that are here, and how a request names one. Whatever is not here is refused, never half done. */
import type { Account, Operation } from './account';
import * as buckets from './bucket-operations';
import * as objects from './object-operations';
import type { RequestHead, S3Request, S3Response } from './request';
import { S3Error } from './s3-error';

const OPERATIONS = { ...buckets.OPERATIONS, ...objects.OPERATIONS } satisfies Record<string, Operation>;
export type OperationName = keyof typeof OPERATIONS;

/** By method, place and sub-resource; `''` is a request without one. */
const ROUTES: Readonly<Record<string, OperationName>> = {
  'GET account ': 'ListBuckets',
  'PUT bucket ': 'CreateBucket',
  'HEAD bucket ': 'HeadBucket',
  'DELETE bucket ': 'DeleteBucket',
  'GET bucket location': 'GetBucketLocation',
  'GET bucket versioning': 'GetBucketVersioning',
  'PUT bucket versioning': 'PutBucketVersioning',
  'GET bucket object-lock': 'GetObjectLockConfiguration',
  'PUT bucket object-lock': 'PutObjectLockConfiguration',
  'GET bucket list-type': 'ListObjectsV2',
  'GET bucket versions': 'ListObjectVersions',
  'POST bucket delete': 'DeleteObjects',
  'GET object ': 'GetObject',
  'HEAD object ': 'HeadObject',
  'PUT object ': 'PutObject',
  'DELETE object ': 'DeleteObject',
};

/** Query parameters that belong to an operation; any other names a sub-resource. */
const PARAMETERS = new Set([
  'x-id',
  'versionId',
  'prefix',
  'delimiter',
  'max-keys',
  'continuation-token',
  'start-after',
  'encoding-type',
  'fetch-owner',
  'key-marker',
  'version-id-marker',
  'max-buckets',
]);

/** NotImplemented for what is not here. */
export function operationOf(request: RequestHead): OperationName {
  const place = request.key !== undefined ? 'object' : request.bucket !== undefined ? 'bucket' : 'account';
  const resources = [...request.query.keys()].filter((name) => !PARAMETERS.has(name) && !isAuthParameter(name));
  const operation = ROUTES[`${request.method} ${place} ${resources.join(',')}`];
  if (operation === 'PutObject' && request.headers.has('x-amz-copy-source')) return 'CopyObject';
  if (operation) return operation;
  throw new S3Error(
    'NotImplemented',
    `${request.method} of ${place} ${resources.join(', ')} is not implemented here: ${Object.keys(OPERATIONS).join(', ')}`,
  );
}

export function perform(account: Account, operation: OperationName, request: S3Request): S3Response {
  return OPERATIONS[operation](account, request);
}

function isAuthParameter(name: string): boolean {
  return name.toLowerCase().startsWith('x-amz-');
}
