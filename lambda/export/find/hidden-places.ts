import type { DebtSum } from '../domain/debts';
import type { FoundPage, Hidden } from './search';

/** Passes whose watermark stays below a case that a search counts and does not show, before the lane goes on and owes it. */
export const MAX_HELD_PASSES = 3;

/** Cases that a search counted, or had a null for, and did not show. */
export class HiddenPlaces {
  lowest = Number.POSITIVE_INFINITY;
  /** The lowest place behind which the search could not look; infinite if there is none. */
  lowestGivenUp = Number.POSITIVE_INFINITY;

  constructor(public cases = 0) {}

  add(hidden: readonly Hidden[]): void {
    for (const { place, cases, isGivenUp = false } of hidden) {
      this.cases += cases;
      this.lowest = Math.min(this.lowest, place);
      if (isGivenUp) this.lowestGivenUp = Math.min(this.lowestGivenUp, place);
    }
  }

  /** Together with what was owed so before. Nothing is known of them, so anything of them may be missing. */
  owedWith(before: DebtSum | null, now: number): DebtSum {
    // The same place may be met again at every pass, so the highest count stands.
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
 * What the pages of a pass count against what they show. A case that is updated during the pass moves to the end of the list: where one
 * page has it there already and a later one, of a replica that is behind, has it not yet there, none shows it.
 */
export class PageCounts {
  readonly #pages: CountedPage[] = [];
  /** The highest place of each case. */
  readonly #places = new Map<string, number>();
  readonly #hidden: Hidden[] = [];

  add({ from, cases, hidden, totalCount }: FoundPage): void {
    // Behind a token the count is that of the search, whatever page it leads to.
    if (totalCount !== undefined) this.#pages.push({ from, count: totalCount });
    for (const { found, place } of cases) {
      this.#places.set(found.caseId, Math.max(place, this.#places.get(found.caseId) ?? place));
    }
    this.#hidden.push(...hidden);
  }

  /** Cases that a page counts from its place on and no page shows there, and where they may lie. */
  get notShown(): readonly Hidden[] {
    const places = Float64Array.from(this.#places.values()).sort();
    const pages = this.#pages.map(({ from, count }) => ({ from, count, shown: countFrom(places, from) }));
    return [...this.#beyondHidden(pages), ...inDoubt(pages)];
  }

  /** More than what is known to be hidden there, as of the last place with any. */
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

/** Where a later page counts more than the one before left over, what is lacking may lie before the later page or behind it. */
function inDoubt(pages: readonly ComparedPage[]): Hidden[] {
  const grown = pages.findLastIndex((page, index) => {
    const before = pages[index - 1];
    return before !== undefined && page.count > before.count - (before.shown - page.shown);
  });
  const lacking = pages.slice(0, Math.max(0, grown)).filter(({ count, shown }) => count > shown);
  return lacking.length === 0 ? [] : [{ place: Math.min(...lacking.map(({ from }) => from)), cases: 0 }];
}

/** How many of these, sorted, are at or above a place. */
function countFrom(places: Float64Array, from: number): number {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle] ?? from) < from) low = middle + 1;
    else high = middle;
  }
  return places.length - low;
}
