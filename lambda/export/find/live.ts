import { ResumePoint } from '../domain/resume-point';
import type { LiveLane } from '../domain/state';
import { readAll } from '../read/read-case';
import type { PlannedRead } from '../read/reading';
import type { PartialReadTimes } from '../run/lane-progress';
import { now, type Run } from '../run/run';
import { HiddenPlaces, MAX_HELD_PASSES, PageCounts } from './census';
import { type FoundPage, searchPages } from './search';
import { selectCases } from './select';

/** Share of the reading time that a later lane keeps while it has something to do. */
const LATER_LANE_SHARE = 0.1;

/** Returns the reading time that each lane leaves to those after it, so that none starves. */
export function timeToLeave(
  run: Run,
  laterLanes: { readonly related: boolean; readonly sweep: boolean },
): { live: number; related: number } {
  const shareMs = run.budget.readingMs() * LATER_LANE_SHARE;
  const related = laterLanes.sweep ? shareMs : 0;
  return { live: related + (laterLanes.related ? shareMs : 0), related };
}

/**
 * Runs one pass over cases updated since the watermark less the overlap, or the rest of a pass that an earlier run
 * began. At its end the watermark is the pass's start less settle, and at or below every case that was too fresh to be
 * read.
 * @param historyUntil the sweep goes up to here, so a first pass begins no later.
 */
export async function readLiveChanges(
  run: Run,
  itemTouches: ReadonlyMap<string, number>,
  leaveMs: number,
  historyUntil = now(run),
): Promise<void> {
  const pass = new LivePass(run, historyUntil);
  run.progress.beginLive((partialReads) => pass.lane(partialReads));
  if (await readAll(run, pass.cases(itemTouches, leaveMs))) pass.finish();
}

class LivePass {
  readonly #from: number;
  readonly #tracker: ResumePoint;
  readonly #hidden = new HiddenPlaces();
  readonly #counts = new PageCounts();
  readonly #before: LiveLane;
  readonly #askedAt: number;
  #startedAt: number | null;
  #lowestWaiting = Number.POSITIVE_INFINITY;
  #lastPage: FoundPage | null = null;
  #heldPasses: number;

  constructor(
    private readonly run: Run,
    historyUntil: number,
  ) {
    this.#before = run.published.state.lanes.live;
    this.#from = startOf(run, this.#before, historyUntil);
    this.#tracker = new ResumePoint(this.#from);
    this.#askedAt = run.deps.clock.now();
    this.#startedAt = this.#before.passStartedAt;
    this.#heldPasses = this.#before.heldPasses;
  }

  /** The lane's progress at this moment. */
  lane(partialReads: PartialReadTimes): LiveLane {
    if (this.#startedAt === null) return this.#before;
    const anchor = this.#tracker.anchor(partialReads);
    return { ...this.#before, passStartedAt: this.#startedAt, anchor, heldPasses: this.#heldPasses };
  }

  cases(itemTouches: ReadonlyMap<string, number>, leaveMs: number): AsyncGenerator<PlannedRead, void> {
    // Called once the first page has arrived: a pass without any answer has not begun.
    const endAt = () => {
      this.#startedAt ??= this.run.time.correct(this.#askedAt);
      return this.#startedAt;
    };
    return selectCases(this.run, {
      pages: searchPages(this.run, { by: 'last_updated_datetime', from: this.#from, endAt }),
      tracker: this.#tracker,
      itemTouches,
      onPage: (page) => {
        this.#hidden.add(page.hidden);
        this.#counts.add(page);
      },
      onWait: ({ place }) => {
        this.#tracker.stayBelow(place);
        this.#lowestWaiting = Math.min(this.#lowestWaiting, place);
      },
      onEnd: (page) => {
        this.#lastPage = page;
      },
      isOver: () => this.run.budget.readingMs() <= leaveMs,
    });
  }

  /** Ends the pass: every case that was found has been read, or had its share. */
  finish(): void {
    if (this.#lastPage === null || this.#startedAt === null) return;
    if (!this.#tracker.isDone(this.run.batch.partialReads.timesToSave)) return;
    if (this.#lastPage.isEndOfList) this.#hidden.add(this.#counts.notShown);
    const isHeld = this.#hidden.cases > 0 && this.#before.heldPasses < MAX_HELD_PASSES;
    this.#heldPasses = isHeld ? this.#before.heldPasses + 1 : 0;
    if (isHeld && Number.isFinite(this.#hidden.lowestGivenUp)) {
      this.#tracker.stayBelow(this.#hidden.lowestGivenUp);
      return;
    }
    const { progress } = this.run;
    if (this.#hidden.cases > 0 && !isHeld) progress.oweNotShown(this.#hidden, now(this.run));
    progress.finishLive(this.#laneAfter(this.#startedAt, isHeld ? this.#hidden.lowest : Number.POSITIVE_INFINITY));
  }

  /**
   * Whether the pass reached the end of the list with no case hidden: a hidden case may be older than its place, which
   * is its newest touch.
   */
  get #sawAll(): boolean {
    return this.#lastPage?.isEndOfList === true && this.#hidden.cases === 0;
  }

  #laneAfter(startedAt: number, ceiling: number): LiveLane {
    const { watermark: before, provenUntil } = this.#before;
    const reached = Math.max(before ?? Number.NEGATIVE_INFINITY, startedAt - this.run.deps.settings.settleMs);
    const watermark = Math.min(reached, this.#lowestWaiting, ceiling);
    return {
      watermark,
      passStartedAt: null,
      anchor: null,
      provenUntil: this.#sawAll ? watermark : provenUntil,
      heldPasses: this.#heldPasses,
    };
  }
}

/** Returns the start of the live lane's next pass. */
export function nextLivePassFrom(run: Run, historyUntil: number): number {
  return startOf(run, run.progress.live(new Map()), historyUntil);
}

function startOf(run: Run, live: LiveLane, historyUntil: number): number {
  const { settleMs, overlapMs } = run.deps.settings;
  if (live.passStartedAt !== null && live.anchor !== null) return live.anchor;
  // Before the first pass there is no watermark: everything older belongs to the sweep, and between the two there is no
  // gap.
  return (live.watermark ?? historyUntil - settleMs) - overlapMs;
}
