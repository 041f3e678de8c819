import { AnchorTracker } from '../domain/anchor';
import type { SweepLane } from '../domain/state';
import { readAll } from './read-all';
import { now, type Run } from './run';
import { selectCases } from './select';

/** `created_datetime ≥` this finds everything: the service came into being long after. */
const BEGINNING_OF_TIME = 0;

/**
 * The sweep as it stands at the start of this run: a new one before the first tick, and when EXPORT_FROM was moved to an
 * earlier time, as cases that were left out are to be read now.
 */
export function currentSweep(stored: SweepLane | null, exportFrom: number | null, startedAt: number): SweepLane {
  const fresh = { startedAt, anchor: null, finishedAt: null, exportFrom };
  if (stored === null) return { number: 1, ...fresh };
  const isMovedEarlier = stored.exportFrom !== null && (exportFrom === null || exportFrom < stored.exportFrom);
  return isMovedEarlier ? { number: stored.number + 1, ...fresh } : stored;
}

/**
 * Reads every case created before the sweep began, in the order of creation, with the time that is left: history, and whatever
 * the lanes before could not find. Too fresh a case is passed: the live lane must find it again.
 */
export async function sweepCases(run: Run, sweep: SweepLane): Promise<void> {
  const from = sweep.anchor ?? BEGINNING_OF_TIME;
  const tracker = new AnchorTracker(from);
  let ended = false;
  run.progress.sweep = (halfRead) => ({ ...sweep, anchor: tracker.anchor(halfRead) });
  const works = selectCases(run, {
    search: {
      by: 'created_datetime',
      from,
      lastUpdatedFrom: sweep.exportFrom ?? undefined,
      endAt: () => sweep.startedAt,
    },
    tracker,
    associations: new Map(),
    readSince: sweep.startedAt,
    onWait: () => undefined,
    onEnd: () => {
      ended = true;
    },
    isOver: () => run.budget.isReadingOver,
  });
  const allSettled = await readAll(run, works);
  if (!allSettled || !ended) return;
  run.progress.sweep = (halfRead) => ({ ...sweep, anchor: tracker.anchor(halfRead), finishedAt: now(run) });
}
