/** Operations on objects: read with ranges and conditions, write, copy, delete. */

import type { Account, Operation } from './account';
import {
  type Bucket,
  type Deleted,
  deleteObject,
  matchesEtag,
  type ObjectVersion,
  preconditionFailed,
  putObject,
  type Retention,
  requireVersion,
} from './bucket';
import { isoTime, requireBucket, xmlResponse } from './bucket-operations';
import { hasDigest } from './checksums';
import { parseTarget, type S3Request, type S3Response } from './request';
import { S3Error } from './s3-error';
import { elementsOf, textOf } from './xml';

export const OPERATIONS = {
  GetObject,
  HeadObject,
  PutObject,
  CopyObject,
  DeleteObject,
  DeleteObjects,
} satisfies Record<string, Operation>;

const KEPT_HEADERS = ['content-type', 'cache-control', 'content-disposition', 'content-language', 'expires'];
const MAX_DELETES = 1000;

function GetObject(account: Account, request: S3Request): S3Response {
  const { bucket, version } = readable(account, request);
  checkReadConditions(version, request.headers);
  const headers = describe(bucket, version, request.headers);
  const range = rangeOf(request.headers.get('range'), version.bytes.length);
  if (!range) return { status: 200, headers, body: version.bytes };
  const body = version.bytes.subarray(range.first, range.last + 1);
  const contentRange = `bytes ${range.first}-${range.last}/${version.bytes.length}`;
  // A checksum of the whole object says nothing about a part of it.
  const rest = Object.entries(headers).filter(([name]) => !name.startsWith('x-amz-checksum-'));
  return {
    status: 206,
    headers: { ...Object.fromEntries(rest), 'content-range': contentRange, 'content-length': String(body.length) },
    body,
  };
}

/** As GetObject, the server leaves the body out. */
function HeadObject(account: Account, request: S3Request): S3Response {
  return GetObject(account, request);
}

function PutObject(account: Account, request: S3Request): S3Response {
  const bucket = requireBucket(account, request);
  refuse(request, ['x-amz-tagging', 'x-amz-website-redirect-location', 'x-amz-write-offset-bytes']);
  if (bucket.objectLock?.defaultRetention || request.headers.has('x-amz-object-lock-mode')) requireDigest(request);
  const version = putObject(
    bucket,
    {
      key: keyOf(request),
      bytes: request.body,
      checksums: request.checksums,
      metadata: metadataOf(request.headers),
      ...writeConditions(request.headers),
      ...lockOf(request.headers, account.now()),
    },
    account.now(),
  );
  account.changed(bucket, version.key);
  return { status: 200, headers: { etag: version.etag, ...version.checksums, ...versionHeader(bucket, version) } };
}

function CopyObject(account: Account, request: S3Request): S3Response {
  const bucket = requireBucket(account, request);
  refuse(request, [
    'x-amz-copy-source-if-match',
    'x-amz-copy-source-if-none-match',
    'x-amz-copy-source-if-modified-since',
    'x-amz-copy-source-if-unmodified-since',
    'x-amz-tagging-directive',
  ]);
  const source = copySource(account, request);
  const replace = request.headers.get('x-amz-metadata-directive') === 'REPLACE';
  const sameObject = source.bucket === bucket && source.version.key === keyOf(request);
  if (sameObject && !replace && source.isCurrent) {
    throw new S3Error(
      'InvalidRequest',
      'This copy request is illegal because it is trying to copy an object to itself.',
    );
  }
  const version = putObject(
    bucket,
    {
      key: keyOf(request),
      bytes: source.version.bytes,
      checksums: source.version.checksums,
      metadata: replace ? metadataOf(request.headers) : source.version.metadata,
      ...writeConditions(request.headers),
      ...lockOf(request.headers, account.now()),
    },
    account.now(),
  );
  account.changed(bucket, version.key);
  const result = xmlResponse('CopyObjectResult', { LastModified: isoTime(version.lastModified), ETag: version.etag });
  return { ...result, headers: { ...result.headers, ...versionHeader(bucket, version) } };
}

function DeleteObject(account: Account, request: S3Request): S3Response {
  const bucket = requireBucket(account, request);
  refuse(request, ['if-match']);
  const deleted = remove(account, bucket, keyOf(request), request.query.get('versionId'), request);
  return { status: 204, headers: deletedHeaders(deleted) };
}

function DeleteObjects(account: Account, request: S3Request): S3Response {
  const bucket = requireBucket(account, request);
  requireDigest(request);
  const xml = request.body.toString('utf8');
  const wanted = elementsOf(xml, 'Object').map((each) => ({
    key: textOf(each, 'Key'),
    versionId: textOf(each, 'VersionId'),
  }));
  if (wanted.length === 0 || wanted.length > MAX_DELETES || wanted.some(({ key }) => !key)) {
    throw new S3Error('MalformedXML', `Delete holds 1 to ${MAX_DELETES} Objects, each with its Key.`);
  }
  const results = wanted.map(({ key = '', versionId }) => removeOneOfMany(account, bucket, key, versionId, request));
  const quiet = textOf(xml, 'Quiet') === 'true';
  return xmlResponse('DeleteResult', {
    Deleted: quiet ? undefined : results.flatMap((result) => ('deleted' in result ? [result.deleted] : [])),
    Error: results.flatMap((result) => ('error' in result ? [result.error] : [])),
  });
}

function removeOneOfMany(
  account: Account,
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
  request: S3Request,
): { deleted: Record<string, string | boolean | undefined> } | { error: Record<string, string> } {
  try {
    const { deleteMarker, versionId: affected } = remove(account, bucket, key, versionId, request);
    const marker = deleteMarker ? { DeleteMarker: true, DeleteMarkerVersionId: affected } : {};
    return { deleted: { Key: key, VersionId: versionId, ...marker } };
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    return { error: { Key: key, Code: error.code, Message: error.message } };
  }
}

function remove(
  account: Account,
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
  request: S3Request,
): Deleted {
  const bypass = request.headers.get('x-amz-bypass-governance-retention')?.toLowerCase() === 'true';
  const deleted = deleteObject(bucket, key, versionId, account.now(), bypass);
  account.changed(bucket, key);
  return deleted;
}

function readable(account: Account, request: S3Request): { bucket: Bucket; version: ObjectVersion } {
  const bucket = requireBucket(account, request);
  try {
    return { bucket, version: requireVersion(bucket, keyOf(request), request.query.get('versionId')) };
  } catch (error) {
    if (account.missingKeyIsDenied && error instanceof S3Error && error.code === 'NoSuchKey') {
      throw new S3Error('AccessDenied', 'Access Denied');
    }
    throw error;
  }
}

function checkReadConditions(version: ObjectVersion, headers: ReadonlyMap<string, string>): void {
  const ifMatch = headers.get('if-match');
  if (ifMatch !== undefined && !matchesEtag(ifMatch, version.etag)) throw preconditionFailed('If-Match');
  const ifNoneMatch = headers.get('if-none-match');
  if (ifNoneMatch !== undefined && matchesEtag(ifNoneMatch, version.etag)) {
    throw new S3Error('NotModified', 'Not Modified', { etag: version.etag });
  }
}

function describe(bucket: Bucket, version: ObjectVersion, asked: ReadonlyMap<string, string>): Record<string, string> {
  return {
    'content-type': 'binary/octet-stream',
    ...version.metadata,
    'content-length': String(version.bytes.length),
    'accept-ranges': 'bytes',
    etag: version.etag,
    'last-modified': new Date(version.lastModified).toUTCString(),
    ...(asked.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED' ? version.checksums : {}),
    ...versionHeader(bucket, version),
    ...(version.retention && {
      'x-amz-object-lock-mode': version.retention.mode,
      'x-amz-object-lock-retain-until-date': isoTime(version.retention.retainUntil),
    }),
    ...(version.legalHold && { 'x-amz-object-lock-legal-hold': 'ON' }),
  };
}

/** Undefined for the whole object: no range, or one that S3 ignores (several, or malformed). */
function rangeOf(header: string | undefined, size: number): { first: number; last: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const [from, to] = [match[1] ?? '', match[2] ?? ''];
  if (from !== '' && to !== '' && Number(from) > Number(to)) return undefined;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (first > last) {
    throw new S3Error('InvalidRange', 'The requested range is not satisfiable', { 'content-range': `bytes */${size}` });
  }
  return { first, last };
}

function copySource(
  account: Account,
  request: S3Request,
): { bucket: Bucket; version: ObjectVersion; isCurrent: boolean } {
  const target = parseTarget(request.headers.get('x-amz-copy-source') ?? '');
  if (target.bucket === undefined || target.key === undefined) {
    throw new S3Error('InvalidArgument', 'Copy Source must mention the source bucket and key: sourcebucket/sourcekey');
  }
  const found = readable(account, { ...request, ...target });
  return { ...found, isCurrent: !target.query.has('versionId') };
}

function writeConditions(headers: ReadonlyMap<string, string>): { ifNoneMatch?: string; ifMatch?: string } {
  const ifNoneMatch = headers.get('if-none-match');
  const ifMatch = headers.get('if-match');
  return { ...(ifNoneMatch !== undefined && { ifNoneMatch }), ...(ifMatch !== undefined && { ifMatch }) };
}

function lockOf(headers: ReadonlyMap<string, string>, now: number): { retention?: Retention; legalHold?: boolean } {
  const mode = headers.get('x-amz-object-lock-mode');
  const until = headers.get('x-amz-object-lock-retain-until-date');
  const legalHold = headers.get('x-amz-object-lock-legal-hold') === 'ON';
  if (mode === undefined && until === undefined) return legalHold ? { legalHold } : {};
  const retainUntil = Date.parse(until ?? '');
  if ((mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') || Number.isNaN(retainUntil)) {
    throw new S3Error(
      'InvalidArgument',
      'x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied',
    );
  }
  if (retainUntil <= now) throw new S3Error('InvalidArgument', 'The retain until date must be in the future!');
  return { retention: { mode, retainUntil }, legalHold };
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

function versionHeader(bucket: Bucket, version: ObjectVersion): Record<string, string> {
  return bucket.versioning === 'off' ? {} : { 'x-amz-version-id': version.versionId };
}

function deletedHeaders({ versionId, deleteMarker }: Deleted): Record<string, string> {
  return {
    ...(versionId !== undefined && { 'x-amz-version-id': versionId }),
    ...(deleteMarker && { 'x-amz-delete-marker': 'true' }),
  };
}

/** A header that would change the result and is not implemented is refused, never ignored. */
function refuse(request: S3Request, headers: readonly string[]): void {
  const found = headers.find((header) => request.headers.has(header));
  if (found !== undefined) throw new S3Error('NotImplemented', `The header ${found} is not implemented here`);
}

function requireDigest(request: S3Request): void {
  if (hasDigest(request.headers)) return;
  throw new S3Error(
    'InvalidRequest',
    'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters, and for deletes of several objects',
  );
}

function keyOf(request: S3Request): string {
  return request.key ?? '';
}
