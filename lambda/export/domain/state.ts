/**
 * What DynamoDB holds of a domain, as values. Times are epoch milliseconds, UTC.
 * The stored form has a version and is decoded in one place (`stored-items.ts`).
 */

/** The last commit: its number and its staged manifest. */
export interface CommitHead {
  readonly seq: number;
  /** Staged key of the manifest, in the work bucket. */
  readonly manifestKey: string;
  /** SHA-256 of the manifest's bytes, lower-case hex. */
  readonly sha256: string;
}

/** Live lane. Between passes `passStartedAt` and `anchor` are null. */
export interface LiveLane {
  readonly watermark: number | null;
  readonly passStartedAt: number | null;
  /** A resumed pass starts here: every case found below it is settled. */
  readonly anchor: number | null;
  /**
   * The watermark of the last pass that saw the end of the list; null before the first. A case that is updated during a pass moves to the
   * end, with all that is unread of it: only a pass that has seen the end has found every such case.
   */
  readonly provenUntil: number | null;
  /** Passes in a row that met a place which shows nothing: the lane stays below it for a few, then it goes on and owes it. */
  readonly heldPasses: number;
}

export interface RelatedLane {
  readonly watermark: number | null;
  /** An interrupted walk: where it began, how far down it came, and a token that may go on from there. */
  readonly walk: { readonly startedAt: number; readonly lowest: number; readonly token: string } | null;
  /** Ticks in a row that ended without reaching the bottom. */
  readonly ticksWithoutBottom: number;
  /** As for the live lane. */
  readonly heldPasses: number;
}

export interface SweepLane {
  /** 1 is the backfill. */
  readonly number: number;
  /** `history`: what was never looked at. `check`: all cases once more, at a share of the pace, for what other lanes missed. */
  readonly purpose: 'history' | 'check';
  readonly startedAt: number;
  readonly anchor: number | null;
  readonly finishedAt: number | null;
  /** EXPORT_FROM as it stood when this sweep began; null = all history. */
  readonly exportFrom: number | null;
  /** A check's calls are paid for up to here, at its share of the pace; null before its first. */
  readonly paidUntil: number | null;
  /** Cases that this sweep has read. */
  readonly casesRead: number;
  /** Events that a check found and no other lane could find any more: over `casesRead`, the miss rate. */
  readonly eventsMissed: number;
  /** The service's count of all cases at the sweep's first page; null if it gave none. */
  readonly totalCount: number | null;
  /** Distinct cases found below the resume point. */
  readonly casesFound: number;
  /** Places below the resume point that came as null at every asking. */
  readonly casesHidden: number;
  /** As for the live lane, of the place where the resume point stands. */
  readonly heldPasses: number;
  /** False for a sweep that began before debts were kept: what it passed was not accounted for. */
  readonly isAccounted: boolean;
}

/** What the last finished scan over all cases has proven. */
export interface HistoryProof {
  readonly sweepNumber: number;
  readonly startedAt: number;
  readonly finishedAt: number;
  /** EXPORT_FROM of the scan; null = all history. */
  readonly exportFrom: number | null;
  /** Distinct cases that it found. */
  readonly casesFound: number;
  /**
   * Cases that it should have found and did not: the service's `totalCount` less those that it found, and places that came as null;
   * null if the service gave no count and no null.
   */
  readonly casesNotFound: number | null;
}

export interface Lanes {
  readonly live: LiveLane;
  readonly related: RelatedLane;
  /** Null before the first tick. */
  readonly sweep: SweepLane | null;
}

/** A case read in part: the pages before `token` are committed. */
export interface PartialRead {
  readonly caseId: string;
  readonly templateId: string | null;
  readonly touched: number;
  readonly token: string;
  /** Time before the read's first page; becomes the head's `readAt`. */
  readonly firstPageAt: number;
  readonly restarts: number;
  /** A new event was seen since the last restart. */
  readonly newSinceRestart: boolean;
  /** A page held a null, or an event that lacks its fields: at its end the case goes to the retry list all the same. */
  readonly incomplete: boolean;
  /** The latest `performedTime` on the pages so far; null if unknown. */
  readonly newest: number | null;
  readonly missingFrom: number | null;
  readonly neverRead: boolean;
}

/** A case to be read, as its finder saw it. */
export interface TriedCase {
  readonly caseId: string;
  readonly templateId: string | null;
  readonly touched: number;
}

/** A case that was found and is too fresh to be read. */
export interface WaitingCase extends TriedCase {
  /** As a search showed it last; null if none did. */
  readonly lastUpdated: number | null;
  /** Since when it waits. */
  readonly since: number;
  readonly missingFrom: number | null;
  readonly neverRead: boolean;
}

/** The domain's STATE item. */
export interface DomainState {
  readonly fence: number;
  readonly leaseOwner: string | null;
  readonly leaseExpiresAt: number;
  /** Leases taken since the last clean exit, this one included: what is above 1 died. */
  readonly startsSinceCommit: number;
  /** The case noted before it was read, as one of them may have killed the process; null after a clean exit. */
  readonly trying: TriedCase | null;
  readonly head: CommitHead | null;
  /** Number of the last commit that is wholly published; 0 before the first. */
  readonly applied: number;
  readonly lanes: Lanes;
  readonly halfRead: readonly PartialRead[];
  /** `YYYY-MM-DD` of the last commit, UTC. */
  readonly lastExportDate: string | null;
  /** The field dictionary last written: `fields/domain_id=<id>/<seq>.json`. */
  readonly fields: { readonly seq: number; readonly sha256: string } | null;
  readonly openRetries: number;
  /** Events in quarantine that no replay has emitted yet. */
  readonly openQuarantine: number;
  /** Null before a scan over all cases has finished under the account of debts. */
  readonly history: HistoryProof | null;
  /** Cases found and too fresh to be read, as of the last commit; at most `MAX_WAITING`. */
  readonly waiting: readonly WaitingCase[];
  /** Cases that a search counted or hid behind a null and never showed; a later whole scan settles them. */
  readonly notShown: DebtSum | null;
  readonly touches: TouchCounts;
  /** Cases that were read whole lately: asked when reads of others fail, to tell a sick case from a sick service. */
  readonly canaries: readonly string[];
  /** Whoever has ids in the ledger has a record too, so a case without a record has no ids. False for tables of earlier builds. */
  readonly idsHaveRecords: boolean;
  /** SHA-256 of the manifest whose redo log is wholly applied; null before the first, and in tables of earlier builds. */
  readonly redone: string | null;
}

/** How many touches an event explained, of those read lately. Halved now and then, so that the ratio is that of late. */
export interface TouchCounts {
  readonly explained: number;
  readonly unexplained: number;
  /** Cases whose newest touch was accepted though no event explains it. */
  readonly accepted: number;
}

/** Everything a commit changes in STATE besides `head`. */
export type CommittedState = Pick<
  DomainState,
  | 'lanes'
  | 'halfRead'
  | 'lastExportDate'
  | 'fields'
  | 'openRetries'
  | 'openQuarantine'
  | 'history'
  | 'waiting'
  | 'notShown'
  | 'touches'
  | 'canaries'
  | 'idsHaveRecords'
>;

/** The ledger's head of a case: what has been read, and when. */
export interface CaseRecord {
  readonly caseId: string;
  /** Latest of last_updated and association time that led to a complete read; null before the first. */
  readonly touched: number | null;
  /** Time before the first page of that read. */
  readonly readAt: number | null;
  /** Since when the case is found but too fresh to be read; a hint. */
  readonly waitingSince: number | null;
  /** What may be missing of it since it began to wait: `missingFrom` of its debt. */
  readonly owedFrom: number | null;
  readonly templateId: string | null;
  /** Distinct events exported or quarantined. */
  readonly eventCount: number;
  /** Commit that wrote this. */
  readonly seq: number;
  /** When the case was found gone: two 404s, and no search that still shows it. */
  readonly goneAt: number | null;
  /** Order-free digest of the content of all its events at the last whole read, hex; null if unknown. */
  readonly content: string | null;
  /** Its newest touch was accepted though no event explains it. */
  readonly unexplained: boolean;
}

/**
 * `incomplete`: a null event, or one without its fields, at every asking · `null-field`: a field that came as null at every asking
 * `no-progress`: tokens or pages that lead nowhere · `unexplained`: a touch that is newer than every event
 * `waited`: found too fresh to be read, and not found again by the lanes, or one of too many
 * `fatal`: the process died while it read the case · `voided`: an operator voided the commit that spoke of its last pages
 */
export const RETRY_CAUSES = [
  'not-found',
  'malformed',
  'incomplete',
  'null-field',
  'no-progress',
  'unavailable',
  'refused',
  'denied',
  'throttled',
  'unexplained',
  'waited',
  'fatal',
  'voided',
] as const;
export type RetryCause = (typeof RETRY_CAUSES)[number];

/** An event of which some fields came as null at every asking: rows hold the others, quarantine the whole. */
export interface PendingEvent {
  readonly eventKey: string;
  /** Positions in the event's list that came as null, and how long the list was. */
  readonly positions: readonly number[];
  readonly length: number;
}

/** A case that could not be read to its end. A closed entry is kept: it stands against late writers. */
export interface RetryEntry {
  readonly caseId: string;
  readonly templateId: string | null;
  readonly touched: number;
  readonly cause: RetryCause;
  readonly attempts: number;
  /** Since when the case has been incomplete, whatever the cause. */
  readonly firstSeen: number;
  /** The first 404 of this entry, null if there was none: a second one is measured from it. */
  readonly notFoundSince: number | null;
  readonly notBefore: number;
  readonly seq: number;
  readonly closed: boolean;
  readonly missingFrom: number | null;
  readonly neverRead: boolean;
  /** When it was tried last; null before the first time. */
  readonly triedAt: number | null;
  /** `last_updated_datetime` as a search showed it last; null if none did. */
  readonly lastUpdated: number | null;
  /** When a sweep showed it last; null if none did. */
  readonly sweptAt: number | null;
  /** Since when a search at its place does not show it; null while searches do. */
  readonly lostAt: number | null;
  readonly pending: readonly PendingEvent[];
}

/** Ids of exported events of one case in one commit: 16 bytes of SHA-256 each, at most 10,000 a part. Never rewritten. */
export interface EventIdsPart {
  readonly caseId: string;
  readonly seq: number;
  readonly part: number;
  readonly ids: Uint8Array;
}

/**
 * Why a case is owed. Beside the causes of the retry list:
 * - `waiting`: found, and too fresh to be read · `partly-read`: its first pages are exported, the rest is not
 * - `not-shown`: a search counted it, or hid it behind a null, and never showed it
 */
export type DebtCause = RetryCause | 'waiting' | 'partly-read' | 'not-shown';

/** The debts of one cause, as a manifest has them. */
export interface DebtSum {
  readonly cause: DebtCause;
  readonly cases: number;
  /** How many of them were never read whole. */
  readonly neverRead: number;
  /** Since when the oldest, epoch ms. */
  readonly since: number;
  /** The earliest `missingFrom`; null as soon as one case has none. */
  readonly missingFrom: number | null;
}
