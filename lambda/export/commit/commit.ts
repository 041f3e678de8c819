import { FencedOutError } from '../domain/errors';
import type { CommitHead } from '../domain/state';
import { newBatch, type Run } from '../run/run';
import { type CommitPlan, hasSomethingToCommit, planCommit } from './plan';
import { publish } from './publish';
import { stageCommit } from './stage';

/** Heads and retry entries of one commit, within which the limit of rows holds for them too. Bounds memory and the redo log. */
const MIN_CASES_TO_COMMIT = 1_000;
const MAX_CASES_PER_COMMIT = 10_000;

/**
 * Commits the batch and how far the lanes have come: stage → COMMIT → publish. The caller holds the batch lock.
 * A crash before COMMIT leaves only staged objects; one after it is finished by the next run's recovery.
 * @throws FencedOutError if another invocation has taken over: then nothing of this batch became visible.
 */
export async function commitBatch(run: Run): Promise<void> {
  // After a commit that failed nobody knows what stands: whoever comes next ends for the same reason.
  if (run.commitFailure !== null) throw run.commitFailure.reason;
  try {
    await makeCommit(run);
  } catch (reason) {
    run.commitFailure = { reason };
    throw reason;
  }
}

/** Commits if the batch speaks of so many cases that it should not grow further. The caller holds the batch lock. */
export async function commitIfFull(run: Run): Promise<void> {
  const most = Math.min(MAX_CASES_PER_COMMIT, Math.max(MIN_CASES_TO_COMMIT, run.batch.limits.maxRows));
  if (run.batch.cases >= most) await commitBatch(run);
}

/** Commits what the batch holds and how far the lanes have come, if that is anything new. */
export async function commitWhatIsNew(run: Run): Promise<void> {
  await run.batchLock.run(async () => {
    if (hasSomethingToCommit(run)) await commitBatch(run);
  });
}

async function makeCommit(run: Run): Promise<void> {
  const startedAt = run.deps.clock.monotonic();
  const plan = planCommit(run);
  const head = await stageCommit(run, plan);
  const answer = await run.deps.checkpoints.commit({
    domainId: run.domainId,
    fence: run.fence,
    head,
    state: plan.state,
  }); // COMMIT
  if (answer === 'refused') {
    throw new FencedOutError(
      `Commit ${plan.seq} of domain ${run.domainId} was refused: another invocation has taken the lease (our fence is ${run.fence}). Nothing of it is visible; that invocation goes on.`,
    );
  }
  run.hasUnpublishedCommit = true;
  await publish({ domainId: run.domainId, ...run.deps, counters: run.counters }, head);
  run.hasUnpublishedCommit = false;
  adopt(run, plan, head);
  run.budget.commitTook(run.deps.clock.monotonic() - startedAt);
}

/** The run goes on from the commit. */
function adopt(run: Run, plan: CommitPlan, head: CommitHead): void {
  run.state = { ...run.state, ...plan.state, head, applied: plan.seq };
  run.openRetries.clear();
  for (const [caseId, entry] of plan.openRetries) run.openRetries.set(caseId, entry);
  run.committedCounters = plan.counters;
  run.counters.commits += 1;
  run.counters.add('events', plan.batch.events);
  run.counters.add('rows', plan.batch.rows);
  run.counters.add('quarantined', plan.batch.quarantine.length);
  run.changedUpstream.clear();
  run.batch = newBatch(run.deps.settings, run.deaths);
  run.livePassesCommitted = run.livePassesFinished;
}
