import type { CaseRecord, RetryEntry } from './case-items';
import type { FieldChange } from './columns';
import type { QuarantinedEvent, ReplayedEvent } from './quarantine';

export interface BatchLimits {
  readonly maxRows: number;
  readonly maxBytes: number;
}

/** After this many deaths in a row the batch is too small to be the cause: one of the cases is. */
export const MAX_HALVINGS = 5;

/** Limits after a number of invocations in a row that died: each death halves the batch, down to a floor. */
export function halvedLimits(limits: BatchLimits, deaths: number): BatchLimits {
  const divisor = 2 ** Math.min(deaths, MAX_HALVINGS);
  return {
    maxRows: Math.max(1, Math.floor(limits.maxRows / divisor)),
    maxBytes: Math.max(1, Math.floor(limits.maxBytes / divisor)),
  };
}

/** The effect of one event: rows, or quarantine, or both. Never split over two commits. */
export interface NewEvent {
  readonly caseId: string;
  readonly ledgerId: string;
  readonly changes: readonly FieldChange[];
  readonly quarantined: QuarantinedEvent | null;
  /** Its share of the batch's bytes. */
  readonly bytes: number;
}

/**
 * The content of the next commit, bounded in rows and bytes. It also overlays the ledger: its ids count as known before
 * the table holds them.
 */
export class Batch {
  readonly changes: FieldChange[] = [];
  readonly quarantine: QuarantinedEvent[] = [];
  readonly replayed: ReplayedEvent[] = [];
  /** New ledger ids by case. */
  readonly newIds = new Map<string, string[]>();
  readonly records = new Map<string, Omit<CaseRecord, 'seq'>>();
  readonly retries = new Map<string, Omit<RetryEntry, 'seq'>>();
  readonly gone = new Set<string>();
  events = 0;
  #rows = 0;
  #bytes = 0;

  constructor(readonly limits: BatchLimits) {}

  /** Whether the event still fits. An event larger than the limits gets a batch of its own. */
  fits(event: Pick<NewEvent, 'changes' | 'bytes'>): boolean {
    if (this.#rows === 0 && this.events === 0) return true;
    if (this.#rows + event.changes.length > this.limits.maxRows) return false;
    return this.#bytes + event.bytes <= this.limits.maxBytes;
  }

  add(event: NewEvent): void {
    this.#addRows(event);
    if (event.quarantined) this.quarantine.push(event.quarantined);
    const ids = this.newIds.get(event.caseId);
    if (ids) ids.push(event.ledgerId);
    else this.newIds.set(event.caseId, [event.ledgerId]);
  }

  /** Adds the rows of an event that the ledger has known since it went to quarantine. */
  addReplayed(event: Pick<NewEvent, 'changes' | 'bytes'>, replayed: ReplayedEvent): void {
    this.#addRows(event);
    this.replayed.push(replayed);
  }

  /** Adds the rows of fields that were null when the rest of their event was added. */
  addCompleted(event: Pick<NewEvent, 'changes' | 'quarantined' | 'bytes'>): void {
    this.#addRows(event);
    this.events -= 1;
    if (event.quarantined) this.quarantine.push(event.quarantined);
  }

  #addRows({ changes, bytes }: Pick<NewEvent, 'changes' | 'bytes'>): void {
    this.events += 1;
    this.#bytes += bytes;
    this.#rows += changes.length;
    for (const change of changes) this.changes.push(change);
  }

  /** Number of rows added, also after they are dropped. */
  get rows(): number {
    return this.#rows;
  }

  /** Drops the rows once their file is made, so that publishing has the memory for itself. */
  dropRows(): void {
    this.changes.length = 0;
  }

  /** Empties the batch after a commit of all of it. */
  clear(): void {
    for (const list of [this.changes, this.quarantine, this.replayed]) list.length = 0;
    for (const index of [this.newIds, this.records, this.retries, this.gone]) index.clear();
    this.events = 0;
    this.#rows = 0;
    this.#bytes = 0;
  }

  /** Whether nothing is to be written, except perhaps the progress of the lanes. */
  get isEmpty(): boolean {
    return this.events === 0 && this.records.size === 0 && this.retries.size === 0;
  }

  /** Number of cases that it describes besides their events. */
  get cases(): number {
    return this.records.size + this.retries.size;
  }
}
