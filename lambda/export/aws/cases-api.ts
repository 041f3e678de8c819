import {
  BatchGetFieldCommand,
  ConnectCasesClient,
  GetCaseAuditEventsCommand,
  ListFieldOptionsCommand,
  ListFieldsCommand,
  ListTemplatesCommand,
  SearchAllRelatedItemsCommand,
  SearchCasesCommand,
} from '@aws-sdk/client-connectcases';
import type { FieldDefinition, FieldOption, TemplateName } from '../domain/fields';
import type { CasesApi, FoundCase, FoundRelatedItem, SearchRequest } from '../ports';
import { type CallTarget, callCases, callForJson, malformedAnswer } from './cases-call';
import { decodeAuditEvent } from './decode-audit-event';
import { withoutLogger } from './http-answer';
import { parseIsoTime } from './wire-formats';

const CASES_PER_PAGE = 100;
const EVENTS_PER_PAGE = 25;
const RELATED_ITEMS_PER_PAGE = 25;
const FIELDS_PER_PAGE = 100;
const OPTIONS_PER_PAGE = 100;
const TEMPLATES_PER_PAGE = 100;

/**
 * Creates a client that the standard SDK variables alone configure (AWS_REGION, AWS_ENDPOINT_URL_CONNECTCASES,
 * credentials). It makes one HTTP request per call: the pacer decides on repetitions, because every request costs
 * quota.
 */
export function createCasesClient(settings: { readonly region?: string } = {}): ConnectCasesClient {
  const client = new ConnectCasesClient({
    ...settings,
    maxAttempts: 1,
    // AWS_RETRY_MODE is overridden: its adaptive mode would pace a second time.
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: 5_000,
      // The caller's signal comes first; this limit serves a signal that never fires.
      requestTimeout: 60_000,
      throwOnRequestTimeout: true,
      socketTimeout: 60_000,
    },
  });
  return withoutLogger(client);
}

/**
 * Implements the port over the real service. Give it only a client of `createCasesClient`: other clients may make
 * several requests per call.
 */
export function createCasesApi(client: ConnectCasesClient): CasesApi {
  return {
    async searchCases(request, signal) {
      const target = targetOf('SearchCases', request);
      const command = new SearchCasesCommand({
        domainId: request.domainId,
        maxResults: CASES_PER_PAGE,
        nextToken: request.nextToken,
        fields: [{ id: 'last_updated_datetime' }, { id: 'created_datetime' }],
        sorts: [{ fieldId: request.by, sortOrder: 'Asc' }],
        filter: searchFilter(request),
      });
      const { output, serviceTime } = await callCases(client, command, target, signal);
      const read = readerOf(target, serviceTime);
      return {
        cases: read.list(output.cases, 'cases', toFoundCase),
        nextToken: read.token(output.nextToken),
        totalCount: typeof output.totalCount === 'number' ? output.totalCount : undefined,
        serviceTime,
      };
    },

    async getCaseAuditEvents(request, signal) {
      const target = targetOf('GetCaseAuditEvents', request);
      const { domainId, caseId, nextToken } = request;
      const command = new GetCaseAuditEventsCommand({ domainId, caseId, nextToken, maxResults: EVENTS_PER_PAGE });
      const { output, serviceTime } = await callForJson(client, command, target, signal);
      const read = readerOf(target, serviceTime);
      const answer = read.object<'auditEvents' | 'nextToken'>(output);
      return {
        events: read.list(answer.auditEvents, 'auditEvents', decodeAuditEvent),
        nextToken: read.token(answer.nextToken),
        serviceTime,
      };
    },

    async searchAllRelatedItems(request, signal) {
      const target = targetOf('SearchAllRelatedItems', request);
      const command = new SearchAllRelatedItemsCommand({
        domainId: request.domainId,
        nextToken: request.nextToken,
        maxResults: RELATED_ITEMS_PER_PAGE,
        sorts: [{ sortProperty: 'AssociationTime', sortOrder: 'Desc' }],
      });
      const { output, serviceTime } = await callCases(client, command, target, signal);
      const read = readerOf(target, serviceTime);
      return {
        items: read.list(output.relatedItems, 'relatedItems', toFoundRelatedItem),
        nextToken: read.token(output.nextToken),
        serviceTime,
      };
    },

    async listFields(request, signal) {
      const target = targetOf('ListFields', request);
      const { domainId, nextToken } = request;
      const command = new ListFieldsCommand({ domainId, nextToken, maxResults: FIELDS_PER_PAGE });
      const { output, serviceTime } = await callCases(client, command, target, signal);
      const read = readerOf(target, serviceTime);
      return {
        fields: read.list(output.fields, 'fields', toFieldDefinition),
        nextToken: read.token(output.nextToken),
        serviceTime,
      };
    },

    async batchGetFields(request, signal) {
      const target = targetOf('BatchGetField', request);
      const fields = request.fieldIds.map((id) => ({ id }));
      const command = new BatchGetFieldCommand({ domainId: request.domainId, fields });
      const { output, serviceTime } = await callCases(client, command, target, signal);
      const read = readerOf(target, serviceTime);
      return { fields: read.list(output.fields, 'fields', toFieldDefinition), nextToken: undefined, serviceTime };
    },

    async listFieldOptions(request, signal) {
      const target = targetOf('ListFieldOptions', request);
      const { domainId, fieldId, nextToken } = request;
      const command = new ListFieldOptionsCommand({ domainId, fieldId, nextToken, maxResults: OPTIONS_PER_PAGE });
      const { output, serviceTime } = await callCases(client, command, target, signal);
      const read = readerOf(target, serviceTime);
      return {
        options: read.list(output.options, 'options', toFieldOption),
        nextToken: read.token(output.nextToken),
        serviceTime,
      };
    },

    async listTemplates(request, signal) {
      const target = targetOf('ListTemplates', request);
      const { domainId, nextToken } = request;
      const command = new ListTemplatesCommand({ domainId, nextToken, maxResults: TEMPLATES_PER_PAGE });
      const { output, serviceTime } = await callCases(client, command, target, signal);
      const read = readerOf(target, serviceTime);
      return {
        templates: read.list(output.templates, 'templates', toTemplateName),
        nextToken: read.token(output.nextToken),
        serviceTime,
      };
    },
  };
}

function targetOf(
  operation: string,
  request: { readonly domainId: string; readonly caseId?: string; readonly nextToken?: string | undefined },
): CallTarget {
  const { domainId, caseId, nextToken } = request;
  return { operation, domainId, caseId, withToken: nextToken !== undefined };
}

function searchFilter({ by, from, lastUpdatedFrom }: SearchRequest) {
  const cursor = notBefore(by, from);
  return lastUpdatedFrom === undefined
    ? cursor
    : { andAll: [cursor, notBefore('last_updated_datetime', lastUpdatedFrom)] };
}

/** `≥` is the only operator that the service documents for dates; ISO 8601, UTC, milliseconds. */
function notBefore(id: string, time: number) {
  // No case is older than 1970; a long overlap may reach back further.
  const stringValue = new Date(Math.max(time, 0)).toISOString();
  return { field: { greaterThanOrEqualTo: { id, value: { stringValue } } } };
}

/**
 * Takes an answer apart. The SDK checks nothing in it, so a list may be missing or be something else; both are
 * malformed, and a missing list never counts as an empty one. Elements that are not objects become null.
 */
function readerOf(target: CallTarget, serviceTime: number | null) {
  return {
    object<K extends string>(value: unknown): Loose<K> {
      if (!isObject<Loose<K>>(value) || Array.isArray(value)) {
        throw malformedAnswer(target, 'a JSON object', serviceTime);
      }
      return value;
    },
    list<T extends object, R>(value: unknown, name: string, read: (element: T) => R | null): (R | null)[] {
      if (!Array.isArray(value)) {
        throw malformedAnswer(target, `a list in "${name}"`, serviceTime);
      }
      return value.map((element: unknown) => (isObject<T>(element) ? read(element) : null));
    },
    token(value: unknown): string | undefined {
      if (value === undefined || value === null || value === '') {
        return undefined;
      }
      if (typeof value !== 'string') {
        throw malformedAnswer(target, 'a string in nextToken', serviceTime);
      }
      return value;
    },
  };
}

/** The members of an element that are used. Each may be missing or of another type. */
type Loose<K extends string> = { readonly [key in K]?: unknown };

function toFoundCase(element: Loose<'caseId' | 'templateId' | 'fields'>): FoundCase | null {
  const caseId = textOf(element.caseId);
  return caseId === null
    ? null
    : {
        caseId,
        templateId: textOf(element.templateId),
        lastUpdated: timeOf(element.fields, 'last_updated_datetime'),
        created: timeOf(element.fields, 'created_datetime'),
      };
}

function timeOf(fields: unknown, fieldId: string): number | null {
  const field: unknown = Array.isArray(fields)
    ? fields.find((one: unknown) => isField(one) && one.id === fieldId)
    : null;
  return isField(field) && isObject<Loose<'stringValue'>>(field.value) ? parseIsoTime(field.value.stringValue) : null;
}

function isField(value: unknown): value is Loose<'id' | 'value'> {
  return isObject(value);
}

function toFoundRelatedItem(element: Loose<'caseId' | 'associationTime'>): FoundRelatedItem | null {
  const caseId = textOf(element.caseId);
  const time = element.associationTime instanceof Date ? element.associationTime.getTime() : Number.NaN;
  return caseId === null ? null : { caseId, associatedAt: Number.isNaN(time) ? null : time };
}

function toFieldDefinition(
  element: Loose<'fieldId' | 'name' | 'type' | 'namespace' | 'deleted'>,
): FieldDefinition | null {
  const fieldId = textOf(element.fieldId);
  return fieldId === null
    ? null
    : {
        fieldId,
        name: textOf(element.name),
        type: textOf(element.type),
        namespace: textOf(element.namespace),
        deleted: element.deleted === true,
      };
}

function toFieldOption(element: Loose<'value' | 'name' | 'active'>): FieldOption | null {
  // The value of an option may be the empty string.
  const { value, active } = element;
  if (typeof value !== 'string') return null;
  return { value, name: textOf(element.name), active: typeof active === 'boolean' ? active : null };
}

function toTemplateName(element: Loose<'templateId' | 'name' | 'status'>): TemplateName | null {
  const templateId = textOf(element.templateId);
  return templateId === null ? null : { templateId, name: textOf(element.name), status: textOf(element.status) };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function isObject<T extends object>(value: unknown): value is T {
  return typeof value === 'object' && value !== null;
}
