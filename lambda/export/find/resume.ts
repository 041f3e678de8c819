import { dueRetries } from '../domain/retry-list';
import { readAll } from '../read/read-all';
import type { PlannedRead, ReadTask } from '../read/reading';
import { openRetry } from '../read/record-outcome';
import { now, type Run } from '../run/run';
import { recordsOf } from './select';

/** Share of a run's audit calls that the retry list may take. */
const RETRY_SHARE = 0.1;

/** Goes on with the cases that the run before left half-read. True if all of them were settled. */
export function resumePartialReads(run: Run): Promise<boolean> {
  // Those on the retry list as well go on when they are due, within its share.
  const halfRead = [...run.partialReads.values()].filter(({ caseId }) => !run.openRetries.has(caseId));
  return readAll(
    run,
    tasksOf(run, halfRead, () => true),
  );
}

/** Reads again what could not be read before and is due, oldest first, with about a tenth of the calls that the run can make. */
export function retryDueCases(run: Run): Promise<boolean> {
  const mostCalls = Math.max(1, RETRY_SHARE * run.deps.settings.auditEventsRps * (run.budget.readingMs() / 1000));
  const callsBefore = auditCalls(run);
  const mayGoOn = () => auditCalls(run) - callsBefore < mostCalls;
  const due = dueRetries(run.openRetries.values(), now(run)).filter(({ cause }) => cause !== 'fatal');
  return readAll(run, tasksOf(run, due, mayGoOn));
}

/** Tries again the cases that killed the process, one at a time and last of all: if one does it again, only it is the worse. */
export async function retryPoisonCases(run: Run): Promise<void> {
  const due = dueRetries(run.openRetries.values(), now(run)).filter(({ cause }) => cause === 'fatal');
  await readAll(
    run,
    tasksOf(run, due, () => true),
    1,
  );
}

function auditCalls(run: Run): number {
  return run.counters.calls['GetCaseAuditEvents'] ?? 0;
}

type Unread = Pick<ReadTask, 'caseId' | 'templateId' | 'touched'>;

/** The cases in their order, as long as `mayGoOn`; a case of many pages stops half-read when it says no. */
async function* tasksOf(
  run: Run,
  unread: readonly Unread[],
  mayGoOn: () => boolean,
): AsyncGenerator<PlannedRead, void> {
  if (unread.length === 0) return;
  const caseIds = unread.map(({ caseId }) => caseId);
  const records = await recordsOf(run, caseIds);
  // A sweep counts on these reads: it passes what is on the retry list, or half-read.
  const readSince = run.progress.sweep(new Map())?.startedAt;
  for (const { caseId, templateId, touched } of unread) {
    if (!mayGoOn()) return;
    const record = records.get(caseId);
    // Another lane may have found the case again since.
    const latest = Math.max(touched, openRetry(run, caseId)?.touched ?? touched);
    const task = {
      caseId,
      templateId: templateId ?? record?.templateId ?? null,
      touched: latest,
      record,
      mayGoOn,
      readSince,
    };
    yield { task, done: () => undefined };
  }
}
