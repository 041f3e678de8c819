/**
 * What a bucket is: keys, their versions, conditions on writes, Object Lock. Pure data and synchronous functions, so that
 * each request takes effect at one moment. Source: S3 user guide, "Conditional requests", "Versioning", "Object Lock".
 */
import { createHash, randomBytes } from 'node:crypto';
import { S3Error } from './s3-error';

export interface Retention {
  readonly mode: 'GOVERNANCE' | 'COMPLIANCE';
  /** Epoch ms. */
  readonly retainUntil: number;
}

export interface ObjectVersion {
  readonly key: string;
  /** `null` (the word) where the bucket is not versioned. */
  readonly versionId: string;
  readonly deleteMarker: boolean;
  readonly bytes: Buffer;
  /** With its quotes. */
  readonly etag: string;
  /** Epoch ms. */
  readonly lastModified: number;
  /** `x-amz-checksum-…` as sent. */
  readonly checksums: Readonly<Record<string, string>>;
  /** `content-type`, `x-amz-meta-…` and the like. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly retention: Retention | null;
  readonly legalHold: boolean;
}

export interface DefaultRetention {
  readonly mode: Retention['mode'];
  readonly days: number;
}

export interface Bucket {
  readonly name: string;
  readonly createdAt: number;
  versioning: 'off' | 'enabled' | 'suspended';
  /** Null where the bucket has no Object Lock. */
  objectLock: { readonly defaultRetention: DefaultRetention | null } | null;
  /** Versions by key, oldest first. */
  readonly objects: Map<string, ObjectVersion[]>;
}

export interface BucketOptions {
  readonly versioned?: boolean;
  /** Implies versions; null or days to come for every new object. */
  readonly objectLock?: { readonly defaultRetention: DefaultRetention | null };
}

interface PutInput {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly checksums?: Readonly<Record<string, string>>;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly ifNoneMatch?: string | undefined;
  readonly ifMatch?: string | undefined;
  readonly retention?: Retention | undefined;
  readonly legalHold?: boolean;
}

const MAX_KEY_BYTES = 1024;
const DAY_MS = 86_400_000;

export function createBucket(name: string, options: BucketOptions, now: number): Bucket {
  const lock = options.objectLock ?? null;
  return {
    name,
    createdAt: now,
    versioning: options.versioned || lock ? 'enabled' : 'off',
    objectLock: lock,
    objects: new Map(),
  };
}

/** The version that a plain GET answers with: undefined where there is none or it is a delete marker. */
export function currentVersion(bucket: Bucket, key: string): ObjectVersion | undefined {
  const newest = bucket.objects.get(key)?.at(-1);
  return newest?.deleteMarker ? undefined : newest;
}

/** NoSuchKey or NoSuchVersion where it is not there, MethodNotAllowed for a delete marker asked for by its id. */
export function requireVersion(bucket: Bucket, key: string, versionId: string | undefined): ObjectVersion {
  if (versionId === undefined) {
    const newest = bucket.objects.get(key)?.at(-1);
    if (newest && !newest.deleteMarker) return newest;
    const marker = newest ? { 'x-amz-delete-marker': 'true', 'x-amz-version-id': newest.versionId } : {};
    throw new S3Error('NoSuchKey', 'The specified key does not exist.', marker);
  }
  const version = bucket.objects.get(key)?.find((each) => each.versionId === versionId);
  if (!version) throw new S3Error('NoSuchVersion', 'The specified version does not exist.');
  if (version.deleteMarker) {
    throw new S3Error('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
      'x-amz-delete-marker': 'true',
    });
  }
  return version;
}

/** Writes a version if the conditions hold; PreconditionFailed or NoSuchKey if they do not. */
export function putObject(bucket: Bucket, input: PutInput, now: number): ObjectVersion {
  if (Buffer.byteLength(input.key) > MAX_KEY_BYTES) {
    throw new S3Error('KeyTooLongError', 'Your key is too long.');
  }
  checkWriteConditions(currentVersion(bucket, input.key), input);
  if ((input.retention || input.legalHold) && !bucket.objectLock) {
    throw new S3Error('InvalidRequest', 'Bucket is missing Object Lock Configuration');
  }
  const version: ObjectVersion = {
    key: input.key,
    versionId: newVersionId(bucket),
    deleteMarker: false,
    bytes: Buffer.from(input.bytes),
    etag: etagOf(input.bytes),
    lastModified: now,
    checksums: input.checksums ?? {},
    metadata: input.metadata ?? {},
    retention: input.retention ?? defaultRetention(bucket, now),
    legalHold: input.legalHold ?? false,
  };
  append(bucket, version);
  return version;
}

export interface Deleted {
  /** Of the marker that was put, or of the version that is gone. */
  readonly versionId: string | undefined;
  readonly deleteMarker: boolean;
}

/**
 * Without a version id: hides the key behind a delete marker where the bucket is versioned, else removes it. With one:
 * removes that version for good, unless Object Lock holds it (AccessDenied). Deleting what is not there succeeds.
 */
export function deleteObject(
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
  now: number,
  bypassGovernance = false,
): Deleted {
  if (versionId !== undefined) return deleteVersion(bucket, key, versionId, now, bypassGovernance);
  if (bucket.versioning === 'off') {
    bucket.objects.delete(key);
    return { versionId: undefined, deleteMarker: false };
  }
  const marker: ObjectVersion = {
    key,
    versionId: newVersionId(bucket),
    deleteMarker: true,
    bytes: Buffer.alloc(0),
    etag: '',
    lastModified: now,
    checksums: {},
    metadata: {},
    retention: null,
    legalHold: false,
  };
  append(bucket, marker);
  return { versionId: marker.versionId, deleteMarker: true };
}

/** `"md5"`, as S3 gives it for objects put in one piece. */
function etagOf(bytes: Uint8Array): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}

function deleteVersion(bucket: Bucket, key: string, versionId: string, now: number, bypass: boolean): Deleted {
  const versions = bucket.objects.get(key) ?? [];
  const version = versions.find((each) => each.versionId === versionId);
  if (!version) return { versionId, deleteMarker: false };
  if (isLocked(version, now, bypass)) {
    throw new S3Error('AccessDenied', 'Access Denied because object protected by object lock.');
  }
  const rest = versions.filter((each) => each !== version);
  if (rest.length > 0) bucket.objects.set(key, rest);
  else bucket.objects.delete(key);
  return { versionId, deleteMarker: version.deleteMarker };
}

function isLocked({ retention, legalHold }: ObjectVersion, now: number, bypass: boolean): boolean {
  if (legalHold) return true;
  if (!retention || retention.retainUntil <= now) return false;
  return retention.mode === 'COMPLIANCE' || !bypass;
}

function checkWriteConditions(current: ObjectVersion | undefined, { ifNoneMatch, ifMatch }: PutInput): void {
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw new S3Error('NotImplemented', 'A header you provided implies functionality that is not implemented');
  }
  if (ifNoneMatch === '*' && current) throw preconditionFailed('If-None-Match');
  if (ifMatch === undefined) return;
  if (!current) throw new S3Error('NoSuchKey', 'The specified key does not exist.');
  if (!matchesEtag(ifMatch, current.etag)) throw preconditionFailed('If-Match');
}

/** `*`, or a list of ETags with or without quotes. */
export function matchesEtag(condition: string, etag: string): boolean {
  return condition.split(',').some((part) => {
    const wanted = part.trim();
    return wanted === '*' || wanted === etag || `"${wanted}"` === etag;
  });
}

export function preconditionFailed(condition: string): S3Error {
  return new S3Error(
    'PreconditionFailed',
    `At least one of the pre-conditions you specified did not hold (${condition})`,
  );
}

/** Where versions are kept, none is lost; otherwise the one called `null` is replaced. */
function append(bucket: Bucket, version: ObjectVersion): void {
  const versions = bucket.objects.get(version.key) ?? [];
  const kept = version.versionId === 'null' ? versions.filter((each) => each.versionId !== 'null') : versions;
  bucket.objects.set(version.key, [...kept, version]);
}

function newVersionId(bucket: Bucket): string {
  return bucket.versioning === 'enabled' ? randomBytes(16).toString('hex') : 'null';
}

function defaultRetention(bucket: Bucket, now: number): Retention | null {
  const rule = bucket.objectLock?.defaultRetention;
  return rule ? { mode: rule.mode, retainUntil: now + rule.days * DAY_MS } : null;
}
