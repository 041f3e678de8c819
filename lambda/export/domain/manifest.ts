/**
 * A commit's manifest and redo log: write-ahead log, "batch complete" mark and evidence in one. Redo takes every varying value
 * from here, never from a clock or from newer code.
 */
import { createHash } from 'node:crypto';
import type { DebtSum } from './debts';
import { IntegrityError } from './errors';
import type { CaseRecord, HistoryProof, Lanes, RetryCause, RetryEntry, TriedCase, WaitingCase } from './state';

export const MANIFEST_VERSION = 1;
export const REDO_VERSION = 1;

/** A manifest stays below 1 MB, however many cases are owed: it names the oldest, and `debts` counts all. */
const MAX_GAPS_BYTES = 400_000;

/** One object of a commit. It is staged under the manifest's prefix and published under its key. */
export interface ManifestObject {
  readonly key: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Only for `field_changes`. */
  readonly rows?: number;
  readonly firstPerformedTime?: string;
  readonly lastPerformedTime?: string;
}

/** A case that was found and is not completely read. */
export interface Gap {
  readonly caseId: string;
  readonly cause: RetryCause;
  readonly since: string;
  readonly attempts: number;
}

export interface ManifestCounts {
  readonly calls: Readonly<Record<string, number>>;
  readonly casesFound: number;
  readonly casesRead: number;
  readonly pages: number;
  readonly events: number;
  readonly rows: number;
  readonly quarantined: number;
  /** Events of earlier quarantines that rows of this commit hold at last. */
  readonly replayed: number;
  readonly nullElements: number;
  readonly anomalies: number;
  /** Last `totalCount` that a search answered, null if none did. */
  readonly totalCount: number | null;
}

export interface Manifest {
  readonly version: typeof MANIFEST_VERSION;
  readonly domainId: string;
  readonly seq: number;
  /** SHA-256 of the manifest before this one: the chain. Null for the first. */
  readonly previousSha256: string | null;
  readonly runId: string;
  readonly fence: number;
  readonly exportDate: string;
  readonly exportedAt: string;
  /** Where the lanes stand once this commit is made. */
  readonly lanes: Lanes;
  readonly livePassFinished: boolean;
  /** Since the commit before. */
  readonly counts: ManifestCounts;
  readonly objects: readonly ManifestObject[];
  readonly redo: { readonly sha256: string; readonly bytes: number };
  /** The oldest open entries of the retry list, as many as fit in `MAX_GAPS_BYTES`; `debts` counts all of them. */
  readonly gaps: readonly Gap[];
  /** What is owed, by cause. Absent in manifests of builds that kept no account: then nothing is proven. */
  readonly debts?: readonly DebtSum[];
  /** The last finished scan over all cases under this account; null before the first. */
  readonly history?: HistoryProof | null;
  /** Cases whose newest touch was accepted though no event explains it. */
  readonly unexplainedTouches?: number;
  /** Cases of which an event that was exported before reads differently now, or is gone from the history. */
  readonly changedUpstream?: readonly string[];
  /** Cases of which only the first pages are exported so far. Manifests of the first builds lack it. */
  readonly halfRead?: readonly TriedCase[];
  /** Cases that were too fresh to be read. Manifests of builds that kept no account lack it. */
  readonly waiting?: readonly WaitingCase[];
  readonly openQuarantine: number;
  readonly gone: readonly string[];
  /**
   * How many cases the commit holds rows or quarantined events of, and the SHA-256 of the list of their digests (`case-slice.ts`).
   * Manifests of the first builds lack it: then no case of the commit can be proven by itself.
   */
  readonly cases?: { readonly count: number; readonly sha256: string };
  /**
   * SHA-256 of the SubjectPublicKeyInfo of each key that was configured to sign this commit's note, lower-case hex; absent where none
   * was. A signature of the note covers it, which is how one key introduces another (`note-keys.ts`).
   */
  readonly signingKeys?: readonly string[];
  /**
   * Only where an operator voided a commit, because objects of it were lost: the hash of its manifest, and the run that did it.
   * `runId` and `exportedAt` are then those of the rows that were kept.
   */
  readonly voids: { readonly sha256: string; readonly runId: string; readonly at: string } | null;
  readonly bundleSha256: string;
  readonly settingsSha256: string;
}

/** Ledger and retry changes of a commit, exactly as they will stand in the table. */
export interface RedoLog {
  readonly version: typeof REDO_VERSION;
  readonly seq: number;
  readonly eventIds: readonly { readonly caseId: string; readonly part: number; readonly base64: string }[];
  readonly heads: readonly CaseRecord[];
  readonly retries: readonly RetryEntry[];
}

/** The oldest open entries of the retry list, as many as a manifest has room for. */
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

/** Lower-case hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function toJsonBytes(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

/** @throws IntegrityError if the bytes are not a manifest of this domain and number that this version can redo. */
export function parseManifest(bytes: Uint8Array, expected: { domainId: string; seq: number }): Manifest {
  const manifest = parse(bytes, 'manifest', MANIFEST_VERSION) as Manifest;
  if (manifest.domainId !== expected.domainId || manifest.seq !== expected.seq) {
    throw new IntegrityError(
      `The manifest of commit ${expected.seq} of domain ${expected.domainId} calls itself commit ${manifest.seq} of domain ${manifest.domainId}. Nothing was published. Compare the staged objects with the table's STATE item.`,
    );
  }
  return manifest;
}

/** @throws IntegrityError if the bytes are not a redo log that this version can apply. */
export function parseRedoLog(bytes: Uint8Array): RedoLog {
  return parse(bytes, 'redo log', REDO_VERSION) as RedoLog;
}

function parse(bytes: Uint8Array, what: string, version: number): { version?: unknown } {
  const value = parseJson(bytes, what);
  const found = typeof value === 'object' && value !== null && 'version' in value ? value.version : undefined;
  if (typeof found !== 'number' || !Number.isInteger(found) || found < 1 || found > version) {
    throw new IntegrityError(
      `The ${what} has version ${JSON.stringify(found)}, expected 1 to ${version}. It was made by another version of the exporter: deploy that one, or a newer one, and the commit is published at its next tick.`,
    );
  }
  return value as { version?: unknown };
}

function parseJson(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    throw new IntegrityError(
      `The ${what} is not JSON (${bytes.length} bytes, SHA-256 ${sha256(bytes)}). Nothing was published. Find out who wrote to the staging prefix.`,
      { cause: error },
    );
  }
}
