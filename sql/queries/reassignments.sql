-- Who gave which case from whom to whom in a span of days, and from which queue to which?
-- @param first_day date First day, UTC.
-- @param last_day date Last day, UTC.
SELECT performed_time,
       case_id,
       field_name,
       old_display AS assigned_before,
       new_display AS assigned_after,
       performed_by,
       performed_by_team
FROM changes
WHERE performed_time >= cast(cast(? AS date) AS timestamp)
  AND performed_time < cast(cast(? AS date) + INTERVAL '1' DAY AS timestamp)
  AND is_case_change
  AND field_id IN ('assigned_user', 'assigned_queue')
  AND coalesce(old_value_type, 'empty') <> 'empty'
ORDER BY performed_time, case_id, event_id, field_index
