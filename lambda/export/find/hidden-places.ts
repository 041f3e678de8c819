import type { DebtSum } from '../domain/state';
import type { FoundPage, Hidden } from './search';

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
