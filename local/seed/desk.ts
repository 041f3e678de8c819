import {
  BatchPutFieldOptionsCommand,
  type ConnectCasesClient,
  CreateFieldCommand,
  CreateTemplateCommand,
  type FieldValue,
} from '@aws-sdk/client-connectcases';
import type { FieldSetting } from './actions';
import { CASE_KIND_KEYS, CASE_KINDS, type CaseKindKey } from './case-kinds';
import { CUSTOM_FIELDS, type CustomFieldKey, EXTRA_STATUSES, SYSTEM_FIELD_IDS } from './fields';

/** The service's ids for our own names. */
export interface Desk {
  readonly domainId: string;
  readonly fieldIds: ReadonlyMap<string, string>;
  readonly templateIds: ReadonlyMap<CaseKindKey, string>;
}

/** Sets up the shop's fields, options and templates in an existing domain, through the API. */
export async function setUpDesk(client: ConnectCasesClient, domainId: string): Promise<Desk> {
  const fieldIds = new Map<string, string>(SYSTEM_FIELD_IDS.map((id) => [id, id]));
  await putOptions(client, domainId, 'status', EXTRA_STATUSES);
  for (const [key, field] of Object.entries(CUSTOM_FIELDS)) {
    const { name, type, description } = field;
    const { fieldId } = await client.send(new CreateFieldCommand({ domainId, name, type, description }));
    fieldIds.set(key, given(fieldId, 'CreateField'));
    if ('options' in field) await putOptions(client, domainId, given(fieldId, 'CreateField'), field.options);
  }
  const templateIds = new Map<CaseKindKey, string>();
  for (const key of CASE_KIND_KEYS) {
    const { template: name, requiredFields } = CASE_KINDS[key];
    const required = requiredFields.map((field: CustomFieldKey) => ({ fieldId: fieldIds.get(field) }));
    const answer = await client.send(new CreateTemplateCommand({ domainId, name, requiredFields: required }));
    templateIds.set(key, given(answer.templateId, 'CreateTemplate'));
  }
  return { domainId, fieldIds, templateIds };
}

/** The settings as the API takes them. */
export function fieldValues(desk: Desk, settings: readonly FieldSetting[]): FieldValue[] {
  return settings.map(([field, value]) => ({ id: desk.fieldIds.get(field), value }));
}

/** Returns a required part of an answer. Throws if it is missing. */
export function given<T>(value: T | undefined, operation: string): T {
  if (value === undefined) throw new Error(`${operation} answered without an id`);
  return value;
}

async function putOptions(
  client: ConnectCasesClient,
  domainId: string,
  fieldId: string,
  values: readonly string[],
): Promise<void> {
  const options = values.map((value) => ({ name: value.replaceAll('_', ' '), value, active: true }));
  await client.send(new BatchPutFieldOptionsCommand({ domainId, fieldId, options }));
}
