import { commitIfFull } from '../commit/commit';
import type { CaseRecord } from '../domain/case-items';
import { missingOf } from '../domain/debts';
import type { ResumePoint } from '../domain/resume-point';
import { touchedAgain } from '../domain/retry-list';
import { decide, type SkipRule } from '../domain/skip';
import type { WaitingCase } from '../domain/state';
import { earlier } from '../domain/times';
import { type PlannedRead, type ReadObserver, type ReadTask, unreadRecord } from '../read/reading';
import { oweWaiting } from '../read/record-outcome';
import type { HeldBatch } from '../run/open-batch';
import { now, type Run, type Timed } from '../run/run';
import type { FoundPage } from './search';

type PlacedCase = FoundPage['cases'][number];

interface Selection {
  readonly pages: AsyncGenerator<FoundPage, void>;
  readonly tracker: ResumePoint;
  /** Time of the last touch by a related item, by case id, of each case that a scan over them found. */
  readonly itemTouches: ReadonlyMap<string, number>;
  readonly readSince?: number | undefined;
  /** Receives each page, before its cases are given. */
  readonly onPage: (page: FoundPage) => void;
  /** Receives each case that is too fresh to be read, at its place. */
  readonly onWait: (placed: PlacedCase) => void;
  /** A case touched before this does not wait, because no other lane would find it again. */
  readonly noWaitBefore?: number | undefined;
  /** Receives the last page, once its cases were given. */
  readonly onEnd: (page: FoundPage) => void;
  /** No further task is given once this returns true. */
  readonly isOver: () => boolean;
  readonly observer?: ReadObserver | undefined;
}

/** Yields the cases of a search that are to be read: not those read enough, too fresh, or on the retry list. */
export async function* selectCases(run: Run, selection: Selection): AsyncGenerator<PlannedRead, void> {
  const seen = new Map<string, number>();
  for await (const page of selection.pages) {
    selection.onPage(page);
    const tasks = await selectFrom(run, selection, page.cases, seen);
    if (page.reached !== null) selection.tracker.reached(page.reached);
    for (const planned of tasks) {
      if (selection.isOver()) return;
      yield planned;
    }
    if (page.isLast) selection.onEnd(page);
    else if (selection.isOver()) return;
  }
}

async function selectFrom(
  run: Run,
  selection: Selection,
  cases: readonly PlacedCase[],
  seen: Map<string, number>,
): Promise<PlannedRead[]> {
  const fresh = cases.filter(({ found }) => isNewHere(seen, found.caseId, touchedOf(selection, found)));
  for (const { found } of fresh) run.counters.found.add(found.caseId);
  const records = await recordsOf(
    run,
    fresh.map(({ found }) => found.caseId),
  );
  const tasks: PlannedRead[] = [];
  await run.batch.locked(async (open) => {
    for (const placed of fresh) {
      const planned = toPlannedRead(run, open, selection, placed, records.get(placed.found.caseId));
      if (planned) tasks.push(planned);
    }
    await commitIfFull(run, open);
  });
  return tasks;
}

/**
 * The last case of one page appears again as the first of the next; a case updated meanwhile appears again with a later
 * time.
 */
function isNewHere(seen: Map<string, number>, caseId: string, touched: number | null): boolean {
  const before = seen.get(caseId);
  if (before !== undefined && touched !== null && touched <= before) return false;
  seen.set(caseId, touched ?? 0);
  return true;
}

function touchedOf({ itemTouches }: Selection, found: PlacedCase['found']): number | null {
  const byItem = itemTouches.get(found.caseId);
  if (found.lastUpdated === null) return byItem ?? null;
  return Math.max(found.lastUpdated, byItem ?? found.lastUpdated);
}

function toPlannedRead(
  run: Run,
  open: HeldBatch,
  selection: Selection,
  placed: PlacedCase,
  record: CaseRecord | undefined,
): PlannedRead | null {
  const { caseId, templateId, lastUpdated, created } = placed.found;
  const touched = touchedOf(selection, placed.found);
  const decision = decide(touched, record, skipRule(run, selection.readSince));
  if (decision === 'skip') return null;
  const missing = missingFor(run, selection, { touched, created, record });
  if (decision === 'wait' && touched !== null && touched >= (selection.noWaitBefore ?? touched)) {
    const isSwept = selection.readSince !== undefined;
    noteWaiting(run, open, { caseId, templateId, touched, lastUpdated, ...missing, record }, isSwept);
    noteSwept(run, open, caseId, selection.readSince);
    // If only its related item is fresh, the scan over related items finds the case again.
    if (decide(lastUpdated, record, skipRule(run, selection.readSince)) !== 'skip') selection.onWait(placed);
    return null;
  }
  const task = {
    caseId,
    templateId: templateId ?? record?.templateId ?? null,
    touched: touched ?? now(run),
    isTouchKnown: touched !== null,
    ...missing,
    record,
    lastUpdated,
    observer: selection.observer,
    readSince: selection.readSince,
    sweptAt: selection.readSince && sweptNow(run, selection.readSince),
  };
  if (leaveToRetryList(run, open, task)) return null;
  return { task, done: selection.tracker.found(placed.place, caseId) };
}

/** A sweep serves cases that no proof covers, so it counts from the last whole read. */
function missingFor(
  run: Run,
  { readSince }: Selection,
  found: Omit<Parameters<typeof missingOf>[0], 'provenUntil'>,
): ReturnType<typeof missingOf> {
  const { settleMs } = run.deps.settings;
  if (readSince === undefined) return missingOf({ ...found, provenUntil: run.progress.provenUntil }, settleMs);
  const record = found.record && { ...found.record, waitingSince: null };
  return missingOf({ ...found, record, provenUntil: null }, settleMs);
}

export function skipRule(run: Timed, readSince?: number): SkipRule {
  const { settleMs, maxLagMs } = run.deps.settings;
  return { now: now(run), settleMs, maxLagMs, readSince };
}

/**
 * Whether the retry list has the case, which is then read when it is due. Notes that the case was touched since, and
 * that it is still shown.
 */
export function leaveToRetryList(
  run: Timed,
  open: HeldBatch,
  { caseId, touched, lastUpdated, readSince }: ReadTask,
): boolean {
  const retry = open.retryOf(caseId);
  if (!retry) return false;
  const seen = touchedAgain(retry, { touched, lastUpdated }, run.deps.settings);
  const isChanged =
    seen.touched > retry.touched || seen.lastUpdated !== retry.lastUpdated || seen.lostAt !== retry.lostAt;
  if (isChanged) open.putRetry(seen);
  noteSwept(run, open, caseId, readSince);
  return true;
}

/** A sweep shows a case of the retry list, so the case is not gone. */
function noteSwept(run: Timed, open: HeldBatch, caseId: string, sweepStartedAt: number | undefined): void {
  const retry = open.retryOf(caseId);
  if (retry === undefined || sweepStartedAt === undefined || (retry.sweptAt ?? 0) >= sweepStartedAt) return;
  open.putRetry({ ...retry, sweptAt: sweptNow(run, sweepStartedAt) });
}

/** Our clock may be corrected while a sweep is under way. */
function sweptNow(run: Timed, sweepStartedAt: number): number {
  return Math.max(now(run), sweepStartedAt);
}

/**
 * Notes a case that is found and too fresh to be read. It is owed, and the start of its wait is remembered, so that a
 * case that changes every minute is read all the same.
 * @param isSwept found by a sweep, which counts from the last whole read: more may be missing than the live lane knew.
 */
export function noteWaiting(run: Run, open: HeldBatch, task: ReadTask, isSwept = false): void {
  const { caseId, templateId, touched, lastUpdated, missingFrom, neverRead } = task;
  // A read may have ended since the records were looked up.
  const record = open.records.get(caseId) ?? task.record;
  const since = record?.waitingSince ?? now(run);
  if (open.retryOf(caseId) === undefined)
    noteOnList(run, open, { caseId, templateId, touched, lastUpdated, since, missingFrom, neverRead });
  if (record?.waitingSince != null && !isSwept) return;
  const isFirst = record?.waitingSince == null;
  const owedFrom = isFirst ? missingFrom : earlier(record.owedFrom, missingFrom);
  if (!isFirst) open.waiting.lower(caseId, owedFrom);
  open.putRecord({ ...unreadRecord(caseId, templateId), ...record, waitingSince: since, owedFrom });
}

/** Lists the case in STATE, as long as there is room. */
function noteOnList(run: Run, open: HeldBatch, waiting: WaitingCase): void {
  if (!open.waiting.add(waiting)) oweWaiting(run, open, waiting);
}

/** Reads, by their ids, the cases that waited when the run began and that the lanes did not find again. */
export function oweUnseen(run: Run): Promise<void> {
  return run.batch.locked(async (open) => {
    for (const waiting of open.waiting.takeUnseen()) if (!open.retryOf(waiting.caseId)) oweWaiting(run, open, waiting);
  });
}

/**
 * Returns records from the batch and the table. The batch first: a record that a commit moves meanwhile is then seen in
 * one of the two.
 */
export async function recordsOf(run: Run, caseIds: readonly string[]): Promise<Map<string, CaseRecord>> {
  const changed = caseIds.flatMap((caseId) => run.batch.records.get(caseId) ?? []);
  const records = await run.deps.checkpoints.readCaseRecords(run.domainId, caseIds);
  for (const record of changed) records.set(record.caseId, { ...record, seq: 0 });
  return records;
}
