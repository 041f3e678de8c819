/**
 * The story: what one invocation does for one domain, top to bottom (design section 2). Each step is a named call.
 */
import { Budget, ReadingOver } from './steps/budget';
import { isCasesFailure } from './steps/calls';
import { commitBatch } from './steps/commit';
import { parkDeadlyCase } from './steps/deadly-case';
import { acquireLease, releaseLease } from './steps/lease';
import { readLiveChanges } from './steps/live';
import { hasSomethingToCommit } from './steps/plan-commit';
import { recover } from './steps/recover';
import { readRelatedCases, walkRelatedItems } from './steps/related';
import { reportRun } from './steps/report';
import { resumeHalfRead, retryDeadlyCases, retryDueCases } from './steps/resume';
import { type Dependencies, type Run, startRun } from './steps/run';
import { isHistoryIn, nextSweep, sweepCases } from './steps/sweep';
import { Tally } from './steps/tally';

/** What an invocation answers (design section 5). */
export interface ExportAnswer {
  /** `complete`: the live pass is done and the first sweep is finished. `busy`: another invocation has the lease. */
  readonly status: 'complete' | 'continues' | 'busy';
  readonly domainId: string;
  readonly runId: string;
  /** Distinct cases found, also skipped and waiting ones. */
  readonly casesFound: number;
  readonly casesRead: number;
  readonly eventsExported: number;
  readonly rowsWritten: number;
  readonly commits: number;
  /** Open entries of the retry list. */
  readonly retrying: number;
  /** Live watermark, ISO 8601 UTC; null before the first pass ended. */
  readonly watermark: string | null;
}

/**
 * Exports what changed in a domain's cases since the run before. Whatever crashes, repeats or overlaps, every event that the
 * API shows becomes visible to Athena in exactly one row set (invariant 1).
 * @param remainingMs until Lambda ends the invocation; asked again and again.
 */
export async function exportDomain(
  deps: Dependencies,
  domainId: string,
  remainingMs: () => number,
): Promise<ExportAnswer> {
  const { checkpoints, clock, settings, telemetry } = deps;
  const runId = deps.newRunId();
  const tally = new Tally(telemetry);
  const lease = await acquireLease(checkpoints, clock, {
    domainId,
    runId,
    remainingMs: remainingMs(),
    marginMs: settings.leaseMarginMs,
  });
  if (lease.kind === 'busy') return busy(deps, domainId, runId, lease.expiresAt);

  const run = startRun(
    deps,
    { domainId, runId, state: lease.state },
    new Budget(clock, remainingMs, settings.commitReserveMs),
    tally,
  );
  try {
    await recoverLastCommit(run);
    await parkDeadlyCase(run);
    await readAndCommit(run);
    return answerOf(run);
  } finally {
    run.budget.endReading();
    await releaseLease(checkpoints, tally, { domainId, fence: run.fence });
    reportRun(run);
  }
}

/** A commit that was made but not wholly published is published now; nothing goes on before that. */
async function recoverLastCommit(run: Run): Promise<void> {
  const { domainId, deps, tally, state } = run;
  run.state = await recover({ domainId, ...deps, tally }, state);
  run.hasUnpublishedCommit = false;
  if (state.openRetries === 0) return;
  for (const entry of await deps.checkpoints.readOpenRetries(domainId)) run.openRetries.set(entry.caseId, entry);
}

/** What is complete is committed also when the Cases service fails; not when the stores themselves do. */
async function readAndCommit(run: Run): Promise<void> {
  try {
    await readLanes(run);
  } catch (error) {
    if (isCasesFailure(error)) await commitWhatIsNew(run);
    if (!(error instanceof ReadingOver)) throw error;
  }
  await commitWhatIsNew(run);
}

/** The lanes in their order. A step that runs out of time leaves the ones after it to the next tick. */
async function readLanes(run: Run): Promise<void> {
  const startedAt = run.deps.clock.now();
  if (run.state.lanes.live.watermark === null) await run.fieldNames.ensure([]); // Also tells the service's time.
  await resumeHalfRead(run);
  await retryDueCases(run);
  const walk = await walkRelatedItems(run);
  const sweep = nextSweep(run.state.lanes, run.deps.settings, run.time.correct(startedAt));
  run.historyUntil = sweep.startedAt;
  await readLiveChanges(run, walk.associations, sweep.finishedAt === null);
  await readRelatedCases(run, walk);
  run.progress.sweep = () => sweep;
  if (run.batch.events > 0) await commitWhatIsNew(run); // Live changes need not wait for history, nor die with a deadly case.
  if (sweep.finishedAt === null) await sweepCases(run, sweep);
  await retryDeadlyCases(run);
}

async function commitWhatIsNew(run: Run): Promise<void> {
  await run.batchLock.run(async () => {
    if (hasSomethingToCommit(run)) await commitBatch(run);
  });
}

function answerOf(run: Run): ExportAnswer {
  const { lanes } = run.state;
  const isComplete = run.livePassesFinished > 0 && isHistoryIn(lanes.sweep);
  return {
    status: isComplete ? 'complete' : 'continues',
    domainId: run.domainId,
    runId: run.runId,
    casesFound: run.tally.found.size,
    casesRead: run.tally.counts.casesRead,
    eventsExported: run.tally.counts.events,
    rowsWritten: run.tally.counts.rows,
    commits: run.tally.commits,
    retrying: run.openRetries.size,
    watermark: isoOrNull(lanes.live.watermark),
  };
}

async function busy(
  { checkpoints, telemetry }: Dependencies,
  domainId: string,
  runId: string,
  expiresAt: number,
): Promise<ExportAnswer> {
  telemetry.info('busy: another invocation has the lease', {
    domainId,
    runId,
    leaseExpiresAt: new Date(expiresAt).toISOString(),
  });
  const state = await checkpoints.readState(domainId).catch(() => null); // Only for what the answer tells: busy is busy.
  const nothing = { casesFound: 0, casesRead: 0, eventsExported: 0, rowsWritten: 0, commits: 0 };
  const watermark = isoOrNull(state?.lanes.live.watermark ?? null);
  return { status: 'busy', domainId, runId, ...nothing, retrying: state?.openRetries ?? 0, watermark };
}

function isoOrNull(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
