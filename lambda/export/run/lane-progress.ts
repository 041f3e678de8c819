import type { DebtSum, HistoryProof, Lanes, LiveLane, RelatedLane, SweepLane } from '../domain/state';

/** The touches that led to the reads of the cases that a commit saves partly read, by case id. */
export type PartialReadTimes = ReadonlyMap<string, number>;

/**
 * The present position of a lane, given the cases that the commit saves partly read. A lane moves while it reads, so
 * this is called again and again.
 */
type Position<Lane> = (saved: PartialReadTimes) => Lane;

/** Cases that a search counted and did not show. */
interface Hidden {
  owedWith(before: DebtSum | null, now: number): DebtSum;
}

/**
 * The progress of each lane in this run, and the proofs of the lanes, as the next commit will store them. Each lane
 * begins, moves and finishes by calls of its own, and no lane writes another's progress.
 */
export class LaneProgress {
  /**
   * Up to here everything of every case without a debt was exported, as of the start of this run; null before the first
   * proof.
   */
  readonly provenUntil: number | null;
  #live: Position<LiveLane>;
  #related: RelatedLane;
  #relatedReadUpTo: number | null = null;
  #sweep: Position<SweepLane | null>;
  #history: HistoryProof | null;
  #notShown: DebtSum | null;
  #livePassesFinished = 0;
  #livePassesCommitted = 0;

  constructor({
    lanes: { live, related, sweep },
    history,
    notShown,
  }: {
    readonly lanes: Lanes;
    readonly history: HistoryProof | null;
    readonly notShown: DebtSum | null;
  }) {
    const isProven = live.provenUntil !== null && related.watermark !== null;
    this.provenUntil = isProven ? Math.min(live.provenUntil, related.watermark) : null;
    this.#live = () => live;
    this.#related = related;
    this.#sweep = () => sweep;
    this.#history = history;
    this.#notShown = notShown;
  }

  live(saved: PartialReadTimes): LiveLane {
    return this.#live(saved);
  }

  /** After a scan over all history the related lane need not look below the items that the scan has read. */
  get related(): RelatedLane {
    const { watermark } = this.#related;
    if (watermark === null || this.#relatedReadUpTo === null) return this.#related;
    return { ...this.#related, watermark: Math.max(watermark, this.#relatedReadUpTo), ticksWithoutBottom: 0 };
  }

  sweep(saved: PartialReadTimes): SweepLane | null {
    return this.#sweep(saved);
  }

  lanes(saved: PartialReadTimes): Lanes {
    return { live: this.live(saved), related: this.related, sweep: this.sweep(saved) };
  }

  /** The last finished scan over all cases; null before the first. */
  get history(): HistoryProof | null {
    return this.#history;
  }

  /** Cases that a search counted, or hid behind a null, and did not show. */
  get notShown(): DebtSum | null {
    return this.#notShown;
  }

  get livePassesFinished(): number {
    return this.#livePassesFinished;
  }

  /** Whether a live pass has finished since the last commit. */
  get isLivePassToTell(): boolean {
    return this.#livePassesFinished > this.#livePassesCommitted;
  }

  /** Notes that a commit has told of everything finished so far. */
  committed(): void {
    this.#livePassesCommitted = this.#livePassesFinished;
  }

  beginLive(position: Position<LiveLane>): void {
    this.#live = position;
  }

  finishLive(lane: LiveLane): void {
    this.#live = () => lane;
    this.#livePassesFinished += 1;
  }

  beginRelated(lane: RelatedLane): void {
    this.#related = lane;
  }

  finishRelated(lane: RelatedLane): void {
    this.#related = lane;
  }

  /** From the next commit on it is the domain's sweep, whatever becomes of it in this run. */
  beginSweep(lane: SweepLane): void {
    this.#sweep = () => lane;
  }

  /** Sets the sweep's position, which moves while it reads. */
  moveSweep(position: Position<SweepLane>): void {
    this.#sweep = position;
  }

  /**
   * Finishes the sweep.
   * @param relatedReadUpTo the sweep has read every related item created up to then; null if it left cases out.
   */
  finishSweep(finishedAt: number, relatedReadUpTo: number | null): void {
    const position = this.#sweep;
    this.#sweep = (saved) => {
      const lane = position(saved);
      return lane && { ...lane, finishedAt };
    };
    this.#relatedReadUpTo = relatedReadUpTo;
  }

  /** Notes a finished scan. A scan that found every case clears the cases that were not shown before it began. */
  proveHistory(proof: HistoryProof): void {
    const { startedAt, finishedAt, exportFrom, casesNotFound } = proof;
    this.#history = proof;
    const provesAll = exportFrom === null && (casesNotFound ?? 0) === 0;
    if (provesAll && (this.#notShown?.since ?? finishedAt) < startedAt) this.#notShown = null;
  }

  /** Owes the cases that were hidden from a lane, together with those before; the lane goes on without them. */
  oweNotShown(hidden: Hidden, now: number): void {
    this.#notShown = hidden.owedWith(this.#notShown, now);
  }
}
