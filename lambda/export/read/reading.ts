import type { AuditEvent } from '../domain/audit-event';
import type { CaseRecord, TriedCase } from '../domain/state';

/** Who found a case is told what its read brings, while the batch is locked: counts of the same commit. */
export interface ReadObserver {
  newEvent(event: AuditEvent): void;
  caseRead(): void;
}

/** A case to be read to its end. `touched` is what the finder saw: it becomes the record's. */
export interface ReadTask extends TriedCase {
  readonly record: CaseRecord | undefined;
  readonly observer?: ReadObserver | undefined;
  /** A sweep reads the whole case since it began: a token that is older leads past pages that may have changed since. */
  readonly readSince?: number | undefined;
  /** Asked after each page that is not the last: false leaves the case half-read. */
  readonly mayGoOn?: () => boolean;
}

/** One read in progress: what is known of the case, and how far the pages have come. */
export interface Reading {
  readonly task: ReadTask;
  readonly known: Set<string>;
  token: string | undefined;
  readonly tokensSeen: Set<string>;
  /** Time before the first page; null until its answer came, as that tells how far our clock can be trusted. */
  firstPageAt: number | null;
  restarts: number;
  newSinceRestart: boolean;
  /** A null event, or one that lacks its fields, was seen and did not come right. */
  incomplete: boolean;
}

/** A case to read, and whom to tell that it is settled. */
export interface PlannedRead {
  readonly task: ReadTask;
  readonly done: () => void;
}
