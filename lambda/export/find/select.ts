import { commitIfFull } from '../commit/commit';
import type { AnchorTracker } from '../domain/anchor';
import { decide, type SkipRule } from '../domain/skip';
import type { CaseHead } from '../domain/state';
import type { ReadObserver, ReadTask, Work } from '../read/reading';
import { openRetry } from '../read/record-outcome';
import { now, type Run } from '../run/run';
import { type PlacedCase, type Search, searchPages } from './search';

export interface Selection {
  readonly search: Search;
  readonly tracker: AnchorTracker;
  /** Association times that a walk over related items found, by case id. */
  readonly associations: ReadonlyMap<string, number>;
  readonly readSince?: number | undefined;
  /** Told of each case that is too fresh to be read, at its place. */
  readonly onWait: (placed: PlacedCase) => void;
  /** A case touched before this does not wait: nothing else would find it again. */
  readonly noWaitBefore?: number | undefined;
  readonly onEnd: () => void;
  /** No further work is given once this says so. */
  readonly isOver: () => boolean;
  readonly observer?: ReadObserver | undefined;
}

/** Cases that a search finds and that are to be read: not those read enough, too fresh, or on the retry list. */
export async function* selectCases(run: Run, selection: Selection): AsyncGenerator<Work, void> {
  const seen = new Map<string, number>();
  for await (const page of searchPages(run, selection.search)) {
    const works = await selectFrom(run, selection, page.cases, seen);
    if (page.reached === null) selection.tracker.freeze();
    else selection.tracker.reached(page.reached);
    for (const work of works) {
      if (selection.isOver()) return;
      yield work;
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
): Promise<Work[]> {
  const fresh = cases.filter(({ found }) => isNewHere(seen, found.caseId, touchedOf(selection, found)));
  for (const { found } of fresh) run.tally.found.add(found.caseId);
  const heads = await headsOf(
    run,
    fresh.map(({ found }) => found.caseId),
  );
  const works: Work[] = [];
  await run.batchLock.run(async () => {
    for (const placed of fresh) {
      const work = toWork(run, selection, placed, heads.get(placed.found.caseId));
      if (work) works.push(work);
    }
    await commitIfFull(run);
  });
  return works;
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

function toWork(run: Run, selection: Selection, placed: PlacedCase, head: CaseHead | undefined): Work | null {
  const { caseId, templateId } = placed.found;
  const touched = touchedOf(selection, placed.found);
  const decision = decide(touched, head, skipRule(run, selection.readSince));
  if (decision === 'skip') return null;
  if (decision === 'wait' && touched !== null && touched >= (selection.noWaitBefore ?? touched)) {
    noteWaiting(run, caseId, head, templateId);
    // If only its related item is fresh, the walk over related items finds the case again.
    if (decide(placed.found.lastUpdated, head, skipRule(run, selection.readSince)) !== 'skip') selection.onWait(placed);
    return null;
  }
  const task = {
    caseId,
    templateId: templateId ?? head?.templateId ?? null,
    touched: touched ?? now(run),
    head,
    observer: selection.observer,
    readSince: selection.readSince,
  };
  if (leaveToRetryList(run, task)) return null;
  return { task, settled: selection.tracker.found(placed.place, caseId) };
}

export function skipRule(run: Run, readSince?: number): SkipRule {
  const { settleMs, maxLagMs } = run.deps.settings;
  return { now: now(run), settleMs, maxLagMs, readSince };
}

/** A case on the retry list is settled: it is read when it is due. What touched it since is kept. */
export function leaveToRetryList(run: Run, { caseId, touched }: ReadTask): boolean {
  const retry = openRetry(run, caseId);
  if (!retry) return false;
  if (touched > retry.touched) run.batch.retries.set(caseId, { ...retry, touched });
  return true;
}

/** Remembers since when a case waits, so that one that changes every minute is read all the same. The caller holds the lock. */
export function noteWaiting(run: Run, caseId: string, found: CaseHead | undefined, templateId: string | null): void {
  // A read may have ended since the heads were looked up.
  const head = run.batch.heads.get(caseId) ?? found;
  if (head?.waitingSince != null) return;
  const unread = { caseId, touched: null, readAt: null, templateId, eventCount: 0, goneAt: null };
  run.batch.heads.set(caseId, { ...unread, ...head, waitingSince: now(run) });
}

/** Heads as the table and the batch hold them. The batch first: what a commit moves meanwhile is seen in one of the two. */
export async function headsOf(run: Run, caseIds: readonly string[]): Promise<Map<string, CaseHead>> {
  const changed = caseIds.flatMap((caseId) => run.batch.heads.get(caseId) ?? []);
  const heads = await run.deps.checkpoints.readHeads(run.domainId, caseIds);
  for (const head of changed) heads.set(head.caseId, { ...head, seq: 0 });
  return heads;
}
