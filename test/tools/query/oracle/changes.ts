/** Every change, readable: the view `changes`, from the history alone. */
import type { AuditEvent, AuditEventField, FieldValueUnion } from '../../../../lambda/export/domain/audit-event';
import { type Cell, minText, type Row, timeCell } from './canonical';
import { dictionaryAt } from './dictionary';
import { type DomainFacts, exportKey, type Facts } from './facts';
import { once } from './once';

export const changes = once((facts: Facts): readonly Row[] => changesOf(facts));

function changesOf(facts: Facts): Row[] {
  return facts.domains.flatMap((domain) =>
    domain.history.flatMap(({ caseId, events }) =>
      events.flatMap((event) => (event === null ? [] : rowsOf(facts, domain, caseId, event))),
    ),
  );
}

function rowsOf(facts: Facts, domain: DomainFacts, caseId: string, event: AuditEvent): Row[] {
  const exported = domain.exported.get(exportKey(caseId, event.eventId ?? ''));
  if (exported === undefined) return [];
  const { commitSeq, templateId } = exported;
  const manifest = domain.manifests.find(({ seq }) => seq === commitSeq);
  const dictionary = dictionaryAt(domain, commitSeq);
  const ofEvent: Row = {
    performed_time: timeCell(event.performedTime?.getTime()),
    case_id: caseId,
    event_type: event.type ?? null,
    related_item_type: event.relatedItemType ?? null,
    is_case_change: (event.relatedItemType ?? null) === null && !event.type?.startsWith('RelatedItem.'),
    ...performer(facts, event),
    template_name:
      dictionary?.templates?.templates?.find((template) => template.templateId === templateId)?.name ?? null,
    template_id: templateId,
    event_id: event.eventId ?? null,
    exported_at: manifest?.exportedAt ?? null,
    run_id: manifest?.runId ?? null,
    commit_seq: commitSeq,
    domain_id: domain.domainId,
    export_date: manifest?.exportDate ?? null,
  };
  const fields = (event.fields ?? []).filter((field) => field !== null);
  if (fields.length === 0) {
    const none: Row = {
      field_index: 0,
      other: otherMembers(event),
      field_id: null,
      field_name: null,
      current_field_name: null,
      field_type: null,
    };
    return [{ ...ofEvent, ...none, ...side('old', null), ...side('new', null) }];
  }
  // The members of a comment or an SLA are no fields of the domain, whatever they are called; those of a custom item are.
  const hasFields = ofEvent['is_case_change'] === true || event.relatedItemType === 'Custom';
  return fields.map((field, index) => {
    const fieldId = field.eventFieldId ?? null;
    const isIt = (each: { readonly fieldId: string }) => hasFields && each.fieldId === fieldId;
    const known = dictionary?.fields.find(isIt);
    const now = domain.dictionaries.at(-1)?.fields.find(isIt);
    const labels = dictionary?.options?.find(isIt)?.options ?? [];
    const shown = (value: Value | null): Row => ({
      display: display(facts, value, (text) => labels.find((label) => label.value === text)?.name ?? null),
      time: known?.type === 'DateTime' && value?.type === 'string' ? instant(value.text ?? '') : null,
    });
    return {
      ...ofEvent,
      field_index: index,
      other: otherMembers(event, field),
      field_id: fieldId,
      field_name: known?.name ?? fieldId,
      current_field_name: now?.name ?? known?.name ?? fieldId,
      field_type: known?.type ?? null,
      ...side('old', toValue(field.oldValue), shown),
      ...side('new', toValue(field.newValue), shown),
    };
  });
}

/** What came beside the members of the model, as JSON. */
function otherMembers(event: AuditEvent, field?: AuditEventField): string | null {
  const parts = { event: event.other, performedBy: event.performedBy?.other, field: field?.other };
  const present = Object.entries(parts).filter(([, members]) => members !== undefined);
  return present.length === 0 ? null : JSON.stringify(Object.fromEntries(present));
}

interface Value {
  readonly type: string;
  readonly text: string | null;
  readonly number: number | null;
  readonly boolean: boolean | null;
}

function toValue(union: FieldValueUnion | null | undefined): Value | null {
  if (union === null || union === undefined) return null;
  const { stringValue, doubleValue, booleanValue, emptyValue, userArnValue, $unknown } = union;
  const value = { text: null, number: null, boolean: null };
  if (stringValue !== undefined) return { ...value, type: 'string', text: stringValue.toWellFormed() };
  if (userArnValue !== undefined) return { ...value, type: 'userArn', text: userArnValue.toWellFormed() };
  if (booleanValue !== undefined)
    return { ...value, type: 'boolean', text: booleanValue ? 'true' : 'false', boolean: booleanValue };
  if (emptyValue !== undefined) return { ...value, type: 'empty' };
  if ($unknown !== undefined) return { ...value, type: $unknown[0], text: JSON.stringify($unknown[1]) };
  if (typeof doubleValue !== 'number') throw new Error('a value without a member that this oracle knows');
  const text = Object.is(doubleValue, -0) ? '-0' : `${doubleValue}`;
  return { ...value, type: 'double', text, number: Number.isFinite(doubleValue) ? doubleValue + 0 : null };
}

function side(which: 'old' | 'new', value: Value | null, shown: (value: Value | null) => Row = () => ({})): Row {
  const { display = null, time = null } = shown(value);
  return {
    [`${which}_display`]: display,
    [`${which}_number`]: value?.number ?? null,
    [`${which}_boolean`]: value?.boolean ?? null,
    [`${which}_time`]: time,
    [`${which}_value_type`]: value?.type ?? null,
    [`${which}_value`]: value?.text ?? null,
  };
}

function display(facts: Facts, value: Value | null, label: (text: string) => string | null): Cell {
  switch (value?.type) {
    case undefined:
      return null;
    case 'empty':
      return '(empty)';
    case 'userArn':
      return userName(facts, value.text ?? '');
    case 'string':
      return label(value.text ?? '') ?? value.text ?? null;
    default:
      return value?.text ?? null;
  }
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

function instant(text: string): Cell {
  const epochMs = ISO_TIME.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(epochMs) ? null : timeCell(epochMs);
}

function performer(facts: Facts, { performedBy }: AuditEvent): Row {
  const user = performedBy?.user ?? null;
  const arn = user?.userArn ?? null;
  const entity = user?.customEntity ?? null;
  const other = user?.$unknown === undefined ? null : JSON.stringify({ [user.$unknown[0]]: user.$unknown[1] });
  const principal = performedBy?.iamPrincipalArn ?? null;
  const role = principal === null ? null : roleName(principal);
  const kinds = [arn && 'user', entity && 'entity', other && 'other', principal && 'iam'];
  return {
    performed_by: arn === null ? (entity ?? other ?? role ?? principal) : userName(facts, arn),
    performed_by_team: arn === null ? null : fromUsers(facts, arn, 'team'),
    performed_by_kind: kinds.find((kind) => kind !== null) ?? null,
    performed_by_role: role,
    performed_by_user_arn: arn,
    performed_by_iam_principal_arn: principal,
  };
}

function userName(facts: Facts, arn: string): string {
  const [, agent] = /\/agent\/([^/]+)$/.exec(arn) ?? [];
  return fromUsers(facts, arn, 'name') ?? agent ?? arn;
}

function fromUsers({ users }: Facts, arn: string, what: 'name' | 'team'): string | null {
  return minText(users.flatMap((user) => (user.arn === arn && user[what] !== '' ? [user[what]] : [])));
}

/** `arn:aws:iam::1:role/path/Name` or `arn:aws:sts::1:assumed-role/Name/session`. */
function roleName(arn: string): string | null {
  const [, , , , , resource = ''] = arn.split(':');
  const parts = resource.split('/');
  if (parts[0] === 'assumed-role') return parts[1] ?? null;
  return parts[0] === 'role' ? (parts.at(-1) ?? null) : null;
}
