import { Batch, type BatchLimits } from '../domain/batch';
import type { CaseRecord, RetryEntry } from '../domain/case-items';
import { Mutex } from '../domain/pacer';
import type { PartialRead, TouchCounts, WaitingCase } from '../domain/state';
import type { PartialReadTimes } from './lane-progress';
import type { Published } from './published';
import { WaitingCases } from './waiting-cases';

type NewRecord = Omit<CaseRecord, 'seq'>;
type NewRetry = Omit<RetryEntry, 'seq'>;

/**
 * The batch in the hands of its lock holder. Only `OpenBatch.locked` gives it out, so a function with this parameter
 * runs under the lock, and all its changes are in one commit.
 */
export class HeldBatch extends Batch {
  readonly waiting: WaitingCases;
  touches: TouchCounts;
  /** Cases whose content changed upstream, since the last commit. */
  readonly changedUpstream = new Set<string>();
  /** Reason of a failed commit of this run, if there was one. */
  commitFailure: { readonly reason: unknown } | null = null;
  readonly #recorded = new Set<string>();

  constructor(
    limits: BatchLimits,
    private readonly published: Published,
  ) {
    super(limits);
    this.waiting = new WaitingCases(published.state.waiting);
    this.touches = published.state.touches;
  }

  /** Returns the open entry of a case on the retry list, including this batch's changes. */
  retryOf(caseId: string): RetryEntry | undefined {
    const changed = this.retries.get(caseId);
    if (changed) return changed.closed ? undefined : { ...changed, seq: 0 };
    return this.published.openRetries.get(caseId);
  }

  /** Whether this run has written a record of the case, in this batch or in a committed one. */
  hasRecorded(caseId: string): boolean {
    return this.#recorded.has(caseId);
  }

  putRecord(record: NewRecord): void {
    this.records.set(record.caseId, record);
    this.#recorded.add(record.caseId);
  }

  putRetry(entry: NewRetry): void {
    this.retries.set(entry.caseId, entry);
  }

  closeRetry(caseId: string): void {
    const retry = this.retryOf(caseId);
    if (retry) this.putRetry({ ...retry, pending: [], closed: true });
  }

  /** Marks the case as gone: nothing of it is owed any more. */
  putGone(record: NewRecord): void {
    this.putRecord(record);
    this.closeRetry(record.caseId);
    this.gone.add(record.caseId);
    this.waiting.remove(record.caseId, Number.POSITIVE_INFINITY);
  }

  /** Empties the batch after a commit of all of it. The waiting cases and the counts of touches stay. */
  override clear(): void {
    super.clear();
    this.changedUpstream.clear();
  }
}

/**
 * The content of the next commit. Anybody may look at it at any moment; a commit may empty it between two looks.
 * Changing it takes the lock, which hands it out.
 */
export class OpenBatch {
  readonly partialReads: PartialReads;
  readonly #held: HeldBatch;
  readonly #lock = new Mutex();

  constructor(limits: BatchLimits, published: Published) {
    this.#held = new HeldBatch(limits, published);
    this.partialReads = new PartialReads(published.state.halfRead);
  }

  /** Runs work one at a time, in the order of asking: events enter the batch, and batches are committed. */
  locked<T>(work: (open: HeldBatch) => Promise<T>): Promise<T> {
    return this.#lock.run(() => work(this.#held));
  }

  get events(): number {
    return this.#held.events;
  }

  get isEmpty(): boolean {
    return this.#held.isEmpty;
  }

  /** New ledger ids by case. */
  get newIds(): ReadonlyMap<string, readonly string[]> {
    return this.#held.newIds;
  }

  get records(): ReadonlyMap<string, NewRecord> {
    return this.#held.records;
  }

  get retries(): ReadonlyMap<string, NewRetry> {
    return this.#held.retries;
  }

  get gone(): ReadonlySet<string> {
    return this.#held.gone;
  }

  get waiting(): readonly WaitingCase[] {
    return this.#held.waiting.list;
  }

  /** As `HeldBatch.retryOf`. */
  retryOf(caseId: string): RetryEntry | undefined {
    return this.#held.retryOf(caseId);
  }

  /** As `HeldBatch.hasRecorded`. */
  hasRecorded(caseId: string): boolean {
    return this.#held.hasRecorded(caseId);
  }
}

/** Number of partly read cases that STATE holds; every further case starts again from its first page. */
export const MAX_PARTIAL_READS = 16;

/**
 * Cases with pages read and a token to continue from, in the order of their turns. A token is only a hint, and the
 * pages before it are already in the batch, so changing one takes no lock.
 */
export class PartialReads extends Map<string, PartialRead> {
  constructor(saved: readonly PartialRead[]) {
    super(saved.map((one) => [one.caseId, one]));
  }

  /** The reads that the next commit saves. */
  get toSave(): PartialRead[] {
    return [...this.values()].slice(0, MAX_PARTIAL_READS);
  }

  /** The touches that led to the reads that the next commit saves. */
  get timesToSave(): PartialReadTimes {
    return timesOf(this.toSave);
  }

  /**
   * Returns false if STATE has no room for the case. Else moves it to the end of the line, so that each has its turn.
   */
  keepsItsPlace(caseId: string): boolean {
    const partial = this.get(caseId);
    if (partial === undefined || !this.toSave.includes(partial)) return false;
    if (this.size <= MAX_PARTIAL_READS) {
      this.delete(caseId);
      this.set(caseId, partial);
    }
    return true;
  }
}

export function timesOf(partialReads: readonly PartialRead[]): PartialReadTimes {
  return new Map(partialReads.map(({ caseId, touched }) => [caseId, touched]));
}
