/**
 * The one list of columns of `field_changes`. The row type, the Parquet schema, the Glue columns and the data
 * dictionary all come from here. Columns may be added at the end; never renamed, retyped or removed (files are
 * immutable).
 */

/** Logical type of a column. Parquet: UTF8 · TIMESTAMP_MILLIS (INT64) · INT32 · INT64 · DOUBLE · BOOLEAN. */
export type ColumnType = 'string' | 'timestamp' | 'int' | 'bigint' | 'double' | 'boolean';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** One sentence for the data dictionary and the Glue column comment. */
  readonly description: string;
}

export const COLUMNS = [
  column('case_id', 'string', 'required', 'Id of the case.'),
  column(
    'event_id',
    'string',
    'required',
    'Id of the audit event; with domain_id, case_id and field_index the key of a row.',
  ),
  column(
    'event_type',
    'string',
    'required',
    'As received, for example Case.Updated; values that do not exist yet are kept as they come.',
  ),
  column('performed_time', 'timestamp', 'required', 'When the change was made, UTC, milliseconds.'),
  column(
    'related_item_type',
    'string',
    'nullable',
    'Kind of the related item, for example Comment; null for changes of the case itself.',
  ),
  column('performed_by_user_arn', 'string', 'nullable', 'ARN of the Amazon Connect user who made the change.'),
  column('performed_by_custom_entity', 'string', 'nullable', 'Custom entity that made the change.'),
  column('performed_by_other', 'string', 'nullable', 'JSON of a kind of user that this version does not know.'),
  column('performed_by_iam_principal_arn', 'string', 'nullable', 'ARN of the IAM principal that made the call.'),
  column(
    'field_index',
    'int',
    'required',
    'Position among the non-null fields of the event, from 0; 0 for an event without fields.',
  ),
  column('field_id', 'string', 'nullable', 'Id of the changed field; null for an event without fields.'),
  column('field_name', 'string', 'nullable', 'Name of the field as known at export.'),
  column('field_type', 'string', 'nullable', 'Type of the field as known at export.'),
  column('field_namespace', 'string', 'nullable', 'System or Custom, as known at export.'),
  column(
    'old_value_type',
    'string',
    'nullable',
    'string, double, boolean, userArn, empty, or the member’s own name where unknown; null when the event has no old value.',
  ),
  column('new_value_type', 'string', 'nullable', 'As old_value_type, for the new value.'),
  column(
    'old_value',
    'string',
    'nullable',
    'Old value as text, lossless; null for empty and absent, which old_value_type tells apart.',
  ),
  column(
    'new_value',
    'string',
    'nullable',
    'New value as text, lossless; null for empty and absent, which new_value_type tells apart.',
  ),
  column('old_value_double', 'double', 'nullable', 'Old value where it is a finite number.'),
  column('new_value_double', 'double', 'nullable', 'New value where it is a finite number.'),
  column('old_value_boolean', 'boolean', 'nullable', 'Old value where it is a boolean.'),
  column('new_value_boolean', 'boolean', 'nullable', 'New value where it is a boolean.'),
  column('template_id', 'string', 'nullable', 'Template of the case; null if no search returned the case yet.'),
  column('exported_at', 'timestamp', 'required', 'When the commit that holds the row was made, UTC, milliseconds.'),
  column('run_id', 'string', 'required', 'Invocation that made the commit.'),
  column('commit_seq', 'bigint', 'required', 'Number of the commit; the manifest of that number lists the file.'),
  column(
    'other',
    'string',
    'nullable',
    'JSON of members of the event or field that no column holds: {"event": …, "performedBy": …, "field": …}, those that are there.',
  ),
] as const satisfies readonly Column[];

type Value<T extends ColumnType> = T extends 'string'
  ? string
  : T extends 'timestamp'
    ? Date
    : T extends 'boolean'
      ? boolean
      : number;

/** One row of `field_changes`: every key present, null where the column is nullable and has no value. */
type FieldChangeRow = {
  readonly [C in (typeof COLUMNS)[number] as C['name']]: C['nullable'] extends true
    ? Value<C['type']> | null
    : Value<C['type']>;
};

/** Columns that only the commit knows; the rest of a row is known when its event is read. */
export type CommitColumns = Pick<FieldChangeRow, 'exported_at' | 'run_id' | 'commit_seq'>;

/** A row before its commit is known. */
export type FieldChange = Omit<FieldChangeRow, keyof CommitColumns>;

function column<const N extends string, const T extends ColumnType, const R extends 'required' | 'nullable'>(
  name: N,
  type: T,
  presence: R,
  description: string,
): {
  readonly name: N;
  readonly type: T;
  readonly nullable: R extends 'nullable' ? true : false;
  readonly description: string;
} {
  return { name, type, nullable: (presence === 'nullable') as R extends 'nullable' ? true : false, description };
}
