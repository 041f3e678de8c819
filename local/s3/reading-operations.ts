/**
 * An auditor's requests to a bucket: versions, heads, locks. Every bucket keeps its versions, as the stack's do; past
 * bytes are not kept.
 */
import type { Bucket, StoredVersion } from './bucket';
import { escapeXml, S3Error, type S3Response, xmlDocument } from './http';
import { type Account, describe, keyOf, type Operation, requireBucket } from './operations-shared';
import type { S3Request } from './request';

const MAX_KEYS = 1000;

export const READING_OPERATIONS = {
  HeadObject,
  ListObjectVersions,
  GetObjectRetention,
  GetObjectLockConfiguration,
  GetBucketVersioning,
} satisfies Record<string, Operation>;

function HeadObject(account: Account, request: S3Request): S3Response {
  const stored = requireBucket(account, request).objects.get(keyOf(request));
  if (stored === undefined) throw new S3Error('NoSuchKey', 'The specified key does not exist.');
  return { status: 200, headers: describe(stored, request.headers), body: '' };
}

function GetObjectRetention(account: Account, request: S3Request): S3Response {
  const stored = requireBucket(account, request).objects.get(keyOf(request));
  if (stored === undefined) throw new S3Error('NoSuchKey', 'The specified key does not exist.');
  if (stored.lockedUntil === null) {
    throw new S3Error('NoSuchObjectLockConfiguration', 'The specified object does not have a ObjectLock configuration');
  }
  const until = new Date(stored.lockedUntil).toISOString();
  return xml('Retention', `<Mode>COMPLIANCE</Mode><RetainUntilDate>${until}</RetainUntilDate>`);
}

function GetObjectLockConfiguration(account: Account, request: S3Request): S3Response {
  const { lockDays } = requireBucket(account, request);
  if (lockDays === undefined) {
    throw new S3Error(
      'ObjectLockConfigurationNotFoundError',
      'Object Lock configuration does not exist for this bucket',
    );
  }
  const rule = `<Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Days>${lockDays}</Days></DefaultRetention></Rule>`;
  return xml('ObjectLockConfiguration', `<ObjectLockEnabled>Enabled</ObjectLockEnabled>${rule}`);
}

function GetBucketVersioning(account: Account, request: S3Request): S3Response {
  requireBucket(account, request);
  return xml('VersioningConfiguration', '<Status>Enabled</Status>');
}

/** An entry of the listing: a version or delete marker, or a common prefix for everything below it. */
type Entry = { readonly key: string; readonly version: StoredVersion | null; readonly isLatest: boolean };

function ListObjectVersions(account: Account, request: S3Request): S3Response {
  const { query } = request;
  const isEncoded = query.get('encoding-type') === 'url';
  const encode = isEncoded ? encodeURIComponent : escapeXml;
  const maxKeys = Math.min(MAX_KEYS, Number(query.get('max-keys') ?? MAX_KEYS));
  const all = entriesOf(requireBucket(account, request), query.get('prefix') ?? '', query.get('delimiter'));
  const start = startOf(all, query.get('key-marker'), query.get('version-id-marker'));
  const page = all.slice(start, start + maxKeys);
  const last = page.at(-1);
  const isTruncated = start + page.length < all.length;
  const next =
    isTruncated && last !== undefined
      ? `<NextKeyMarker>${encode(last.key)}</NextKeyMarker>${last.version === null ? '' : `<NextVersionIdMarker>${last.version.versionId}</NextVersionIdMarker>`}`
      : '';
  const encoding = isEncoded ? '<EncodingType>url</EncodingType>' : '';
  const entries = page.map((entry) => entryXml(entry, encode)).join('');
  return xml('ListVersionsResult', `<IsTruncated>${isTruncated}</IsTruncated>${encoding}${next}${entries}`);
}

function entryXml({ key, version, isLatest }: Entry, encode: (text: string) => string): string {
  if (version === null) return `<CommonPrefixes><Prefix>${encode(key)}</Prefix></CommonPrefixes>`;
  const { versionId, lastModified, size } = version;
  const shared = `<Key>${encode(key)}</Key><VersionId>${versionId}</VersionId><IsLatest>${isLatest}</IsLatest><LastModified>${new Date(lastModified).toISOString()}</LastModified>`;
  if (size === null) return `<DeleteMarker>${shared}</DeleteMarker>`;
  return `<Version>${shared}<Size>${size}</Size></Version>`;
}

/** In UTF-8 byte order, newest first within a key. */
function entriesOf({ versions }: Bucket, prefix: string, delimiter: string | undefined): Entry[] {
  const keys = [...versions.keys()]
    .filter((key) => key.startsWith(prefix))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const entries: Entry[] = [];
  for (const key of keys) {
    const end = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
    if (delimiter !== undefined && end >= 0) {
      const folder = key.slice(0, end + delimiter.length);
      if (entries.at(-1)?.key !== folder) entries.push({ key: folder, version: null, isLatest: false });
      continue;
    }
    const newestFirst = [...(versions.get(key) ?? [])].reverse();
    entries.push(...newestFirst.map((version, index) => ({ key, version, isLatest: index === 0 })));
  }
  return entries;
}

/** Position behind all versions of a key, or behind one of them. */
function startOf(all: readonly Entry[], key: string | undefined, versionId: string | undefined): number {
  if (key === undefined) return 0;
  const last = all.findLastIndex(
    (entry) => entry.key === key && (versionId === undefined || entry.version?.versionId === versionId),
  );
  if (last >= 0) return last + 1;
  const next = all.findIndex((entry) => Buffer.compare(Buffer.from(entry.key), Buffer.from(key)) > 0);
  return next < 0 ? all.length : next;
}

function xml(root: string, inner: string): S3Response {
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: xmlDocument(root, inner) };
}
