/** What searches show: the cases as the index has them, which may be late. */
import type { FoundCase, SearchRequest } from '../../../lambda/export/ports';
import { type CaseRecord, comparePlaces, type Domain, firstAfter, type Place, type RelatedItem } from './domain';
import type { ServiceClock } from './service-clock';

type SearchBy = SearchRequest['by'];

/** A case at its place. `shown` may be newer than the state that the index places it by. */
export interface IndexedCase extends FoundCase {
  readonly shown: number;
  readonly serial: number;
  readonly lastUpdated: number;
  readonly created: number;
}

interface Snapshot {
  readonly version: number;
  readonly isHealed: boolean;
  /** Good for `from ≤ time < until`, as long as nothing changes. */
  readonly from: number;
  readonly until: number;
  readonly cases: readonly IndexedCase[];
  readonly sorted: Map<SearchBy, readonly IndexedCase[]>;
}

export class SearchIndex {
  #snapshot: Snapshot | undefined;

  constructor(
    private readonly domain: Domain,
    private readonly clock: ServiceClock,
  ) {}

  /** What a search finds in the index as it was at `asOf`, in the order of the search. */
  find(
    { by, from, lastUpdatedFrom }: Omit<SearchRequest, 'domainId'>,
    asOf: number,
    bySecond: boolean,
  ): readonly IndexedCase[] {
    const sorted = this.#sorted(this.#at(asOf), by);
    const compared = (value: number) => (bySecond ? Math.floor(value / 1000) * 1000 : value);
    const lowest = bySecond ? Math.ceil(from / 1000) * 1000 : from;
    const found = sorted.slice(firstAfter(sorted, placeBy(by), { major: lowest, minor: Number.NEGATIVE_INFINITY }));
    if (lastUpdatedFrom === undefined) return found;
    return found.filter(({ lastUpdated }) => compared(lastUpdated) >= lastUpdatedFrom);
  }

  #sorted({ cases, sorted }: Snapshot, by: SearchBy): readonly IndexedCase[] {
    const place = placeBy(by);
    const list = sorted.get(by) ?? cases.toSorted((a, b) => comparePlaces(place(a), place(b)));
    sorted.set(by, list);
    return list;
  }

  #at(asOf: number): Snapshot {
    const known = this.#snapshot;
    const isGood = known?.version === this.domain.version && known.isHealed === this.clock.isHealed;
    if (isGood && known.from <= asOf && asOf < known.until) return known;
    this.#snapshot = this.#take(asOf);
    return this.#snapshot;
  }

  #take(asOf: number): Snapshot {
    const cases: IndexedCase[] = [];
    let until = Number.POSITIVE_INFINITY;
    const hasCome = (since: number, due: number): boolean => {
      const arrival = this.clock.arrival(since, due);
      if (arrival > asOf) until = Math.min(until, arrival);
      return arrival <= asOf;
    };
    for (const one of this.domain.cases.values()) {
      const lastUpdated = lastUpdatedOf(one, hasCome);
      if (lastUpdated === null || (one.unindexedAt !== null && hasCome(one.deletedAt ?? asOf, one.unindexedAt)))
        continue;
      const { caseId, serial, templateId, created } = one;
      cases.push({ caseId, serial, templateId, created, lastUpdated, shown: shownOf(one, lastUpdated, hasCome) });
    }
    const { version } = this.domain;
    return { version, isHealed: this.clock.isHealed, from: asOf, until, cases, sorted: new Map() };
  }
}

/** Null where nothing of the case is in the index yet. All that may still come is looked at, as it may be the next to come. */
function lastUpdatedOf(one: CaseRecord, hasCome: (since: number, due: number) => boolean): number | null {
  let latest: number | null = null;
  for (const { lastUpdated, indexedAt } of one.recentVersions) {
    if (hasCome(lastUpdated, indexedAt)) latest = Math.max(latest ?? lastUpdated, lastUpdated);
  }
  return latest;
}

/** What a search shows of a case that it places by an older state. */
function shownOf(one: CaseRecord, placedBy: number, hasCome: (since: number, due: number) => boolean): number {
  const newer = one.recentVersions.filter((version) => version.isShownAtOnce && version.lastUpdated > placedBy);
  const shown = newer.filter(({ lastUpdated }) => hasCome(lastUpdated, lastUpdated));
  return Math.max(placedBy, ...shown.map(({ lastUpdated }) => lastUpdated));
}

export function placeBy(by: SearchBy): (found: IndexedCase) => Place {
  return by === 'created_datetime'
    ? ({ created, serial }) => ({ major: created, minor: serial })
    : ({ lastUpdated, serial }) => ({ major: lastUpdated, minor: serial });
}

/** Related items that were there at `asOf`, newest association first: they come about at the true time, which never goes back. */
export function relatedItemsAt({ items }: Domain, asOf: number): RelatedItem[] {
  return items
    .filter(({ associatedAt, endedAt }) => associatedAt <= asOf && (endedAt === null || endedAt > asOf))
    .reverse();
}

export function placeOfItem({ associatedAt, serial }: RelatedItem): Place {
  return { major: -associatedAt, minor: -serial };
}
