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
}

export interface RelatedLane {
  readonly watermark: number | null;
  /** An interrupted walk: where it began, how far down it came, and a token that may go on from there. */
  readonly walk: { readonly startedAt: number; readonly lowest: number; readonly token: string } | null;
  /** Ticks in a row that ended without reaching the bottom. */
  readonly ticksWithoutBottom: number;
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
}

/** A case to be read, as its finder saw it. */
export interface TriedCase {
  readonly caseId: string;
  readonly templateId: string | null;
  readonly touched: number;
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
}

/** Everything a commit changes in STATE besides `head`. */
export type CommittedState = Pick<
  DomainState,
  'lanes' | 'halfRead' | 'lastExportDate' | 'fields' | 'openRetries' | 'openQuarantine'
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
  readonly templateId: string | null;
  /** Distinct events exported or quarantined. */
  readonly eventCount: number;
  /** Commit that wrote this. */
  readonly seq: number;
  /** When a second 404 showed that the case is gone. */
  readonly goneAt: number | null;
}

/** `fatal`: the process died while it read the case. `voided`: an operator voided the commit that spoke of its last pages. */
export type RetryCause =
  | 'not-found'
  | 'malformed'
  | 'incomplete'
  | 'no-progress'
  | 'unavailable'
  | 'refused'
  | 'fatal'
  | 'voided';

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
}

/** Ids of exported events of one case in one commit: 16 bytes of SHA-256 each, at most 10,000 a part. Never rewritten. */
export interface EventIdsPart {
  readonly caseId: string;
  readonly seq: number;
  readonly part: number;
  readonly ids: Uint8Array;
}
