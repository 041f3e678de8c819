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
import { type CaseAnswer, callCases, callForJson, malformedAnswer } from './cases-call';
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
      const { domainId, by, nextToken } = request;
      const command = new SearchCasesCommand({
        domainId,
        maxResults: CASES_PER_PAGE,
        nextToken,
        fields: [{ id: 'last_updated_datetime' }, { id: 'created_datetime' }],
        sorts: [{ fieldId: by, sortOrder: 'Asc' }],
        filter: searchFilter(request),
      });
      const answer = await callCases(client, command, targetOf('SearchCases', request), signal);
      const { list: cases, ...page } = pageOf(answer, 'cases', toFoundCase);
      const { totalCount } = answer.output;
      return { cases, ...page, totalCount: typeof totalCount === 'number' ? totalCount : undefined };
    },

    async getCaseAuditEvents(request, signal) {
      const { domainId, caseId, nextToken } = request;
      const command = new GetCaseAuditEventsCommand({ domainId, caseId, nextToken, maxResults: EVENTS_PER_PAGE });
      const answer = await callForJson(client, command, targetOf('GetCaseAuditEvents', request), signal);
      const { list: events, ...page } = pageOf(answer, 'auditEvents', decodeAuditEvent);
      return { events, ...page };
    },

    async searchAllRelatedItems(request, signal) {
      const { domainId, nextToken } = request;
      const command = new SearchAllRelatedItemsCommand({
        domainId,
        nextToken,
        maxResults: RELATED_ITEMS_PER_PAGE,
        sorts: [{ sortProperty: 'AssociationTime', sortOrder: 'Desc' }],
      });
      const answer = await callCases(client, command, targetOf('SearchAllRelatedItems', request), signal);
      const { list: items, ...page } = pageOf(answer, 'relatedItems', toFoundRelatedItem);
      return { items, ...page };
    },

    async listFields(request, signal) {
      const { domainId, nextToken } = request;
      const command = new ListFieldsCommand({ domainId, nextToken, maxResults: FIELDS_PER_PAGE });
      const answer = await callCases(client, command, targetOf('ListFields', request), signal);
      const { list: fields, ...page } = pageOf(answer, 'fields', toFieldDefinition);
      return { fields, ...page };
    },

    async batchGetFields(request, signal) {
      const fields = request.fieldIds.map((id) => ({ id }));
      const command = new BatchGetFieldCommand({ domainId: request.domainId, fields });
      const answer = await callCases(client, command, targetOf('BatchGetField', request), signal);
      const { list, ...page } = pageOf(answer, 'fields', toFieldDefinition);
      return { fields: list, ...page };
    },

    async listFieldOptions(request, signal) {
      const { domainId, fieldId, nextToken } = request;
      const command = new ListFieldOptionsCommand({ domainId, fieldId, nextToken, maxResults: OPTIONS_PER_PAGE });
      const answer = await callCases(client, command, targetOf('ListFieldOptions', request), signal);
      const { list: options, ...page } = pageOf(answer, 'options', toFieldOption);
      return { options, ...page };
    },

    async listTemplates(request, signal) {
      const { domainId, nextToken } = request;
      const command = new ListTemplatesCommand({ domainId, nextToken, maxResults: TEMPLATES_PER_PAGE });
      const answer = await callCases(client, command, targetOf('ListTemplates', request), signal);
      const { list: templates, ...page } = pageOf(answer, 'templates', toTemplateName);
      return { templates, ...page };
    },
  };
}

function targetOf(
  operation: string,
  request: { readonly domainId: string; readonly caseId?: string; readonly nextToken?: string | undefined },
): CaseAnswer<unknown>['target'] {
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
 * Takes the page of an answer apart: its list under this name, its token and its time. The SDK checks nothing in it, so
 * a list may be missing or be something else; both are malformed, and a missing list never counts as an empty one.
 * Elements that are not objects become null.
 */
function pageOf<T extends object, R>(
  { output, target, serviceTime }: CaseAnswer<unknown>,
  name: string,
  read: (element: T) => R | null,
) {
  if (!isObject<Loose<string>>(output) || Array.isArray(output)) {
    throw malformedAnswer(target, 'a JSON object', serviceTime);
  }
  const value = output[name];
  if (!Array.isArray(value)) throw malformedAnswer(target, `a list in "${name}"`, serviceTime);
  const list = value.map((element: unknown) => (isObject<T>(element) ? read(element) : null));
  const token = output['nextToken'] ?? '';
  if (typeof token !== 'string') throw malformedAnswer(target, 'a string in nextToken', serviceTime);
  return { list, nextToken: token === '' ? undefined : token, serviceTime };
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
