/** Events as the service tells them to a recheck, and what the archive has of them. */
import type { AuditEvent, AuditEventField } from '../../../lambda/export/domain/audit-event';
import { eventKey, flattenEvent, rawEvent } from '../../../lambda/export/domain/flatten';
import type { ArchivedRaw, ArchivedRow } from '../../../tools/cases-audit/recheck/event-rows';
import { aField } from '../../support/stored-values';

export const HOUR = 3_600_000;
export const NOON = Date.UTC(2026, 0, 10, 12);

export function event(
  eventId: string,
  { at = NOON, ...parts }: Partial<AuditEvent> & { readonly at?: number } = {},
): AuditEvent {
  return {
    eventId,
    type: 'Case.Updated',
    performedTime: new Date(at),
    fields: [field('title', null, eventId)],
    ...parts,
  };
}

export function field(eventFieldId: string, before: string | null, after: string): AuditEventField {
  return {
    eventFieldId,
    ...(before === null ? {} : { oldValue: { stringValue: before } }),
    newValue: { stringValue: after },
  };
}

/** As the exporter writes it, with labels that the service does not tell here. */
export function rowsOf(one: AuditEvent): ArchivedRow[] {
  const labels = new Map([['title', aField({ fieldId: 'title', name: 'Title' })]]);
  const flattened = flattenEvent(one, 'case-1', 'template-1', labels);
  if (flattened.kind !== 'rows') throw new Error('no rows');
  return flattened.rows.map((row) => ({ ...row, commit_seq: 3 }));
}

/** As quarantine keeps it; `emitted` where rows hold the rest of it. */
export function rawOf(one: AuditEvent, emitted = false): ArchivedRaw {
  return { commit: 4, eventKey: eventKey(one), emitted, event: JSON.parse(JSON.stringify(rawEvent(one))) };
}

/** No row can hold it. */
export function poison(extra: number): AuditEvent {
  return event('poison', { performedTime: undefined, other: { performedTime: `no time ${extra}` } });
}

export function item(type: string, at: number): AuditEvent {
  return event('item', { type, at, relatedItemType: 'Comment' });
}

/** Its id and a value of it are no texts. */
export const LONE = event('\ud800', { at: NOON + 3, fields: [field('lone', '\udfff', 'x')] });
export const HOSTILE: AuditEvent[] = [
  event('__proto__', { fields: [field('constructor', '\u0000', '\u202e\ufeff')] }),
  event('numbers', {
    at: NOON + 1,
    fields: [
      { eventFieldId: 'n', oldValue: { doubleValue: -0 }, newValue: { doubleValue: Number.NaN } },
      { eventFieldId: 'n', oldValue: { booleanValue: false }, newValue: { emptyValue: {} } },
      { eventFieldId: 'n', newValue: { $unknown: ['newKind', { deep: [1, null] }] } },
    ],
    performedBy: { iamPrincipalArn: 'arn', user: { $unknown: ['robot', 7] }, other: { more: true } },
    other: { sequence: '1' },
  }),
  event('none', { at: NOON + 2, fields: [] }),
  LONE,
];
