import type { AuditEvent } from '../../lambda/export/domain/audit-event';
import { CasesCallError } from '../../lambda/export/domain/errors';
import type {
  CasesApi,
  Clock,
  FoundCase,
  FoundRelatedItem,
  SearchPage,
  SearchRequest,
} from '../../lambda/export/ports';
import { caseIdOf, type Domain, type EventOfCase, indexOf, number, placeOf } from './domain';
import type { Life } from './life';
import type { SickCases } from './sick-cases';

const CASES_A_PAGE = 100;
const EVENTS_A_PAGE = 25;
const ITEMS_A_PAGE = 25;
const MOST_COUNTED = 20_000;
const TEMPLATE = 'template-1';

/** A guess at an answer's time; of no weight beside half a second between two calls. */
const LATENCY_MS = 100;

/** Who made a call, as far as the calls themselves tell: reads of related items' cases look like those of the live lane. */
export type Lane = 'retry' | 'related walk' | 'live' | 'sweep' | 'fields';

export interface LaneCalls {
  readonly counts: Record<Lane, number>;
  /** To be called before each tick. */
  tickBegins(): void;
}

/** The domain through the port, with the clock's time passing for every answer. Life catches up before each. */
export function createDomainApi(domain: Domain, life: Life, clock: Clock, sick: SickCases): CasesApi & LaneCalls {
  const counts: Record<Lane, number> = { retry: 0, 'related walk': 0, live: 0, sweep: 0, fields: 0 };
  let reading: Lane = 'retry';

  async function answer(operation: string, lane: Lane, signal: AbortSignal): Promise<{ serviceTime: number }> {
    counts[lane] += 1;
    await clock.sleep(LATENCY_MS, signal);
    if (signal.aborted) throw new CasesCallError('aborted', 'unavailable', operation);
    life.catchUp(clock.now());
    return { serviceTime: Math.floor(clock.now() / 1000) * 1000 };
  }

  return {
    counts,
    tickBegins() {
      reading = 'retry';
    },
    async searchCases(request, signal) {
      reading = request.by === 'created_datetime' ? 'sweep' : 'live';
      const answered = await answer('SearchCases', reading, signal);
      return { ...answered, ...search(domain, request, clock.now()) };
    },
    async getCaseAuditEvents({ caseId, nextToken }, signal) {
      const answered = await answer('GetCaseAuditEvents', reading, signal);
      const index = indexOf(caseId);
      if (domain.isDeleted(index)) {
        const details = { serviceTime: answered.serviceTime };
        throw new CasesCallError(`No case ${caseId}`, 'not-found', 'GetCaseAuditEvents', details);
      }
      // A token of a case whose tokens have no end leads to its first page.
      const from = Number.isNaN(Number(nextToken ?? 0)) ? 0 : Number(nextToken ?? 0);
      const all = domain.eventsOf(index);
      const events = all.slice(from, from + EVENTS_A_PAGE).map(toAuditEvent);
      const next = from + EVENTS_A_PAGE;
      const page = { ...answered, events, nextToken: next < all.length ? String(next) : undefined };
      const sickness = sick.sicknessOf(index);
      return sickness === null ? page : sick.answer(sickness, page, clock, signal);
    },
    async searchAllRelatedItems({ nextToken }, signal) {
      const answered = await answer('SearchAllRelatedItems', 'related walk', signal);
      return { ...answered, ...relatedPage(domain, nextToken, clock.now()) };
    },
    async listFields(_request, signal) {
      const answered = await answer('ListFields', 'fields', signal);
      const status = { fieldId: 'status', name: 'Status', type: 'Text', namespace: 'System', deleted: false };
      return { ...answered, fields: [status], nextToken: undefined };
    },
    async batchGetFields(_request, signal) {
      const answered = await answer('BatchGetField', 'fields', signal);
      return { ...answered, fields: [], nextToken: undefined };
    },
    async listFieldOptions(_request, signal) {
      const answered = await answer('ListFieldOptions', 'fields', signal);
      return { ...answered, options: [], nextToken: undefined };
    },
    async listTemplates(_request, signal) {
      const answered = await answer('ListTemplates', 'fields', signal);
      return {
        ...answered,
        templates: [{ templateId: TEMPLATE, name: 'Complaint', status: 'Active' }],
        nextToken: undefined,
      };
    },
  };
}

function search(
  domain: Domain,
  { by, from, nextToken }: SearchRequest,
  now: number,
): Pick<SearchPage, 'cases' | 'nextToken' | 'totalCount'> {
  const byCreation = by === 'created_datetime';
  const length = byCreation ? domain.cases : domain.entries;
  const first = firstPlace(domain, byCreation, from);
  let place = nextToken === undefined ? first : Number(nextToken);
  const cases: FoundCase[] = [];
  for (; place < length && cases.length < CASES_A_PAGE; place += 1) {
    const index = shownAt(domain, byCreation, place, now);
    if (index === null) continue;
    cases.push({
      caseId: caseIdOf(index),
      templateId: TEMPLATE,
      lastUpdated: number(domain.updated, index),
      created: number(domain.created, index),
    });
  }
  const isLast = place >= length;
  // Counting takes time; where much is left to show, nobody looks whether the count is exact.
  const isExact = isLast || length - first <= MOST_COUNTED;
  const totalCount = isExact ? countShown(domain, byCreation, first, now) : domain.alive;
  return { cases, nextToken: isLast ? undefined : String(place), totalCount };
}

function countShown(domain: Domain, byCreation: boolean, first: number, now: number): number {
  const length = byCreation ? domain.cases : domain.entries;
  let count = 0;
  for (let place = first; place < length; place += 1) if (shownAt(domain, byCreation, place, now) !== null) count += 1;
  return count;
}

/** The case at a place of an index; null where an entry is stale, as the case was updated later, or the case is shown no more. */
function shownAt(domain: Domain, byCreation: boolean, place: number, now: number): number | null {
  const index = byCreation ? place : number(domain.entryCase, place);
  if (!byCreation && number(domain.entryAt, place) !== number(domain.updated, index)) return null;
  return domain.isShown(index, now) ? index : null;
}

function firstPlace(domain: Domain, byCreation: boolean, from: number): number {
  return byCreation ? placeOf(domain.created, domain.cases, from) : placeOf(domain.entryAt, domain.entries, from);
}

/** Newest first; the token names the next item down, so it walks past none. */
function relatedPage(
  domain: Domain,
  nextToken: string | undefined,
  now: number,
): { items: FoundRelatedItem[]; nextToken: string | undefined } {
  let place = nextToken === undefined ? domain.items - 1 : Number(nextToken);
  const items: FoundRelatedItem[] = [];
  for (; place >= 0 && items.length < ITEMS_A_PAGE; place -= 1) {
    const index = number(domain.itemCase, place);
    if (!domain.isShown(index, now)) continue;
    items.push({ caseId: caseIdOf(index), associatedAt: number(domain.itemAt, place) });
  }
  return { items, nextToken: place >= 0 ? String(place) : undefined };
}

function toAuditEvent({ eventId, type, at }: EventOfCase): AuditEvent {
  const field = { eventFieldId: 'status', newValue: { stringValue: eventId } };
  return { eventId, type, performedTime: new Date(at), fields: type === 'Case.Updated' ? [field] : [] };
}
