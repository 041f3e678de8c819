import { dueRetries } from '../domain/retry-list';
import { readAll } from '../read/read-all';
import type { ReadTask, Work } from '../read/reading';
import { openRetry } from '../read/record-outcome';
import { now, type Run } from '../run/run';
import { headsOf } from './select';

/** Share of a run's audit calls that the retry list may take. */
const RETRY_SHARE = 0.1;

/** Goes on with the cases that the run before left half-read. True if all of them were settled. */
export function resumeHalfRead(run: Run): Promise<boolean> {
  // Those on the retry list as well go on when they are due, within its share.
  const halfRead = [...run.halfRead.values()].filter(({ caseId }) => !run.openRetries.has(caseId));
  return readAll(
    run,
    worksOf(run, halfRead, () => true),
  );
}

/** Reads again what could not be read before and is due, oldest first, with about a tenth of the calls that the run can make. */
export function retryDueCases(run: Run): Promise<boolean> {
  const mostCalls = Math.max(1, RETRY_SHARE * run.deps.settings.auditEventsRps * (run.budget.readingMs() / 1000));
  const callsBefore = auditCalls(run);
  const mayGoOn = () => auditCalls(run) - callsBefore < mostCalls;
  const due = dueRetries(run.openRetries.values(), now(run)).filter(({ cause }) => cause !== 'fatal');
  return readAll(run, worksOf(run, due, mayGoOn));
}

/** Tries again the cases that killed the process, one at a time and last of all: if one does it again, only it is the worse. */
export async function retryDeadlyCases(run: Run): Promise<void> {
  const due = dueRetries(run.openRetries.values(), now(run)).filter(({ cause }) => cause === 'fatal');
  await readAll(
    run,
    worksOf(run, due, () => true),
    1,
  );
}

function auditCalls(run: Run): number {
  return run.tally.calls['GetCaseAuditEvents'] ?? 0;
}

type Unread = Pick<ReadTask, 'caseId' | 'templateId' | 'touched'>;

/** The cases in their order, as long as `mayGoOn`; a case of many pages stops half-read when it says no. */
async function* worksOf(run: Run, unread: readonly Unread[], mayGoOn: () => boolean): AsyncGenerator<Work, void> {
  if (unread.length === 0) return;
  const caseIds = unread.map(({ caseId }) => caseId);
  const heads = await headsOf(run, caseIds);
  // A sweep counts on these reads: it passes what is on the retry list, or half-read.
  const readSince = run.progress.sweep(new Map())?.startedAt;
  for (const { caseId, templateId, touched } of unread) {
    if (!mayGoOn()) return;
    const head = heads.get(caseId);
    // Another lane may have found the case again since.
    const latest = Math.max(touched, openRetry(run, caseId)?.touched ?? touched);
    const task = {
      caseId,
      templateId: templateId ?? head?.templateId ?? null,
      touched: latest,
      head,
      mayGoOn,
      readSince,
    };
    yield { task, settled: () => undefined };
  }
}
