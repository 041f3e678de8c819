/** Operations on buckets: what there is, versions, Object Lock, listings. */

import type { Account, Operation } from './account';
import { type Bucket, createBucket, type DefaultRetention } from './bucket';
import { listObjects, listVersions } from './listing';
import type { S3Request, S3Response } from './request';
import { S3Error } from './s3-error';
import { elementsOf, textOf, type XmlValue, xmlDocument } from './xml';

const PAGE_SIZE = 1000;
const DAYS_PER_YEAR = 365;

export const OPERATIONS = {
  ListBuckets,
  CreateBucket,
  HeadBucket,
  DeleteBucket,
  GetBucketLocation,
  GetBucketVersioning,
  PutBucketVersioning,
  GetObjectLockConfiguration,
  PutObjectLockConfiguration,
  ListObjectsV2,
  ListObjectVersions,
} satisfies Record<string, Operation>;

/** NoSuchBucket where it is not there. */
export function requireBucket(account: Account, request: S3Request): Bucket {
  const bucket = account.buckets.get(request.bucket ?? '');
  if (!bucket) throw new S3Error('NoSuchBucket', 'The specified bucket does not exist');
  return bucket;
}

export function xmlResponse(root: string, content: { readonly [name: string]: XmlValue }): S3Response {
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: xmlDocument(root, content) };
}

export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

function ListBuckets(account: Account): S3Response {
  const found = [...account.buckets.values()].map(({ name, createdAt }) => ({
    Name: name,
    CreationDate: isoTime(createdAt),
  }));
  return xmlResponse('ListAllMyBucketsResult', { Buckets: { Bucket: found } });
}

function CreateBucket(account: Account, request: S3Request): S3Response {
  const name = request.bucket ?? '';
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) {
    throw new S3Error('InvalidArgument', 'The specified bucket is not valid.');
  }
  if (account.buckets.has(name)) {
    throw new S3Error('BucketAlreadyOwnedByYou', 'The bucket you tried to create already exists, and you own it.');
  }
  const locked = request.headers.get('x-amz-bucket-object-lock-enabled')?.toLowerCase() === 'true';
  const options = locked ? { objectLock: { defaultRetention: null } } : {};
  account.buckets.set(name, createBucket(name, options, account.now()));
  return { status: 200, headers: { location: `/${name}` } };
}

function HeadBucket(account: Account, request: S3Request): S3Response {
  requireBucket(account, request);
  return { status: 200, headers: {} };
}

function DeleteBucket(account: Account, request: S3Request): S3Response {
  const bucket = requireBucket(account, request);
  if (bucket.objects.size > 0) {
    throw new S3Error('BucketNotEmpty', 'The bucket you tried to delete is not empty');
  }
  account.buckets.delete(bucket.name);
  return { status: 204, headers: {} };
}

function GetBucketLocation(account: Account, request: S3Request): S3Response {
  requireBucket(account, request);
  return xmlResponse('LocationConstraint', {});
}

function GetBucketVersioning(account: Account, request: S3Request): S3Response {
  const { versioning } = requireBucket(account, request);
  const status = { off: undefined, enabled: 'Enabled', suspended: 'Suspended' }[versioning];
  return xmlResponse('VersioningConfiguration', { Status: status });
}

function PutBucketVersioning(account: Account, request: S3Request): S3Response {
  const bucket = requireBucket(account, request);
  const status = textOf(request.body.toString('utf8'), 'Status');
  if (status !== 'Enabled' && status !== 'Suspended') throw malformed('Status is Enabled or Suspended');
  if (status === 'Suspended' && bucket.objectLock) {
    throw new S3Error('InvalidBucketState', 'An Object Lock configuration is present on this bucket.');
  }
  bucket.versioning = status === 'Enabled' ? 'enabled' : 'suspended';
  return { status: 200, headers: {} };
}

function GetObjectLockConfiguration(account: Account, request: S3Request): S3Response {
  const lock = requireBucket(account, request).objectLock;
  if (!lock) {
    throw new S3Error(
      'ObjectLockConfigurationNotFoundError',
      'Object Lock configuration does not exist for this bucket',
    );
  }
  const rule = lock.defaultRetention;
  return xmlResponse('ObjectLockConfiguration', {
    ObjectLockEnabled: 'Enabled',
    Rule: rule ? { DefaultRetention: { Mode: rule.mode, Days: rule.days } } : undefined,
  });
}

function PutObjectLockConfiguration(account: Account, request: S3Request): S3Response {
  const bucket = requireBucket(account, request);
  if (bucket.versioning !== 'enabled') {
    throw new S3Error(
      'InvalidBucketState',
      "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
    );
  }
  const xml = request.body.toString('utf8');
  if (textOf(xml, 'ObjectLockEnabled') !== 'Enabled') throw malformed('ObjectLockEnabled is Enabled');
  bucket.objectLock = { defaultRetention: elementsOf(xml, 'DefaultRetention').map(parseRetention)[0] ?? null };
  return { status: 200, headers: {} };
}

function parseRetention(xml: string): DefaultRetention {
  const mode = textOf(xml, 'Mode');
  const days = Number(textOf(xml, 'Days') ?? Number(textOf(xml, 'Years')) * DAYS_PER_YEAR);
  if ((mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') || !Number.isInteger(days) || days < 1) {
    throw malformed('DefaultRetention has a Mode, and Days or Years');
  }
  return { mode, days };
}

function ListObjectsV2(account: Account, request: S3Request): S3Response {
  const bucket = requireBucket(account, request);
  const { query } = request;
  const encode = encoderOf(query);
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter');
  const maxKeys = maxKeysOf(query);
  const token = query.get('continuation-token');
  const after = token === undefined ? query.get('start-after') : fromToken(token);
  const page =
    maxKeys === 0
      ? { objects: [], commonPrefixes: [], next: undefined }
      : listObjects(bucket, { prefix, delimiter, after, maxKeys });
  return xmlResponse('ListBucketResult', {
    Name: bucket.name,
    Prefix: encode(prefix),
    Delimiter: delimiter === undefined ? undefined : encode(delimiter),
    StartAfter: query.has('start-after') ? encode(query.get('start-after') ?? '') : undefined,
    EncodingType: query.get('encoding-type'),
    MaxKeys: maxKeys,
    KeyCount: page.objects.length + page.commonPrefixes.length,
    IsTruncated: page.next !== undefined,
    ContinuationToken: token,
    NextContinuationToken: page.next === undefined ? undefined : toToken(page.next),
    Contents: page.objects.map((version) => ({
      Key: encode(version.key),
      LastModified: isoTime(version.lastModified),
      ETag: version.etag,
      Size: version.bytes.length,
      StorageClass: 'STANDARD',
    })),
    CommonPrefixes: page.commonPrefixes.map((each) => ({ Prefix: encode(each) })),
  });
}

function ListObjectVersions(account: Account, request: S3Request): S3Response {
  const bucket = requireBucket(account, request);
  const { query } = request;
  if (query.has('delimiter')) throw new S3Error('NotImplemented', 'ListObjectVersions takes no delimiter here');
  const encode = encoderOf(query);
  const prefix = query.get('prefix') ?? '';
  const maxKeys = maxKeysOf(query);
  const all = listVersions(bucket, prefix);
  const start = startOfVersions(all, query.get('key-marker'), query.get('version-id-marker'));
  const page = all.slice(start, start + maxKeys);
  const last = page.at(-1)?.version;
  const truncated = last !== undefined && start + page.length < all.length;
  const entries = page.map(({ version, isLatest }) => ({
    deleteMarker: version.deleteMarker,
    entry: {
      Key: encode(version.key),
      VersionId: version.versionId,
      IsLatest: isLatest,
      LastModified: isoTime(version.lastModified),
      ...(version.deleteMarker ? {} : { ETag: version.etag, Size: version.bytes.length, StorageClass: 'STANDARD' }),
    },
  }));
  return xmlResponse('ListVersionsResult', {
    Name: bucket.name,
    Prefix: encode(prefix),
    MaxKeys: maxKeys,
    IsTruncated: truncated,
    NextKeyMarker: truncated ? encode(last.key) : undefined,
    NextVersionIdMarker: truncated ? last.versionId : undefined,
    Version: entries.filter(({ deleteMarker }) => !deleteMarker).map(({ entry }) => entry),
    DeleteMarker: entries.filter(({ deleteMarker }) => deleteMarker).map(({ entry }) => entry),
  });
}

/** Index of the first version behind the markers: behind all of a key, or behind one version of it. */
function startOfVersions(
  all: ReturnType<typeof listVersions>,
  keyMarker: string | undefined,
  versionMarker: string | undefined,
): number {
  if (keyMarker === undefined) return 0;
  const last = all.findLastIndex(
    ({ version }) => version.key === keyMarker && (versionMarker === undefined || version.versionId === versionMarker),
  );
  if (last >= 0) return last + 1;
  const next = all.findIndex(({ version }) => Buffer.compare(Buffer.from(version.key), Buffer.from(keyMarker)) > 0);
  return next < 0 ? all.length : next;
}

function maxKeysOf(query: ReadonlyMap<string, string>): number {
  const text = query.get('max-keys') ?? String(PAGE_SIZE);
  if (!/^\d+$/.test(text))
    throw new S3Error('InvalidArgument', 'Provided max-keys not an integer or within integer range');
  return Math.min(Number(text), PAGE_SIZE);
}

function encoderOf(query: ReadonlyMap<string, string>): (text: string) => string {
  return query.get('encoding-type') === 'url'
    ? (text) => encodeURIComponent(text).replace(/%2F/g, '/')
    : (text) => text;
}

function toToken(after: string): string {
  return Buffer.from(after, 'utf8').toString('base64url');
}

function fromToken(token: string): string {
  const after = Buffer.from(token, 'base64url').toString('utf8');
  if (toToken(after) !== token) throw new S3Error('InvalidArgument', 'The continuation token provided is incorrect');
  return after;
}

function malformed(expected: string): S3Error {
  return new S3Error('MalformedXML', `The XML you provided was not well-formed or did not validate: ${expected}.`);
}
