/** Pages of keys, in UTF-8 byte order, as ListObjectsV2 and ListObjectVersions give them. */
import { type Bucket, currentVersion, type ObjectVersion } from './bucket';

interface ListRequest {
  readonly prefix: string;
  readonly delimiter: string | undefined;
  /** Only what comes after this key or common prefix. */
  readonly after: string | undefined;
  /** At most this many keys and common prefixes together. */
  readonly maxKeys: number;
}

interface ListPage {
  readonly objects: readonly ObjectVersion[];
  readonly commonPrefixes: readonly string[];
  /** Where the next page goes on; undefined on the last one. */
  readonly next: string | undefined;
}

/** One page of the objects that there are, keys that share a prefix up to the delimiter rolled into one entry. */
export function listObjects(bucket: Bucket, request: ListRequest): ListPage {
  const objects: ObjectVersion[] = [];
  const commonPrefixes: string[] = [];
  let last: string | undefined;
  for (const key of sortedKeys(bucket, request.prefix)) {
    const version = currentVersion(bucket, key);
    if (!version) continue;
    const entry = commonPrefixOf(key, request) ?? key;
    if (entry === last || (request.after !== undefined && !isAfter(entry, key, request.after))) continue;
    if (objects.length + commonPrefixes.length === request.maxKeys) {
      return { objects, commonPrefixes, next: last ?? request.after };
    }
    if (entry === key) objects.push(version);
    else commonPrefixes.push(entry);
    last = entry;
  }
  return { objects, commonPrefixes, next: undefined };
}

/** Every version and delete marker below a prefix, newest first within a key. */
export function listVersions(bucket: Bucket, prefix: string): { version: ObjectVersion; isLatest: boolean }[] {
  return sortedKeys(bucket, prefix).flatMap((key) =>
    [...(bucket.objects.get(key) ?? [])].reverse().map((version, index) => ({ version, isLatest: index === 0 })),
  );
}

function sortedKeys(bucket: Bucket, prefix: string): string[] {
  return [...bucket.objects.keys()].filter((key) => key.startsWith(prefix)).sort(compareUtf8);
}

function commonPrefixOf(key: string, { prefix, delimiter }: ListRequest): string | undefined {
  if (delimiter === undefined || delimiter === '') return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}

/** A marker inside a common prefix (start-after) leaves out the keys up to it, not the prefix. */
function isAfter(entry: string, key: string, after: string): boolean {
  return compareUtf8(entry, after) > 0 || (entry !== after && entry !== key && compareUtf8(key, after) > 0);
}

function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
