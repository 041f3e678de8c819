import type { AuditEvent } from '../domain/audit-event';
import type { UnreadCase } from '../domain/debts';
import type { CaseRecord, PendingEvent } from '../domain/state';

/** Who found a case is told what its read brings, while the batch is locked: counts of the same commit. */
export interface ReadObserver {
  newEvent(event: AuditEvent): void;
  caseRead(): void;
}

/** A case to be read to its end. `touched` is what the finder saw: it becomes the record's. */
export interface ReadTask extends UnreadCase {
  readonly record: CaseRecord | undefined;
  /** False where neither search nor related item told a time: then no event has to explain it. */
  readonly isTouchKnown?: boolean;
  readonly observer?: ReadObserver | undefined;
  /** A sweep reads the whole case since it began: a token that is older leads past pages that may have changed since. */
  readonly readSince?: number | undefined;
  /** When a sweep showed the case, if one led to this read; no earlier than the sweep began. */
  readonly sweptAt?: number | undefined;
  /** Asked after each page that is not the last: false leaves the case partly read. */
  readonly mayGoOn?: () => boolean;
  /** Likely to fail again: one attempt a call. */
  readonly oneTry?: boolean;
}

/** Marks an event that this read has not seen so far. */
export const UNSEEN = -1;

/** One read in progress: what is known of the case, and how far the pages have come. */
export interface Reading {
  readonly task: ReadTask;
  /** Ledger ids of the case's known events, each with a mark of the content that this read has seen, or UNSEEN. */
  readonly known: Map<string, number>;
  /** Ids that the ledger held when the read began. */
  readonly knownBefore: number;
  /** Events with fields that came as null, which rows of earlier commits lack. */
  readonly pending: Map<string, PendingEvent>;
  token: string | undefined;
  readonly tokensSeen: Set<string>;
  /** Time before the first page; null until its answer came, as that tells how far our clock can be trusted. */
  firstPageAt: number | null;
  /** Began at page 1 in this run, so that what it has seen is the whole case. */
  isWhole: boolean;
  restarts: number;
  newSinceRestart: boolean;
  /** A null event, or one that lacks its fields, was seen and did not come right. */
  incomplete: boolean;
  /** The latest `performedTime` seen. */
  newest: number | null;
  /** Answers to reads of any case before the last call of this one. */
  successesBefore: number;
  /** Pages of this run, and how many of the last ones in a row showed no event that this read had not seen. */
  pages: number;
  barrenPages: number;
  readonly content: ContentDigest;
}

/** Digests of what the read has seen, free of order: of all events, and of those that were known before it. */
export interface ContentDigest {
  seen: number;
  all: bigint;
  knownBefore: bigint;
  seenOfKnown: number;
}

/** A case to read, and whom to tell that it is done. */
export interface PlannedRead {
  readonly task: ReadTask;
  readonly done: () => void;
}

/** The record of a case that was never read whole. */
export function unreadRecord(caseId: string, templateId: string | null) {
  return {
    caseId,
    touched: null,
    readAt: null,
    waitingSince: null,
    owedFrom: null,
    templateId,
    eventCount: 0,
    goneAt: null,
    content: null,
    unexplained: false,
  };
}
