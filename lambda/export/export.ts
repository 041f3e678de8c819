/** The workflow: one invocation for one domain, top to bottom (docs/architecture.md). Each step is a named call. */

import { commitWhatIsNew } from './commit/commit';
import { recoverLastCommit } from './commit/publish';
import { StoreError } from './domain/errors';
import { readLiveChanges, timeToLeave } from './find/live';
import { readRelatedCases, scanRelatedItems } from './find/related';
import { readOnPartialReads, resumePartialReads, retryDueCases, retryPoisonCases } from './find/resume';
import { oweUnseen } from './find/select';
import { isHistoryIn, nextSweep, sweepCases } from './find/sweep';
import { parkPoisonCase } from './read/read-case';
import { ReadingOver } from './run/budget';
import { isCasesFailure } from './run/calls';
import { type ExportAnswer, withLease } from './run/invocation';
import type { Dependencies, Run } from './run/run';

/**
 * Exports the changes of a domain's cases since the last run. Every event that the API shows becomes visible to Athena
 * in exactly one row set, whatever crashes, repeats or overlaps (invariant 1).
 * @param remainingMs until Lambda ends the invocation; called again and again.
 */
export function exportDomain(deps: Dependencies, domainId: string, remainingMs: () => number): Promise<ExportAnswer> {
  return withLease(deps, domainId, remainingMs, async (run) => {
    await recoverLastCommit(run);
    await parkPoisonCase(run);
    await readAndCommit(run);
    return run.progress.livePassesFinished > 0 && isHistoryIn(run.published.state.lanes.sweep) && isAllRead(run);
  });
}

/** Commits everything that is complete, also when the Cases service or a read of the ledger fails. */
async function readAndCommit(run: Run): Promise<void> {
  try {
    await readLanes(run);
  } catch (error) {
    if ((isCasesFailure(error) || error instanceof StoreError) && !isUnheardOf(run)) await commitWhatIsNew(run);
    if (!(error instanceof ReadingOver)) throw error;
  }
  await commitWhatIsNew(run);
}

/** Runs the lanes in their order. A step that runs out of time leaves the ones after it to the next tick. */
async function readLanes(run: Run): Promise<void> {
  const startedAt = run.deps.clock.now();
  if (run.published.state.lanes.live.watermark === null) await learnServiceTime(run);
  await resumePartialReads(run);
  await retryDueCases(run);
  const walk = await scanRelatedItems(run);
  const sweep = nextSweep(
    { ...run.published.state.lanes, history: run.progress.history },
    run.deps.settings,
    run.time.correct(startedAt),
  );
  const leaveMs = timeToLeave(run, { related: walk.itemTouches.size > 0, sweep: sweep.finishedAt === null });
  await readLiveChanges(run, walk.itemTouches, leaveMs.live, sweep.startedAt);
  await readRelatedCases(run, walk, leaveMs.related);
  if (run.progress.livePassesFinished > 0) await oweUnseen(run);
  run.progress.beginSweep(sweep);
  if (run.batch.events > 0) await commitWhatIsNew(run); // Live changes neither wait for history nor suffer from a poison case.
  if (sweep.finishedAt === null) await sweepCases(run, sweep);
  await run.watch.conclude();
  await readOnPartialReads(run);
  await retryPoisonCases(run);
}

/**
 * The first watermarks come from the service's clock, so one of its answers has to precede them. The first event will
 * ask for field names anyway.
 */
async function learnServiceTime(run: Run): Promise<void> {
  await run.fieldNames.ensure([]);
}

/** Whether nothing was ever read of the domain: its id may be wrong, and then the attempt leaves no trace. */
function isUnheardOf({ published, batch, progress }: Run): boolean {
  return published.state.head === null && batch.isEmpty && progress.livePassesFinished === 0;
}

/** Whether no case is left partly read that this run could have continued, had there been time. */
function isAllRead(run: Run): boolean {
  return (
    !run.watch.throttlesAll &&
    [...run.batch.partialReads.keys()].every((caseId) => run.published.openRetries.has(caseId))
  );
}
