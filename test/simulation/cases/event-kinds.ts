/** Events that today's code does not know, or that no row can hold. Permanent: the history holds them so. */
import type { AuditEvent, FieldValueUnion } from '../../../lambda/export/domain/audit-event';
import type { EventValues } from './event-values';

/** A type of event, or of related item, that does not exist yet. */
export function withUnknownEnum(event: AuditEvent, values: EventValues): AuditEvent {
  if (event.relatedItemType !== undefined && values.below(2) === 0) return { ...event, relatedItemType: 'Hologram' };
  return { ...event, type: event.relatedItemType === undefined ? 'Case.Merged' : 'RelatedItem.Linked' };
}

/** A value, or a user, of a kind that does not exist yet, as the SDK shows it. */
export function withUnknownUnion(event: AuditEvent, values: EventValues): AuditEvent {
  if (values.below(2) === 0) {
    const user = { $unknown: ['botArn', { arn: 'arn:aws:lex:bot/1', alias: null }] as const };
    return { ...event, performedBy: { ...event.performedBy, user } };
  }
  const newValue = { $unknown: ['listValue', [1, 'two', { three: true }]] as const };
  return { ...event, fields: [...(event.fields ?? []), { eventFieldId: 'title', newValue }] };
}

/** What a member that does not exist yet is called, wherever it stands. */
export const UNKNOWN_MEMBER = 'futureMember';

/** A member that does not exist yet: of the event, of its last field, or of who performed it. */
export function withUnknownMembers(event: AuditEvent, values: EventValues): AuditEvent {
  const other = { [UNKNOWN_MEMBER]: { level: values.below(1_000), list: [null, 'Zürich'] } };
  const { fields, performedBy } = event;
  const place = values.below(3);
  const last = fields?.at(-1);
  if (place === 1 && fields !== undefined && last != null)
    return { ...event, fields: fields.with(-1, { ...last, other }) };
  if (place === 2 && performedBy != null) return { ...event, performedBy: { ...performedBy, other } };
  return { ...event, other };
}

/** The event with one change more, which it did not have at first. */
export function withOneMore(event: AuditEvent, values: EventValues): AuditEvent {
  return withField(event, { stringValue: `found out later ${values.below(1_000)}` });
}

/** One of the ways in which an event can be such that no row can hold it (`flattenEvent` calls it poison). */
export function poisoned(event: AuditEvent, values: EventValues): AuditEvent {
  return values.pick(POISONS)(event);
}

type Poison = (event: AuditEvent) => AuditEvent;

/** Every way, for tests. The casts are the point: the SDK checks nothing in an answer. */
export const POISONS: readonly Poison[] = [
  (event) => ({ ...event, performedTime: new Date(Number.NaN) }),
  ({ performedTime: _, ...event }) => event,
  (event) => ({ ...event, type: '' }),
  ({ type: _, ...event }) => event,
  // Known by the hash of its content, which nothing else may share.
  ({ eventId, ...event }) => withField(event, { stringValue: `of ${eventId}` }),
  (event) => ({ ...event, relatedItemType: 7 as unknown as string }),
  (event) => ({ ...event, performedBy: 'somebody' as unknown as object }),
  (event) => ({ ...event, performedBy: { user: { userArn: 'arn', customEntity: 'also' } } }),
  (event) => ({ ...event, fields: [...(event.fields ?? []), { newValue: { stringValue: 'of no field' } }] }),
  (event) => withField(event, {}),
  (event) => withField(event, { stringValue: 'two', booleanValue: true }),
  (event) => withField(event, { stringValue: 7 as unknown as string }),
  (event) => withField(event, { doubleValue: '7' as unknown as number }),
  (event) => ({ ...event, fields: 'none' as unknown as [] }),
];

function withField(event: AuditEvent, newValue: FieldValueUnion): AuditEvent {
  return { ...event, fields: [...(event.fields ?? []), { eventFieldId: 'title', newValue }] };
}
