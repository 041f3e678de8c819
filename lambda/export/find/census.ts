/** What the service counts, and what its searches show of it. */
import type { DebtSum, SweepLane } from '../domain/state';
import type { Asker } from '../run/run';
import { askFirstPage, type FoundPage, type Search, searchPages } from './search';

type Hidden = FoundPage['hidden'][number];

/** Compares the cases that a sweep has found with the service's own count. */
export class Census {
  #expected: number | null;
  readonly #places = new Map<string, number>();
  readonly #hiddenPlaces: number[] = [];

  constructor(private readonly sweep: SweepLane) {
    this.#expected = sweep.totalCount;
  }

  /**
   * Yields every page of the sweep. If fewer cases were found than the service counted, it asks once more at the end.
   */
  async *pages(run: Asker, search: Search): AsyncGenerator<FoundPage, void> {
    for await (const page of searchPages(run, search)) {
      this.#add(page);
      const isEnough = !page.isLast || this.#expected === null || this.casesFound >= this.#expected;
      yield isEnough ? page : { ...page, isLast: false };
      if (!isEnough) yield await this.#recount(run, search);
    }
  }

  /** Counts up to the resume point; the next run finds cases from there on again. */
  upTo(anchor: number): Pick<SweepLane, 'totalCount' | 'casesFound' | 'casesHidden'> {
    const isBelow = (place: number) => place < anchor;
    return {
      totalCount: this.#expected,
      casesFound: this.sweep.casesFound + [...this.#places.values()].filter(isBelow).length,
      casesHidden: this.sweep.casesHidden + this.#hiddenPlaces.filter(isBelow).length,
    };
  }

  /** Number of distinct cases found that existed when the sweep began. */
  get casesFound(): number {
    return this.sweep.casesFound + this.#places.size;
  }

  /**
   * Number of cases that the service counts and the sweep did not find. Without a count, the number of null places;
   * null if there were none.
   */
  get casesNotFound(): number | null {
    const hidden = this.sweep.casesHidden + this.#hiddenPlaces.length;
    if (this.#expected === null) return hidden === 0 ? null : hidden;
    return Math.max(hidden, this.#expected - this.casesFound);
  }

  #add(page: FoundPage): void {
    // Only the very first page of the sweep counts all cases.
    if (this.sweep.anchor === null && this.#places.size === 0) this.#expected ??= page.totalCount ?? null;
    for (const { found, place } of page.cases) {
      if (this.#isCounted(place) && !this.#places.has(found.caseId)) this.#places.set(found.caseId, place);
    }
    for (const { place, cases } of page.hidden) {
      for (let count = 0; count < cases; count += 1) this.#hiddenPlaces.push(place);
    }
  }

  /**
   * Cases created since the sweep began are not in the first count. Cases below the resume point, which a search from
   * its whole second shows again, were counted by the runs before.
   */
  #isCounted(place: number): boolean {
    return place <= this.sweep.startedAt && place >= (this.sweep.anchor ?? place);
  }

  /**
   * Counts again the cases that existed when the sweep began and still exist, because some may have been deleted since.
   * Takes two calls. Cases that the first of them shows count as found.
   */
  async #recount(run: Asker, search: Search): Promise<FoundPage> {
    const all = await askFirstPage(run, search, 0);
    const since = await askFirstPage(run, search, this.sweep.startedAt + 1000);
    // If the list is shown whole, the shown cases count.
    const countSince = since.isEndOfList ? since.cases.length : since.totalCount;
    if (all.totalCount !== undefined && countSince !== undefined && this.#expected !== null) {
      this.#expected = Math.min(this.#expected, Math.max(0, all.totalCount - countSince));
    }
    this.#add({ ...all, hidden: [] });
    return { ...all, cases: all.cases, hidden: [], reached: null, isLast: true };
  }
}

/**
 * Number of passes whose watermark stays below a case that a search counts and does not show, before the lane goes on
 * and owes it.
 */
export const MAX_HELD_PASSES = 3;

/** Collects cases that a search counted, or had a null for, and did not show. */
export class HiddenPlaces {
  lowest = Number.POSITIVE_INFINITY;
  /** The lowest place that the search could not look behind; infinite if there is none. */
  lowestGivenUp = Number.POSITIVE_INFINITY;

  constructor(public cases = 0) {}

  add(hidden: readonly Hidden[]): void {
    for (const { place, cases, isGivenUp = false } of hidden) {
      this.cases += cases;
      this.lowest = Math.min(this.lowest, place);
      if (isGivenUp) this.lowestGivenUp = Math.min(this.lowestGivenUp, place);
    }
  }

  /** Adds the earlier debt of this cause. Nothing is known of these cases, so anything of them may be missing. */
  owedWith(before: DebtSum | null, now: number): DebtSum {
    // Every pass may meet the same place again, so the highest count remains.
    const cases = Math.max(this.cases, before?.cases ?? 0);
    return { cause: 'not-shown', cases, neverRead: cases, since: before?.since ?? now, missingFrom: null };
  }
}

interface CountedPage {
  readonly from: number;
  readonly count: number;
}

interface ComparedPage extends CountedPage {
  /** Cases that any page has shown at or above its place. */
  readonly shown: number;
}

/**
 * Compares the counts of a pass's pages with the cases that they show. A case updated during the pass moves to the end
 * of the list: if one page counts it there already and a later page, from a lagging replica, does not have it there
 * yet, no page shows it.
 */
export class PageCounts {
  readonly #pages: CountedPage[] = [];
  /** The highest place of each case. */
  readonly #places = new Map<string, number>();
  readonly #hidden: Hidden[] = [];

  add({ from, cases, hidden, totalCount }: FoundPage): void {
    // Behind a token the count is that of the whole search, whatever page it leads to.
    if (totalCount !== undefined) this.#pages.push({ from, count: totalCount });
    for (const { found, place } of cases) {
      this.#places.set(found.caseId, Math.max(place, this.#places.get(found.caseId) ?? place));
    }
    this.#hidden.push(...hidden);
  }

  /** Cases that a page counts from its place on and no page shows there, and the places where they may lie. */
  get notShown(): readonly Hidden[] {
    const places = Float64Array.from(this.#places.values()).sort();
    const pages = this.#pages.map(({ from, count }) => ({ from, count, shown: countFrom(places, from) }));
    return [...this.#beyondHidden(pages), ...inDoubt(pages)];
  }

  /** Those beyond the cases known to be hidden there, as of the last place with any. */
  #beyondHidden(pages: readonly ComparedPage[]): Hidden[] {
    let [place, most] = [0, 0];
    for (const { from, count, shown } of pages.toSorted((a, b) => b.from - a.from)) {
      const hidden = this.#hidden.reduce((sum, one) => sum + (one.place >= from ? one.cases : 0), 0);
      const cases = count - shown - hidden;
      if (most === 0 && cases > 0) place = from;
      most = Math.max(most, cases);
    }
    return most > 0 ? [{ place, cases: most }] : [];
  }
}

/**
 * Where a later page counts more than the page before left over, the missing cases may lie before the later page or
 * behind it.
 */
function inDoubt(pages: readonly ComparedPage[]): Hidden[] {
  const grown = pages.findLastIndex((page, index) => {
    const before = pages[index - 1];
    return before !== undefined && page.count > before.count - (before.shown - page.shown);
  });
  const lacking = pages.slice(0, Math.max(0, grown)).filter(({ count, shown }) => count > shown);
  return lacking.length === 0 ? [] : [{ place: Math.min(...lacking.map(({ from }) => from)), cases: 0 }];
}

/** Number of these places, sorted, at or above a place. */
function countFrom(places: Float64Array, from: number): number {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle] ?? from) < from) low = middle + 1;
    else high = middle;
  }
  return places.length - low;
}
