/** Flattens audit events into rows of `field_changes`: one per changed field (docs/architecture.md, What is stored). */
import { createHash } from 'node:crypto';
import type { AuditEvent, AuditEventField } from './audit-event';
import type { PendingEvent } from './case-items';
import type { FieldChange } from './columns';
import type { FieldDictionary } from './fields';
import { isNonEmptyString, RowMaker } from './row-maker';
import { canonicalJson, compareCodeUnits, fromJsonValue, toJsonValue, Unrepresentable } from './values';

/**
 * - `rows`: at least one; the elements at `nullPositions` of a list of `length` were null and are in no row
 *   (`completeEvent`).
 * `altered`: a string of the event held a lone surrogate, which stands in the rows as U+FFFD, so the raw event must be
 * kept.
 *   `unknownMembers`: so many members came that the service model does not have; the column `other` holds them.
 * - `poison`: no row can hold the event; `reason` names the member, never its value.
 * - `incomplete`: the answer lacks the list of fields, which is never the same as an empty one.
 */
type Flattened =
  | {
      readonly kind: 'rows';
      readonly rows: readonly FieldChange[];
      readonly nullPositions: readonly number[];
      readonly length: number;
      readonly altered: boolean;
      readonly unknownMembers: number;
    }
  | { readonly kind: 'poison'; readonly reason: string }
  | { readonly kind: 'incomplete'; readonly reason: string };

/**
 * Makes one row for each non-null field, in the event's order; without fields, one row with field_index 0. All strings
 * of the rows are well-formed. Never throws, never mutates.
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
  const list: readonly (AuditEventField | null)[] = event.fields;
  return orPoison(() => {
    const rows = new RowMaker(event, caseId, templateId, fields);
    const nullPositions: number[] = [];
    for (const [position, field] of list.entries()) {
      if (isNull(field)) nullPositions.push(position);
      else rows.add(field, position);
    }
    // An event whose fields are all null is still an event.
    if (rows.made.length === 0) rows.addWithoutField();
    return flattened(rows, nullPositions, list.length);
  });
}

/**
 * Makes the rows of the fields that were null when the event was flattened; `field_index` continues after the earlier
 * rows. Returns null while one of those fields is still null, or if the list is shorter now. A longer list says more
 * than was exported, and the case's digest shows that.
 */
export function completeEvent(
  event: AuditEvent,
  caseId: string,
  templateId: string | null,
  fields: FieldDictionary,
  { positions, length }: Pick<PendingEvent, 'positions' | 'length'>,
): Flattened | null {
  const list: unknown = event.fields;
  if (!Array.isArray(list) || list.length < length || positions.some((position) => isNull(list[position]))) {
    return null;
  }
  return orPoison(() => {
    const first = firstCompletedIndex(length, positions.length);
    const rows = new RowMaker(event, caseId, templateId, fields, first);
    for (const position of positions) rows.add(list[position], position);
    return flattened(rows, [], length);
  });
}

/**
 * `field_index` of the first row of `completeEvent`. An event whose fields were all null has made a row without a
 * field.
 */
export function firstCompletedIndex(length: number, nulls: number): number {
  return Math.max(1, length - nulls);
}

function flattened(rows: RowMaker, nullPositions: readonly number[], length: number): Flattened {
  const { made, altered, unknownMembers } = rows;
  return { kind: 'rows', rows: made, nullPositions, length, altered, unknownMembers };
}

function orPoison(make: () => Flattened): Flattened {
  try {
    return make();
  } catch (error) {
    if (error instanceof Unrepresentable) return { kind: 'poison', reason: error.message };
    throw error;
  }
}

function isNull(field: unknown): field is null | undefined {
  return field === null || field === undefined;
}

/**
 * Returns the event's id; for an event without one, `sha256:` and the hash of its content, which is stable over key
 * order.
 */
export function eventKey(event: AuditEvent): string {
  if (isNonEmptyString(event.eventId)) return event.eventId;
  return `sha256:${createHash('sha256')
    .update(canonicalJson(rawEvent(event)))
    .digest('hex')}`;
}

/**
 * Returns the whole event as a JSON value (`toJsonValue`), for quarantine: JSON.stringify keeps its lone surrogates
 * too.
 */
export function rawEvent(event: AuditEvent): unknown {
  return toJsonValue(event);
}

/** Inverts `rawEvent`, also after a trip through JSON text. */
export function restoreEvent(raw: unknown): AuditEvent {
  return fromJsonValue(raw) as AuditEvent;
}

/** Covers the row's numbers, dates and headers. */
const ROW_OVERHEAD_BYTES = 64;

/**
 * Estimates the size of a row in bytes, rather too high: UTF-8 of all its strings and a constant. Rows of one event
 * share their ids in memory; counting them in every row pays for the row object itself.
 */
export function estimateBytes(change: FieldChange): number {
  let bytes = ROW_OVERHEAD_BYTES;
  for (const key in change) {
    const value = change[key as keyof FieldChange];
    if (typeof value === 'string') bytes += Buffer.byteLength(value);
  }
  return bytes;
}

/**
 * Returns a sorted copy: performed_time, case_id, event_id, field_index; strings by UTF-16 code unit, so alike on every
 * machine.
 */
export function sortChanges(changes: readonly FieldChange[]): FieldChange[] {
  return changes.toSorted(
    (a, b) =>
      a.performed_time.getTime() - b.performed_time.getTime() ||
      compareCodeUnits(a.case_id, b.case_id) ||
      compareCodeUnits(a.event_id, b.event_id) ||
      a.field_index - b.field_index,
  );
}
