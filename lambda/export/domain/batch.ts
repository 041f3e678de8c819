import type { FieldChange } from './columns';
import type { QuarantinedEvent, ReplayedEvent } from './quarantine';
import type { CaseRecord, RetryEntry } from './state';

export interface BatchLimits {
  readonly maxRows: number;
  readonly maxBytes: number;
}

/** After this many deaths in a row the batch is small enough that no batch can be the reason: it is one of the cases. */
export const MAX_HALVINGS = 5;

/** Limits after so many invocations in a row that died: each halves the batch, down to a floor. */
export function halvedLimits(limits: BatchLimits, deaths: number): BatchLimits {
  const divisor = 2 ** Math.min(deaths, MAX_HALVINGS);
  return {
    maxRows: Math.max(1, Math.floor(limits.maxRows / divisor)),
    maxBytes: Math.max(1, Math.floor(limits.maxBytes / divisor)),
  };
}

/** What one event brings: rows, or quarantine, or both. Never split over two commits. */
export interface NewEvent {
  readonly caseId: string;
  readonly ledgerId: string;
  readonly changes: readonly FieldChange[];
  readonly quarantined: QuarantinedEvent | null;
  /** What it takes of the batch's bytes. */
  readonly bytes: number;
}

/**
 * What the next commit will hold, bounded in rows and bytes. It is also the overlay over the ledger: whatever stands here
 * counts as known, though the table has still to hear of it.
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

  /** Whether the event can still come in. One that is larger than the limits gets a batch of its own. */
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

  /** The rows of an event that the ledger has known since it went to quarantine. */
  addReplayed(event: Pick<NewEvent, 'changes' | 'bytes'>, replayed: ReplayedEvent): void {
    this.#addRows(event);
    this.replayed.push(replayed);
  }

  /** The rows of fields that came as null when the rest of their event was added. */
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

  /** Rows that were added, also once they are dropped. */
  get rows(): number {
    return this.#rows;
  }

  /** Once the file of them is made nobody needs them, and publishing has the memory for itself. */
  dropRows(): void {
    this.changes.length = 0;
  }

  /** Once it is all committed. */
  clear(): void {
    for (const list of [this.changes, this.quarantine, this.replayed]) list.length = 0;
    for (const index of [this.newIds, this.records, this.retries, this.gone]) index.clear();
    this.events = 0;
    this.#rows = 0;
    this.#bytes = 0;
  }

  /** Nothing to write but, perhaps, how far the lanes have come. */
  get isEmpty(): boolean {
    return this.events === 0 && this.records.size === 0 && this.retries.size === 0;
  }

  /** Cases that it says something about besides their events. */
  get cases(): number {
    return this.records.size + this.retries.size;
  }
}
