import { FencedOutError } from '../domain/errors';
import type { CommitHead } from '../domain/state';
import type { HeldBatch } from '../run/open-batch';
import type { Run } from '../run/run';
import { hasSomethingToCommit, type PlannedBatch, planCommit } from './plan';
import { publish, publisherOf } from './publish';
import { type PlannedCommit, stageCommit } from './stage';

/**
 * Number of heads and retry entries after which a commit is due, so that the limit of rows bounds them too. Bounds
 * memory and the redo log.
 */
const MIN_CASES_TO_COMMIT = 1_000;
const MAX_CASES_PER_COMMIT = 10_000;

/**
 * Commits the batch and the progress of the lanes.
 * @throws FencedOutError if another invocation has taken over: then nothing of this batch became visible.
 */
export async function commitBatch(run: Run, open: HeldBatch): Promise<void> {
  // A failed commit leaves stored state unknown, so later commits of this run rethrow its error.
  if (open.commitFailure !== null) throw open.commitFailure.reason;
  try {
    const startedAt = run.deps.clock.monotonic();
    const plan = planCommit(run, open);
    await makeCommit(run, plan);
    beginNextBatch(run, open, plan);
    run.budget.commitTook(run.deps.clock.monotonic() - startedAt);
  } catch (reason) {
    open.commitFailure = { reason };
    throw reason;
  }
}

/** Commits if the batch speaks of so many cases that it should not grow further. */
export async function commitIfFull(run: Run, open: HeldBatch): Promise<void> {
  const most = Math.min(MAX_CASES_PER_COMMIT, Math.max(MIN_CASES_TO_COMMIT, open.limits.maxRows));
  if (open.cases >= most) await commitBatch(run, open);
}

/** Commits the batch and the progress of the lanes, if either holds something new. */
export async function commitWhatIsNew(run: Run): Promise<void> {
  await run.batch.locked(async (open) => {
    if (hasSomethingToCommit(run)) await commitBatch(run, open);
  });
}

/**
 * Makes a commit of any kind: stage → COMMIT → publish → adopt. A crash before COMMIT leaves only staged objects; the
 * next run's recovery finishes a commit that a later crash interrupted.
 * @param voided the last commit, made and not published, if this one takes its place.
 * @throws FencedOutError if another invocation has taken over: then nothing of the commit became visible.
 */
export async function makeCommit(run: Run, commit: PlannedCommit, voided?: CommitHead): Promise<void> {
  const { domainId, fence, deps, published } = run;
  const { head, isSigned } = await stageCommit(run, commit);
  const signedAt = isSigned ? Date.parse(commit.exportedAt) : commit.state.signedAt;
  const state = { ...commit.state, signedAt };
  const answer = await deps.checkpoints.commit({ domainId, fence, head, state, replaces: voided?.manifestKey }); // COMMIT
  if (answer === 'refused') throw refused(run, commit.seq, voided !== undefined);
  published.committed();
  await publish(publisherOf(run), head);
  published.adopt({ ...commit, state }, head);
  run.counters.commits += 1;
}

function refused({ domainId, fence }: Run, seq: number, isVoid: boolean): FencedOutError {
  return new FencedOutError(
    isVoid
      ? `Commit ${seq} of domain ${domainId} was not voided: another invocation has taken the lease, or published it. Look at the table's STATE item again.`
      : `Commit ${seq} of domain ${domainId} was refused: another invocation has taken the lease (our fence is ${fence}). Nothing of it is visible; that invocation goes on.`,
  );
}

function beginNextBatch(run: Run, open: HeldBatch, { counts, counters }: PlannedBatch): void {
  run.counters.committed(counters);
  run.counters.add('events', counts.events);
  run.counters.add('rows', counts.rows);
  run.counters.add('quarantined', counts.quarantined);
  open.clear();
  run.progress.committed();
}
