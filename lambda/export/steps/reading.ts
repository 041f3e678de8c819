import type { CaseHead } from '../domain/state';

/** A case to be read to its end. */
export interface ReadTask {
  readonly caseId: string;
  readonly templateId: string | null;
  /** What the finder saw: becomes the head's `touched`. */
  readonly touched: number;
  readonly head: CaseHead | undefined;
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
