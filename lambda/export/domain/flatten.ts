/** Audit events into rows of `field_changes`: one a changed field (docs/architecture.md, What is stored). */
import { createHash } from 'node:crypto';
import { types } from 'node:util';
import type { AuditEvent, AuditEventField } from './audit-event';
import type { FieldChange } from './columns';
import type { FieldDefinition, FieldDictionary } from './fields';
import {
  ABSENT,
  fromJsonValue,
  toJsonValue,
  Unrepresentable,
  userColumns,
  type ValueColumns,
  valueColumns,
} from './values';

/**
 * - `rows`: at least one; `nullFields` elements of the list were null and are in no row. `altered`: a string of the event
 *   held a lone surrogate, which stands in the rows as U+FFFD, so the raw event must be kept.
 * - `poison`: no row can hold the event; `reason` names the member, never its value.
 * - `incomplete`: the answer lacks the list of fields, which is never the same as an empty one.
 */
export type Flattened =
  | {
      readonly kind: 'rows';
      readonly rows: readonly FieldChange[];
      readonly nullFields: number;
      readonly altered: boolean;
    }
  | { readonly kind: 'poison'; readonly reason: string }
  | { readonly kind: 'incomplete'; readonly reason: string };

type EventColumns = Pick<
  FieldChange,
  | 'case_id'
  | 'event_id'
  | 'event_type'
  | 'performed_time'
  | 'related_item_type'
  | 'performed_by_user_arn'
  | 'performed_by_custom_entity'
  | 'performed_by_other'
  | 'performed_by_iam_principal_arn'
  | 'template_id'
>;

/**
 * One row for each non-null field, in the event's order; one row with field_index 0 and no field if there is none.
 * All strings of the rows are well-formed. Never throws, never mutates.
 */
export function flattenEvent(
  event: AuditEvent,
  caseId: string,
  templateId: string | null,
  fields: FieldDictionary,
): Flattened {
  if (event.fields === undefined || event.fields === null) {
    return { kind: 'incomplete', reason: 'the event has no list of fields' };
  }
  if (!Array.isArray(event.fields)) return { kind: 'poison', reason: 'fields is not a list' };
  try {
    return rowsOf(event, event.fields, caseId, templateId, fields);
  } catch (error) {
    if (error instanceof Unrepresentable) return { kind: 'poison', reason: error.message };
    throw error;
  }
}

/** The event's id; for an event without one, `sha256:` and the hash of its content, which is stable over key order. */
export function eventKey(event: AuditEvent): string {
  if (isNonEmptyString(event.eventId)) return event.eventId;
  return `sha256:${createHash('sha256')
    .update(canonicalJson(rawEvent(event)))
    .digest('hex')}`;
}

/** The whole event as a JSON value (`toJsonValue`), for quarantine: written by JSON.stringify it keeps lone surrogates too. */
export function rawEvent(event: AuditEvent): unknown {
  return toJsonValue(event);
}

/** Inverse of `rawEvent`, also after a trip through JSON text. */
export function restoreEvent(raw: unknown): AuditEvent {
  return fromJsonValue(raw) as AuditEvent;
}

/** Stands for the row's numbers, dates and headers. */
const ROW_OVERHEAD_BYTES = 64;

/**
 * Upper-ish size of a row in bytes: UTF-8 of all its strings and a constant. Rows of one event share their ids in memory;
 * counting them in every row pays for the row object itself.
 */
export function estimateBytes(change: FieldChange): number {
  let bytes = ROW_OVERHEAD_BYTES;
  for (const key in change) {
    const value = change[key as keyof FieldChange];
    if (typeof value === 'string') bytes += Buffer.byteLength(value);
  }
  return bytes;
}

/** A sorted copy: performed_time, case_id, event_id, field_index; strings by UTF-16 code unit, so alike on every machine. */
export function sortChanges(changes: readonly FieldChange[]): FieldChange[] {
  return changes.toSorted(
    (a, b) =>
      a.performed_time.getTime() - b.performed_time.getTime() ||
      compareCodeUnits(a.case_id, b.case_id) ||
      compareCodeUnits(a.event_id, b.event_id) ||
      a.field_index - b.field_index,
  );
}

function rowsOf(
  event: AuditEvent,
  fields: readonly (AuditEventField | null | undefined)[],
  caseId: string,
  templateId: string | null,
  dictionary: FieldDictionary,
): Flattened {
  const strings = new WellFormedStrings();
  const common = eventColumns(event, caseId, templateId, strings);
  const rows: FieldChange[] = [];
  for (const [position, field] of fields.entries()) {
    if (field === null || field === undefined) continue;
    rows.push(fieldRow(common, field, position, rows.length, dictionary, strings));
  }
  const nullFields = fields.length - rows.length;
  // An event whose fields are all null is an event all the same.
  if (rows.length === 0) rows.push(assemble(common, 0, null, undefined, ABSENT, ABSENT));
  return { kind: 'rows', rows, nullFields, altered: strings.altered };
}

function eventColumns(
  event: AuditEvent,
  caseId: string,
  templateId: string | null,
  strings: WellFormedStrings,
): EventColumns {
  const { eventId, type, performedTime, relatedItemType, performedBy } = event;
  if (!isNonEmptyString(eventId)) throw new Unrepresentable('eventId is not a non-empty string');
  if (!isNonEmptyString(type)) throw new Unrepresentable('type is not a non-empty string');
  if (!types.isDate(performedTime) || Number.isNaN(performedTime.getTime())) {
    throw new Unrepresentable('performedTime is not a valid date');
  }
  if (performedBy !== undefined && performedBy !== null && typeof performedBy !== 'object') {
    throw new Unrepresentable('performedBy is not an object');
  }
  const user = userColumns(performedBy?.user, 'performedBy.user');
  return {
    case_id: caseId.toWellFormed(),
    event_id: strings.keep(eventId),
    event_type: strings.keep(type),
    performed_time: new Date(performedTime.getTime()),
    related_item_type: strings.keep(optionalString(relatedItemType, 'relatedItemType')),
    performed_by_user_arn: strings.keep(user.userArn),
    performed_by_custom_entity: strings.keep(user.customEntity),
    performed_by_other: user.other,
    performed_by_iam_principal_arn: strings.keep(
      optionalString(performedBy?.iamPrincipalArn, 'performedBy.iamPrincipalArn'),
    ),
    template_id: templateId?.toWellFormed() ?? null,
  };
}

function fieldRow(
  common: EventColumns,
  field: AuditEventField,
  position: number,
  index: number,
  dictionary: FieldDictionary,
  strings: WellFormedStrings,
): FieldChange {
  const where = `fields[${position}]`;
  const id = field.eventFieldId;
  if (!isNonEmptyString(id)) throw new Unrepresentable(`${where}.eventFieldId is not a non-empty string`);
  const before = valueColumns(field.oldValue, `${where}.oldValue`);
  const after = valueColumns(field.newValue, `${where}.newValue`);
  return assemble(
    common,
    index,
    strings.keep(id),
    dictionary.get(id),
    wellFormed(before, strings),
    wellFormed(after, strings),
  );
}

/** One literal rather than spreads: all rows then share one layout in memory, which matters at 100,000 of them. */
function assemble(
  event: EventColumns,
  index: number,
  fieldId: string | null,
  definition: FieldDefinition | undefined,
  before: ValueColumns,
  after: ValueColumns,
): FieldChange {
  return {
    case_id: event.case_id,
    event_id: event.event_id,
    event_type: event.event_type,
    performed_time: event.performed_time,
    related_item_type: event.related_item_type,
    performed_by_user_arn: event.performed_by_user_arn,
    performed_by_custom_entity: event.performed_by_custom_entity,
    performed_by_other: event.performed_by_other,
    performed_by_iam_principal_arn: event.performed_by_iam_principal_arn,
    field_index: index,
    field_id: fieldId,
    field_name: definition?.name?.toWellFormed() ?? null,
    field_type: definition?.type?.toWellFormed() ?? null,
    field_namespace: definition?.namespace?.toWellFormed() ?? null,
    old_value_type: before.type,
    new_value_type: after.type,
    old_value: before.text,
    new_value: after.text,
    old_value_double: before.double,
    new_value_double: after.double,
    old_value_boolean: before.boolean,
    new_value_boolean: after.boolean,
    template_id: event.template_id,
  };
}

function wellFormed(value: ValueColumns, strings: WellFormedStrings): ValueColumns {
  const { type, text, double, boolean } = value;
  return { type: strings.keep(type), text: strings.keep(text), double, boolean };
}

/** Replaces lone surrogates, which UTF-8 cannot hold, by U+FFFD and remembers whether it had to. */
class WellFormedStrings {
  altered = false;

  keep<T extends string | null>(value: T): T {
    if (value === null || value.isWellFormed()) return value;
    this.altered = true;
    return value.toWellFormed() as T;
  }
}

function isNonEmptyString(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function optionalString(value: unknown, where: string): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw new Unrepresentable(`${where} is not a string`);
  return value;
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => compareCodeUnits(a, b)))
      : member,
  );
}

function compareCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
