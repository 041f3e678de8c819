/** Ordinary content of audit events: values of every kind that rows must keep, the same for the same number. */
import type { AuditEvent, AuditEventField, FieldValueUnion } from '../../../lambda/export/domain/audit-event';
import { Random } from '../../support/random';

type Performer = NonNullable<AuditEvent['performedBy']>;

const TEXTS = [
  'open',
  'closed',
  '',
  ' ',
  'Zürich, 東京 😀',
  'two\nlines\r\n',
  '"quoted", \\ and \t',
  'null',
  '2026-01-10T12:00:00.000Z',
  'x'.repeat(300),
];
const NUMBERS = [0, -0, 1, -1.5, 0.1, 1e21, 5e-324, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY];
const ARN = 'arn:aws:connect:eu-central-1:000000000000:instance/i-1/agent';
const PRINCIPAL = 'arn:aws:iam::000000000000:role/agents';

/** Field ids of related items, which no look-up of fields knows. */
const ITEM_FIELDS = ['comment_body', 'contact_arn', 'file_name'];

/** Draws content; one of its own for each event, so that content does not depend on what else is drawn. */
export class EventValues extends Random {
  constructor(worldSeed: number, serial: number) {
    super(Math.imul(worldSeed ^ (serial + 1), 0x9e3779b1));
  }

  /** So many changes; of any of these fields, or of a related item's. */
  changes(count: number, fieldIds: readonly string[]): AuditEventField[] {
    return Array.from({ length: count }, () => this.#change(fieldIds.length === 0 ? ITEM_FIELDS : fieldIds));
  }

  itemChanges(): AuditEventField[] {
    return this.changes(this.below(3), ITEM_FIELDS);
  }

  /** Undefined where the event tells of nobody. */
  performer(): Performer | undefined {
    switch (this.below(4)) {
      case 0:
        return undefined;
      case 1:
        return { iamPrincipalArn: PRINCIPAL };
      case 2:
        return { user: { customEntity: `system-${this.below(3)}` }, iamPrincipalArn: PRINCIPAL };
      default:
        return { user: { userArn: `${ARN}/${this.below(5)}` }, iamPrincipalArn: PRINCIPAL };
    }
  }

  #change(fieldIds: readonly string[]): AuditEventField {
    const eventFieldId = this.pick(fieldIds);
    const newValue = this.#value();
    return this.below(3) === 0 ? { eventFieldId, newValue } : { eventFieldId, oldValue: this.#value(), newValue };
  }

  #value(): FieldValueUnion {
    switch (this.below(7)) {
      case 0:
        return { doubleValue: this.pick(NUMBERS) };
      case 1:
        return { booleanValue: this.below(2) === 0 };
      case 2:
        return { emptyValue: {} };
      case 3:
        return { userArnValue: `${ARN}/${this.below(5)}` };
      case 4:
        return { doubleValue: this.below(1_000_000) / 100 };
      default:
        return { stringValue: this.pick(TEXTS) };
    }
  }
}
