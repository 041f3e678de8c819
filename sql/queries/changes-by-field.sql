-- Which fields of cases changed how often in a span of days?
-- @param first_day date First day, UTC.
-- @param last_day date Last day, UTC.
SELECT current_field_name AS field_name,
       count(*) AS changes,
       count(DISTINCT case_id) AS cases,
       count(CASE WHEN new_value_type = 'empty' THEN 1 END) AS times_cleared,
       max(performed_time) AS last_change_time
FROM changes
WHERE performed_time >= cast(cast(? AS date) AS timestamp)
  AND performed_time < cast(cast(? AS date) + INTERVAL '1' DAY AS timestamp)
  AND is_case_change
  AND event_type <> 'Case.Created'
  AND field_id IS NOT NULL
GROUP BY domain_id, field_id, current_field_name
ORDER BY changes DESC, current_field_name, field_id, domain_id
