/**
 * Every key under which something is stored (docs/architecture.md, What is stored). Two different things never get the
 * same key: numbers have a fixed width, and an id that could be misread inside a key, or is too long for one, is
 * replaced by its hash.
 */
import { createHash } from 'node:crypto';

const SEQ_DIGITS = 12;
const PART_DIGITS = 6;
const LAST_SEQ = 10 ** SEQ_DIGITS - 1;
const LAST_PART = 10 ** PART_DIGITS - 1;

/** An S3 key takes 1,024 bytes, and a staged key holds the domain twice; a file name on a local disk takes 255. */
const MAX_PLAIN_ID = 200;
const HASH_MARK = 'sha256-';
const SAFE_IN_OBJECT_KEY = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

/** Name of a commit's redo log: it is read from the staging prefix and has no final key. */
const REDO_LOG_NAME = 'redo.json';

/** Prefix of the notes of commits and of the public keys that verify them. */
export const NOTES_PREFIX = 'notes/';

/** Prefixes of everything in the archive bucket. Every object there is written once. */
export const ARCHIVE_PREFIXES = ['field_changes/', 'manifests/', 'fields/', 'quarantine/', NOTES_PREFIX] as const;
export type ArchivePrefix = (typeof ARCHIVE_PREFIXES)[number];

/**
 * Prefix of the public halves of the signing keys, in the archive. It belongs to no domain, and no exporter writes
 * there.
 */
export const PUBLIC_KEYS_PREFIX = `${NOTES_PREFIX}keys/`;

/** Prefix of unpublished objects, in the work bucket. */
export const STAGING_PREFIX = 'staging/';

/** The part of an archive prefix that belongs to one domain. */
export function archivePrefixOf(domainId: string, prefix: ArchivePrefix): string {
  return `${prefix}domain_id=${domainInKeys(domainId)}/`;
}

/** The part of the staging prefix that belongs to one domain. */
export function stagingPrefixOf(domainId: string): string {
  return `${STAGING_PREFIX}${domainInKeys(domainId)}/`;
}

/** `field_changes/domain_id=<id>/export_date=YYYY-MM-DD/<seq, 12 digits>.parquet`, in the archive. */
export function fieldChangesKey(domainId: string, exportDate: string, seq: number): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(exportDate)) {
    throw new RangeError(`An export date is YYYY-MM-DD, not ${JSON.stringify(exportDate)}`);
  }
  return `${archivePrefixOf(domainId, 'field_changes/')}export_date=${exportDate}/${seqDigits(seq)}.parquet`;
}

/** `manifests/domain_id=<id>/<seq, 12 digits>.json`, in the archive: the chain. */
export function manifestKey(domainId: string, seq: number): string {
  return `${archivePrefixOf(domainId, 'manifests/')}${seqDigits(seq)}.json`;
}

/** `fields/domain_id=<id>/<seq, 12 digits>.json`, in the archive: the field dictionary as of this commit. */
export function fieldsKey(domainId: string, seq: number): string {
  return `${archivePrefixOf(domainId, 'fields/')}${seqDigits(seq)}.json`;
}

/**
 * `quarantine/domain_id=<id>/<seq, 12 digits>.json`, in the archive: raw JSON of everything that could not be
 * flattened.
 */
export function quarantineKey(domainId: string, seq: number): string {
  return `${archivePrefixOf(domainId, 'quarantine/')}${seqDigits(seq)}.json`;
}

/** `notes/domain_id=<id>/<seq, 12 digits>.note`, in the archive: a commit's manifest in a few lines, signed. */
export function noteKey(domainId: string, seq: number): string {
  return `${archivePrefixOf(domainId, NOTES_PREFIX)}${seqDigits(seq)}.note`;
}

/**
 * `notes/keys/<key id, 8 hex digits>.pem`, in the archive: the public half of a signing key. A convenience, never
 * trust.
 */
export function noteKeyPem(keyId: string): string {
  if (!/^[0-9a-f]{8}$/.test(keyId)) {
    throw new RangeError(`A key id is 8 lower-case hex digits, not ${JSON.stringify(keyId)}`);
  }
  return `${PUBLIC_KEYS_PREFIX}${keyId}.pem`;
}

/**
 * `staging/<domain>/<seq>-<fence>-<n>/`, in the work bucket. `n` tells the attempts of one lease apart, so no two
 * attempts at a commit ever share a prefix.
 */
export function stagingPrefix(domainId: string, seq: number, fence: number, n: number): string {
  return `${stagingPrefixOf(domainId)}${seqDigits(seq)}-${counter(fence, 'A fence')}-${counter(n, 'An attempt')}/`;
}

/** The staged key of an object: its final key behind the prefix. */
export function stagedKey(prefix: string, finalKey: string): string {
  return prefix + finalKey;
}

/** The prefix under which an object was staged. */
export function prefixOfStaged(staged: string, finalKey: string): string {
  return staged.slice(0, -finalKey.length);
}

/** The redo log of the commit that was staged under this prefix. */
export function redoLogKey(prefix: string): string {
  return prefix + REDO_LOG_NAME;
}

/** Primary key of an item of the checkpoint table. */
export interface TableKey {
  readonly pk: string;
  readonly sk: string;
}

/** `DOMAIN#<id>`: partition of all items of a domain. */
export function domainPartition(domainId: string): string {
  return `DOMAIN#${inTableKey(domainId)}`;
}

/** The domain's one STATE item. */
export function stateKey(domainId: string): TableKey {
  return { pk: domainPartition(domainId), sk: 'STATE' };
}

/** `CASE#<caseId>`: the ledger's head of a case. */
export function caseKey(domainId: string, caseId: string): TableKey {
  return { pk: domainPartition(domainId), sk: `CASE#${inTableKey(caseId)}` };
}

/** `IDS#<caseId>#`: common prefix of the sort keys of all id parts of a case, and of no other case. */
export function eventIdsPrefix(caseId: string): string {
  return `IDS#${inTableKey(caseId)}#`;
}

/** `IDS#<caseId>#<seq>#<part>`, zero-padded: sort keys order as (seq, part) do. */
export function eventIdsKey(domainId: string, caseId: string, seq: number, part: number): TableKey {
  const digits = padded(part, PART_DIGITS, LAST_PART, 0, 'A part');
  return { pk: domainPartition(domainId), sk: `${eventIdsPrefix(caseId)}${seqDigits(seq)}#${digits}` };
}

/** Common prefix of the sort keys of all retry entries. */
export const RETRY_PREFIX = 'RETRY#';

/** `RETRY#<caseId>`: a case that could not be read to its end. */
export function retryKey(domainId: string, caseId: string): TableKey {
  return { pk: domainPartition(domainId), sk: RETRY_PREFIX + inTableKey(caseId) };
}

/**
 * The id of a domain as the archive's keys hold it: itself where it is short and needs no escaping in a URL, a path or a
 * partition value, else its hash.
 */
export function domainInKeys(domainId: string): string {
  return SAFE_IN_OBJECT_KEY.test(domainId) && fitsPlain(domainId) ? domainId : hashed(domainId);
}

/** Plain where it is short, keeps clear of the separator and survives UTF-8. */
function inTableKey(id: string): string {
  return id !== '' && !id.includes('#') && id.isWellFormed() && fitsPlain(id) ? id : hashed(id);
}

/** An id that looks like a hash is hashed too, so a hashed id never equals a plain one. */
function fitsPlain(id: string): boolean {
  return Buffer.byteLength(id, 'utf8') <= MAX_PLAIN_ID && !id.startsWith(HASH_MARK);
}

/** Over UTF-16 code units: UTF-8 would make all lone surrogates one. */
function hashed(id: string): string {
  if (id === '') throw new RangeError('An id is a non-empty string, not ""');
  return HASH_MARK + createHash('sha256').update(id, 'utf16le').digest('hex');
}

function seqDigits(seq: number): string {
  return padded(seq, SEQ_DIGITS, LAST_SEQ, 1, 'A commit number');
}

function padded(value: number, digits: number, last: number, first: number, what: string): string {
  if (!Number.isInteger(value) || value < first || value > last) {
    throw new RangeError(`${what} is a whole number from ${first} to ${last}, not ${value}`);
  }
  return String(value).padStart(digits, '0');
}

function counter(value: number, what: string): string {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`${what} is a whole number from 0 to 2^53 - 1, not ${value}`);
  }
  return String(value);
}
