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

const CASES_A_PAGE = 100;
const EVENTS_A_PAGE = 25;
const ITEMS_A_PAGE = 25;
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
export function createDomainApi(domain: Domain, life: Life, clock: Clock): CasesApi & LaneCalls {
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
      return { ...answered, ...search(domain, request, clock.now()), totalCount: domain.alive };
    },
    async getCaseAuditEvents({ caseId, nextToken }, signal) {
      const answered = await answer('GetCaseAuditEvents', reading, signal);
      const index = indexOf(caseId);
      if (domain.isDeleted(index)) {
        const details = { serviceTime: answered.serviceTime };
        throw new CasesCallError(`No case ${caseId}`, 'not-found', 'GetCaseAuditEvents', details);
      }
      const from = Number(nextToken ?? 0);
      const all = domain.eventsOf(index);
      const events = all.slice(from, from + EVENTS_A_PAGE).map(toAuditEvent);
      const next = from + EVENTS_A_PAGE;
      return { ...answered, events, nextToken: next < all.length ? String(next) : undefined };
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
): Pick<SearchPage, 'cases' | 'nextToken'> {
  const byCreation = by === 'created_datetime';
  const length = byCreation ? domain.cases : domain.entries;
  let place = nextToken === undefined ? firstPlace(domain, byCreation, from) : Number(nextToken);
  const cases: FoundCase[] = [];
  for (; place < length && cases.length < CASES_A_PAGE; place += 1) {
    const index = byCreation ? place : number(domain.entryCase, place);
    const lastUpdated = number(domain.updated, index);
    // An entry that a later update has made stale.
    if (!byCreation && number(domain.entryAt, place) !== lastUpdated) continue;
    if (!domain.isShown(index, now)) continue;
    cases.push({
      caseId: caseIdOf(index),
      templateId: TEMPLATE,
      lastUpdated,
      created: number(domain.created, index),
    });
  }
  return { cases, nextToken: place < length ? String(place) : undefined };
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
