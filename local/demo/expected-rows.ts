/**
 * Computes the expected rows of the archive from the history that the service keeps. Written from the data dictionary
 * alone, without the exporter's code, so that a mistake there is not repeated here.
 */
import type { CaseHistory } from '../cases/model/world';

export type Cell = string | number | boolean | null;
/** By column name; timestamps are epoch milliseconds. */
export type Row = Readonly<Record<string, Cell>>;

export interface FieldFacts {
  readonly name: string;
  readonly type: string;
  readonly namespace: string;
}

/** The constant columns of a commit's rows, and the fields when it was made. */
export interface CommitFacts {
  readonly seq: number;
  readonly runId: string;
  readonly exportedAt: number;
  readonly exportDate: string;
  readonly domainId: string;
  readonly fields: ReadonlyMap<string, FieldFacts>;
}

/** The part of a row that does not depend on its commit, by case, event and field index. */
export function expectedRows(history: readonly CaseHistory[]): Row[] {
  return history.flatMap(({ caseId, templateId, events }) =>
    events.flatMap(({ event }): Row[] => {
      const { user, iamPrincipalArn } = { user: {}, iamPrincipalArn: null, ...event.performedBy };
      const [[userKind, userValue] = [null, null]] = Object.entries<unknown>(user);
      const common: Row = {
        case_id: caseId,
        template_id: templateId,
        event_id: event.eventId,
        event_type: event.type,
        performed_time: Date.parse(event.performedTime),
        related_item_type: event.relatedItemType ?? null,
        performed_by_user_arn: userKind === 'userArn' ? String(userValue) : null,
        performed_by_custom_entity: userKind === 'customEntity' ? String(userValue) : null,
        performed_by_other: isOtherUser(userKind) ? JSON.stringify(user) : null,
        performed_by_iam_principal_arn: iamPrincipalArn,
        // The local service has no event member that the exporter does not know.
        other: null,
      };
      const fields = event.fields.filter((field) => field !== null);
      if (fields.length === 0) return [{ ...common, field_index: 0, field_id: null, ...side('old'), ...side('new') }];
      return fields.map(({ eventFieldId, oldValue, newValue }, index) => ({
        ...common,
        field_index: index,
        field_id: eventFieldId,
        ...side('old', oldValue),
        ...side('new', newValue),
      }));
    }),
  );
}

/** The columns that come with the commit. */
export function commitColumns(commit: CommitFacts, fieldId: Cell): Row {
  const field = commit.fields.get(String(fieldId));
  return {
    field_name: field?.name ?? null,
    field_type: field?.type ?? null,
    field_namespace: field?.namespace ?? null,
    exported_at: commit.exportedAt,
    run_id: commit.runId,
    commit_seq: commit.seq,
    domain_id: commit.domainId,
    export_date: commit.exportDate,
  };
}

function isOtherUser(kind: string | null): boolean {
  return kind !== null && kind !== 'userArn' && kind !== 'customEntity';
}

const KINDS: Readonly<Record<string, string>> = {
  stringValue: 'string',
  doubleValue: 'double',
  booleanValue: 'boolean',
  userArnValue: 'userArn',
  emptyValue: 'empty',
};

function side(which: 'old' | 'new', union: object = {}): Row {
  const [[member, value] = [null, null]] = Object.entries<unknown>({ ...union });
  return {
    [`${which}_value_type`]: member === null ? null : (KINDS[member] ?? member),
    [`${which}_value`]: member === null ? null : textOf(member, value),
    [`${which}_value_double`]: typeof value === 'number' && Number.isFinite(value) ? value : null,
    [`${which}_value_boolean`]: typeof value === 'boolean' ? value : null,
  };
}

function textOf(member: string, value: unknown): string | null {
  if (member === 'emptyValue') return null;
  if (Object.is(value, -0)) return '-0';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
