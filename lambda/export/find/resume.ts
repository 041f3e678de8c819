import type { RetryEntry } from '../domain/case-items';
import { dueRetries } from '../domain/retry-list';
import type { PartialRead } from '../domain/state';
import { readAll } from '../read/read-case';
import type { PlannedRead } from '../read/reading';
import { now, type Run } from '../run/run';
import { recordsOf } from './select';

/** Shares of a run's audit calls, and of its time, that the retry list and the partial reads may take. */
const RETRY_SHARE = 0.1;
const PARTIAL_SHARE = 0.25;

/** Continues cases that earlier runs left partly read, with about a quarter of the calls that the run can make. */
export async function resumePartialReads(run: Run): Promise<void> {
  // Cases that are also on the retry list continue when they are due, within its share.
  const partial = [...run.batch.partialReads.values()].filter(({ caseId }) => !run.published.openRetries.has(caseId));
  await readAll(run, tasksOf(run, partial, shareOf(run, PARTIAL_SHARE)));
}

/** Gives the remaining time to the partial reads, once every lane has had its turn. */
export async function readOnPartialReads(run: Run): Promise<void> {
  const open = () =>
    [...run.batch.partialReads.values()].filter(({ caseId }) => run.batch.retryOf(caseId) === undefined);
  for (let left = open(); left.length > 0 && !run.budget.isReadingOver; left = open()) {
    await readAll(
      run,
      tasksOf(run, left, () => true),
    );
  }
}

/** Reads again the failed cases that are due, oldest first, with about a tenth of the calls that the run can make. */
export async function retryDueCases(run: Run): Promise<void> {
  const due = dueRetries(run.published.openRetries.values(), now(run)).filter(({ cause }) => cause !== 'fatal');
  await readAll(run, tasksOf(run, due, shareOf(run, RETRY_SHARE)));
}

/**
 * Tries poison cases again, which killed the process: one at a time and last of all, so that another death harms only
 * that case.
 */
export async function retryPoisonCases(run: Run): Promise<void> {
  const due = dueRetries(run.published.openRetries.values(), now(run)).filter(({ cause }) => cause === 'fatal');
  await readAll(
    run,
    tasksOf(run, due, () => true),
    1,
  );
}

/**
 * Returns a function that is true until the share of the run's calls, or of its time, is used: a hanging call takes
 * time and no quota.
 */
function shareOf(run: Run, share: number): () => boolean {
  const readingMs = run.budget.readingMs();
  const maxCalls = Math.max(1, share * run.deps.settings.auditEventsRps * (readingMs / 1000));
  const callsBefore = auditCalls(run);
  return () => auditCalls(run) - callsBefore < maxCalls && run.budget.readingMs() > readingMs * (1 - share);
}

function auditCalls(run: Run): number {
  return run.counters.calls['GetCaseAuditEvents'] ?? 0;
}

/** Yields the cases in their order, as long as `mayGoOn`; a case of many pages stops partly read when it says no. */
async function* tasksOf(
  run: Run,
  unread: readonly (PartialRead | RetryEntry)[],
  mayGoOn: () => boolean,
): AsyncGenerator<PlannedRead, void> {
  if (unread.length === 0) return;
  const caseIds = unread.map(({ caseId }) => caseId);
  const records = await recordsOf(run, caseIds);
  // A sweep counts on these reads, because it passes cases that are on the retry list, or partly read.
  const readSince = run.progress.sweep(new Map())?.startedAt;
  for (const { caseId, templateId, touched, missingFrom, neverRead } of unread) {
    if (!mayGoOn()) return;
    const record = records.get(caseId);
    const retry = run.batch.retryOf(caseId);
    const task = {
      caseId,
      templateId: templateId ?? record?.templateId ?? null,
      // Another lane may have found the case again since.
      touched: Math.max(touched, retry?.touched ?? touched),
      record,
      missingFrom,
      neverRead,
      lastUpdated: retry?.lastUpdated ?? null,
      mayGoOn,
      readSince,
      oneTry: retry !== undefined,
    };
    yield { task, done: () => undefined };
  }
}
