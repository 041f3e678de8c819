/** A case's rows as the timeline that a page shows. Pure. */
import { type Break, findBreaks, groupBy } from './continuity';
import type { Dictionary } from './evidence';
import { type ChangeRow, hasFields, isCaseChange, type UserName } from './facts';
import { type Person, Persons } from './persons';

/** One side of a change. */
export type Value =
  /** The event has no such side. */
  | { readonly kind: 'absent' }
  /** The field was cleared: a value of its own, told apart from an empty text. */
  | { readonly kind: 'empty' }
  | {
      readonly kind: 'plain';
      readonly type: 'string' | 'double' | 'boolean';
      readonly text: string;
      readonly label: string | null;
    }
  | { readonly kind: 'person'; readonly person: Person }
  /** A kind that the exporter did not know: JSON. */
  | { readonly kind: 'other'; readonly type: string; readonly json: string };

export interface FieldLabel {
  readonly id: string;
  /** As known when the change was exported; null if nobody knew one. */
  readonly name: string | null;
  readonly type: string | null;
  /** Only if it is another one. */
  readonly nameNow: string | null;
  readonly isDeleted: boolean;
}

export interface Change {
  readonly field: FieldLabel;
  readonly before: Value;
  readonly after: Value;
  /** What is wrong with the old value; null if it joins on to the change before. */
  readonly join: Break | null;
}

export interface Actor {
  readonly user:
    | { readonly kind: 'user'; readonly person: Person }
    | { readonly kind: 'custom'; readonly name: string }
    | { readonly kind: 'other'; readonly json: string }
    | null;
  readonly principal: Person | null;
}

export interface TimelineEvent {
  /** From 1, in the order of the page. */
  readonly number: number;
  readonly id: string;
  readonly type: string;
  readonly relatedItemType: string | null;
  readonly at: number;
  /** Since the event before; null for the first. */
  readonly gapMs: number | null;
  readonly actor: Actor;
  readonly changes: readonly Change[];
  readonly commitSeq: number;
}

export interface CurrentField {
  readonly field: FieldLabel;
  readonly value: Value;
  /** The event that set it. */
  readonly setBy: number;
  readonly at: number;
  readonly actor: Actor;
  /** Another event set it in the same millisecond: which one came last is not known. */
  readonly isTied: boolean;
}

interface RowsOfCommit {
  readonly commitSeq: number;
  readonly fileKey: string;
  readonly rows: number;
  readonly events: number;
}

export interface Timeline {
  readonly caseId: string;
  /** What people call the case: the present values of its system fields; null where it has none. */
  readonly title: string | null;
  readonly reference: string | null;
  readonly template: { readonly id: string; readonly name: string | null } | null;
  readonly events: readonly TimelineEvent[];
  readonly rowCount: number;
  /** Of the case itself: fields of its related items belong to items that the events do not name. */
  readonly current: readonly CurrentField[];
  /** Everyone whose ARN stands in the rows, in the order of the notes. */
  readonly persons: readonly Person[];
  /** The latest change that is none of a related item; null if there is none. */
  readonly changedAt: number | null;
  /** By commit. */
  readonly commits: readonly RowsOfCommit[];
  /** Rows that say again what another row says: the export promises none. */
  readonly duplicateRows: number;
  /** Whether some events of one millisecond have no order that is known. */
  readonly hasTies: boolean;
}

/** `rows`: at least one, all of one case, by performed_time, event_id, field_index. Every row is in exactly one event. */
export function buildTimeline(
  caseId: string,
  rows: readonly ChangeRow[],
  dictionary: Dictionary,
  users: ReadonlyMap<string, UserName>,
): Timeline {
  const persons = new Persons(users);
  const groups = [...groupBy(rows, ({ eventId }) => eventId).values()];
  const breaks = findBreaks(groups);
  const events = groups.map((group, index) =>
    eventOf(group, index, groups[index - 1]?.[0], { persons, dictionary, breaks }),
  );
  const current = currentFields(events, dictionary);
  const templateId = rows.findLast((row) => row.templateId !== null)?.templateId ?? null;
  return {
    caseId,
    title: presentText(current, 'title'),
    reference: presentText(current, 'reference_number'),
    template: templateId === null ? null : { id: templateId, name: dictionary.templateName(templateId) },
    events,
    rowCount: rows.length,
    current,
    persons: persons.all,
    changedAt: events.findLast(isChangeOfCase)?.at ?? null,
    commits: rowsByCommit(rows),
    duplicateRows: rows.length - new Set(rows.map((row) => JSON.stringify([row.eventId, row.fieldIndex]))).size,
    hasTies: events.some(({ gapMs }) => gapMs === 0),
  };
}

interface Sources {
  readonly persons: Persons;
  readonly dictionary: Dictionary;
  readonly breaks: ReadonlyMap<ChangeRow, Break>;
}

function eventOf(
  group: readonly ChangeRow[],
  index: number,
  before: ChangeRow | undefined,
  sources: Sources,
): TimelineEvent {
  const first = group[0] as ChangeRow;
  return {
    number: index + 1,
    id: first.eventId,
    type: first.eventType,
    relatedItemType: first.relatedItemType,
    at: first.performedAt,
    gapMs: before === undefined ? null : first.performedAt - before.performedAt,
    actor: actorOf(first, sources.persons),
    changes: group.flatMap((row) => (row.fieldId === null ? [] : [changeOf(row, row.fieldId, sources)])),
    commitSeq: first.commitSeq,
  };
}

function actorOf(row: ChangeRow, persons: Persons): Actor {
  // The user first: notes are numbered as they are read.
  const user = userOf(row, persons);
  return { user, principal: row.iamPrincipalArn === null ? null : persons.principal(row.iamPrincipalArn) };
}

function userOf({ userArn, customEntity, otherUser }: ChangeRow, persons: Persons): Actor['user'] {
  if (userArn !== null) return { kind: 'user', person: persons.user(userArn) };
  if (customEntity !== null) return { kind: 'custom', name: customEntity };
  return otherUser === null ? null : { kind: 'other', json: otherUser };
}

function changeOf(row: ChangeRow, fieldId: string, { persons, dictionary, breaks }: Sources): Change {
  const isField = hasFields(row);
  const now = isField ? dictionary.fieldNow(fieldId) : undefined;
  const value = (type: string | null, text: string | null): Value => {
    if (type === null) return { kind: 'absent' };
    if (type === 'empty') return { kind: 'empty' };
    if (type === 'userArn') return { kind: 'person', person: persons.user(text ?? '') };
    if (type !== 'string' && type !== 'double' && type !== 'boolean') return { kind: 'other', type, json: text ?? '' };
    const hasLabels = type === 'string' && isField;
    return {
      kind: 'plain',
      type,
      text: text ?? '',
      label: hasLabels ? dictionary.label(fieldId, text ?? '', row.commitSeq) : null,
    };
  };
  return {
    field: {
      id: fieldId,
      name: isField ? row.fieldName : null,
      type: isField ? row.fieldType : null,
      nameNow: now && now.name !== row.fieldName ? now.name : null,
      isDeleted: now?.deleted ?? false,
    },
    before: value(row.oldType, row.oldValue),
    after: value(row.newType, row.newValue),
    join: breaks.get(row) ?? null,
  };
}

function currentFields(events: readonly TimelineEvent[], dictionary: Dictionary): CurrentField[] {
  const byId = new Map<string, CurrentField>();
  for (const event of events.filter(isChangeOfCase)) {
    for (const { field, after } of event.changes) {
      const earlier = byId.get(field.id);
      const isTied = earlier !== undefined && earlier.setBy !== event.number && earlier.at === event.at;
      const now = dictionary.fieldNow(field.id);
      const label = { ...field, name: now?.name ?? field.name, nameNow: null };
      byId.set(field.id, { field: label, value: after, setBy: event.number, at: event.at, actor: event.actor, isTied });
    }
  }
  const nameOf = ({ field }: CurrentField) => field.name ?? field.id;
  return [...byId.values()].sort(
    (a, b) => nameOf(a).localeCompare(nameOf(b), 'en') || (a.field.id < b.field.id ? -1 : 1),
  );
}

function isChangeOfCase({ type, relatedItemType }: TimelineEvent): boolean {
  return isCaseChange({ eventType: type, relatedItemType });
}

function presentText(current: readonly CurrentField[], fieldId: string): string | null {
  const value = current.find(({ field }) => field.id === fieldId)?.value;
  return value?.kind === 'plain' && value.text.trim() !== '' ? value.text : null;
}

function rowsByCommit(rows: readonly ChangeRow[]): RowsOfCommit[] {
  return [...groupBy(rows, ({ fileKey }) => fileKey)]
    .map(([fileKey, group]) => ({
      commitSeq: group[0]?.commitSeq ?? 0,
      fileKey,
      rows: group.length,
      events: new Set(group.map(({ eventId }) => eventId)).size,
    }))
    .sort((a, b) => a.commitSeq - b.commitSeq);
}
