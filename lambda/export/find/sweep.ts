import type { AuditEvent } from '../domain/audit-event';
import { ResumePoint } from '../domain/resume-point';
import { isLostToSweep } from '../domain/retry-list';
import type { DomainState, Lanes, SweepLane } from '../domain/state';
import { readAll } from '../read/read-case';
import type { PlannedRead, ReadObserver } from '../read/reading';
import { recordLost } from '../read/record-outcome';
import type { PartialReadTimes } from '../run/lane-progress';
import { now, type Run } from '../run/run';
import type { Settings } from '../settings';
import { Census, HiddenPlaces, MAX_HELD_PASSES } from './census';
import { nextLivePassFrom } from './live';
import { ALARMING_TICKS } from './related';
import { recordsOf, selectCases } from './select';

/** `created_datetime ≥` this finds everything, because the service is much younger. */
const BEGINNING_OF_TIME = 0;

const DAY_MS = 86_400_000;

/**
 * The share of the pace that a check takes, so that it never keeps the lanes before it waiting for the quota. One
 * number keeps the pace over invocations: the time up to which the calls are paid for. Each call moves that time on by
 * three times its duration at full pace, and while the time lies ahead no further case is begun. So an invocation makes
 * its calls at full pace and ends early, instead of idling between them at Lambda's price.
 */
const CHECK_SHARE = 1 / 3;

/** Calls not made for longer than this are not made up for: as long as an invocation can be. */
const MAX_CREDIT_MS = 900_000;

/**
 * Returns the sweep at the start of this run. A new backfill begins before the first tick, and when EXPORT_FROM was
 * moved to an earlier time, because cases left out before are now to be read. A check begins every SWEEP_DAYS, or at
 * once when the scan over related items does not reach its watermark, or when nothing is proven yet of an earlier
 * build's export.
 */
export function nextSweep(
  { sweep, related, history }: Pick<Lanes, 'sweep' | 'related'> & Pick<DomainState, 'history'>,
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
    totalCount: null,
    casesFound: 0,
    casesHidden: 0,
    heldPasses: 0,
    isAccounted: true,
  });
  if (sweep === null || isMovedEarlier(exportFrom, sweep.exportFrom)) return begin('history');
  if (sweep.finishedAt === null) return sweep;
  // An earlier build exported without an account: looking once more finds the cases that it passed.
  if (history === null) return begin('check');
  if (sweepDays === 0) return sweep;
  const isDue = startedAt >= sweep.startedAt + sweepDays * DAY_MS || related.ticksWithoutBottom >= ALARMING_TICKS;
  return isDue ? begin('check') : sweep;
}

function isMovedEarlier(exportFrom: number | null, before: number | null): boolean {
  return before !== null && (exportFrom === null || exportFrom < before);
}

/** Whether every backfill is finished; a check begins only after that. */
export function isHistoryIn(sweep: SweepLane | null): boolean {
  return sweep !== null && (sweep.purpose === 'check' || sweep.finishedAt !== null);
}

/**
 * Reads every case created before the sweep began, in the order of creation, with the remaining time: history, and
 * every change that the lanes before could not find. A check takes a third of the pace and counts the missed events. A
 * case that is too fresh is passed, and owed: the live lane must find it again.
 */
export async function sweepCases(run: Run, sweep: SweepLane): Promise<void> {
  const pass = new SweepPass(run, sweep);
  run.progress.moveSweep((partialReads) => pass.lane(partialReads));
  const allDone = await readAll(run, pass.cases());
  if (allDone && pass.isAllRead && pass.sawAll) await pass.finish();
}

class SweepPass {
  readonly #from: number;
  readonly #tracker: ResumePoint;
  readonly #pace: SweepPace;
  readonly #findings: Findings;
  readonly #census: Census;
  readonly #hidden = new HiddenPlaces();
  #ended = false;

  constructor(
    private readonly run: Run,
    private readonly sweep: SweepLane,
  ) {
    this.#from = sweep.anchor ?? BEGINNING_OF_TIME;
    this.#tracker = new ResumePoint(this.#from);
    this.#pace = new SweepPace(run, sweep);
    this.#findings = new Findings(run, sweep);
    this.#census = new Census(sweep);
  }

  /** The lane's progress at this moment. */
  lane(partialReads: PartialReadTimes): SweepLane {
    const { sweep } = this;
    const anchor = this.#tracker.anchor(partialReads);
    const heldPasses = this.#hidden.lowestGivenUp <= anchor ? sweep.heldPasses + 1 : 0;
    const { paidUntil } = this.#pace;
    return { ...sweep, ...this.#findings.counts, ...this.#census.upTo(anchor), anchor, paidUntil, heldPasses };
  }

  cases(): AsyncGenerator<PlannedRead, void> {
    const { startedAt, exportFrom } = this.sweep;
    return selectCases(this.run, {
      pages: this.#census.pages(this.run, {
        by: 'created_datetime',
        from: this.#from,
        lastUpdatedFrom: exportFrom ?? undefined,
        endAt: () => startedAt,
      }),
      tracker: this.#tracker,
      itemTouches: new Map(),
      readSince: startedAt,
      onPage: (page) => {
        this.#hidden.add(page.hidden);
        if (this.#mayHold) this.#tracker.stayBelow(this.#hidden.lowestGivenUp);
      },
      onWait: () => undefined,
      // If our clock is behind, long past touches look fresh, and the live lane does not go back.
      noWaitBefore: nextLivePassFrom(this.run, startedAt),
      onEnd: () => {
        this.#ended = true;
      },
      isOver: () => this.run.budget.isReadingOver || this.#pace.isSpent,
      observer: this.#findings,
    });
  }

  /** Whether every case found is done, or saved partly read. */
  get isAllRead(): boolean {
    return this.#tracker.isDone(this.run.batch.partialReads.timesToSave);
  }

  /** Whether the search has ended, and no place is held for another try. */
  get sawAll(): boolean {
    const isHeld = Number.isFinite(this.#hidden.lowestGivenUp) && this.#mayHold;
    return this.#ended && !isHeld;
  }

  /** A place that the search could not look behind is tried again by the next runs, a few times. */
  get #mayHold(): boolean {
    return this.sweep.heldPasses < MAX_HELD_PASSES;
  }

  async finish(): Promise<void> {
    const { run, sweep } = this;
    const { number, purpose, startedAt, exportFrom } = sweep;
    const { casesFound, casesNotFound } = this.#census;
    const finishedAt = now(run);
    if (sweep.isAccounted) {
      run.progress.proveHistory({ sweepNumber: number, startedAt, finishedAt, exportFrom, casesFound, casesNotFound });
    }
    if (exportFrom === null) await giveUpLostCases(run, startedAt);
    const facts = { domainId: run.domainId, runId: run.runId, number, purpose, casesFound, casesNotFound };
    run.deps.telemetry.info('sweep finished', { ...facts, ...this.#findings.counts });
    run.progress.finishSweep(finishedAt, relatedReadUpTo(sweep, run.deps.settings.settleMs));
  }
}

/**
 * Declares gone the cases that are on the retry list for a 404 and that a sweep over all cases did not show any more.
 */
function giveUpLostCases(run: Run, sweepStartedAt: number): Promise<void> {
  return run.batch.locked(async (open) => {
    const caseIds = [...run.published.openRetries.keys()].filter((caseId) => {
      const retry = open.retryOf(caseId);
      return retry !== undefined && isLostToSweep(retry, sweepStartedAt);
    });
    const records = await recordsOf(run, caseIds);
    for (const caseId of caseIds) recordLost(run, open, caseId, records.get(caseId));
  });
}

/**
 * A sweep over all history has read every case after it began, and with it every related item that had settled by then,
 * so no scan needs to go below that. This is how a domain with more related items than a scan can manage comes to rest.
 */
function relatedReadUpTo({ startedAt, exportFrom }: SweepLane, settleMs: number): number | null {
  return exportFrom === null ? startedAt - settleMs : null;
}

/** Bounds a check; a backfill takes all the remaining time. Only the sweep makes calls meanwhile. */
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

/** Counts the findings of a sweep, as its lane stores them. */
class Findings implements ReadObserver {
  readonly counts: { casesRead: number; eventsMissed: number };
  /** Older events were due before, because the live lane does not go further back. */
  readonly #dueBefore: number;

  constructor(
    run: Run,
    private readonly sweep: SweepLane,
  ) {
    const { casesRead, eventsMissed } = sweep;
    this.counts = { casesRead, eventsMissed };
    const { live } = run.published.state.lanes;
    this.#dueBefore = (live.watermark ?? Number.NEGATIVE_INFINITY) - run.deps.settings.overlapMs;
  }

  newEvent({ performedTime }: AuditEvent): void {
    if (this.sweep.purpose === 'check' && Number(performedTime) < this.#dueBefore) this.counts.eventsMissed += 1;
  }

  caseRead(): void {
    this.counts.casesRead += 1;
  }
}

/**
 * Returns the time up to which calls count as paid for at the start of an invocation; `stored` is null for a sweep that
 * begins now.
 */
export function paidUntilAtStart(stored: number | null, now: number): number {
  return stored === null ? now : Math.max(stored, now - MAX_CREDIT_MS);
}

/** Returns the cost of calls for a check, in milliseconds; `requestsPerSecond` is the full pace of their operation. */
export function costMs(calls: number, requestsPerSecond: number): number {
  return (calls * 1000) / (requestsPerSecond * CHECK_SHARE);
}
