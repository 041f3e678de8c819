import { makeCommit } from '../commit/commit';
import { publishLastCommit } from '../commit/recover';
import { IntegrityError, InvalidInputError } from '../domain/errors';
import type { CommitHead } from '../domain/state';
import type { RowFiles } from '../ports';
import { type ExportAnswer, withLease } from '../run/invocation';
import type { Dependencies, Run } from '../run/run';
import { claimFinalKeys } from './claim-keys';
import { planVoid } from './plan-void';

/**
 * An operator's way out of a commit that was made and can never be published, because a staged object of it is gone. What of it
 * is visible stays, known to the ledger; the lanes go back to before it, so everything else is read again.
 * @throws InvalidInputError if `seq` is not the unpublished last commit.
 */
export function voidCommit(
  deps: Dependencies & { readonly rowFiles: RowFiles },
  { domainId, seq }: { readonly domainId: string; readonly seq: number },
  remainingMs: () => number,
): Promise<ExportAnswer> {
  return withLease(deps, domainId, remainingMs, async (run) => {
    await voidLastCommit(run, deps.rowFiles, seq);
    return true;
  });
}

/**
 * Replaces the last commit, which cannot be published, by one of the same number that says so. First what is left of it is
 * published and its other final keys are sealed; then the lanes go back to before it, and the ledger learns of the events that
 * are visible. Everything else is found and read again. Nothing is done if the commit can be published after all.
 */
async function voidLastCommit(run: Run, rowFiles: RowFiles, seq: number): Promise<void> {
  const voided = voidable(run, seq);
  if (await canBePublished(run)) return;
  const visible = await claimFinalKeys(run, rowFiles, voided);
  const commit = await planVoid(run, voided, visible);
  await makeCommit(run, commit, voided);
  run.deps.telemetry.warn('commit voided', { domainId: run.domainId, seq, rowsKept: visible.rows });
}

function voidable({ published: { state }, domainId }: Run, seq: number): CommitHead {
  const { head, applied } = state;
  if (head !== null && head.seq === seq && applied === seq - 1) return head;
  throw new InvalidInputError(
    `Commit ${seq} of domain ${domainId} cannot be voided: the last commit is ${head?.seq ?? 'none'}, wholly published is ${applied}. Expected the number of a last commit that is made and not published. Nothing was done.`,
  );
}

/** Then there is nothing to void: it is published, as the next tick would have done. */
async function canBePublished(run: Run): Promise<boolean> {
  try {
    await publishLastCommit(run);
    return true;
  } catch (error) {
    if (error instanceof IntegrityError) return false;
    throw error;
  }
}
