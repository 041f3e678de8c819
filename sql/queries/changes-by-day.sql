-- How much changed on each day of a span of days?
-- @param first_day date First day, UTC.
-- @param last_day date Last day, UTC.
SELECT cast(performed_time AS date) AS day,
       count(*) AS changes,
       count(DISTINCT event_id) AS events,
       count(DISTINCT case_id) AS cases,
       count(DISTINCT performed_by_user_arn) AS users,
       count(DISTINCT CASE WHEN event_type = 'Case.Created' THEN case_id END) AS cases_created
FROM changes
WHERE performed_time >= cast(cast(? AS date) AS timestamp)
  AND performed_time < cast(cast(? AS date) + INTERVAL '1' DAY AS timestamp)
GROUP BY cast(performed_time AS date)
ORDER BY day
