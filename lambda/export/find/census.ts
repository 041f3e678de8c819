import type { SweepLane } from '../domain/state';
import type { Asker } from '../run/run';
import { askFirstPage, type FoundPage, type Search, searchPages } from './search';

/** What a sweep has found against what the service says that there is. */
export class Census {
  #expected: number | null;
  readonly #places = new Map<string, number>();
  readonly #hiddenPlaces: number[] = [];

  constructor(private readonly sweep: SweepLane) {
    this.#expected = sweep.totalCount;
  }

  /** Every page of the sweep. At its end, where fewer cases were found than the service counted, it is asked once more. */
  async *pages(run: Asker, search: Search): AsyncGenerator<FoundPage, void> {
    for await (const page of searchPages(run, search)) {
      this.#add(page);
      const isEnough = !page.isLast || this.#expected === null || this.casesFound >= this.#expected;
      yield isEnough ? page : { ...page, isLast: false };
      if (!isEnough) yield await this.#recount(run, search);
    }
  }

  /** Cases from the resume point on are found again by the run that goes on there. */
  upTo(anchor: number): Pick<SweepLane, 'totalCount' | 'casesFound' | 'casesHidden'> {
    const isBelow = (place: number) => place < anchor;
    return {
      totalCount: this.#expected,
      casesFound: this.sweep.casesFound + [...this.#places.values()].filter(isBelow).length,
      casesHidden: this.sweep.casesHidden + this.#hiddenPlaces.filter(isBelow).length,
    };
  }

  /** Distinct cases of those that there were when the sweep began. */
  get casesFound(): number {
    return this.sweep.casesFound + this.#places.size;
  }

  /** Cases that the service counts and the sweep did not find. Without a count, the places that came as null; null if none did. */
  get casesNotFound(): number | null {
    const hidden = this.sweep.casesHidden + this.#hiddenPlaces.length;
    if (this.#expected === null) return hidden === 0 ? null : hidden;
    return Math.max(hidden, this.#expected - this.casesFound);
  }

  #add(page: FoundPage): void {
    // Only of the sweep's very first page is the count that of all cases.
    if (this.sweep.anchor === null && this.#places.size === 0) this.#expected ??= page.totalCount ?? null;
    for (const { found, place } of page.cases) {
      if (this.#isCounted(place) && !this.#places.has(found.caseId)) this.#places.set(found.caseId, place);
    }
    for (const { place, cases } of page.hidden) {
      for (let count = 0; count < cases; count += 1) this.#hiddenPlaces.push(place);
    }
  }

  /**
   * Cases made since the sweep began are nothing of the first count. Those below the resume point, which a search from its whole second
   * shows again, were counted by the runs before.
   */
  #isCounted(place: number): boolean {
    return place <= this.sweep.startedAt && place >= (this.sweep.anchor ?? place);
  }

  /**
   * Counts again what there was when the sweep began and is there now: cases may have been deleted since. Two calls. Of the cases that
   * the first of them shows, those not found so far are found.
   */
  async #recount(run: Asker, search: Search): Promise<FoundPage> {
    const all = await askFirstPage(run, search, 0);
    const since = await askFirstPage(run, search, this.sweep.startedAt + 1000);
    // Of a list that is shown whole, what is shown counts.
    const countSince = since.isEndOfList ? since.cases.length : since.totalCount;
    if (all.totalCount !== undefined && countSince !== undefined && this.#expected !== null) {
      this.#expected = Math.min(this.#expected, Math.max(0, all.totalCount - countSince));
    }
    this.#add({ ...all, hidden: [] });
    return { ...all, cases: all.cases, hidden: [], reached: null, isLast: true };
  }
}
