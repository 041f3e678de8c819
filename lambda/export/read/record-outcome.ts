import { digestText } from '../domain/content-digest';
import { latest, MAX_OPEN_RETRIES, MAX_UNEXPLAINED_READS, park } from '../domain/retry-list';
import type { CaseRecord, RetryCause, RetryEntry, WaitingCase } from '../domain/state';
import { areMostlyUnexplained, counted, isExplained } from '../domain/touches';
import { SystemicError } from '../run/calls';
import { now, type Run } from '../run/run';
import { type Reading, unreadRecord } from './reading';

/** How a read ended. */
export type Outcome =
  | { readonly kind: 'read' }
  | { readonly kind: 'gone' }
  | {
      readonly kind: 'failed';
      readonly cause: RetryCause;
      readonly retryAfterMs?: number | undefined;
      /** A search at its place did not show the case. */
      readonly isLost?: boolean;
    };

/** The open entry of a case on the retry list, what the batch changes included. */
export function openRetry(run: Run, caseId: string): RetryEntry | undefined {
  const changed = run.batch.retries.get(caseId);
  if (changed) return changed.closed ? undefined : { ...changed, seq: 0 };
  return run.published.openRetries.get(caseId);
}

/** What is said of the case at the end of its read. The caller holds the batch lock. */
export function recordOutcome(run: Run, reading: Reading, outcome: Outcome): void {
  if (outcome.kind === 'failed') owe(run, reading, outcome.cause, outcome);
  else if (outcome.kind === 'gone') recordGone(run, reading);
  else recordWholeRead(run, reading);
}

/** To its last page, which need not mean that everything came. */
function recordWholeRead(run: Run, reading: Reading): void {
  const { touched, isTouchKnown = true } = reading.task;
  const isTouchExplained = !isTouchKnown || isExplained(touched, reading.newest);
  if (reading.pending.size > 0) owe(run, reading, 'null-field');
  else if (!isTouchExplained && isWorthAnotherRead(run, reading)) owe(run, reading, 'unexplained');
  else recordRead(run, reading, isTouchExplained);
}

/** A touch without an event costs three reads, once; none beyond the first in a domain where most are like that. */
function isWorthAnotherRead(run: Run, { task }: Reading): boolean {
  const { record, touched } = task;
  if (record?.unexplained === true && touched <= (record.touched ?? Number.NEGATIVE_INFINITY)) return false;
  if (areMostlyUnexplained(run.touches)) {
    run.counters.anomaly('touches-unexplained', { unexplained: run.touches.unexplained });
    return false;
  }
  const retry = openRetry(run, task.caseId);
  const readsBefore = retry?.cause === 'unexplained' ? retry.attempts : 0;
  return readsBefore + 1 < MAX_UNEXPLAINED_READS;
}

function owe(
  run: Run,
  reading: Reading,
  cause: RetryCause,
  { retryAfterMs, isLost }: { readonly retryAfterMs?: number | undefined; readonly isLost?: boolean } = {},
): void {
  const { caseId, templateId, touched, lastUpdated, missing, sweptAt } = reading.task;
  const retry = openRetry(run, caseId);
  if (retry === undefined && run.published.openRetries.size >= MAX_OPEN_RETRIES) throw tooManyOwed(run, caseId, cause);
  const pending = [...reading.pending.values()];
  const failed = {
    caseId,
    templateId,
    touched,
    lastUpdated,
    ...missing,
    cause,
    retryAfterMs,
    isLost,
    pending,
    sweptAt,
  };
  run.batch.retries.set(caseId, park(retry, failed, now(run), run.deps.settings.settleMs));
  run.waiting.remove(caseId, touched);
  // That a history lags behind the search index is ordinary.
  if (cause !== 'unexplained') run.counters.anomaly('case-parked', { caseId, cause });
}

/** A case that waits where no lane may find it again. The caller holds the batch lock. */
export function oweWaiting(run: Run, { since, ...waiting }: WaitingCase): void {
  if (run.published.openRetries.size >= MAX_OPEN_RETRIES) throw tooManyOwed(run, waiting.caseId, 'waited');
  const entry = park(undefined, { ...waiting, cause: 'waited' }, now(run), run.deps.settings.settleMs);
  run.batch.retries.set(waiting.caseId, { ...entry, firstSeen: since });
}

function tooManyOwed(run: Run, caseId: string, cause: RetryCause): SystemicError {
  return new SystemicError(
    `The retry list of domain ${run.domainId} holds ${run.published.openRetries.size} cases, expected at most ${MAX_OPEN_RETRIES}; case ${caseId} (${cause}) would be one more. What is complete was committed, and the rest is found again. Look for one cause behind most of them: query open-debts.`,
  );
}

function recordGone(run: Run, reading: Reading): void {
  const { caseId } = reading.task;
  run.batch.records.set(caseId, { ...recordOf(run, reading), goneAt: now(run), unexplained: false });
  closeRetry(run, caseId);
  run.batch.gone.add(caseId);
  run.recorded.add(caseId);
  run.waiting.remove(caseId, Number.POSITIVE_INFINITY);
}

/** A case that no search shows any more. The caller holds the batch lock. */
export function recordLost(run: Run, caseId: string, record: CaseRecord | undefined): void {
  const templateId = record?.templateId ?? openRetry(run, caseId)?.templateId ?? null;
  run.batch.records.set(caseId, { ...unreadRecord(caseId, templateId), ...record, goneAt: now(run) });
  closeRetry(run, caseId);
  run.batch.gone.add(caseId);
  run.recorded.add(caseId);
  run.waiting.remove(caseId, Number.POSITIVE_INFINITY);
}

function recordRead(run: Run, reading: Reading, isTouchExplained: boolean): void {
  const { caseId, touched, record, observer } = reading.task;
  noteChanges(run, reading);
  const wasUnexplained = record?.unexplained === true;
  // A touch that was read before says nothing new of the domain.
  const isNew = touched > (record?.touched ?? Number.NEGATIVE_INFINITY);
  if (isNew) run.touches = counted(run.touches, isTouchExplained);
  if (wasUnexplained === isTouchExplained) {
    run.touches = { ...run.touches, accepted: Math.max(0, run.touches.accepted + (isTouchExplained ? -1 : 1)) };
  }
  run.batch.records.set(caseId, { ...recordOf(run, reading), unexplained: !isTouchExplained });
  run.recorded.add(caseId);
  // What touched the case after this read was asked for is still to be read.
  if (touched >= (openRetry(run, caseId)?.touched ?? Number.POSITIVE_INFINITY)) closeRetry(run, caseId);
  run.waiting.remove(caseId, touched);
  run.counters.add('casesRead');
  observer?.caseRead();
  run.watch.readWhole(caseId);
}

function closeRetry(run: Run, caseId: string): void {
  const retry = openRetry(run, caseId);
  if (retry) run.batch.retries.set(caseId, { ...retry, pending: [], closed: true });
}

function recordOf(run: Run, { task, known, firstPageAt, isWhole, content }: Reading): Omit<CaseRecord, 'seq'> {
  const { caseId, touched, templateId } = task;
  return {
    caseId,
    // Another lane may have read it for a later touch meanwhile: this read, which began after that one, has seen what came with it.
    touched: latest(touched, run.batch.records.get(caseId)?.touched ?? null) ?? touched,
    readAt: firstPageAt ?? now(run),
    waitingSince: null,
    owedFrom: null,
    templateId,
    eventCount: known.size,
    goneAt: null,
    content: isWhole && content.seen === known.size ? digestText(content.all) : null,
    unexplained: false,
  };
}

/** A whole read that shows other content than the one before, of events that were exported then. */
function noteChanges(run: Run, { task, isWhole, knownBefore, content }: Reading): void {
  const { caseId, record } = task;
  if (!isWhole || record?.content == null || record.eventCount !== knownBefore) return;
  const isSame = content.seenOfKnown === knownBefore && digestText(content.knownBefore) === record.content;
  if (isSame) return;
  run.changedUpstream.add(caseId);
  run.counters.anomaly('changed-upstream', { caseId });
}
