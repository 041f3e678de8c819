/** The Cases service in memory: a world of cases that a test makes, seen through the port. */
import type { AuditEvent, AuditEventField } from '../../lambda/export/domain/audit-event';
import { CasesCallError, type CasesFailure } from '../../lambda/export/domain/errors';
import type { FieldDefinition, FieldOption, TemplateName } from '../../lambda/export/domain/fields';
import type { CasesApi, FoundCase, FoundRelatedItem } from '../../lambda/export/ports';
import type { RequestOf } from './with-answers';

type Operation = keyof CasesApi;

export interface FakeCase {
  readonly caseId: string;
  templateId: string | null;
  created: number;
  lastUpdated: number;
  /** In the order in which the audit history gives them. */
  readonly events: (AuditEvent | null)[];
}

export interface FakeCasesOptions {
  readonly domainId?: string;
  /** Time of the `Date` header, which has whole seconds. */
  readonly now?: () => number;
  /** Elements a page, where less than the operation's own. */
  readonly pageSize?: Partial<Record<Operation, number>>;
  /** Asked before each call; what it throws, the call rejects with. */
  readonly before?: (operation: Operation, request: object) => void | Promise<void>;
}

export interface FakeCases extends CasesApi {
  readonly domainId: string;
  readonly cases: Map<string, FakeCase>;
  readonly fields: Map<string, FieldDefinition>;
  /** Options of select fields, by field id; a field without has none. */
  readonly options: Map<string, FieldOption[]>;
  readonly templates: TemplateName[];
  /** Newest first is the port's business; here in any order. */
  readonly relatedItems: FoundRelatedItem[];
  /** Every call that was made, in order. */
  readonly calls: { readonly operation: Operation; readonly request: object }[];
  /** What was asked for by the calls of one operation, in order. */
  requestsOf<O extends Operation>(operation: O): RequestOf<O>[];
  /** A case with one Case.Created event. */
  addCase(caseId: string, at: number, templateId?: string): FakeCase;
  /** So many such cases, `case-0`, `case-1`, …, each made `stepMs` after the one before. */
  addCases(count: number, at: number, stepMs?: number): void;
  /** One more Case.Updated event, and the case is last updated then. */
  updateCase(caseId: string, at: number, fields?: readonly (AuditEventField | null)[]): void;
  /** The case is updated so many times, each `stepMs` after the one before. */
  updateOften(caseId: string, times: number, at: number, stepMs?: number): void;
  /** The first so many cases of `addCases` are updated once, each `stepMs` after the one before. */
  updateCases(count: number, at: number, stepMs?: number): void;
  /** A related item, with its event; the case's own dates stay as they are. */
  addRelatedItem(caseId: string, at: number, type?: string): void;
  /** From now on every call about the case is answered 404. */
  deleteCase(caseId: string): void;
}

const PAGE_SIZES: Readonly<Record<Operation, number>> = {
  searchCases: 100,
  getCaseAuditEvents: 25,
  searchAllRelatedItems: 25,
  listFields: 100,
  batchGetFields: 50,
  listFieldOptions: 100,
  listTemplates: 100,
};

/** The change of a field to a text, as an event has it. */
export function setTo(eventFieldId: string, stringValue: string): AuditEventField {
  return { eventFieldId, newValue: { stringValue } };
}

/** An empty domain. */
export function createFakeCases(world: FakeCasesOptions = {}): FakeCases {
  const { domainId = 'domain-1', now = Date.now } = world;
  const cases = new Map<string, FakeCase>();
  const fields = new Map<string, FieldDefinition>();
  const options: FakeCases['options'] = new Map();
  const templates: TemplateName[] = [{ templateId: 'template-1', name: 'Template 1', status: 'Active' }];
  const relatedItems: FoundRelatedItem[] = [];
  const calls: FakeCases['calls'] = [];
  let events = 0;

  async function enter(operation: Operation, request: { domainId: string }, signal: AbortSignal): Promise<void> {
    calls.push({ operation, request });
    if (signal.aborted) fail(operation, 'unavailable', 'the signal had fired');
    await world.before?.(operation, request);
    if (request.domainId !== domainId) fail(operation, 'not-found', `no domain ${request.domainId}`);
  }

  function page<T>(operation: Operation, all: readonly T[], nextToken: string | undefined) {
    const from = nextToken === undefined ? 0 : offsetOf(operation, nextToken);
    const end = from + (world.pageSize?.[operation] ?? PAGE_SIZES[operation]);
    const serviceTime = Math.floor(now() / 1000) * 1000;
    const answered = { serviceTime };
    return {
      elements: all.slice(from, end),
      rest: { ...answered, nextToken: end < all.length ? `${operation}:${end}` : undefined },
    };
  }

  function find(operation: Operation, caseId: string): FakeCase {
    return cases.get(caseId) ?? fail(operation, 'not-found', `no case ${caseId}`);
  }

  function record(subject: FakeCase, type: string, at: number, more: Partial<AuditEvent>): void {
    events += 1;
    subject.events.push({ eventId: `event-${events}`, type, performedTime: new Date(at), fields: [], ...more });
  }

  const addCase: FakeCases['addCase'] = (caseId, at, templateId = 'template-1') => {
    const added: FakeCase = { caseId, templateId, created: at, lastUpdated: at, events: [] };
    cases.set(caseId, added);
    record(added, 'Case.Created', at, {});
    return added;
  };

  const updateCase: FakeCases['updateCase'] = (caseId, at, changed = [setTo('status', `at ${at}`)]) => {
    const updated = find('searchCases', caseId);
    updated.lastUpdated = at;
    record(updated, 'Case.Updated', at, { fields: changed });
  };

  return {
    domainId,
    cases,
    fields,
    options,
    templates,
    relatedItems,
    calls,
    requestsOf<O extends Operation>(operation: O) {
      return calls.flatMap((call) => (call.operation === operation ? (call.request as RequestOf<O>) : []));
    },

    addCase,
    addCases(count, at, stepMs = 0) {
      for (let index = 0; index < count; index += 1) addCase(`case-${index}`, at + index * stepMs);
    },
    updateCase,
    updateOften(caseId, times, at, stepMs = 0) {
      for (let update = 0; update < times; update += 1) updateCase(caseId, at + update * stepMs);
    },
    updateCases(count, at, stepMs = 0) {
      for (let index = 0; index < count; index += 1) updateCase(`case-${index}`, at + index * stepMs);
    },
    addRelatedItem(caseId, at, type = 'Comment') {
      relatedItems.push({ caseId, associatedAt: at });
      record(find('searchCases', caseId), 'RelatedItem.Created', at, { relatedItemType: type });
    },
    deleteCase(caseId) {
      cases.delete(caseId);
      relatedItems.splice(0, relatedItems.length, ...relatedItems.filter((item) => item.caseId !== caseId));
    },

    async searchCases(request, signal) {
      await enter('searchCases', request, signal);
      const { by, from, lastUpdatedFrom = Number.NEGATIVE_INFINITY, nextToken } = request;
      const sortValue = (one: FakeCase) => (by === 'created_datetime' ? one.created : one.lastUpdated);
      const found = [...cases.values()]
        .filter((one) => sortValue(one) >= from && one.lastUpdated >= lastUpdatedFrom)
        .sort((a, b) => sortValue(a) - sortValue(b));
      const { elements, rest } = page('searchCases', found, nextToken);
      return { cases: elements.map(toFound), totalCount: found.length, ...rest };
    },
    async getCaseAuditEvents(request, signal) {
      await enter('getCaseAuditEvents', request, signal);
      const { events } = find('getCaseAuditEvents', request.caseId);
      const { elements, rest } = page('getCaseAuditEvents', events, request.nextToken);
      return { events: elements, ...rest };
    },
    async searchAllRelatedItems(request, signal) {
      await enter('searchAllRelatedItems', request, signal);
      const newestFirst = [...relatedItems].sort((a, b) => (b.associatedAt ?? 0) - (a.associatedAt ?? 0));
      const { elements, rest } = page('searchAllRelatedItems', newestFirst, request.nextToken);
      return { items: elements, ...rest };
    },
    async listFields(request, signal) {
      await enter('listFields', request, signal);
      const alive = [...fields.values()].filter((field) => !field.deleted);
      const { elements, rest } = page('listFields', alive, request.nextToken);
      return { fields: elements, ...rest };
    },
    async batchGetFields(request, signal) {
      await enter('batchGetFields', request, signal);
      const known = request.fieldIds.flatMap((id) => fields.get(id) ?? []);
      const { elements, rest } = page('batchGetFields', known, undefined);
      return { fields: elements, ...rest };
    },
    async listFieldOptions(request, signal) {
      await enter('listFieldOptions', request, signal);
      if (!fields.has(request.fieldId)) fail('listFieldOptions', 'not-found', `no field ${request.fieldId}`);
      const all = options.get(request.fieldId) ?? [];
      const { elements, rest } = page('listFieldOptions', all, request.nextToken);
      return { options: elements, ...rest };
    },
    async listTemplates(request, signal) {
      await enter('listTemplates', request, signal);
      const { elements, rest } = page('listTemplates', templates, request.nextToken);
      return { templates: elements, ...rest };
    },
  };
}

function toFound({ caseId, templateId, created, lastUpdated }: FakeCase): FoundCase {
  return { caseId, templateId, created, lastUpdated };
}

function offsetOf(operation: Operation, token: string): number {
  const [of, offset] = token.split(':');
  return of === operation && offset !== undefined ? Number(offset) : fail(operation, 'refused', 'no such token');
}

function fail(operation: Operation, failure: CasesFailure, what: string): never {
  throw new CasesCallError(`${operation}: ${what}`, failure, operation);
}
