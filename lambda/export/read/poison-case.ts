import { commitBatch } from '../commit/commit';
import { MAX_HALVINGS } from '../domain/batch';
import type { TriedCase } from '../domain/case-items';
import { NOTHING_KNOWN } from '../domain/debts';
import { FencedOutError } from '../domain/errors';
import { park } from '../domain/retry-list';
import { now, type Run } from '../run/run';

/**
 * Whether so many invocations in a row died that one of the cases must be the cause: then each is noted before it is
 * read.
 */
function isAtFloor(run: Run): boolean {
  return run.deaths >= MAX_HALVINGS;
}

/** One reader at the floor: with several, the deadly case could not be identified. */
export function maxReaders(run: Run): number {
  return isAtFloor(run) ? 1 : Number.POSITIVE_INFINITY;
}

/**
 * Notes a case that may kill the process, so that the next run knows which one it was. The caller reads no other case
 * meanwhile.
 * @throws FencedOutError if another invocation has taken over.
 */
export async function noteIfPoison(run: Run, { caseId, templateId, touched }: TriedCase): Promise<void> {
  if (!isAtFloor(run) && run.batch.retryOf(caseId)?.cause !== 'fatal') return;
  const { domainId, fence } = run;
  const noted = await run.deps.checkpoints.noteTrying({ domainId, fence, tried: { caseId, templateId, touched } });
  if (noted) return;
  throw new FencedOutError(
    `Another invocation has taken the lease of domain ${domainId} (our fence is ${fence}). Nothing further is read; that invocation goes on.`,
  );
}

/**
 * Puts the case that was being read when the last run died on the retry list, in a commit of its own before anything is
 * tried.
 */
export async function parkPoisonCase(run: Run): Promise<void> {
  const tried = run.published.state.trying;
  if (tried === null || run.deaths === 0) return;
  const { caseId } = tried;
  await run.batch.locked(async (open) => {
    const failed = { ...tried, cause: 'fatal' as const, ...NOTHING_KNOWN };
    open.putRetry(park(open.retryOf(caseId), failed, now(run), run.deps.settings.settleMs));
    run.counters.anomaly('case-parked', { caseId, cause: 'fatal' });
    await commitBatch(run, open);
  });
  await run.deps.checkpoints.noteTrying({ domainId: run.domainId, fence: run.fence, tried: null });
}
