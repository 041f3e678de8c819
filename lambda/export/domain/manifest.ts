/**
 * A commit's manifest and redo log: write-ahead log, "batch complete" mark and evidence in one. Redo takes every
 * varying value from here, never from a clock or from newer code.
 */
import * as z from 'zod';
import { caseRecord, isIdBytes, RETRY_CAUSES, type RetryEntry, retryEntry, triedCase } from './case-items';
import { IntegrityError } from './errors';
import { manifestKey } from './keys';
import { debtSum, historyProof, lanes, waitingCase } from './state';
import { count, id, readStored, type Stored, seq, version } from './stored-form';

export const MANIFEST_VERSION = 1;
export const REDO_VERSION = 1;

/** A manifest stays below 1 MB, however many cases are owed: it names the oldest, and `debts` counts all. */
const MAX_GAPS_BYTES = 400_000;

/** One object of a commit, staged under the manifest's prefix and published under its key. */
export type ManifestObject = Stored<typeof manifestObject>;
const manifestObject = z.object({
  key: z.string(),
  sha256: z.string(),
  bytes: count,
  /** Only for `field_changes`. */
  rows: count.exactOptional(),
  firstPerformedTime: z.string().exactOptional(),
  lastPerformedTime: z.string().exactOptional(),
});

/** A case that was found and is not completely read. */
type Gap = Stored<typeof gap>;
const gap = z.object({
  caseId: z.string(),
  cause: z.enum(RETRY_CAUSES),
  since: z.string(),
  attempts: count,
});

export type ManifestCounts = Stored<typeof manifestCounts>;
const manifestCounts = z.object({
  calls: z.record(z.string(), count),
  casesFound: count,
  casesRead: count,
  pages: count,
  events: count,
  rows: count,
  quarantined: count,
  /** Events of earlier quarantines whose rows are in this commit. Builds without replay lack it. */
  replayed: count.default(0),
  nullElements: count,
  anomalies: count,
  /** The last `totalCount` of a search, as received; null if none gave one. */
  totalCount: z.number().nullable(),
});

export type Manifest = Stored<typeof manifest>;
const manifest = z.object({
  version,
  domainId: z.string(),
  seq,
  /** SHA-256 of the manifest before this one: the chain. Null for the first. */
  previousSha256: z.string().nullable(),
  runId: z.string(),
  fence: count,
  exportDate: z.string(),
  exportedAt: z.string(),
  /** Progress of the lanes after this commit. */
  lanes,
  livePassFinished: z.boolean(),
  /** Since the commit before. */
  counts: manifestCounts,
  objects: z.array(manifestObject),
  redo: z.object({ sha256: z.string(), bytes: count }),
  /** The oldest open entries of the retry list, as many as fit in `MAX_GAPS_BYTES`; `debts` counts all of them. */
  gaps: z.array(gap),
  /** Debts by cause. Absent in manifests of builds without an account, which prove nothing. */
  debts: z.array(debtSum).exactOptional(),
  /** The last finished scan over all cases under this account; null before the first. */
  history: historyProof.nullable().exactOptional(),
  /** Cases whose newest touch was accepted though no event explains it. */
  unexplainedTouches: count.exactOptional(),
  /** Cases with an event, exported before, that reads differently now or is gone from the history. */
  changedUpstream: z.array(z.string()).exactOptional(),
  /** Cases with only their first pages exported so far. Manifests of the first builds lack it. */
  halfRead: z.array(triedCase).exactOptional(),
  /** Cases that were too fresh to be read. Manifests of builds without an account lack it. */
  waiting: z.array(waitingCase).exactOptional(),
  openQuarantine: count,
  gone: z.array(z.string()),
  /**
   * Number of cases with rows or quarantined events in the commit, and the SHA-256 of the list of their digests
   * (`case-slice.ts`). Manifests of the first builds lack it, so none of their cases can be proven by itself.
   */
  cases: z.object({ count, sha256: z.string() }).exactOptional(),
  /**
   * SHA-256 of the SubjectPublicKeyInfo of each key configured to sign this commit's note, lower-case hex; absent
   * without keys. A signature of the note covers it, which lets one key introduce another (`note-keys.ts`).
   */
  signingKeys: z.array(z.string()).exactOptional(),
  /**
   * Set where an operator voided a commit because objects of it were lost: the hash of its manifest, and the run that
   * voided it. `runId` and `exportedAt` are then those of the kept rows. Early builds noted the hash alone, or nothing
   * at all.
   */
  voids: z
    .union([z.object({ sha256: z.string(), runId: z.string(), at: z.string() }), z.string()])
    .nullable()
    .default(null),
  bundleSha256: z.string(),
  settingsSha256: z.string(),
});

/** The form of a manifest. */
export const MANIFEST = { what: 'manifest', version: MANIFEST_VERSION, schema: manifest };

/** Ledger and retry changes of a commit, exactly as the table will hold them. */
export type RedoLog = Stored<typeof redoLog>;
const redoLog = z.object({
  version,
  seq,
  eventIds: z.array(
    z.object({
      caseId: id,
      part: count,
      base64: z.string().refine((text) => isIdBytes(Buffer.from(text, 'base64')), 'expected event ids in base64'),
    }),
  ),
  heads: z.array(caseRecord),
  retries: z.array(retryEntry),
});

/** The form of a redo log. */
export const REDO_LOG = { what: 'redo log', version: REDO_VERSION, schema: redoLog };

/** Returns the oldest open entries of the retry list, as many as a manifest has room for. */
export function gapsOf(openRetries: Iterable<Omit<RetryEntry, 'seq'>>): Gap[] {
  const oldestFirst = [...openRetries].sort((a, b) => a.firstSeen - b.firstSeen || (a.caseId < b.caseId ? -1 : 1));
  const gaps: Gap[] = [];
  let bytes = 0;
  for (const { caseId, cause, firstSeen, attempts } of oldestFirst) {
    const gap = { caseId, cause, since: new Date(firstSeen).toISOString(), attempts };
    bytes += Buffer.byteLength(JSON.stringify(gap)) + 1;
    if (bytes > MAX_GAPS_BYTES) break;
    gaps.push(gap);
  }
  return gaps;
}

/**
 * Parses the manifest of this domain and number; `key` names its place, if not its final key.
 * @throws IntegrityError with key and reason if the bytes are not a manifest in a version that this one can redo.
 */
export function parseManifest(
  bytes: Uint8Array,
  expected: { readonly domainId: string; readonly seq: number },
  key = manifestKey(expected.domainId, expected.seq),
): Manifest {
  const found = readStored(MANIFEST, key, bytes);
  if (found.domainId === expected.domainId && found.seq === expected.seq) return found;
  throw new IntegrityError(
    `The manifest ${key} of commit ${expected.seq} of domain ${expected.domainId} calls itself commit ${found.seq} of domain ${found.domainId}. Nothing was taken from it. Compare it with the table's STATE item.`,
  );
}

/**
 * Parses a redo log.
 * @throws IntegrityError with key and reason if the bytes are not a redo log that this version can apply.
 */
export function parseRedoLog(bytes: Uint8Array, key: string): RedoLog {
  return readStored(REDO_LOG, key, bytes);
}
