import type { SweepLane } from '../domain/state';
import type { Asker } from '../run/run';
import { askFirstPage, type FoundPage, type Search, searchPages } from './search';

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
