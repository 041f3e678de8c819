-- What did one person change in a span of days, row by row?
-- No history has who looked at a case: only changes. A change that names only an IAM principal belongs to no person here.
-- @param person text Name as in performed_by, or ARN of the user.
-- @param first_day date First day, UTC.
-- @param last_day date Last day, UTC.
SELECT performed_time,
       domain_id,
       case_id,
       event_type,
       related_item_type,
       field_name,
       old_display,
       new_display,
       performed_by,
       performed_by_role,
       event_id
FROM changes
WHERE ? IN (performed_by, performed_by_user_arn)
  AND performed_time >= cast(cast(? AS date) AS timestamp)
  AND performed_time < cast(cast(? AS date) + INTERVAL '1' DAY AS timestamp)
  AND performed_by_kind <> 'iam'
ORDER BY performed_time, case_id, event_id, field_index
