/** A domain of the edge world while it is being made, and who works in it. */
import type { AuditEvent, AuditEventField, FieldValueUnion } from '../../../../lambda/export/domain/audit-event';
import { createFakeCases, type FakeCases } from '../../../fakes/cases-api';
import type { User } from '../oracle/facts';
import { text } from './edge-values';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const AGENT = 'arn:aws:connect:us-east-1:111122223333:instance/1/agent/';
const PRINCIPALS = [
  'arn:aws:iam::111122223333:role/crm-sync',
  'arn:aws:iam::111122223333:role/service/path/importer',
  'arn:aws:sts::111122223333:assumed-role/nightly/session-1',
  'arn:aws:iam::111122223333:user/ada',
  'arn:aws:iam::111122223333:root',
] as const;
const ROLE = PRINCIPALS[0];

export const USERS: readonly User[] = [
  { arn: `${AGENT}ann`, name: 'Ann "the" Lee, Jr.', team: 'Front desk' },
  { arn: `${AGENT}bob`, name: '山田 花子', team: '' },
  // The same person twice: no change becomes two rows.
  { arn: `${AGENT}ann`, name: 'Ann Lee', team: 'Back office' },
  { arn: `${AGENT}nobody`, name: 'Never did anything', team: 'Front desk' },
];

export type PerformedBy = NonNullable<AuditEvent['performedBy']>;

export const BY = {
  ann: { user: { userArn: `${AGENT}ann` }, iamPrincipalArn: ROLE },
  bob: { user: { userArn: `${AGENT}bob` }, iamPrincipalArn: PRINCIPALS[2] },
  carl: { user: { userArn: `${AGENT}carl` }, iamPrincipalArn: ROLE },
  strangeArn: { user: { userArn: 'arn:aws:somewhere:else' }, iamPrincipalArn: PRINCIPALS[4] },
  bot: { user: { customEntity: 'routing, "rules"' }, iamPrincipalArn: ROLE },
  future: { user: { $unknown: ['agentGroup', { id: 7 }] }, iamPrincipalArn: ROLE },
  crm: { iamPrincipalArn: ROLE },
  importer: { iamPrincipalArn: PRINCIPALS[1] },
  nightly: { iamPrincipalArn: PRINCIPALS[2] },
  ada: { iamPrincipalArn: PRINCIPALS[3] },
} satisfies Readonly<Record<string, PerformedBy>>;

const FIELDS: readonly (readonly [string, string, string])[] = [
  ['title', 'Title', 'Text'],
  ['status', 'Status', 'SingleSelect'],
  ['assigned_user', 'Assigned user', 'User'],
  ['assigned_queue', 'Assigned queue', 'Text'],
  ['created_datetime', 'Date/Time opened', 'DateTime'],
  ['amount', 'Amount', 'Number'],
  ['vip', 'VIP', 'Boolean'],
  ['due', 'Due', 'DateTime'],
  ['note', 'Note', 'Text'],
  ['priority', 'Priority', 'SingleSelect'],
  ['doomed', 'To be deleted', 'Text'],
];

/** One domain while it is being made. */
export class Desk {
  readonly cases: FakeCases;
  #events = 0;

  constructor(
    readonly domainId: string,
    now: () => number,
    before?: (operation: string, request: object) => void,
  ) {
    this.cases = createFakeCases({ domainId, now, ...(before && { before }) });
    for (const [fieldId, name, type] of FIELDS) {
      this.cases.fields.set(fieldId, { fieldId, name, type, namespace: 'System', deleted: false });
    }
    this.cases.options.set('status', options({ open: 'Open', closed: 'Closed', waiting: 'Waiting, for "whom"?' }));
    this.cases.options.set('priority', options({ '1': 'High', '2': 'Low' }));
  }

  /** An event of a case, which is made where there is none. A related item is also shown by the search for items. */
  event(caseId: string, at: number, event: Partial<AuditEvent>): void {
    this.#events += 1;
    const known = this.cases.cases.get(caseId);
    const subject = known ?? { caseId, templateId: 'template-1', created: at, lastUpdated: at, events: [] };
    this.cases.cases.set(caseId, subject);
    subject.lastUpdated = Math.max(subject.lastUpdated, at);
    const eventId = `${this.domainId}-${String((this.#events * 7919) % 100_003).padStart(6, '0')}-${this.#events}`;
    subject.events.push({ eventId, type: 'Case.Updated', performedTime: new Date(at), fields: [], ...event });
    if (event.relatedItemType !== undefined) this.cases.relatedItems.push({ caseId, associatedAt: at });
  }

  create(caseId: string, at: number, by: PerformedBy, fields: Readonly<Record<string, FieldValueUnion>> = {}): void {
    const all = { title: text(`Case ${caseId}`), status: text('open'), ...fields };
    const set = Object.entries(all).map(([eventFieldId, newValue]) => ({ eventFieldId, newValue }));
    this.event(caseId, at, { type: 'Case.Created', performedBy: by, fields: set });
  }

  change(
    caseId: string,
    at: number,
    by: PerformedBy | undefined,
    ...fields: readonly [string, FieldValueUnion | undefined, FieldValueUnion][]
  ): void {
    const changed = fields.map(
      ([eventFieldId, oldValue, newValue]): AuditEventField => ({
        eventFieldId,
        newValue,
        ...(oldValue && { oldValue }),
      }),
    );
    this.event(caseId, at, { performedBy: by, fields: changed });
  }

  item(caseId: string, at: number, by: PerformedBy, relatedItemType: string, type = 'RelatedItem.Created'): void {
    const fields = [{ eventFieldId: 'body', newValue: text(`${relatedItemType} at ${at}`) }];
    this.event(caseId, at, { type, relatedItemType, performedBy: by, fields });
  }
}

export function options(labels: Readonly<Record<string, string>>) {
  return Object.entries(labels).map(([value, name]) => ({ value, name, active: true }));
}
