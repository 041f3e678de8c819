import type { CaseRecord, RetryCause } from '../domain/case-items';
import { digestText } from '../domain/content-digest';
import { unreadCase } from '../domain/debts';
import {
  areMostlyUnexplained,
  counted,
  isExplained,
  MAX_OPEN_RETRIES,
  MAX_UNEXPLAINED_READS,
  park,
} from '../domain/retry-list';
import type { WaitingCase } from '../domain/state';
import { latest } from '../domain/times';
import { SystemicError } from '../run/calls';
import type { RunCounters } from '../run/counters';
import type { HeldBatch } from '../run/open-batch';
import { now, type Run, type Timed } from '../run/run';
import { type Reading, unreadRecord } from './reading';

/** The end of a read. */
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

/** Records the outcome of a read. */
export function recordOutcome(run: Run, open: HeldBatch, reading: Reading, outcome: Outcome): void {
  if (outcome.kind === 'failed') owe(run, open, reading, outcome.cause, outcome);
  else if (outcome.kind === 'gone') recordGone(run, open, reading);
  else recordWholeRead(run, open, reading);
}

/** Records a read to the last page, which need not mean that every event arrived. */
function recordWholeRead(run: Run, open: HeldBatch, reading: Reading): void {
  const { touched, isTouchKnown = true } = reading.task;
  const isTouchExplained = !isTouchKnown || isExplained(touched, reading.attempt.newest);
  if (reading.pending.size > 0) owe(run, open, reading, 'null-field');
  else if (!isTouchExplained && isWorthAnotherRead(run.counters, open, reading)) owe(run, open, reading, 'unexplained');
  else recordRead(run, open, reading, isTouchExplained);
}

/** A touch without an event costs three reads, once; in a domain where most touches have none, it costs one. */
function isWorthAnotherRead(counters: RunCounters, open: HeldBatch, { task }: Reading): boolean {
  const { record, touched } = task;
  if (record?.unexplained === true && touched <= (record.touched ?? Number.NEGATIVE_INFINITY)) return false;
  if (areMostlyUnexplained(open.touches)) {
    counters.anomaly('touches-unexplained', { unexplained: open.touches.unexplained });
    return false;
  }
  const retry = open.retryOf(task.caseId);
  const readsBefore = retry?.cause === 'unexplained' ? retry.attempts : 0;
  return readsBefore + 1 < MAX_UNEXPLAINED_READS;
}

function owe(
  run: Run,
  open: HeldBatch,
  reading: Reading,
  cause: RetryCause,
  { retryAfterMs, isLost }: { readonly retryAfterMs?: number | undefined; readonly isLost?: boolean } = {},
): void {
  const { caseId, touched, sweptAt } = reading.task;
  const retry = open.retryOf(caseId);
  if (retry === undefined && run.published.openRetries.size >= MAX_OPEN_RETRIES) throw tooManyOwed(run, caseId, cause);
  const pending = [...reading.pending.values()];
  const failed = {
    ...unreadCase(reading.task),
    cause,
    retryAfterMs,
    isLost,
    pending,
    sweptAt,
  };
  open.putRetry(park(retry, failed, now(run), run.deps.settings.settleMs));
  open.waiting.remove(caseId, touched);
  // A history that lags behind the search index is ordinary.
  if (cause !== 'unexplained') run.counters.anomaly('case-parked', { caseId, cause });
}

/** Puts a waiting case that no lane may find again on the retry list. */
export function oweWaiting(run: Run, open: HeldBatch, { since, ...waiting }: WaitingCase): void {
  if (run.published.openRetries.size >= MAX_OPEN_RETRIES) throw tooManyOwed(run, waiting.caseId, 'waited');
  const entry = park(undefined, { ...waiting, cause: 'waited' }, now(run), run.deps.settings.settleMs);
  open.putRetry({ ...entry, firstSeen: since });
}

function tooManyOwed(run: Run, caseId: string, cause: RetryCause): SystemicError {
  return new SystemicError(
    `The retry list of domain ${run.domainId} holds ${run.published.openRetries.size} cases, expected at most ${MAX_OPEN_RETRIES}; case ${caseId} (${cause}) would be one more. What is complete was committed, and the rest is found again. Look for one cause behind most of them: query open-debts.`,
  );
}

function recordGone(run: Timed, open: HeldBatch, reading: Reading): void {
  open.putGone({ ...recordOf(run, open, reading), goneAt: now(run), unexplained: false });
}

/** Marks a case that no search shows any more. */
export function recordLost(run: Timed, open: HeldBatch, caseId: string, record: CaseRecord | undefined): void {
  const templateId = record?.templateId ?? open.retryOf(caseId)?.templateId ?? null;
  open.putGone({ ...unreadRecord(caseId, templateId), ...record, goneAt: now(run) });
}

function recordRead(run: Run, open: HeldBatch, reading: Reading, isTouchExplained: boolean): void {
  const { caseId, touched, record, observer } = reading.task;
  noteChanges(run.counters, open, reading);
  const wasUnexplained = record?.unexplained === true;
  // A touch that was read before says nothing new of the domain.
  const isNew = touched > (record?.touched ?? Number.NEGATIVE_INFINITY);
  if (isNew) open.touches = counted(open.touches, isTouchExplained);
  if (wasUnexplained === isTouchExplained) {
    open.touches = { ...open.touches, accepted: Math.max(0, open.touches.accepted + (isTouchExplained ? -1 : 1)) };
  }
  open.putRecord({ ...recordOf(run, open, reading), unexplained: !isTouchExplained });
  // A touch after the request for this read is still to be read.
  if (touched >= (open.retryOf(caseId)?.touched ?? Number.POSITIVE_INFINITY)) open.closeRetry(caseId);
  open.waiting.remove(caseId, touched);
  run.counters.add('casesRead');
  observer?.caseRead();
  run.watch.readWhole(caseId);
}

function recordOf(
  run: Timed,
  open: HeldBatch,
  { task, known, attempt: { firstPageAt, isWhole, content } }: Reading,
): Omit<CaseRecord, 'seq'> {
  const { caseId, touched, templateId } = task;
  return {
    caseId,
    // Another lane may have read the case for a later touch meanwhile: this read began after that one, so it has seen
    // the same events.
    touched: latest(touched, open.records.get(caseId)?.touched ?? null) ?? touched,
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

/** Reports a whole read in which events that were exported earlier differ from the read before. */
function noteChanges(counters: RunCounters, open: HeldBatch, { task, knownBefore, attempt }: Reading): void {
  const { caseId, record } = task;
  const { isWhole, content } = attempt;
  if (!isWhole || record?.content == null || record.eventCount !== knownBefore) return;
  const isSame = content.seenOfKnown === knownBefore && digestText(content.knownBefore) === record.content;
  if (isSame) return;
  open.changedUpstream.add(caseId);
  counters.anomaly('changed-upstream', { caseId });
}
