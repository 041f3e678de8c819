import type { AuditEvent } from '../domain/audit-event';
import { ResumePoint } from '../domain/resume-point';
import type { Lanes, RelatedLane, SweepLane } from '../domain/state';
import { costMs, paidUntilAtStart } from '../domain/sweep-pace';
import { readAll } from '../read/read-all';
import type { ReadObserver } from '../read/reading';
import { now, type Run } from '../run/run';
import type { Settings } from '../settings';
import { nextLivePassFrom } from './live';
import { ALARMING_TICKS } from './related';
import { selectCases } from './select';

/** `created_datetime ≥` this finds everything: the service came into being long after. */
const BEGINNING_OF_TIME = 0;

const DAY_MS = 86_400_000;

/**
 * The sweep as it stands at the start of this run. A new one begins for history before the first tick, and when EXPORT_FROM was
 * moved to an earlier time, as cases that were left out are to be read now; and as a check every SWEEP_DAYS, or at once when the
 * walk over related items does not reach its bottom.
 */
export function nextSweep(
  { sweep, related }: Pick<Lanes, 'sweep' | 'related'>,
  { exportFrom, sweepDays }: Pick<Settings, 'exportFrom' | 'sweepDays'>,
  startedAt: number,
): SweepLane {
  const begin = (purpose: SweepLane['purpose']): SweepLane => ({
    number: (sweep?.number ?? 0) + 1,
    purpose,
    startedAt,
    anchor: null,
    finishedAt: null,
    exportFrom,
    paidUntil: null,
    casesRead: 0,
    eventsMissed: 0,
  });
  if (sweep === null || isMovedEarlier(exportFrom, sweep.exportFrom)) return begin('history');
  if (sweep.finishedAt === null || sweepDays === 0) return sweep;
  const isDue = startedAt >= sweep.startedAt + sweepDays * DAY_MS || related.ticksWithoutBottom >= ALARMING_TICKS;
  return isDue ? begin('check') : sweep;
}

function isMovedEarlier(exportFrom: number | null, before: number | null): boolean {
  return before !== null && (exportFrom === null || exportFrom < before);
}

/** Whether every sweep for history is finished; a check begins only after that. */
export function isHistoryIn(sweep: SweepLane | null): boolean {
  return sweep !== null && (sweep.purpose === 'check' || sweep.finishedAt !== null);
}

/**
 * Reads every case created before the sweep began, in the order of creation, with the time that is left: history, and whatever
 * the lanes before could not find. A check takes a third of the pace and counts what they missed. Too fresh a case is passed:
 * the live lane must find it again.
 */
export async function sweepCases(run: Run, sweep: SweepLane): Promise<void> {
  const from = sweep.anchor ?? BEGINNING_OF_TIME;
  const tracker = new ResumePoint(from);
  const pace = new SweepPace(run, sweep);
  const findings = new Findings(run, sweep);
  let ended = false;
  run.progress.sweep = (halfRead) => ({
    ...sweep,
    ...findings.counts,
    anchor: tracker.anchor(halfRead),
    paidUntil: pace.paidUntil,
  });
  const tasks = selectCases(run, {
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
    // With our clock behind, what is long past looks fresh, and the live lane does not go back.
    noWaitBefore: nextLivePassFrom(run),
    onEnd: () => {
      ended = true;
    },
    isOver: () => run.budget.isReadingOver || pace.isSpent,
    observer: findings,
  });
  const allDone = await readAll(run, tasks);
  if (!allDone || !ended) return;
  const { sweep: unfinished, related } = run.progress;
  const { domainId, runId } = run;
  const { number, purpose } = sweep;
  run.deps.telemetry.info('sweep finished', { domainId, runId, number, purpose, ...findings.counts });
  run.progress.sweep = (halfRead) => ({ ...(unfinished(halfRead) ?? sweep), finishedAt: now(run) });
  run.progress.related = (halfRead) => relatedAfter(related(halfRead), sweep, run.deps.settings.settleMs);
}

/**
 * A sweep over all history has read every case after it began, and with it every related item that had settled by then: no walk
 * needs to go below that. So a domain with more related items than a walk can manage comes to rest.
 */
function relatedAfter(lane: RelatedLane, sweep: SweepLane, settleMs: number): RelatedLane {
  if (lane.watermark === null || sweep.exportFrom !== null) return lane;
  return { ...lane, watermark: Math.max(lane.watermark, sweep.startedAt - settleMs), ticksWithoutBottom: 0 };
}

/** Bounds a check; history takes all the time that is left. Only the sweep makes calls meanwhile. */
class SweepPace {
  readonly #startedWith: number | null;
  readonly #before: { readonly search: number; readonly audit: number };

  constructor(
    private readonly run: Run,
    { purpose, paidUntil }: SweepLane,
  ) {
    this.#startedWith = purpose === 'check' ? paidUntilAtStart(paidUntil, now(run)) : null;
    this.#before = this.#callsMade();
  }

  get paidUntil(): number | null {
    if (this.#startedWith === null) return null;
    const { searchCasesRps, auditEventsRps } = this.run.deps.settings;
    const { search, audit } = this.#callsMade();
    const cost =
      costMs(search - this.#before.search, searchCasesRps) + costMs(audit - this.#before.audit, auditEventsRps);
    return Math.ceil(this.#startedWith + cost);
  }

  get isSpent(): boolean {
    return (this.paidUntil ?? Number.NEGATIVE_INFINITY) > now(this.run);
  }

  #callsMade(): { search: number; audit: number } {
    const { calls } = this.run.counters;
    return { search: calls['SearchCases'] ?? 0, audit: calls['GetCaseAuditEvents'] ?? 0 };
  }
}

/** What a sweep brings, as its lane stores it. */
class Findings implements ReadObserver {
  readonly counts: { casesRead: number; eventsMissed: number };
  /** Older events were due before: the live lane does not go further back. */
  readonly #dueBefore: number;

  constructor(
    run: Run,
    private readonly sweep: SweepLane,
  ) {
    const { casesRead, eventsMissed } = sweep;
    this.counts = { casesRead, eventsMissed };
    const { live } = run.state.lanes;
    this.#dueBefore = (live.watermark ?? Number.NEGATIVE_INFINITY) - run.deps.settings.overlapMs;
  }

  newEvent({ performedTime }: AuditEvent): void {
    if (this.sweep.purpose === 'check' && Number(performedTime) < this.#dueBefore) this.counts.eventsMissed += 1;
  }

  caseRead(): void {
    this.counts.casesRead += 1;
  }
}
