/** A case's rows as files of an archive hold them, as a timeline shows them. */
import { compareCodeUnits } from '../../lambda/export/domain/values';
import type { ChangeRow } from './facts';

/** A row by column name, as a reader of Parquet gives it. */
type Cells = Readonly<Record<string, unknown>>;

/** @param fileKey key of the file that holds the row. */
export function changeRowOf(row: object, fileKey: string): ChangeRow {
  const cells = row as Cells;
  const text = (name: string) => (typeof cells[name] === 'string' ? cells[name] : null);
  return {
    eventId: text('event_id') ?? '',
    eventType: text('event_type') ?? '',
    performedAt: Number(cells['performed_time']),
    relatedItemType: text('related_item_type'),
    userArn: text('performed_by_user_arn'),
    customEntity: text('performed_by_custom_entity'),
    otherUser: text('performed_by_other'),
    iamPrincipalArn: text('performed_by_iam_principal_arn'),
    fieldIndex: Number(cells['field_index']),
    fieldId: text('field_id'),
    fieldName: text('field_name'),
    fieldType: text('field_type'),
    fieldNamespace: text('field_namespace'),
    oldType: text('old_value_type'),
    oldValue: text('old_value'),
    newType: text('new_value_type'),
    newValue: text('new_value'),
    templateId: text('template_id'),
    commitSeq: Number(cells['commit_seq']),
    fileKey,
  };
}

/** By performed_time, event_id, field_index, commit_seq: no better order is promised. */
export function compareChanges(a: ChangeRow, b: ChangeRow): number {
  return (
    a.performedAt - b.performedAt ||
    compareCodeUnits(a.eventId, b.eventId) ||
    a.fieldIndex - b.fieldIndex ||
    a.commitSeq - b.commitSeq
  );
}
