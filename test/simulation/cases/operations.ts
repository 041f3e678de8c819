/** What each operation answers, at the moment at which it is asked. Rejections are thrown here. */
import type { AuditPage, CasesApi, SearchRequest } from '../../../lambda/export/ports';
import type { Faults } from '../faults';
import { isThere, type Replica, visibleEvents } from './audit-pages';
import { type CaseRecord, contentAt, type Domain, SEARCH_BEHIND_MS } from './domain';
import { failure, type MayLack, type PageOf, withList } from './failures';
import { SpoiltAnswers } from './faults-in-answers';
import type { FieldBook } from './field-book';
import type { Life } from './life';
import { Pager } from './pager';
import type { SearchAnswers } from './search-answers';
import { placeBy, placeOfItem, relatedItemsAt, SearchIndex } from './search-index';
import type { ServiceClock } from './service-clock';
import type { SickAnswers } from './sick-answers';

const MAX_IDS = 50;
/** For its first seconds a case may be unknown to audit calls. */
const BIRTH_MS = 20_000;

/** What select values and templates are called. */
const OPTIONS = ['low', 'normal', 'high'].map((value) => ({ value, name: `Label ${value}`, active: value !== 'low' }));
const TEMPLATES = [1, 2, 3].map((n) => ({ templateId: `template-${n}`, name: `Template ${n}`, status: 'Active' }));

interface OperationsOptions {
  readonly pageSize: Readonly<Record<keyof CasesApi, number>>;
  readonly resultCap: number;
  readonly auditLagMs: number;
}

type Request<Operation extends keyof CasesApi> = Parameters<CasesApi[Operation]>[0];

export class Operations {
  /** Until when a case is answered 404, though searches show it. */
  readonly #bornAt = new Map<string, number>();
  readonly #ordersNoted = new Set<string>();
  readonly #index: SearchIndex;
  readonly #pager: Pager;
  readonly #spoilt: SpoiltAnswers;

  constructor(
    private readonly domain: Domain,
    private readonly fields: FieldBook,
    private readonly life: Life,
    private readonly searches: SearchAnswers,
    private readonly sick: SickAnswers,
    private readonly faults: Faults,
    private readonly clock: ServiceClock,
    private readonly options: OperationsOptions,
  ) {
    this.#index = new SearchIndex(domain, clock);
    this.#pager = new Pager(faults, clock);
    this.#spoilt = new SpoiltAnswers(faults);
  }

  searchCases(request: SearchRequest): PageOf<'searchCases'> {
    const { by, from, lastUpdatedFrom, nextToken } = request;
    const now = this.clock.now();
    const asOf = now - this.#behindMs(SEARCH_BEHIND_MS);
    const found = this.#index.find(request, asOf, this.faults.strikes('cases.filter-by-second'));
    const listed = this.searches.listed(found);
    const placeOf = placeBy(by);
    const page = this.#pager.cut({
      operation: 'searchCases',
      scope: `${by} ${from} ${lastUpdatedFrom}`,
      nextToken,
      elements: listed,
      placeOf,
      size: this.options.pageSize.searchCases,
      isStale: asOf < now,
      cap: this.faults.isOn('cases.results-capped') ? this.options.resultCap : undefined,
      comesAfterEmptyPage: (elements) => this.searches.comesAfterEmptyPage(elements),
      onPassedOver: (elements) => this.searches.passedOver(elements),
    });
    const elements = this.#spoilt.unsorted(page.elements, (one) => placeOf(one).major);
    return withList('searchCases', 'cases', {
      ...this.searches.page({ by, found, listed, page: { ...page, elements } }),
      serviceTime: this.clock.header(),
    });
  }

  getCaseAuditEvents({ caseId, nextToken }: Request<'getCaseAuditEvents'>): PageOf<'getCaseAuditEvents'> {
    const endless = this.sick.endless(caseId, nextToken, () => this.#auditPage(caseId, undefined));
    const page = endless ?? this.sick.page(caseId, this.#auditPage(caseId, nextToken));
    return withList('getCaseAuditEvents', 'events', page);
  }

  #auditPage(caseId: string, nextToken: string | undefined): MayLack<AuditPage, 'events'> {
    const { auditLagMs } = this.options;
    const now = this.clock.now();
    const replica: Replica = { now, asOf: now - this.#behindMs(auditLagMs), auditLagMs };
    const record = this.#find(caseId, replica);
    const elements = visibleEvents(record, replica, this.clock);
    this.#noteOrder(record, elements.length);
    const page = this.#pager.cut({
      operation: 'getCaseAuditEvents',
      scope: caseId,
      nextToken,
      elements,
      placeOf: ({ place }) => place,
      size: this.options.pageSize.getCaseAuditEvents,
      isStale: replica.asOf < now,
    });
    if (page.nextToken !== undefined && record.deletedAt === null && this.faults.strikes('cases.deleted-while-read')) {
      this.life.deleteCase(caseId);
    }
    const events = page.elements.map((event) => contentAt(event, now));
    return { ...this.#rest(page), events: this.#spoilt.events(events) };
  }

  searchAllRelatedItems({ nextToken }: Request<'searchAllRelatedItems'>): PageOf<'searchAllRelatedItems'> {
    const now = this.clock.now();
    const asOf = now - this.#behindMs(SEARCH_BEHIND_MS);
    const page = this.#pager.cut({
      operation: 'searchAllRelatedItems',
      scope: '',
      nextToken,
      elements: relatedItemsAt(this.domain, asOf),
      placeOf: placeOfItem,
      size: this.options.pageSize.searchAllRelatedItems,
      isStale: asOf < now,
    });
    const elements = this.#spoilt.unsorted(page.elements, ({ associatedAt }) => -associatedAt);
    const items = elements.map(({ caseId, associatedAt }) => ({ caseId, associatedAt }));
    return withList('searchAllRelatedItems', 'items', { ...this.#rest(page), items: this.#spoilt.list(items) });
  }

  listFields({ nextToken }: Request<'listFields'>): PageOf<'listFields'> {
    const page = this.#inOrder('listFields', '', nextToken, this.fields.alive());
    return withList('listFields', 'fields', { ...this.#rest(page), fields: this.#spoilt.list(page.elements) });
  }

  batchGetFields({ fieldIds }: Request<'batchGetFields'>): PageOf<'batchGetFields'> {
    if (fieldIds.length < 1 || fieldIds.length > MAX_IDS) {
      const what = `ValidationException: ${fieldIds.length} ids, not 1 to ${MAX_IDS}`;
      throw failure('batchGetFields', 'refused', what, this.clock.header());
    }
    const known = fieldIds.flatMap((fieldId) => this.domain.fields.get(fieldId) ?? []);
    return withList('batchGetFields', 'fields', {
      ...this.#rest({ nextToken: undefined }),
      fields: this.#spoilt.list(known),
    });
  }

  listFieldOptions({ fieldId, nextToken }: Request<'listFieldOptions'>): PageOf<'listFieldOptions'> {
    const field = this.domain.fields.get(fieldId);
    if (field === undefined || field.deleted) {
      throw failure('listFieldOptions', 'not-found', `no field ${fieldId}`, this.clock.header());
    }
    const page = this.#inOrder('listFieldOptions', fieldId, nextToken, OPTIONS);
    return withList('listFieldOptions', 'options', { ...this.#rest(page), options: this.#spoilt.list(page.elements) });
  }

  listTemplates({ nextToken }: Request<'listTemplates'>): PageOf<'listTemplates'> {
    const page = this.#inOrder('listTemplates', '', nextToken, TEMPLATES);
    return withList('listTemplates', 'templates', { ...this.#rest(page), templates: this.#spoilt.list(page.elements) });
  }

  /** A page of a list that keeps its order. */
  #inOrder<T>(
    operation: keyof CasesApi,
    scope: string,
    nextToken: string | undefined,
    all: readonly T[],
  ): { elements: readonly T[]; nextToken: string | undefined } {
    const page = this.#pager.cut({
      operation,
      scope,
      nextToken,
      elements: all.map((element, number) => ({ element, number })),
      placeOf: ({ number }) => ({ major: number, minor: 0 }),
      size: this.options.pageSize[operation],
      isStale: false,
    });
    return { elements: page.elements.map(({ element }) => element), nextToken: page.nextToken };
  }

  #rest({ nextToken }: { readonly nextToken: string | undefined }): Omit<AuditPage, 'events'> {
    return { nextToken, serviceTime: this.clock.header() };
  }

  /** How far this one answer is behind; mostly 0. */
  #behindMs(mostMs: number): number {
    if (mostMs <= 0 || !this.faults.strikes('cases.stale-replica')) return 0;
    return 1 + this.faults.below(mostMs);
  }

  #find(caseId: string, replica: Replica): CaseRecord {
    const record = this.domain.cases.get(caseId);
    if (record !== undefined && isThere(record, replica) && this.#isBorn(record, replica.now)) return record;
    throw failure('getCaseAuditEvents', 'not-found', `no case ${caseId}`, this.clock.header());
  }

  /** Decided when a case is first asked for so early. */
  #isBorn({ caseId, created }: CaseRecord, now: number): boolean {
    if (now >= created + BIRTH_MS || this.faults.isHealed) return true;
    const decided = this.#bornAt.get(caseId);
    if (decided !== undefined) return now >= decided;
    const leftMs = created + BIRTH_MS - now;
    const bornAt = this.faults.strikes('cases.404-at-birth') ? now + 1 + this.faults.below(leftMs) : now;
    this.#bornAt.set(caseId, bornAt);
    return now >= bornAt;
  }

  /** Once for each case whose events could have come the other way round. */
  #noteOrder({ caseId, order }: CaseRecord, events: number): void {
    if (order === 'shuffled' || events < 2 || this.#ordersNoted.has(caseId)) return;
    this.#ordersNoted.add(caseId);
    this.faults.note(order === 'newest-first' ? 'cases.newest-first' : 'cases.oldest-first');
  }
}
