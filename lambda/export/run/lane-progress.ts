import type { DebtSum, HistoryProof, Lanes, LiveLane, RelatedLane, SweepLane } from '../domain/state';

/** What led to the read of each case that a commit saves partly read, by case id. */
export type PartialReadTimes = ReadonlyMap<string, number>;

/** Where a lane is at this moment, given the cases that the commit saves partly read. A lane moves while it reads, so it is asked again. */
type Position<Lane> = (saved: PartialReadTimes) => Lane;

/** Cases that a search counted and did not show. */
interface Hidden {
  owedWith(before: DebtSum | null, now: number): DebtSum;
}

/**
 * How far each lane has come in this run, and what the lanes have proven: all of it as the next commit will store it. Each lane begins,
 * moves and finishes by calls of its own; what one lane knows of another's cases it says, and the other draws the conclusion.
 */
export class LaneProgress {
  /**
   * Up to here everything of every case without a debt was exported, as of the start of this run; null before the first proof.
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

  /** A scan over all history leaves the related lane nothing to look for below what it has read. */
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

  /** A live pass has finished since the last commit. */
  get isLivePassToTell(): boolean {
    return this.#livePassesFinished > this.#livePassesCommitted;
  }

  /** A commit tells of all that has finished so far. */
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

  /** Whatever becomes of it in this run, it is the domain's sweep from the next commit on. */
  beginSweep(lane: SweepLane): void {
    this.#sweep = () => lane;
  }

  /** The sweep reads, and its position moves. */
  moveSweep(position: Position<SweepLane>): void {
    this.#sweep = position;
  }

  /** @param relatedReadUpTo it has read every related item that was made up to then; null if it left cases out. */
  finishSweep(finishedAt: number, relatedReadUpTo: number | null): void {
    const position = this.#sweep;
    this.#sweep = (saved) => {
      const lane = position(saved);
      return lane && { ...lane, finishedAt };
    };
    this.#relatedReadUpTo = relatedReadUpTo;
  }

  /** A finished scan. One that found every case settles what was not shown before it began. */
  proveHistory(proof: HistoryProof): void {
    const { startedAt, finishedAt, exportFrom, casesNotFound } = proof;
    this.#history = proof;
    const provesAll = exportFrom === null && (casesNotFound ?? 0) === 0;
    if (provesAll && (this.#notShown?.since ?? finishedAt) < startedAt) this.#notShown = null;
  }

  /** A lane goes on without the cases that were hidden from it: they are owed, together with those before. */
  oweNotShown(hidden: Hidden, now: number): void {
    this.#notShown = hidden.owedWith(this.#notShown, now);
  }
}
