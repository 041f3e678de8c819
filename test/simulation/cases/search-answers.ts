/**
 * What a search makes of what the index finds: cases left out or hidden, pages that end too early, counts that disagree. Whoever
 * was passed over without any sign in an answer is remembered: no caller can know of him by that answer.
 */
import type { SearchPage, SearchRequest } from '../../../lambda/export/ports';
import type { FaultKind, Faults } from '../faults';
import { numberOf, type SickCases } from '../sickness';
import type { Domain } from './domain';
import type { MayLack } from './failures';
import { SpoiltAnswers } from './faults-in-answers';
import type { CutPage } from './pager';
import type { IndexedCase } from './search-index';
import type { ServiceClock } from './service-clock';

/** A walk from page to page takes less. */
const A_WALK_MS = 60_000;

/** A count that is wrong is wrong by up to so many. */
const MOST_OFF = 5;

interface FoundPage {
  readonly by: SearchRequest['by'];
  /** Everything that the filter lets through. */
  readonly found: readonly IndexedCase[];
  /** Those of them that the service is ready to show. */
  readonly listed: readonly IndexedCase[];
  readonly page: CutPage<IndexedCase>;
}

export class SearchAnswers {
  readonly #passedOver = new Map<string, number>();
  /** By case: when a count told of it that could only be compared with another page's. */
  readonly #toldByCounts = new Map<string, number>();
  readonly #spoilt: SpoiltAnswers;

  constructor(
    private readonly domain: Domain,
    private readonly sick: SickCases,
    private readonly faults: Faults,
    private readonly clock: ServiceClock,
    /** Number of the case at which a page is empty, or a pair out of order, every time. */
    private readonly placeNumber: number,
  ) {
    this.#spoilt = new SpoiltAnswers(faults);
  }

  /** When an answer last left the case out without a sign; undefined if none did. */
  passedOverAt(caseId: string): number | undefined {
    const told = this.#toldByCounts.get(caseId);
    // Counts of two pages cannot be compared where cases come and go between them.
    const isBelied = told !== undefined && this.domain.hasChanged(told - A_WALK_MS, told + A_WALK_MS);
    return isBelied ? Math.max(told, this.#passedOver.get(caseId) ?? told) : this.#passedOver.get(caseId);
  }

  listed(found: readonly IndexedCase[]): readonly IndexedCase[] {
    if (!this.sick.mayStrike('case.unlisted')) return found;
    return found.filter(({ caseId }) => this.sick.strikes(caseId, 'case.unlisted') === undefined);
  }

  comesAfterEmptyPage(page: readonly IndexedCase[]): boolean {
    return page.some((one) => this.#isHere(one)) && this.faults.strikes('cases.empty-page-here');
  }

  passedOver(cases: readonly IndexedCase[]): void {
    for (const { caseId } of cases) this.#passedOver.set(caseId, this.clock.now());
  }

  page({ by, found, listed, page }: FoundPage): MayLack<Omit<SearchPage, 'serviceTime'>, 'cases'> {
    const totalCount = this.#totalCount(found.length);
    const endsTooEarly = page.nextToken !== undefined && this.faults.strikes('cases.no-token-too-early');
    const shownUpTo = endsTooEarly ? page.elements.length : listed.length;
    const isListed = new Set(listed);
    const unlisted = found.filter((one) => !isListed.has(one));
    if ((totalCount ?? 0) <= shownUpTo) {
      this.passedOver(unlisted);
      if (endsTooEarly) this.passedOver(listed.filter((one) => !page.elements.includes(one)));
    } else if (by === 'last_updated_datetime' && page.nextToken !== undefined) {
      const cutOff = endsTooEarly ? listed.filter((one) => !page.elements.includes(one)) : [];
      for (const { caseId } of [...unlisted, ...cutOff]) this.#toldByCounts.set(caseId, this.clock.now());
    }
    const cases = this.#spoilt.list(this.#ordered(page.elements).map(toAnswer));
    return {
      cases: cases?.map((one) => (one !== null && this.#isHidden(one.caseId) ? null : one)),
      nextToken: endsTooEarly ? undefined : page.nextToken,
      totalCount,
    };
  }

  #totalCount(count: number): number | undefined {
    const { faults } = this;
    if (faults.strikes('cases.no-total-count')) return undefined;
    const off = (kind: FaultKind) => 1 + faults.below(MOST_OFF, kind);
    if (faults.strikes('cases.total-count-too-high')) return count + off('cases.total-count-too-high');
    if (!faults.strikes('cases.total-count-too-low')) return count;
    return Math.max(0, count - off('cases.total-count-too-low'));
  }

  /** The case at the place changes places with the one before it, where both are on the page. */
  #ordered(cases: readonly IndexedCase[]): readonly IndexedCase[] {
    const at = cases.findIndex((one) => this.#isHere(one));
    const [before, here] = [cases[at - 1], cases[at]];
    if (before === undefined || here === undefined || !this.faults.strikes('cases.disorder-here')) return cases;
    return cases.with(at - 1, here).with(at, before);
  }

  #isHere({ caseId }: IndexedCase): boolean {
    return numberOf(caseId) === this.placeNumber;
  }

  #isHidden(caseId: string): boolean {
    return this.sick.strikes(caseId, 'case.hidden-by-null') !== undefined;
  }
}

function toAnswer({ caseId, templateId, shown, created }: IndexedCase) {
  return { caseId, templateId, lastUpdated: shown, created };
}
