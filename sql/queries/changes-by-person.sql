-- What did one person change in a span of days, row by row?
-- Who looked at a case is in no history: only changes are. A change that names no user, but an IAM principal only, is nobody's here.
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
