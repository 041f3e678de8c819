-- What changed in which case, from what to what, by whom? Every change, readable.
-- Names of fields, select values and templates are those that the exporter knew when it exported the change.
-- Fields are those of the case and of custom items. A comment, an SLA, a contact or a file has members, which go by their own
-- ids: the status of an SLA has neither the name nor the labels of the case's Status.
-- No order of events is promised by the service: sort by performed_time, event_id, field_index. Two changes of one field in the
-- same millisecond have no knowable order.
-- @column performed_time timestamp When the change was made, UTC.
-- @column case_id varchar Id of the case.
-- @column event_type varchar For example Case.Updated.
-- @column related_item_type varchar Kind of the related item, for example Comment; null for changes of the case itself.
-- @column is_case_change boolean True for a change of the case itself, false for one of a related item.
-- @column field_name varchar Name of the field as known at export; its id where no name is known, and for a member of a related item; null for an event without fields.
-- @column old_display varchar Old value as people read it: label of a select value, name or id of a user, (empty) for a cleared one; null without.
-- @column new_display varchar New value as people read it.
-- @column performed_by varchar Who did it: name of the user, else the user's id, the custom entity, the IAM role.
-- @column performed_by_team varchar Team of the user, from the owner's list of users.
-- @column performed_by_kind varchar user, entity, other (a kind that is not known), or iam where the event names only an IAM principal; null where it names nobody.
-- @column performed_by_role varchar Name of the IAM role that made the call; null for another principal.
-- @column old_number double Old value where it is a finite number.
-- @column new_number double New value where it is a finite number.
-- @column old_boolean boolean Old value where it is a boolean.
-- @column new_boolean boolean New value where it is a boolean.
-- @column old_time timestamp Old value of a DateTime field, UTC.
-- @column new_time timestamp New value of a DateTime field, UTC.
-- @column old_value_type varchar string, double, boolean, userArn, empty, or the name of an unknown kind; null without old value.
-- @column old_value varchar Old value as text, lossless.
-- @column new_value_type varchar As old_value_type, for the new value.
-- @column new_value varchar New value as text, lossless.
-- @column field_id varchar Id of the field.
-- @column current_field_name varchar Name of the field as known now; as field_name for a member of a related item.
-- @column field_type varchar Type of the field, for example SingleSelect; null for a member of a related item.
-- @column template_name varchar Name of the case's template as known at export.
-- @column template_id varchar Template of the case.
-- @column performed_by_user_arn varchar ARN of the Amazon Connect user.
-- @column performed_by_iam_principal_arn varchar ARN of the IAM principal that made the call.
-- @column event_id varchar Id of the audit event.
-- @column field_index integer Position among the fields of the event, from 0.
-- @column other varchar JSON of members of the event or field that no column holds; null where there are none.
-- @column exported_at timestamp When the row was exported, UTC.
-- @column run_id varchar Invocation that exported it.
-- @column commit_seq bigint Commit that holds the row.
-- @column domain_id varchar Cases domain.
-- @column export_date varchar UTC day of the export, YYYY-MM-DD; filter on it to read less of the raw table.
WITH users AS (
  SELECT user_arn, min(nullif(name, '')) AS name, min(nullif(team, '')) AS team
  FROM user_names
  GROUP BY user_arn
),
marked AS (
  SELECT *,
         related_item_type IS NULL AND event_type NOT LIKE 'RelatedItem.%' AS is_case_change,
         -- The ids of what a custom item holds are ids of fields. Those of every other item are names of its members.
         coalesce(related_item_type = 'Custom', event_type NOT LIKE 'RelatedItem.%') AS has_fields
  FROM ${changes}
)
SELECT change.performed_time,
       change.case_id,
       change.event_type,
       change.related_item_type,
       change.is_case_change,
       coalesce(CASE WHEN change.has_fields THEN change.field_name END, change.field_id) AS field_name,
       CASE change.old_value_type
            WHEN 'empty' THEN '(empty)'
            WHEN 'userArn' THEN coalesce(old_user.name,
                                         nullif(regexp_extract(change.old_value, '/agent/([^/]+)$', 1), ''),
                                         change.old_value)
            ELSE coalesce(old_option.label, change.old_value) END AS old_display,
       CASE change.new_value_type
            WHEN 'empty' THEN '(empty)'
            WHEN 'userArn' THEN coalesce(new_user.name,
                                         nullif(regexp_extract(change.new_value, '/agent/([^/]+)$', 1), ''),
                                         change.new_value)
            ELSE coalesce(new_option.label, change.new_value) END AS new_display,
       coalesce(performer.name,
                nullif(regexp_extract(change.performed_by_user_arn, '/agent/([^/]+)$', 1), ''),
                change.performed_by_user_arn,
                change.performed_by_custom_entity,
                change.performed_by_other,
                CASE WHEN change.performed_by_iam_principal_arn LIKE '%:assumed-role/%'
                     THEN split_part(change.performed_by_iam_principal_arn, '/', 2)
                     WHEN change.performed_by_iam_principal_arn LIKE '%:role/%'
                     THEN nullif(regexp_extract(change.performed_by_iam_principal_arn, '([^/]+)$', 1), '')
                     ELSE change.performed_by_iam_principal_arn END) AS performed_by,
       performer.team AS performed_by_team,
       CASE WHEN change.performed_by_user_arn IS NOT NULL THEN 'user'
            WHEN change.performed_by_custom_entity IS NOT NULL THEN 'entity'
            WHEN change.performed_by_other IS NOT NULL THEN 'other'
            WHEN change.performed_by_iam_principal_arn IS NOT NULL THEN 'iam' END AS performed_by_kind,
       CASE WHEN change.performed_by_iam_principal_arn LIKE '%:assumed-role/%'
            THEN split_part(change.performed_by_iam_principal_arn, '/', 2)
            WHEN change.performed_by_iam_principal_arn LIKE '%:role/%'
            THEN nullif(regexp_extract(change.performed_by_iam_principal_arn, '([^/]+)$', 1), '') END AS performed_by_role,
       change.old_value_double AS old_number,
       change.new_value_double AS new_number,
       change.old_value_boolean AS old_boolean,
       change.new_value_boolean AS new_boolean,
       -- The branch that is never taken lends its precision.
       CASE WHEN false THEN change.performed_time
            WHEN change.has_fields AND change.field_type = 'DateTime' AND change.old_value_type = 'string'
              AND regexp_like(change.old_value, '^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}([.]\d+)*(Z|[+-]\d{2}:\d{2})$')
            THEN try(cast(from_iso8601_timestamp(change.old_value) AT TIME ZONE 'UTC' AS timestamp(3))) END AS old_time,
       CASE WHEN false THEN change.performed_time
            WHEN change.has_fields AND change.field_type = 'DateTime' AND change.new_value_type = 'string'
              AND regexp_like(change.new_value, '^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}([.]\d+)*(Z|[+-]\d{2}:\d{2})$')
            THEN try(cast(from_iso8601_timestamp(change.new_value) AT TIME ZONE 'UTC' AS timestamp(3))) END AS new_time,
       change.old_value_type,
       change.old_value,
       change.new_value_type,
       change.new_value,
       change.field_id,
       coalesce(field_now.name, CASE WHEN change.has_fields THEN change.field_name END, change.field_id) AS current_field_name,
       CASE WHEN change.has_fields THEN change.field_type END AS field_type,
       template.name AS template_name,
       change.template_id,
       change.performed_by_user_arn,
       change.performed_by_iam_principal_arn,
       change.event_id,
       change.field_index,
       change.other,
       change.exported_at,
       change.run_id,
       change.commit_seq,
       change.domain_id,
       change.export_date
FROM marked AS change
LEFT JOIN users AS performer
  ON performer.user_arn = change.performed_by_user_arn
LEFT JOIN users AS old_user
  ON old_user.user_arn = change.old_value AND change.old_value_type = 'userArn'
LEFT JOIN users AS new_user
  ON new_user.user_arn = change.new_value AND change.new_value_type = 'userArn'
LEFT JOIN option_labels AS old_option
  ON old_option.domain_id = change.domain_id
  AND old_option.field_id = change.field_id
  AND old_option.value = change.old_value
  AND change.old_value_type = 'string'
  AND change.has_fields
  AND change.commit_seq >= old_option.from_seq
  AND change.commit_seq < coalesce(old_option.to_seq, 9223372036854775807)
LEFT JOIN option_labels AS new_option
  ON new_option.domain_id = change.domain_id
  AND new_option.field_id = change.field_id
  AND new_option.value = change.new_value
  AND change.new_value_type = 'string'
  AND change.has_fields
  AND change.commit_seq >= new_option.from_seq
  AND change.commit_seq < coalesce(new_option.to_seq, 9223372036854775807)
LEFT JOIN template_names AS template
  ON template.domain_id = change.domain_id
  AND template.template_id = change.template_id
  AND change.commit_seq >= template.from_seq
  AND change.commit_seq < coalesce(template.to_seq, 9223372036854775807)
LEFT JOIN field_dictionary AS field_now
  ON field_now.domain_id = change.domain_id
  AND field_now.field_id = change.field_id
  AND change.has_fields
  AND field_now.to_seq IS NULL
