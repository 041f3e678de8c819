/** Turns one audit event into the columns of its rows. */
import { types } from 'node:util';
import type { AuditEvent, AuditEventField } from './audit-event';
import type { FieldChange } from './columns';
import type { FieldDefinition, FieldDictionary } from './fields';
import {
  ABSENT,
  isMembers,
  losslessJson,
  Unrepresentable,
  userColumns,
  type ValueColumns,
  valueColumns,
} from './values';

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
 * Makes the rows of one event; all their strings are well-formed. Throws Unrepresentable where no row can hold the
 * event. The first row has the field_index `firstIndex`.
 */
export class RowMaker {
  readonly made: FieldChange[] = [];
  readonly #strings = new WellFormedStrings();
  readonly #event: EventColumns;
  readonly #other: OtherMembers;

  constructor(
    event: AuditEvent,
    caseId: string,
    templateId: string | null,
    readonly dictionary: FieldDictionary,
    readonly firstIndex = 0,
  ) {
    this.#event = eventColumns(event, caseId, templateId, this.#strings);
    this.#other = new OtherMembers(event);
  }

  add(field: AuditEventField, position: number): void {
    const where = `fields[${position}]`;
    const id = field.eventFieldId;
    if (!isNonEmptyString(id)) throw new Unrepresentable(`${where}.eventFieldId is not a non-empty string`);
    const before = valueColumns(field.oldValue, `${where}.oldValue`);
    const after = valueColumns(field.newValue, `${where}.newValue`);
    this.made.push(
      assemble(
        this.#event,
        this.firstIndex + this.made.length,
        this.#strings.keep(id),
        this.dictionary.get(id),
        wellFormed(before, this.#strings),
        wellFormed(after, this.#strings),
        this.#other.ofField(field),
      ),
    );
  }

  addWithoutField(): void {
    this.made.push(assemble(this.#event, 0, null, undefined, ABSENT, ABSENT, this.#other.ofEvent()));
  }

  /** Whether a string had to be altered to fit into a row. */
  get altered(): boolean {
    return this.#strings.altered;
  }

  /** Number of members that the service model does not have. */
  get unknownMembers(): number {
    return this.#other.unknown;
  }
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
  const performer: unknown = performedBy;
  if (performer !== undefined && performer !== null && !isMembers(performer)) {
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

/** One literal rather than spreads: all rows then share one layout in memory, which matters at 100,000 of them. */
function assemble(
  event: EventColumns,
  index: number,
  fieldId: string | null,
  definition: FieldDefinition | undefined,
  before: ValueColumns,
  after: ValueColumns,
  other: string | null,
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
    other,
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

export function isNonEmptyString(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function optionalString(value: unknown, where: string): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw new Unrepresentable(`${where} is not a string`);
  return value;
}

type Members = Readonly<Record<string, unknown>>;

/** Members of the service model: under their name, `other` holds the rest of a known value. */
const KNOWN: ReadonlySet<string> = new Set(['performedTime', 'oldValue', 'newValue']);

/**
 * Builds the column `other`, from members of an event that no column holds. Each row has `{"event": …, "performedBy":
 * …, "field": …}` with the present parts, or null.
 */
class OtherMembers {
  readonly #event: Members;
  /** For rows whose field has no other members: rows of one event share it. */
  readonly #shared: string | null;
  /** Number of members that the service model does not have. */
  unknown = 0;

  constructor({ other, performedBy }: AuditEvent) {
    this.#event = { ...this.#part('event', other), ...this.#part('performedBy', performedBy?.other) };
    this.#shared = columnOf(this.#event);
  }

  ofField(field: AuditEventField): string | null {
    if (field.other === undefined) return this.#shared;
    return columnOf({ ...this.#event, ...this.#part('field', field.other) });
  }

  ofEvent(): string | null {
    return this.#shared;
  }

  #part(name: string, other: unknown): Members {
    if (!isMembers(other)) return {};
    const names = Object.keys(other);
    this.unknown += names.filter((member) => !KNOWN.has(member)).length;
    return names.length === 0 ? {} : { [name]: other };
  }
}

function columnOf(parts: Members): string | null {
  return Object.keys(parts).length === 0 ? null : losslessJson(parts);
}
