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

/**
 * What the pages of a pass count against what they show. A case that is updated during the pass moves to the end of the list: where one
 * page has it there already and a later one, of a replica that is behind, has it not yet there, none shows it.
 */
export class PageCounts {
  readonly #pages: { readonly from: number; readonly count: number }[] = [];
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

  /** Cases that a page counts from its place on and no page shows there, as of the last place with any. */
  get notShown(): readonly Hidden[] {
    const places = [...this.#places.values()].sort((a, b) => a - b);
    let [at, cases, place] = [places.length, 0, 0];
    const highestFirst = this.#pages.toSorted((a, b) => b.from - a.from);
    for (const { from, count } of highestFirst) {
      while (at > 0 && (places[at - 1] ?? from) >= from) at -= 1;
      const hidden = this.#hidden.reduce((sum, one) => sum + (one.place >= from ? one.cases : 0), 0);
      const lacking = count - (places.length - at) - hidden;
      if (lacking > 0 && cases === 0) place = from;
      cases = Math.max(cases, lacking);
    }
    return cases > 0 ? [{ place, cases }] : [];
  }
}
