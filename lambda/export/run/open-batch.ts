import { Batch, type BatchLimits } from '../domain/batch';
import type { CaseRecord, RetryEntry } from '../domain/case-items';
import { Mutex } from '../domain/pacer';
import type { PartialRead, TouchCounts, WaitingCase } from '../domain/state';
import { earlier, latest } from '../domain/times';
import type { PartialReadTimes } from './lane-progress';
import type { Published } from './published';

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
const MAX_PARTIAL_READS = 16;

/**
 * Cases with pages read and a token to continue from, in the order of their turns. A token is only a hint, and the
 * pages before it are already in the batch, so changing one takes no lock.
 */
class PartialReads extends Map<string, PartialRead> {
  constructor(saved: readonly PartialRead[]) {
    super(saved.map((one) => [one.caseId, one]));
  }

  /** The reads that the next commit saves. */
  get toSave(): PartialRead[] {
    return [...this.values()].slice(0, MAX_PARTIAL_READS);
  }

  /** The touches that led to the reads that the next commit saves. */
  get timesToSave(): PartialReadTimes {
    return new Map(this.toSave.map(({ caseId, touched }) => [caseId, touched]));
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

/** Number of cases listed in STATE and in manifests; any further case goes to the retry list at once. */
export const MAX_WAITING = 500;

/**
 * Cases that were found and are too fresh to be read. The watermarks stay below them, so the next pass should find each
 * of them again. Because a search may place a case by an older value than it shows, this is checked: a case that a pass
 * does not find again is read all the same, by its id.
 */
export class WaitingCases {
  readonly #cases: Map<string, WaitingCase>;
  /** Cases of earlier runs that this one has not found again so far. */
  readonly #unseen: Set<string>;

  constructor(before: readonly WaitingCase[]) {
    this.#cases = new Map(before.map((one) => [one.caseId, one]));
    this.#unseen = new Set(this.#cases.keys());
  }

  /** Returns false if the list is full. */
  add(waiting: WaitingCase): boolean {
    const { caseId, templateId, touched, lastUpdated, missingFrom } = waiting;
    const before = this.#cases.get(caseId);
    if (before === undefined && this.#cases.size >= MAX_WAITING) return false;
    this.#unseen.delete(caseId);
    this.#cases.set(
      caseId,
      before === undefined
        ? waiting
        : {
            ...before,
            templateId: templateId ?? before.templateId,
            touched: Math.max(before.touched, touched),
            lastUpdated: latest(before.lastUpdated, lastUpdated),
            missingFrom: earlier(before.missingFrom, missingFrom),
          },
    );
    return true;
  }

  /** Notes that more of the case may be missing than its first finder knew. */
  lower(caseId: string, missingFrom: number | null): void {
    const one = this.#cases.get(caseId);
    if (one !== undefined) this.#cases.set(caseId, { ...one, missingFrom: earlier(one.missingFrom, missingFrom) });
  }

  /** Removes a case that was read after this touch, or is owed for another cause. */
  remove(caseId: string, touched: number): void {
    if ((this.#cases.get(caseId)?.touched ?? Number.POSITIVE_INFINITY) <= touched) this.#cases.delete(caseId);
  }

  /** Removes and returns the cases that waited when the run began and were not found since. */
  takeUnseen(): WaitingCase[] {
    const unseen = this.list.filter(({ caseId }) => this.#unseen.has(caseId));
    for (const { caseId } of unseen) this.#cases.delete(caseId);
    this.#unseen.clear();
    return unseen;
  }

  get list(): WaitingCase[] {
    return [...this.#cases.values()];
  }
}
