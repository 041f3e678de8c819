-- How many of the cases that were closed in a span of days were opened again, by kind of case?
-- Counted are cases whose first closing is in the span; opened again is a change of the status from closed to anything else, at any
-- time since. So the rate of the latest days still rises.
-- @param first_day date First day on which the cases were closed first, UTC.
-- @param last_day date Last day, UTC.
SELECT template_name,
       count(*) AS cases_closed,
       count(CASE WHEN reopen_count > 0 THEN 1 END) AS cases_reopened,
       round(100e0 * count(CASE WHEN reopen_count > 0 THEN 1 END) / count(*), 2) AS percent_reopened,
       sum(reopen_count) AS times_reopened,
       count(CASE WHEN NOT is_closed THEN 1 END) AS open_now
FROM case_milestones
WHERE first_closed_time >= cast(cast(? AS date) AS timestamp)
  AND first_closed_time < cast(cast(? AS date) + INTERVAL '1' DAY AS timestamp)
GROUP BY template_name
ORDER BY cases_closed DESC, template_name
