-- What changed in the last day, newest first?
SELECT performed_time,
       case_id,
       event_type,
       field_name,
       old_value,
       new_value,
       coalesce(performed_by_user_arn, performed_by_custom_entity, performed_by_other, performed_by_iam_principal_arn) AS performed_by
FROM field_changes
WHERE export_date >= cast(cast(current_date - INTERVAL '1' DAY AS date) AS varchar)
  AND performed_time >= localtimestamp - INTERVAL '1' DAY
ORDER BY performed_time DESC, case_id, event_id, field_index
LIMIT 200
