import { compareBy, type Listing, type SortKey } from './paging';
import { hashUnit } from './random';
import { type FieldChange, isoTime, type UserUnion, type WireAuditEvent, type WireAuditEventField } from './values';
import type { Case, RecordedEvent, World } from './world';

/**
 * Adds the event to the case's history. With the unknown-* switches on, it may be of a kind that no client knows yet.
 */
export function recordEvent(world: World, subject: Case, happening: Happening): WireAuditEvent {
  const eventId = world.newId();
  const { seed, unknownTypeRate, unknownValueRate, unknownUserRate } = world.switches;
  const unknownType = hashUnit(seed, 'type', eventId) < unknownTypeRate;
  const unknownValue = hashUnit(seed, 'value', eventId) < unknownValueRate;
  const unknownUser = hashUnit(seed, 'user', eventId) < unknownUserRate;
  const user = unknownUser ? { futureUser: { id: eventId } } : happening.performedBy;
  const itemType = unknownType && happening.relatedItemType !== undefined ? 'Future' : happening.relatedItemType;
  const event: WireAuditEvent = {
    eventId,
    type: unknownType ? `Future.${happening.type}` : happening.type,
    ...(itemType === undefined ? {} : { relatedItemType: itemType }),
    performedTime: isoTime(happening.at),
    fields: happening.changes.map((change) => wireField(change, unknownValue)),
    performedBy: { ...(user === undefined ? {} : { user }), iamPrincipalArn: world.iamPrincipalArn },
  };
  subject.events.push({ at: happening.at, event, injected: false });
  return event;
}

/** Events that GetCaseAuditEvents shows now, in the order that the switches set. */
export function visibleEvents(world: World, subject: Case): Listing<RecordedEvent> {
  const { seed, auditLagMs, eventOrder } = world.switches;
  const until = world.now() - auditLagMs;
  const places = placesOf(subject);
  const placeOf = (recorded: RecordedEvent) => places.get(recorded) ?? 0;
  const keyOf =
    eventOrder === 'shuffled'
      ? (recorded: RecordedEvent) => [hashUnit(seed, 'order', recorded.event.eventId), placeOf(recorded)]
      : (recorded: RecordedEvent) => [eventOrder === 'oldest-first' ? placeOf(recorded) : -placeOf(recorded)];
  const compareKeys = compareBy([1, 1]);
  const shown = auditLagMs === 0 ? subject.events : subject.events.filter((recorded) => recorded.at <= until);
  const items = inOrder(shown, eventOrder, keyOf, compareKeys);
  // Two events may have one id, as injected ones do; the place tells them apart.
  const idOf = (recorded: RecordedEvent) => `${subject.caseId} ${placeOf(recorded)}`;
  return { items, idOf, keyOf, compareKeys };
}

/**
 * Recorded events are only ever added, so a known place stays valid: a page of a long case need not count them all
 * again.
 */
const knownPlaces = new WeakMap<Case, Map<RecordedEvent, number>>();

function placesOf(subject: Case): ReadonlyMap<RecordedEvent, number> {
  const places = knownPlaces.get(subject) ?? new Map<RecordedEvent, number>();
  knownPlaces.set(subject, places);
  for (const recorded of subject.events.slice(places.size)) places.set(recorded, places.size);
  return places;
}

function inOrder(
  events: readonly RecordedEvent[],
  order: World['switches']['eventOrder'],
  keyOf: (recorded: RecordedEvent) => SortKey,
  compareKeys: (a: SortKey, b: SortKey) => number,
): readonly RecordedEvent[] {
  if (order === 'oldest-first') return events;
  if (order === 'newest-first') return events.toReversed();
  return events
    .map((recorded) => ({ recorded, key: keyOf(recorded) }))
    .sort((a, b) => compareKeys(a.key, b.key))
    .map(({ recorded }) => recorded);
}

/** The event in an answer: as recorded, unless the switches spoil it on the way. */
export function shownEvent(world: World, event: WireAuditEvent): WireAuditEvent {
  const { seed, undecodableRate, nullFieldRate } = world.switches;
  const spoiled = hashUnit(seed, 'undecodable', event.eventId) < undecodableRate;
  if (!spoiled && nullFieldRate === 0) return event;
  return {
    ...event,
    ...(spoiled ? { performedTime: 'the day before yesterday' } : {}),
    fields: event.fields.flatMap((field, index) =>
      hashUnit(seed, 'null-field', event.eventId, index) < nullFieldRate ? [null, field] : [field],
    ),
  };
}

function wireField(change: FieldChange, unknownValue: boolean): WireAuditEventField {
  return {
    eventFieldId: change.fieldId,
    ...(change.before === undefined ? {} : { oldValue: change.before }),
    newValue: unknownValue ? { futureValue: { text: JSON.stringify(change.after) } } : change.after,
  };
}

/** A change with `before` and `after` by event field id. A field without `before` has no old value. */
export interface Happening {
  readonly type:
    | 'Case.Created'
    | 'Case.Updated'
    | 'RelatedItem.Created'
    | 'RelatedItem.Updated'
    | 'RelatedItem.Deleted';
  readonly relatedItemType?: string;
  readonly changes: readonly FieldChange[];
  readonly performedBy: UserUnion | undefined;
  /** Epoch milliseconds. */
  readonly at: number;
}
