/**
 * Audit history as a busy domain has it, made up and repeatable: the same seed gives the same events, in the order in which
 * an export meets them (case by case, each case's history in order of time).
 */
import type { AuditEvent, AuditEventField, FieldValueUnion } from '../lambda/export/domain/audit-event';
import type { FieldDefinition, FieldDictionary } from '../lambda/export/domain/fields';
import { Random as Numbers } from '../test/support/random';

export interface CaseEvent {
  readonly caseId: string;
  readonly templateId: string;
  readonly event: AuditEvent;
  /** Rows that the event makes. */
  readonly rows: number;
}

const FIRST_CASE_AT = Date.UTC(2024, 0, 2, 8);
const MS_BETWEEN_CASES = 90_000;
const HOUR_MS = 3_600_000;

/** Never ends; take as many as needed. */
export function* caseEvents(seed: number): Generator<CaseEvent, never> {
  const random = new Random(seed);
  const world = makeWorld(random);
  for (let number = 0; ; number += 1) yield* caseHistory(world, random, FIRST_CASE_AT + number * MS_BETWEEN_CASES);
}

/** The fields that `caseEvents` of the same seed changes. */
export function fieldDictionary(seed: number): FieldDictionary {
  return new Map(makeWorld(new Random(seed)).fields.map((field) => [field.definition.fieldId, field.definition]));
}

interface Field {
  readonly definition: FieldDefinition;
  readonly value: (random: Random) => FieldValueUnion;
}

interface World {
  readonly fields: readonly Field[];
  /** All but the customer, who stays the same for the life of a case. */
  readonly changing: readonly Field[];
  readonly users: readonly string[];
  readonly templates: readonly string[];
  readonly principals: readonly string[];
}

function makeWorld(random: Random): World {
  const instance = `arn:aws:connect:eu-central-1:123456789012:instance/${random.uuid()}`;
  const users = Array.from({ length: 150 }, () => `${instance}/agent/${random.uuid()}`);
  const queues = Array.from({ length: 12 }, () => `${instance}/queue/${random.uuid()}`);
  const custom = (name: string, type: string, value: Field['value']) =>
    field(random.uuid(), name, type, 'Custom', value);
  const system = (id: string, name: string, type: string, value: Field['value']) =>
    field(id, name, type, 'System', value);
  const fields = [
    system('status', 'Status', 'SingleSelect', (r) => text(r.pick(['open', 'in progress', 'waiting', 'closed']))),
    system('title', 'Title', 'Text', (r) => text(r.sentence(4))),
    system('customer_id', 'Customer', 'Text', (r) =>
      text(`arn:aws:profile:eu-central-1:123456789012:domains/main/profiles/${r.hex(32)}`),
    ),
    system('assigned_user', 'Assigned user', 'User', (r) => ({ userArnValue: r.pick(users) })),
    system('assigned_queue', 'Assigned queue', 'Text', (r) => text(r.pick(queues))),
    system('case_reason', 'Case reason', 'SingleSelect', (r) =>
      text(r.pick(['billing', 'delivery', 'returns', 'other'])),
    ),
    custom('Priority', 'SingleSelect', (r) => text(r.pick(['low', 'normal', 'high', 'urgent']))),
    custom('Order value', 'Number', (r) => ({ doubleValue: r.below(50_000) / 100 })),
    custom('Days open', 'Number', (r) => ({ doubleValue: r.below(60) })),
    custom('VIP', 'Boolean', (r) => ({ booleanValue: r.chance(0.2) })),
    custom('Refund granted', 'Boolean', (r) => ({ booleanValue: r.chance(0.5) })),
    custom('Due', 'DateTime', (r) => text(new Date(FIRST_CASE_AT + r.below(400) * 24 * HOUR_MS).toISOString())),
    custom('Region', 'SingleSelect', (r) => text(r.pick(['Köln', 'München', 'Zürich', 'Lyon', 'Kraków']))),
    custom('Summary', 'Text', (r) => text(r.sentence(12))),
  ];
  return {
    fields,
    changing: fields.filter((each) => each.definition.fieldId !== 'customer_id'),
    users,
    templates: Array.from({ length: 6 }, () => random.uuid()),
    principals: [
      'arn:aws:sts::123456789012:assumed-role/AWSServiceRoleForAmazonConnect/connect',
      'arn:aws:iam::123456789012:role/case-automation',
    ],
  };
}

function field(fieldId: string, name: string, type: string, namespace: string, value: Field['value']): Field {
  return { definition: { fieldId, name, type, namespace, deleted: false }, value };
}

function* caseHistory(world: World, random: Random, createdAt: number): Generator<CaseEvent> {
  const caseId = random.uuid();
  const templateId = random.pick(world.templates);
  const current = new Map<Field, FieldValueUnion>();
  let time = createdAt + random.below(MS_BETWEEN_CASES);
  const make = (type: string, changed: readonly Field[], relatedItemType?: string): CaseEvent => ({
    caseId,
    templateId,
    rows: Math.max(1, changed.length),
    event: {
      eventId: random.uuid(),
      type,
      performedTime: new Date(time),
      relatedItemType,
      performedBy: {
        user: random.chance(0.9) ? { userArn: random.pick(world.users) } : undefined,
        iamPrincipalArn: random.pick(world.principals),
      },
      fields: changed.map((each) => change(each, current, random)),
    },
  });
  yield make('Case.Created', random.some(world.fields, 6));
  for (let left = random.below(8); left > 0; left -= 1) {
    time += random.below(30 * HOUR_MS);
    if (random.chance(0.25)) yield make('RelatedItem.Created', [], random.pick(['Comment', 'Contact', 'Sla']));
    else yield make('Case.Updated', random.some(world.changing, 1 + random.below(3)));
  }
}

function change(changed: Field, current: Map<Field, FieldValueUnion>, random: Random): AuditEventField {
  const oldValue = current.get(changed);
  const newValue = oldValue !== undefined && random.chance(0.05) ? { emptyValue: {} } : changed.value(random);
  current.set(changed, newValue);
  return { eventFieldId: changed.definition.fieldId, oldValue, newValue };
}

function text(stringValue: string): FieldValueUnion {
  return { stringValue };
}

const WORDS =
  `the customer asked about an order that was late and wants money back agent called twice left a message parcel arrived
damaged invoice shows wrong amount address changed waiting for warehouse please confirm delivery next week thank you für über
straße refund approved by team lead ticket merged with earlier case no answer yet follow up tomorrow`.split(/\s+/);

class Random extends Numbers {
  /** `count` different elements, in the list's order. */
  some<T>(list: readonly T[], count: number): T[] {
    const chosen = new Set<number>();
    while (chosen.size < Math.min(count, list.length)) chosen.add(this.below(list.length));
    return list.filter((_element, index) => chosen.has(index));
  }

  hex(digits: number): string {
    let out = '';
    while (out.length < digits)
      out += this.below(2 ** 32)
        .toString(16)
        .padStart(8, '0');
    return out.slice(0, digits);
  }

  uuid(): string {
    const hex = this.hex(32);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  sentence(words: number): string {
    return Array.from({ length: words }, () => this.pick(WORDS)).join(' ');
  }
}
