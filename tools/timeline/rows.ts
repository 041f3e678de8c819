/** What DuckDB is asked for a timeline. */
import type { FieldChanges } from '../query/field-changes';
import type { ChangeRow, UserName } from './facts';

/** The binding for JavaScript drops a leading byte order mark, so no text comes to stand first. */
const GUARD = '=';

const TEXTS = [
  'event_id',
  'event_type',
  'related_item_type',
  'performed_by_user_arn',
  'performed_by_custom_entity',
  'performed_by_other',
  'performed_by_iam_principal_arn',
  'field_id',
  'field_name',
  'field_type',
  'field_namespace',
  'old_value_type',
  'old_value',
  'new_value_type',
  'new_value',
  'template_id',
] as const;

/** One commit, one file. */
const FILE_KEY = `concat('field_changes/domain_id=', domain_id, '/export_date=', export_date, '/',
  lpad(CAST(commit_seq AS VARCHAR), 12, '0'), '.parquet')`;

const NEAREST = 5;

/** Partitions, as in `domain_id=<partition>`, that hold rows of the case, sorted. */
export async function partitionsOf(changes: FieldChanges, caseId: string): Promise<string[]> {
  const sql = 'SELECT DISTINCT domain_id FROM field_changes WHERE case_id = ? ORDER BY 1';
  return (await changes.query(sql, [caseId])).rows.map(([partition]) => String(partition));
}

/** Up to five ids that look most like this one, of one partition or of all. */
export async function nearestCaseIds(changes: FieldChanges, caseId: string, partition?: string): Promise<string[]> {
  const where = partition === undefined ? '' : 'WHERE domain_id = ?';
  const { rows } = await changes.query(
    `SELECT '${GUARD}' || case_id FROM (SELECT DISTINCT case_id FROM field_changes ${where})
     ORDER BY NOT starts_with(lower(case_id), lower(?)), levenshtein(lower(case_id), lower(?)), case_id LIMIT ${NEAREST}`,
    [...(partition === undefined ? [] : [partition]), caseId, caseId],
  );
  return rows.map(([id]) => unguarded(id) ?? '');
}

/** All rows of the case by performed_time, event_id, field_index: no better order is promised. */
export async function readRows(changes: FieldChanges, partition: string, caseId: string): Promise<ChangeRow[]> {
  const texts = TEXTS.map((name) => `'${GUARD}' || ${name} AS ${name}`).join(', ');
  const { columns, rows } = await changes.query(
    `SELECT ${texts}, epoch_ms(performed_time) AS performed_at, field_index, commit_seq, ${FILE_KEY} AS file_key
     FROM field_changes WHERE domain_id = ? AND case_id = ? ORDER BY performed_time, event_id, field_index, commit_seq`,
    [partition, caseId],
  );
  const names = columns.map(({ name }) => name);
  return rows.map((row) => changeRow(new Map(names.map((name, index) => [name, row[index]]))));
}

/** The owner's names by ARN; of an ARN that is named twice, the name that sorts first. */
export async function readUserNames(changes: FieldChanges): Promise<Map<string, UserName>> {
  const { rows } = await changes.query(
    `SELECT '${GUARD}' || user_arn, '${GUARD}' || name, '${GUARD}' || team FROM user_names ORDER BY ALL`,
  );
  const names = new Map<string, UserName>();
  for (const [arn, name, team] of rows.map((row) => row.map(unguarded))) {
    if (arn && name && !names.has(arn)) names.set(arn, { name, team: team || null });
  }
  return names;
}

function changeRow(cells: ReadonlyMap<string, unknown>): ChangeRow {
  const text = (name: (typeof TEXTS)[number]) => unguarded(cells.get(name));
  return {
    eventId: text('event_id') ?? '',
    eventType: text('event_type') ?? '',
    performedAt: Number(cells.get('performed_at')),
    relatedItemType: text('related_item_type'),
    userArn: text('performed_by_user_arn'),
    customEntity: text('performed_by_custom_entity'),
    otherUser: text('performed_by_other'),
    iamPrincipalArn: text('performed_by_iam_principal_arn'),
    fieldIndex: Number(cells.get('field_index')),
    fieldId: text('field_id'),
    fieldName: text('field_name'),
    fieldType: text('field_type'),
    fieldNamespace: text('field_namespace'),
    oldType: text('old_value_type'),
    oldValue: text('old_value'),
    newType: text('new_value_type'),
    newValue: text('new_value'),
    templateId: text('template_id'),
    commitSeq: Number(cells.get('commit_seq')),
    fileKey: String(cells.get('file_key')),
  };
}

function unguarded(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(GUARD.length) : null;
}
