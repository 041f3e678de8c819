import { isGone, park } from '../domain/retry-list';
import type { CaseRecord, RetryCause, RetryEntry } from '../domain/state';
import { now, type Run } from '../run/run';
import type { Reading } from './reading';

/** The open entry of a case on the retry list, what the batch changes included. */
export function openRetry(run: Run, caseId: string): RetryEntry | undefined {
  const changed = run.batch.retries.get(caseId);
  if (changed) return changed.closed ? undefined : { ...changed, seq: 0 };
  return run.openRetries.get(caseId);
}

/** What is said of the case at the end of its read. The caller holds the batch lock. */
export function recordOutcome(run: Run, reading: Reading, outcome: RetryCause | 'read'): void {
  const { caseId } = reading.task;
  const retry = openRetry(run, caseId);
  const isGoneNow = outcome === 'not-found' && isGone(retry, now(run), run.deps.settings.settleMs);
  if (outcome !== 'read' && !isGoneNow) {
    const { templateId, touched } = reading.task;
    run.batch.retries.set(
      caseId,
      park(retry, { caseId, templateId, touched, cause: outcome }, now(run), run.deps.settings.settleMs),
    );
    run.counters.anomaly('case-parked', { caseId, cause: outcome });
    return;
  }
  run.batch.records.set(caseId, recordOf(reading, now(run), isGoneNow));
  // What touched the case after this read was asked for is still to be read.
  if (retry && (isGoneNow || reading.task.touched >= retry.touched)) {
    run.batch.retries.set(caseId, { ...retry, closed: true });
  }
  if (isGoneNow) {
    run.batch.gone.add(caseId);
    return;
  }
  run.counters.add('casesRead');
  reading.task.observer?.caseRead();
}

function recordOf({ task, known, firstPageAt }: Reading, nowMs: number, gone: boolean): Omit<CaseRecord, 'seq'> {
  const { caseId, touched, templateId } = task;
  return {
    caseId,
    touched,
    readAt: firstPageAt ?? nowMs,
    waitingSince: null,
    templateId,
    eventCount: known.size,
    goneAt: gone ? nowMs : null,
  };
}
