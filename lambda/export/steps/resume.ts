import { dueRetries } from '../domain/retry-list';
import type { ReadTask } from './read';
import { readAll } from './read-all';
import { now, type Run } from './run';
import { headsOf, type Work } from './select';

/** Share of a run's audit calls that the retry list may take. */
const RETRY_SHARE = 0.1;

/** Goes on with the cases that the run before left half-read. True if all of them were settled. */
export function resumeHalfRead(run: Run): Promise<boolean> {
  const tasks = [...run.halfRead.values()].map(({ caseId, templateId, touched }) => ({ caseId, templateId, touched }));
  return readAll(
    run,
    worksOf(run, tasks, () => false),
  );
}

/** Reads again what could not be read before and is due, oldest first, with at most a tenth of the run's calls. */
export async function retryDueCases(run: Run): Promise<boolean> {
  const mostCalls = Math.max(1, RETRY_SHARE * run.deps.settings.auditEventsRps * (run.budget.readingMs() / 1000));
  const callsBefore = auditCalls(run);
  return readAll(
    run,
    worksOf(run, dueRetries(run.openRetries.values(), now(run)), () => auditCalls(run) - callsBefore >= mostCalls),
  );
}

function auditCalls(run: Run): number {
  return run.tally.calls['GetCaseAuditEvents'] ?? 0;
}

type Unread = Pick<ReadTask, 'caseId' | 'templateId' | 'touched'>;

async function* worksOf(run: Run, unread: readonly Unread[], isOver: () => boolean): AsyncGenerator<Work, void> {
  if (unread.length === 0) return;
  const heads = await headsOf(
    run,
    unread.map(({ caseId }) => caseId),
  );
  for (const { caseId, templateId, touched } of unread) {
    if (isOver()) return;
    const head = heads.get(caseId);
    yield {
      task: { caseId, templateId: templateId ?? head?.templateId ?? null, touched, head },
      settled: () => undefined,
    };
  }
}
