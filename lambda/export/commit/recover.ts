import { IntegrityError } from '../domain/errors';
import { manifestKey } from '../domain/keys';
import { sha256 } from '../domain/manifest';
import type { DomainState } from '../domain/state';
import type { Run } from '../run/run';
import { type Publisher, publish } from './publish';

/** A commit that was made but not wholly published is published now; nothing goes on before that. */
export async function recoverLastCommit(run: Run): Promise<void> {
  const { domainId, deps, counters, state } = run;
  run.state = await recover({ domainId, ...deps, counters }, state);
  run.hasUnpublishedCommit = false;
  if (state.openRetries === 0) return;
  for (const entry of await deps.checkpoints.readOpenRetries(domainId)) run.openRetries.set(entry.caseId, entry);
}

/**
 * Publishes a commit that was made but not wholly published, then checks that the archive ends where the table says it ends.
 * The state returned has `applied = head.seq`.
 * @throws IntegrityError if the table was restored to an earlier day, or another bucket stands behind the same name.
 */
export async function recover(publisher: Publisher, state: DomainState): Promise<DomainState> {
  const { head } = state;
  const isWhole = head === null || state.applied >= head.seq;
  if (!isWhole) await publish(publisher, head);
  const recovered = isWhole ? state : { ...state, applied: head.seq };
  await checkEndOfChain(publisher, recovered);
  return recovered;
}

async function checkEndOfChain({ domainId, objects }: Publisher, { head }: DomainState): Promise<void> {
  const seq = head?.seq ?? 0;
  const [last, beyond] = await Promise.all([
    head === null ? null : objects.get('archive', manifestKey(domainId, seq)),
    objects.get('archive', manifestKey(domainId, seq + 1)),
  ]);
  if (head !== null && (last === null || sha256(last) !== head.sha256)) {
    throw new IntegrityError(
      `The table says that commit ${seq} is the last of domain ${domainId}, but the archive ${last === null ? 'has no manifest of that number' : 'holds another manifest of that number'} (${manifestKey(domainId, seq)}). Nothing was exported. Was the bucket switched? (runbook, "Table and archive disagree")`,
    );
  }
  if (beyond !== null) {
    throw new IntegrityError(
      `The table says that commit ${seq} is the last of domain ${domainId}, but the archive already holds a manifest of commit ${seq + 1}. Nothing was exported. Was the table restored to an earlier day, or made anew? (runbook, "Table and archive disagree")`,
    );
  }
}
