import { ResumePoint } from '../domain/resume-point';
import type { LiveLane } from '../domain/state';
import { readAll } from '../read/read-all';
import { now, type Run } from '../run/run';
import { selectCases } from './select';

/** Share of the reading time that a later lane is left with while it has something to do. */
const LATER_LANE_SHARE = 0.1;

/** Reading time that each lane leaves to those after it, so that none starves: not more, while it has enough to do itself. */
export function timeToLeave(
  run: Run,
  laterLanes: { readonly related: boolean; readonly sweep: boolean },
): { live: number; related: number } {
  const shareMs = run.budget.readingMs() * LATER_LANE_SHARE;
  const related = laterLanes.sweep ? shareMs : 0;
  return { live: related + (laterLanes.related ? shareMs : 0), related };
}

/**
 * One pass over what was updated since the watermark less the overlap, or the rest of a pass that an earlier run began. At its
 * end the watermark is the pass's start less settle, and at or below every case that was too fresh to be read.
 */
export async function readLiveChanges(
  run: Run,
  associations: ReadonlyMap<string, number>,
  leaveMs: number,
): Promise<void> {
  const { live } = run.state.lanes;
  const { settleMs } = run.deps.settings;
  const from = startOf(run, live);
  const tracker = new ResumePoint(from);
  const askedAt = run.deps.clock.now();
  let lowestWaiting = Number.POSITIVE_INFINITY;
  let ended = false;
  let startedAt = live.passStartedAt;

  run.progress.live = (halfRead) =>
    startedAt === null
      ? live
      : { watermark: live.watermark, passStartedAt: startedAt, anchor: tracker.anchor(halfRead) };
  // Asked once the first page has come: a pass that never got an answer has not begun.
  const endAt = () => {
    startedAt ??= run.time.correct(askedAt);
    return startedAt;
  };
  const tasks = selectCases(run, {
    search: { by: 'last_updated_datetime', from, endAt },
    tracker,
    associations,
    onWait: ({ found, place }) => {
      tracker.found(place, found.caseId);
      lowestWaiting = Math.min(lowestWaiting, place);
    },
    onEnd: () => {
      ended = true;
    },
    isOver: () => run.budget.readingMs() <= leaveMs,
  });
  const allDone = await readAll(run, tasks);
  if (!allDone || !ended || startedAt === null) return;
  const watermark = Math.min(Math.max(live.watermark ?? Number.NEGATIVE_INFINITY, startedAt - settleMs), lowestWaiting);
  run.progress.live = () => ({ watermark, passStartedAt: null, anchor: null });
  run.livePassesFinished += 1;
}

/** Where the live lane looks from at the next run. */
export function nextLivePassFrom(run: Run): number {
  return startOf(run, run.progress.live(new Map()));
}

function startOf(run: Run, live: LiveLane): number {
  const { settleMs, overlapMs } = run.deps.settings;
  if (live.passStartedAt !== null && live.anchor !== null) return live.anchor;
  // Before the first pass there is no watermark: what is older belongs to the sweep, and between the two there is no gap.
  return (live.watermark ?? (run.historyUntil ?? now(run)) - settleMs) - overlapMs;
}
