/**
 * The implemented operations of S3, and the way in which requests name them. Any other operation is refused, never half
 * done.
 */
import { deleteObject, putObject } from './bucket';
import { hasDigest } from './checksums';
import { S3Error, type S3Response } from './http';
import { type Account, describe, keyOf, type Operation, requireBucket } from './operations-shared';
import { READING_OPERATIONS } from './reading-operations';
import type { RequestHead, S3Request } from './request';

const OPERATIONS = { CreateBucket, GetObject, PutObject, DeleteObject, ...READING_OPERATIONS } satisfies Record<
  string,
  Operation
>;
export type OperationName = keyof typeof OPERATIONS;

/** By method, place and sub-resource; `''` is a request without one. */
const ROUTES: Readonly<Record<string, OperationName>> = {
  'PUT bucket ': 'CreateBucket',
  'GET bucket versions': 'ListObjectVersions',
  'GET bucket versioning': 'GetBucketVersioning',
  'GET bucket object-lock': 'GetObjectLockConfiguration',
  'GET object ': 'GetObject',
  'HEAD object ': 'HeadObject',
  'GET object retention': 'GetObjectRetention',
  'PUT object ': 'PutObject',
  'DELETE object ': 'DeleteObject',
};

/** Query parameters that belong to an operation; any other names a sub-resource. */
const PARAMETERS = new Set([
  'x-id',
  'prefix',
  'delimiter',
  'max-keys',
  'encoding-type',
  'key-marker',
  'version-id-marker',
]);

/** Headers that would change an operation's effect, and are not implemented. */
const REFUSED = [
  'if-match',
  'if-modified-since',
  'if-unmodified-since',
  'range',
  'x-amz-bucket-object-lock-enabled',
  'x-amz-copy-source',
  'x-amz-object-lock-legal-hold',
  'x-amz-object-lock-mode',
  'x-amz-tagging',
  'x-amz-website-redirect-location',
  'x-amz-write-offset-bytes',
];

const KEPT_HEADERS = ['content-type', 'cache-control', 'content-disposition', 'content-language', 'expires'];

/** Throws NotImplemented for other operations. */
export function operationOf(request: RequestHead): OperationName {
  const place = request.key !== undefined ? 'object' : request.bucket !== undefined ? 'bucket' : 'account';
  const resources = [...request.query.keys()].filter((name) => !PARAMETERS.has(name) && !isAuthParameter(name));
  const operation = ROUTES[`${request.method} ${place} ${resources.join(',')}`];
  if (operation) return operation;
  throw new S3Error(
    'NotImplemented',
    `${request.method} of ${place} ${resources.join(', ')} is not implemented here: ${Object.keys(OPERATIONS).join(', ')}`,
  );
}

/** A header that would change the result and is not implemented is refused, never ignored. */
export function perform(account: Account, operation: OperationName, request: S3Request): S3Response {
  const refused = REFUSED.find((header) => request.headers.has(header));
  if (refused !== undefined) throw new S3Error('NotImplemented', `The header ${refused} is not implemented here`);
  return OPERATIONS[operation](account, request);
}

function isAuthParameter(name: string): boolean {
  return name.toLowerCase().startsWith('x-amz-');
}

function CreateBucket(account: Account, request: S3Request): S3Response {
  const name = request.bucket ?? '';
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) {
    throw new S3Error('InvalidArgument', 'The specified bucket is not valid.');
  }
  if (account.buckets.has(name)) {
    throw new S3Error('BucketAlreadyOwnedByYou', 'The bucket you tried to create already exists, and you own it.');
  }
  account.buckets.set(name, { name, objects: new Map(), versions: new Map() });
  return { status: 200, headers: { location: `/${name}` } };
}

function GetObject(account: Account, request: S3Request): S3Response {
  if (request.headers.has('if-none-match')) {
    throw new S3Error('NotImplemented', 'A read with a condition is not implemented here');
  }
  const stored = requireBucket(account, request).objects.get(keyOf(request));
  if (stored !== undefined) return { status: 200, headers: describe(stored, request.headers), body: stored.bytes };
  if (account.missingKeyIsDenied) throw new S3Error('AccessDenied', 'Access Denied');
  throw new S3Error('NoSuchKey', 'The specified key does not exist.');
}

function PutObject(account: Account, request: S3Request): S3Response {
  const bucket = requireBucket(account, request);
  if (bucket.locked && !hasDigest(request.headers)) {
    throw new S3Error(
      'InvalidRequest',
      'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters',
    );
  }
  const stored = putObject(
    bucket,
    {
      key: keyOf(request),
      bytes: request.body,
      checksums: request.checksums,
      metadata: metadataOf(request.headers),
      ifNoneMatch: request.headers.get('if-none-match'),
    },
    Date.now(),
  );
  account.changed(bucket, keyOf(request));
  return { status: 200, headers: { etag: stored.etag, ...stored.checksums } };
}

/** Deleting a missing object succeeds. */
function DeleteObject(account: Account, request: S3Request): S3Response {
  const bucket = requireBucket(account, request);
  deleteObject(bucket, keyOf(request), Date.now());
  account.changed(bucket, keyOf(request));
  return { status: 204, headers: {} };
}

function metadataOf(headers: ReadonlyMap<string, string>): Record<string, string> {
  const kept = [...headers].filter(([name]) => KEPT_HEADERS.includes(name) || name.startsWith('x-amz-meta-'));
  const encoding = headers
    .get('content-encoding')
    ?.split(',')
    .map((each) => each.trim());
  const own = encoding?.filter((each) => each !== '' && each !== 'aws-chunked') ?? [];
  return { ...Object.fromEntries(kept), ...(own.length > 0 && { 'content-encoding': own.join(', ') }) };
}
