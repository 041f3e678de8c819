/**
 * The ports of the workflow. Adapters implement them; the contract suites in `test/contracts/` pin them on the
 * in-memory fakes and on the adapters alike. Times are epoch milliseconds, UTC. Errors are those of `domain/errors.ts`.
 */
import type { AuditEvent } from './domain/audit-event';
import type { CaseRecord, EventIdsPart, RetryEntry, TriedCase } from './domain/case-items';
import type { CommitColumns, FieldChange } from './domain/columns';
import type { FieldDefinition, FieldOption, TemplateName } from './domain/fields';
import type { NoteKey } from './domain/note-keys';
import type { CommitHead, CommittedState, DomainState } from './domain/state';

export interface Clock {
  /** Wall clock, whole milliseconds. May be wrong, may jump. */
  now(): number;
  /** Never goes back; for durations only. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when the signal fires. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Every answer of the Cases service carries the time of its `Date` header (whole seconds), null if there is none. */
interface Answered {
  readonly serviceTime: number | null;
}

export interface FoundCase {
  readonly caseId: string;
  readonly templateId: string | null;
  /** Null where the answer lacks the field or it is not an ISO 8601 date. */
  readonly lastUpdated: number | null;
  readonly created: number | null;
}

export interface SearchRequest {
  readonly domainId: string;
  /** Sorted by this field, ascending; 100 per page. */
  readonly by: 'last_updated_datetime' | 'created_datetime';
  /** `by` ≥ this. */
  readonly from: number;
  /** Also `last_updated_datetime` ≥ this. */
  readonly lastUpdatedFrom?: number | undefined;
  readonly nextToken?: string | undefined;
}

export interface SearchPage extends Answered {
  readonly cases: readonly (FoundCase | null)[];
  readonly nextToken: string | undefined;
  readonly totalCount: number | undefined;
}

export interface AuditPage extends Answered {
  readonly events: readonly (AuditEvent | null)[];
  readonly nextToken: string | undefined;
}

export interface FoundRelatedItem {
  readonly caseId: string;
  readonly associatedAt: number | null;
}

export interface RelatedPage extends Answered {
  readonly items: readonly (FoundRelatedItem | null)[];
  readonly nextToken: string | undefined;
}

interface FieldsPage extends Answered {
  readonly fields: readonly (FieldDefinition | null)[];
  readonly nextToken: string | undefined;
}

interface FieldOptionsPage extends Answered {
  readonly options: readonly (FieldOption | null)[];
  readonly nextToken: string | undefined;
}

interface TemplatesPage extends Answered {
  readonly templates: readonly (TemplateName | null)[];
  readonly nextToken: string | undefined;
}

/**
 * Amazon Connect Cases: one method per operation, one HTTP request per call, no retries inside. Rejects with
 * CasesCallError, of kind `malformed` also where the answer lacks its list, which never counts as an empty one. The
 * signal ends a hanging call, which then rejects with kind `unavailable`.
 */
export interface CasesApi {
  searchCases(request: SearchRequest, signal: AbortSignal): Promise<SearchPage>;
  /** 25 events per page. */
  getCaseAuditEvents(
    request: { domainId: string; caseId: string; nextToken?: string | undefined },
    signal: AbortSignal,
  ): Promise<AuditPage>;
  /** Newest association first, 25 per page. */
  searchAllRelatedItems(
    request: { domainId: string; nextToken?: string | undefined },
    signal: AbortSignal,
  ): Promise<RelatedPage>;
  /** 100 per page; leaves out deleted fields. */
  listFields(request: { domainId: string; nextToken?: string | undefined }, signal: AbortSignal): Promise<FieldsPage>;
  /** 1–50 ids; answers for deleted fields too. Ids that the service does not know are missing from the answer. */
  batchGetFields(request: { domainId: string; fieldIds: readonly string[] }, signal: AbortSignal): Promise<FieldsPage>;
  /** Options of a select field, 100 per page; includes inactive options. */
  listFieldOptions(
    request: { domainId: string; fieldId: string; nextToken?: string | undefined },
    signal: AbortSignal,
  ): Promise<FieldOptionsPage>;
  /** 100 per page, of every status. */
  listTemplates(
    request: { domainId: string; nextToken?: string | undefined },
    signal: AbortSignal,
  ): Promise<TemplatesPage>;
}

/** `archive` is for Athena and auditors; `work` holds staged objects. They may be one bucket. */
export type BucketRole = 'archive' | 'work';

/** Objects in S3. Every put carries a SHA-256 checksum which the service verifies. Rejects with StoreError. */
export interface ObjectStore {
  /** Returns the bytes, or null iff the service says that the key does not exist. A missing bucket and 403 reject. */
  get(bucket: BucketRole, key: string): Promise<Uint8Array | null>;
  put(bucket: BucketRole, key: string, bytes: Uint8Array): Promise<void>;
  /**
   * Writes only where no object exists (`If-None-Match: *`). `exists` says nothing about whose bytes are there:
   * compare.
   */
  putIfAbsent(bucket: BucketRole, key: string, bytes: Uint8Array): Promise<'created' | 'exists'>;
  delete(bucket: BucketRole, key: string): Promise<void>;
}

export type LeaseAnswer =
  | { readonly kind: 'acquired'; readonly state: DomainState }
  | { readonly kind: 'busy'; readonly expiresAt: number };

/**
 * The checkpoint table. Reads are strongly consistent and complete (loops until no key is left unprocessed, no page
 * unread). Conditional writes whose answer was lost are recognised by reading back. Rejects with StoreError.
 */
export interface CheckpointStore {
  /**
   * Takes the lease iff `leaseExpiresAt` is absent or ≤ now: fence + 1, startsSinceCommit + 1, and a first STATE for a
   * new domain (applied 0, no head). The state returned is the one after.
   */
  acquireLease(lease: { domainId: string; owner: string; now: number; expiresAt: number }): Promise<LeaseAnswer>;
  /**
   * Ends the lease (leaseExpiresAt 0, startsSinceCommit 0, trying null) iff the fence is still ours; false if it is
   * not.
   */
  releaseLease(lease: { domainId: string; fence: number }): Promise<boolean>;
  /** Notes the case that is read next, iff the fence is still ours; false if it is not. */
  noteTrying(note: { domainId: string; fence: number; tried: TriedCase | null }): Promise<boolean>;
  readState(domainId: string): Promise<DomainState | null>;
  /**
   * COMMIT: one conditional write, only if the fence is ours and head.seq = applied = head.seq' − 1. `refused` means
   * that it did not happen and, with this fence and seq, never will. `replaces`: the staged manifest of the last
   * commit, made and not published, which this one of the same number voids (head.seq = applied + 1 then).
   */
  commit(change: {
    domainId: string;
    fence: number;
    head: CommitHead;
    state: CommittedState;
    replaces?: string | undefined;
  }): Promise<'committed' | 'refused'>;
  /**
   * Sets applied = seq iff head.seq = seq and applied = seq − 1. True if that holds afterwards, whoever did it; false
   * otherwise.
   */
  markApplied(domainId: string, seq: number): Promise<boolean>;
  /** The heads that exist, by case id; any number of ids. */
  readCaseRecords(domainId: string, caseIds: readonly string[]): Promise<Map<string, CaseRecord>>;
  /** All parts of a case, one after the other: 16 bytes an id. */
  readEventIds(domainId: string, caseId: string): Promise<Uint8Array>;
  /** Any number of parts, unconditionally, in batches. Same key, same bytes, so any repetition is harmless. */
  putEventIds(domainId: string, parts: readonly EventIdsPart[]): Promise<void>;
  /**
   * Notes that the redo log of this commit is wholly applied: redone = head.sha256 iff STATE's head is this one. True
   * if that holds afterwards, whoever did it; false otherwise.
   */
  markRedone(domainId: string, head: CommitHead): Promise<boolean>;
  /** Writes only if the record is absent or has an older seq; false if a newer one exists. */
  putCaseRecord(domainId: string, head: CaseRecord): Promise<boolean>;
  putRetry(domainId: string, entry: RetryEntry): Promise<boolean>;
  readOpenRetries(domainId: string): Promise<RetryEntry[]>;
}

/** Returns the Parquet bytes of at least one row, already sorted. The bytes have been read back and compared. */
export type EncodeRows = (
  rows: readonly FieldChange[],
  commit: CommitColumns,
  metadata: FileMetadata,
) => Promise<Uint8Array>;

/** Key-value metadata of a file of rows. `case_salt` is the commit's seed as 64 hex digits, private like the rows. */
export interface FileMetadata {
  readonly domain_id: string;
  readonly export_date: string;
  readonly case_salt?: string;
}

/** Identifies an event in the ledger: `eventKey` of `domain/flatten.ts`. */
export interface EventRef {
  readonly caseId: string;
  readonly eventKey: string;
}

export interface FileEvents {
  readonly rows: number;
  /**
   * `lastFieldIndex`: the highest `field_index` of an event's rows; a later completed event goes beyond its first
   * fields.
   */
  readonly events: readonly (EventRef & { readonly lastFieldIndex: number })[];
  /** The run that made its rows; null if there are none. */
  readonly run: { readonly runId: string; readonly exportedAt: string } | null;
}

/** The rows of a file, as far as slices of cases need them, and its seed; null in files of earlier builds. */
interface FileSlices {
  readonly rows: readonly object[];
  readonly seed: Uint8Array | null;
}

/** Reads and makes files of rows for a void commit. Rejects with an error that holds no values. */
export interface RowFiles {
  /** Makes a file without rows, for a key that must stay empty. */
  empty(metadata: FileMetadata): Promise<Uint8Array>;
  /**
   * Returns the events with rows in this commit's file, each once; IntegrityError if it is not a file of this commit.
   */
  eventsOf(bytes: Uint8Array, seq: number): Promise<FileEvents>;
  /** Expects a file that `eventsOf` has read. */
  slicesOf(bytes: Uint8Array): Promise<FileSlices>;
}

/**
 * A key that signs commit notes: ECDSA over P-256 with SHA-256. An empty list means that no key is configured; during a
 * rotation there are two, and each signs.
 */
export interface NoteSigner {
  /** The name in the note's signature line: not empty, without blanks and `+`. */
  readonly name: string;
  /** The public half, as configured: the caller checks each signature against it (`isSignedBy`). */
  readonly key: NoteKey;
  /**
   * Returns the signature (DER) of these 32 bytes, the SHA-256 of a text. Ends within 8 s, tries again included.
   * Rejects with SigningError, which never holds a commit back.
   */
  sign(digest: Uint8Array): Promise<Uint8Array>;
}

/** Ids and counts only, never customer data. */
export type LogValue = string | number | boolean | null | readonly string[];

export interface Telemetry {
  info(message: string, values?: Record<string, LogValue>): void;
  warn(message: string, values?: Record<string, LogValue>): void;
  error(message: string, values?: Record<string, LogValue>): void;
  /** Writes metrics by name (`domain/metrics.ts`), once at the end of an invocation. */
  metrics(domainId: string, values: Record<string, number>): void;
}
