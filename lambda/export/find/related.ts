import type { CaseRecord } from '../domain/case-items';
import { missingOf } from '../domain/debts';
import { CasesCallError } from '../domain/errors';
import { decide, type SkipRule } from '../domain/skip';
import type { RelatedLane } from '../domain/state';
import { readAll } from '../read/read-case';
import type { PlannedRead } from '../read/reading';
import { countNulls, isTokenRefused, noteNulls } from '../run/counters';
import { now, type Run } from '../run/run';
import { HiddenPlaces, MAX_HELD_PASSES } from './census';
import { leaveToRetryList, noteWaiting, recordsOf, skipRule } from './select';

/** Number of cases after which a scan is interrupted: bounds memory. */
const MAX_CASES_PER_SCAN = 10_000;

/** Share of the remaining reading time that the scan may take. */
const SCAN_SHARE = 0.25;

/** After this many ticks in a row without reaching the watermark, a person should look, and a sweep is due. */
export const ALARMING_TICKS = 3;

/** Number of heads looked up together. */
const CASES_AT_ONCE = 100;

type Page = Awaited<ReturnType<Run['calls']['searchAllRelatedItems']>>;

/** A lane whose first pass has begun. */
type BegunLane = RelatedLane & { readonly watermark: number };

/** The findings of a scan over related items, newest first. */
interface RelatedScan {
  /** The lane before the scan. */
  readonly lane: BegunLane;
  /** Time of the last touch of each case by a related item, by case id, down to the watermark less the overlap. */
  readonly itemTouches: Map<string, number>;
  readonly startedAt: number;
  readonly lowest: number;
  readonly end: 'bottom' | 'interrupted' | 'unavailable';
  /** A null remained, which may hide an item: then the scan did not certainly reach the watermark. */
  readonly hasNulls: boolean;
  /** Where an interrupted scan may continue. */
  readonly token: string | null;
}

/**
 * Scans related items down to the watermark, because SearchAllRelatedItems has no time filter. Never fails because of
 * the operation itself: if it is denied or unknown, the rest of the run goes on, with an alarm.
 */
export async function scanRelatedItems(run: Run): Promise<RelatedScan> {
  const lane = laneFromFirstPass(run);
  // Set before the scan, so it holds even if the scan fails: everything this run commits as read was read after this
  // point.
  run.progress.beginRelated(lane);
  const walk = new Walk(run, lane);
  try {
    await walk.go();
  } catch (error) {
    if (!(error instanceof CasesCallError)) throw error;
    run.counters.anomaly('related-items-unavailable', { failure: error.failure });
    return { ...walk.found(), end: 'unavailable' };
  }
  return walk.found();
}

/**
 * Returns the lane. Before the first pass its watermark is that pass's start less settle, and everything older belongs
 * to the sweep.
 */
function laneFromFirstPass(run: Run): BegunLane {
  const { related } = run.published.state.lanes;
  return { ...related, watermark: related.watermark ?? now(run) - run.deps.settings.settleMs };
}

class Walk {
  readonly #itemTouches = new Map<string, number>();
  readonly #tokensSeen = new Set<string>();
  readonly #bottom: number;
  readonly #enoughMs: number;
  #token: string | undefined;
  #startedAt: number | null;
  #lowest: number;
  #atBottom = false;
  #restarted = false;
  #hasNulls = false;

  constructor(
    private readonly run: Run,
    private readonly lane: BegunLane,
  ) {
    this.#bottom = lane.watermark - run.deps.settings.overlapMs;
    this.#token = lane.walk?.token;
    this.#startedAt = lane.walk?.startedAt ?? null;
    this.#lowest = lane.walk?.lowest ?? Number.POSITIVE_INFINITY;
    this.#enoughMs = run.budget.readingMs() * (1 - SCAN_SHARE);
  }

  async go(): Promise<void> {
    do {
      const askedAt = this.run.deps.clock.now();
      const page = await this.#ask();
      if (page === 'token-lost') this.#fromTheTop();
      else this.#take(page, this.run.time.correct(askedAt));
    } while (!this.#atBottom && !this.#isEnough());
  }

  found(): Omit<RelatedScan, 'end'> & { end: 'bottom' | 'interrupted' } {
    const startedAt = this.#startedAt ?? now(this.run);
    return {
      lane: this.lane,
      itemTouches: this.#itemTouches,
      startedAt,
      lowest: Math.min(this.#lowest, startedAt),
      hasNulls: this.#hasNulls,
      end: this.#atBottom ? 'bottom' : 'interrupted',
      token: this.#token ?? null,
    };
  }

  #isEnough(): boolean {
    return this.#itemTouches.size >= MAX_CASES_PER_SCAN || this.run.budget.readingMs() < this.#enoughMs;
  }

  async #ask(): Promise<Page | 'token-lost'> {
    try {
      const page = await this.#askOnce();
      const nulls = noteNulls(this.run.counters, 'SearchAllRelatedItems', page.items);
      return nulls === 0 ? page : await this.#askAgain(page);
    } catch (error) {
      if (isTokenRefused(error, this.#token) && !this.#restarted) return 'token-lost';
      throw error;
    }
  }

  #askOnce(): Promise<Page> {
    return this.run.calls.searchAllRelatedItems({ domainId: this.run.domainId, nextToken: this.#token });
  }

  /**
   * A null may hide an item, so the page is requested once more; items that only the first answer showed are found,
   * too.
   */
  async #askAgain(page: Page): Promise<Page> {
    for (const item of page.items) this.#associate(item);
    const again = await this.#askOnce();
    this.#hasNulls ||= countNulls(again.items) > 0;
    return again;
  }

  /** Restarts once per scan, because a token is only a hint. */
  #fromTheTop(): void {
    this.run.counters.anomaly('search-token', { operation: 'SearchAllRelatedItems' });
    this.#restarted = true;
    this.#token = undefined;
    this.#tokensSeen.clear();
    this.#startedAt = null;
    this.#lowest = Number.POSITIVE_INFINITY;
  }

  #take(page: Page, askedAt: number): void {
    this.#startedAt ??= askedAt;
    this.#atBottom = page.nextToken === undefined || this.#endsBelowBottom(page);
    for (const item of page.items) this.#takeItem(item);
    if (page.nextToken === undefined) return;
    if (this.#tokensSeen.has(page.nextToken)) {
      throw new CasesCallError('SearchAllRelatedItems repeats a token', 'refused', 'SearchAllRelatedItems');
    }
    this.#tokensSeen.add(page.nextToken);
    this.#token = page.nextToken;
  }

  /**
   * Whether the page ends below the watermark. Within a page items are newest first; across pages they repeat when
   * others arrive at the top.
   */
  #endsBelowBottom(page: Page): boolean {
    const times = page.items.flatMap((item) => item?.associatedAt ?? []);
    const isSorted = times.every((time, index) => index === 0 || time <= (times[index - 1] ?? time));
    const last = times.at(-1);
    return isSorted && last !== undefined && last < this.#bottom;
  }

  #takeItem(item: Page['items'][number]): void {
    if (item === null) return;
    if (item.associatedAt === null) this.run.counters.anomaly('case-without-time', { caseId: item.caseId });
    this.#lowest = Math.min(this.#lowest, this.#associate(item) ?? this.#lowest);
  }

  #associate(item: Page['items'][number]): number | null {
    if (item === null) return null;
    const { caseId, associatedAt } = item;
    const touched = associatedAt ?? this.#startedAt ?? now(this.run);
    if (touched < this.#bottom) return associatedAt;
    this.run.counters.found.add(caseId);
    this.#itemTouches.set(caseId, Math.max(touched, this.#itemTouches.get(caseId) ?? touched));
    return associatedAt;
  }
}

/**
 * Reads the cases of a scan that the live lane has not read already. Moves the related watermark if the scan reached it
 * and every case found is read, on the retry list, or fresh enough to be found again.
 * @param leaveMs reading time left to the sweep.
 */
export async function readRelatedCases(run: Run, walk: RelatedScan, leaveMs: number): Promise<void> {
  let lowestWaiting = Number.POSITIVE_INFINITY;
  let isCutShort = false;
  const tasks = selectRelated(run, walk.itemTouches, {
    onWait: (touched) => {
      lowestWaiting = Math.min(lowestWaiting, touched);
    },
    isOver: () => {
      isCutShort ||= run.budget.readingMs() <= leaveMs;
      return isCutShort;
    },
  });
  const allDone = (await readAll(run, tasks)) && !isCutShort;
  const next = laneAfter(walk, allDone, walk.startedAt - run.deps.settings.settleMs, lowestWaiting);
  if (next.ticksWithoutBottom >= ALARMING_TICKS) {
    run.counters.anomaly('related-items-not-to-bottom', { ticks: next.ticksWithoutBottom });
  }
  const isPassed = next.watermark !== walk.lane.watermark || next.ticksWithoutBottom === 0;
  if (isPassed && walk.hasNulls && !isHeld(walk)) run.progress.oweNotShown(new HiddenPlaces(1), now(run));
  run.progress.finishRelated(next);
}

/** A null may hide an item: the watermark stays for a few passes, in the hope that the item appears. */
function isHeld({ hasNulls, lane }: RelatedScan): boolean {
  return hasNulls && lane.heldPasses < MAX_HELD_PASSES;
}

function laneAfter(walk: RelatedScan, allDone: boolean, settledBefore: number, lowestWaiting: number): RelatedLane {
  const { lane } = walk;
  if (walk.end === 'unavailable') return lane;
  if (walk.end === 'bottom' && allDone) {
    if (isHeld(walk)) return { ...lane, walk: null, ticksWithoutBottom: 0, heldPasses: lane.heldPasses + 1 };
    const watermark = Math.min(Math.max(lane.watermark, settledBefore), lowestWaiting);
    return { watermark, walk: null, ticksWithoutBottom: 0, heldPasses: 0 };
  }
  const ticksWithoutBottom = lane.ticksWithoutBottom + 1;
  // A token is kept only past cases that are done, because items before it are not scanned again. A waiting case lies
  // above the watermark that the scan will set, unless a clock went back.
  const mayGoOn = allDone && !walk.hasNulls && walk.token !== null && lowestWaiting >= settledBefore;
  if (!mayGoOn) return { ...lane, ticksWithoutBottom };
  return { ...lane, walk: { startedAt: walk.startedAt, lowest: walk.lowest, token: walk.token }, ticksWithoutBottom };
}

async function* selectRelated(
  run: Run,
  itemTouches: ReadonlyMap<string, number>,
  { onWait, isOver }: { onWait: (touched: number) => void; isOver: () => boolean },
): AsyncGenerator<PlannedRead, void> {
  const all = [...itemTouches];
  for (let at = 0; at < all.length; at += CASES_AT_ONCE) {
    for (const planned of await selectFrom(run, all.slice(at, at + CASES_AT_ONCE), onWait)) {
      if (isOver()) return;
      yield planned;
    }
  }
}

async function selectFrom(
  run: Run,
  itemTouches: readonly (readonly [string, number])[],
  onWait: (touched: number) => void,
): Promise<PlannedRead[]> {
  const records = await recordsOf(
    run,
    itemTouches.map(([caseId]) => caseId),
  );
  const tasks: PlannedRead[] = [];
  await run.batch.locked(async (open) => {
    for (const [caseId, touched] of itemTouches) {
      const record = records.get(caseId);
      const { progress, deps } = run;
      const { provenUntil } = progress;
      const missing = missingOf({ touched, created: null, record, provenUntil }, deps.settings.settleMs);
      const decision = decideRelated(touched, record, skipRule(run));
      if (decision === 'wait') {
        noteWaiting(run, open, { caseId, templateId: null, touched, lastUpdated: null, ...missing, record });
        onWait(touched);
      }
      const templateId = record?.templateId ?? null;
      const task = { caseId, templateId, touched, lastUpdated: null, ...missing, record };
      if (decision === 'read' && !leaveToRetryList(run, open, task)) tasks.push({ task, done: () => undefined });
    }
  });
  return tasks;
}

/**
 * Items of a case that is gone may still be listed: only a later item, or a search that shows the case, leads to
 * another read.
 */
function decideRelated(touched: number, record: CaseRecord | undefined, rule: SkipRule): ReturnType<typeof decide> {
  if (record?.goneAt != null && touched <= (record.touched ?? Number.NEGATIVE_INFINITY)) return 'skip';
  return decide(touched, record, rule);
}
