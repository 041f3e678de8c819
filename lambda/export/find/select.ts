import { commitIfFull } from '../commit/commit';
import type { ResumePoint } from '../domain/resume-point';
import { decide, type SkipRule } from '../domain/skip';
import type { CaseRecord } from '../domain/state';
import type { PlannedRead, ReadObserver, ReadTask } from '../read/reading';
import { openRetry } from '../read/record-outcome';
import { now, type Run } from '../run/run';
import { type PlacedCase, type Search, searchPages } from './search';

interface Selection {
  readonly search: Search;
  readonly tracker: ResumePoint;
  /** Association times that a walk over related items found, by case id. */
  readonly associations: ReadonlyMap<string, number>;
  readonly readSince?: number | undefined;
  /** Told of each case that is too fresh to be read, at its place. */
  readonly onWait: (placed: PlacedCase) => void;
  /** A case touched before this does not wait: nothing else would find it again. */
  readonly noWaitBefore?: number | undefined;
  readonly onEnd: () => void;
  /** No further planned is given once this says so. */
  readonly isOver: () => boolean;
  readonly observer?: ReadObserver | undefined;
}

/** Cases that a search finds and that are to be read: not those read enough, too fresh, or on the retry list. */
export async function* selectCases(run: Run, selection: Selection): AsyncGenerator<PlannedRead, void> {
  const seen = new Map<string, number>();
  for await (const page of searchPages(run, selection.search)) {
    const tasks = await selectFrom(run, selection, page.cases, seen);
    if (page.reached === null) selection.tracker.freeze();
    else selection.tracker.reached(page.reached);
    for (const planned of tasks) {
      if (selection.isOver()) return;
      yield planned;
    }
    if (page.isLast) selection.onEnd();
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
  await run.batchLock.run(async () => {
    for (const placed of fresh) {
      const planned = toPlannedRead(run, selection, placed, records.get(placed.found.caseId));
      if (planned) tasks.push(planned);
    }
    await commitIfFull(run);
  });
  return tasks;
}

/** The last of one page comes again as the first of the next; a case updated meanwhile comes again with a later time. */
function isNewHere(seen: Map<string, number>, caseId: string, touched: number | null): boolean {
  const before = seen.get(caseId);
  if (before !== undefined && touched !== null && touched <= before) return false;
  seen.set(caseId, touched ?? 0);
  return true;
}

function touchedOf({ associations }: Selection, found: PlacedCase['found']): number | null {
  const association = associations.get(found.caseId);
  if (found.lastUpdated === null) return association ?? null;
  return Math.max(found.lastUpdated, association ?? found.lastUpdated);
}

function toPlannedRead(
  run: Run,
  selection: Selection,
  placed: PlacedCase,
  record: CaseRecord | undefined,
): PlannedRead | null {
  const { caseId, templateId } = placed.found;
  const touched = touchedOf(selection, placed.found);
  const decision = decide(touched, record, skipRule(run, selection.readSince));
  if (decision === 'skip') return null;
  if (decision === 'wait' && touched !== null && touched >= (selection.noWaitBefore ?? touched)) {
    noteWaiting(run, caseId, record, templateId);
    // If only its related item is fresh, the walk over related items finds the case again.
    if (decide(placed.found.lastUpdated, record, skipRule(run, selection.readSince)) !== 'skip')
      selection.onWait(placed);
    return null;
  }
  const task = {
    caseId,
    templateId: templateId ?? record?.templateId ?? null,
    touched: touched ?? now(run),
    record,
    observer: selection.observer,
    readSince: selection.readSince,
  };
  if (leaveToRetryList(run, task)) return null;
  return { task, done: selection.tracker.found(placed.place, caseId) };
}

export function skipRule(run: Run, readSince?: number): SkipRule {
  const { settleMs, maxLagMs } = run.deps.settings;
  return { now: now(run), settleMs, maxLagMs, readSince };
}

/** A case on the retry list is done: it is read when it is due. What touched it since is kept. */
export function leaveToRetryList(run: Run, { caseId, touched }: ReadTask): boolean {
  const retry = openRetry(run, caseId);
  if (!retry) return false;
  if (touched > retry.touched) run.batch.retries.set(caseId, { ...retry, touched });
  return true;
}

/** Remembers since when a case waits, so that one that changes every minute is read all the same. The caller holds the lock. */
export function noteWaiting(run: Run, caseId: string, found: CaseRecord | undefined, templateId: string | null): void {
  // A read may have ended since the records were looked up.
  const record = run.batch.records.get(caseId) ?? found;
  if (record?.waitingSince != null) return;
  const unread = { caseId, touched: null, readAt: null, templateId, eventCount: 0, goneAt: null };
  run.batch.records.set(caseId, { ...unread, ...record, waitingSince: now(run) });
}

/** Heads as the table and the batch hold them. The batch first: what a commit moves meanwhile is seen in one of the two. */
export async function recordsOf(run: Run, caseIds: readonly string[]): Promise<Map<string, CaseRecord>> {
  const changed = caseIds.flatMap((caseId) => run.batch.records.get(caseId) ?? []);
  const records = await run.deps.checkpoints.readCaseRecords(run.domainId, caseIds);
  for (const record of changed) records.set(record.caseId, { ...record, seq: 0 });
  return records;
}
