/** What a key of an archive says by its shape alone. Keys are made by `lambda/export/domain/keys.ts`; here they are read. */

/** Kinds of objects that belong to a commit, by the prefix below which they lie. */
export const OBJECT_KINDS = ['field_changes', 'fields', 'quarantine'] as const;
export type ObjectKind = (typeof OBJECT_KINDS)[number];

/** Below these an archive has one folder a domain. */
export const DOMAIN_PREFIXES = ['field_changes', 'fields', 'manifests', 'notes', 'quarantine'] as const;

export interface CommitKey {
  readonly kind: ObjectKind | 'manifests' | 'notes';
  /** The domain as keys name it: its id, or a hash of it. */
  readonly partition: string;
  readonly seq: number;
  /** Only of `field_changes`: YYYY-MM-DD. */
  readonly exportDate: string | null;
}

const PARTITION = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;
const SHAPES: readonly (readonly [CommitKey['kind'], RegExp])[] = [
  ['field_changes', /^field_changes\/domain_id=([^/]+)\/export_date=(\d{4}-\d{2}-\d{2})\/(\d{12})\.parquet$/],
  ['fields', /^fields\/domain_id=([^/]+)\/()(\d{12})\.json$/],
  ['manifests', /^manifests\/domain_id=([^/]+)\/()(\d{12})\.json$/],
  ['notes', /^notes\/domain_id=([^/]+)\/()(\d{12})\.note$/],
  ['quarantine', /^quarantine\/domain_id=([^/]+)\/()(\d{12})\.json$/],
];

/** The key of something that belongs to a commit; null for every other key. */
export function commitKeyOf(key: string): CommitKey | null {
  for (const [kind, shape] of SHAPES) {
    const [, partition, exportDate, digits] = shape.exec(key) ?? [];
    if (partition === undefined || digits === undefined || !PARTITION.test(partition) || Number(digits) < 1) continue;
    return { kind, partition, seq: Number(digits), exportDate: exportDate || null };
  }
  return null;
}

/** Whether keys may name a domain so. */
export function isPartition(name: string): boolean {
  return PARTITION.test(name);
}

/** Whether this is a public key as the exporter leaves it. */
export function isPublicKeyKey(key: string): boolean {
  return /^notes\/keys\/[0-9a-f]{8}\.pem$/.test(key);
}

/** `manifests/domain_id=<partition>/<seq, 12 digits>.json`. */
export function manifestKeyIn(partition: string, seq: number): string {
  return `manifests/domain_id=${partition}/${digits(seq)}.json`;
}

/** `notes/domain_id=<partition>/<seq, 12 digits>.note`. */
export function noteKeyIn(partition: string, seq: number): string {
  return `notes/domain_id=${partition}/${digits(seq)}.note`;
}

/** Where an object of a commit must lie. */
export function objectKeyIn(kind: ObjectKind, partition: string, exportDate: string, seq: number): string {
  if (kind === 'field_changes') {
    return `field_changes/domain_id=${partition}/export_date=${exportDate}/${digits(seq)}.parquet`;
  }
  return `${kind}/domain_id=${partition}/${digits(seq)}.json`;
}

/** In the order in which stores list keys: by UTF-8 bytes, which code units are for ASCII alone. */
export function compareKeys(a: string, b: string): number {
  if (a === b) return 0;
  if (isAscii(a) && isAscii(b)) return a < b ? -1 : 1;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a key may hold any character
  return /^[\u0000-\u007f]*$/.test(text);
}

function digits(seq: number): string {
  return String(seq).padStart(12, '0');
}
