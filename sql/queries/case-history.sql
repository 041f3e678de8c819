-- What happened to one case, from its creation on?
-- @param case_id text Id of the case.
SELECT performed_time,
       event_type,
       related_item_type,
       field_name,
       old_value,
       new_value,
       coalesce(performed_by_user_arn, performed_by_custom_entity, performed_by_other, performed_by_iam_principal_arn) AS performed_by,
       event_id
FROM field_changes
WHERE case_id = ?
ORDER BY performed_time, event_id, field_index
