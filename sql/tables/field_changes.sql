-- The raw table: one row per changed field of a case. The stack makes the same table in Glue; this statement is for a
-- catalog that is kept by hand. Replace <archive-bucket>, <domain-ids> (all ever exported, comma, no blanks) and
-- <first-export-date> (YYYY-MM-DD, never moved later).
CREATE EXTERNAL TABLE field_changes (
  case_id string COMMENT 'Id of the case.',
  event_id string COMMENT 'Id of the audit event; with domain_id, case_id and field_index the key of a row.',
  event_type string COMMENT 'As received, for example Case.Updated; values that do not exist yet are kept as they come.',
  performed_time timestamp COMMENT 'When the change was made, UTC, milliseconds.',
  related_item_type string COMMENT 'Kind of the related item, for example Comment; null for changes of the case itself.',
  performed_by_user_arn string COMMENT 'ARN of the Amazon Connect user who made the change.',
  performed_by_custom_entity string COMMENT 'Custom entity that made the change.',
  performed_by_other string COMMENT 'JSON of a kind of user that this version does not know.',
  performed_by_iam_principal_arn string COMMENT 'ARN of the IAM principal that made the call.',
  field_index int COMMENT 'Position among the non-null fields of the event, from 0; 0 for an event without fields.',
  field_id string COMMENT 'Id of the changed field; null for an event without fields.',
  field_name string COMMENT 'Name of the field as known at export.',
  field_type string COMMENT 'Type of the field as known at export.',
  field_namespace string COMMENT 'System or Custom, as known at export.',
  old_value_type string COMMENT 'string, double, boolean, userArn, empty, or the member’s own name where unknown; null when the event has no old value.',
  new_value_type string COMMENT 'As old_value_type, for the new value.',
  old_value string COMMENT 'Old value as text, lossless; null for empty and absent, which old_value_type tells apart.',
  new_value string COMMENT 'New value as text, lossless; null for empty and absent, which new_value_type tells apart.',
  old_value_double double COMMENT 'Old value where it is a finite number.',
  new_value_double double COMMENT 'New value where it is a finite number.',
  old_value_boolean boolean COMMENT 'Old value where it is a boolean.',
  new_value_boolean boolean COMMENT 'New value where it is a boolean.',
  template_id string COMMENT 'Template of the case; null if no search returned the case yet.',
  exported_at timestamp COMMENT 'When the commit that holds the row was made, UTC, milliseconds.',
  run_id string COMMENT 'Invocation that made the commit.',
  commit_seq bigint COMMENT 'Number of the commit; the manifest of that number lists the file.',
  other string COMMENT 'JSON of members of the event or field that no column holds: {"event": …, "performedBy": …, "field": …}, those that are there.'
)
PARTITIONED BY (
  domain_id string COMMENT 'Id of the Cases domain.',
  export_date string COMMENT 'Day of the export, YYYY-MM-DD, UTC; filter on it to read less.'
)
ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'
STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat'
LOCATION 's3://<archive-bucket>/field_changes/'
TBLPROPERTIES (
  'classification' = 'parquet',
  'projection.enabled' = 'true',
  'projection.domain_id.type' = 'enum',
  'projection.domain_id.values' = '<domain-ids>',
  'projection.export_date.type' = 'date',
  'projection.export_date.format' = 'yyyy-MM-dd',
  'projection.export_date.range' = '<first-export-date>,NOW+1DAYS',
  'projection.export_date.interval' = '1',
  'projection.export_date.interval.unit' = 'DAYS',
  'storage.location.template' = 's3://<archive-bucket>/field_changes/domain_id=${domain_id}/export_date=${export_date}/'
)
