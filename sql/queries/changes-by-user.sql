-- Who changed how much in a span of days?
-- @param first_day date First day, UTC.
-- @param last_day date Last day, UTC.
SELECT performed_by,
       performed_by_team,
       performed_by_kind,
       count(*) AS changes,
       count(DISTINCT event_id) AS events,
       count(DISTINCT case_id) AS cases,
       count(CASE WHEN is_case_change AND field_id = 'status' THEN 1 END) AS status_changes,
       count(CASE WHEN is_case_change AND field_id = 'status' AND new_value = 'closed' THEN 1 END) AS closings,
       max(performed_time) AS last_change_time
FROM changes
WHERE performed_time >= cast(cast(? AS date) AS timestamp)
  AND performed_time < cast(cast(? AS date) + INTERVAL '1' DAY AS timestamp)
GROUP BY performed_by, performed_by_team, performed_by_kind, performed_by_user_arn
ORDER BY changes DESC, performed_by, performed_by_user_arn
