-- How many cases were opened, closed and opened again on each day, how many were open at its end, and how old were those?
-- Open is a case whose status is another one than closed; a case whose status no event names is not counted. Age counts from the
-- first event that names the status. A day that is not over, or beyond the watermark, has what is exported so far. Days of the
-- last ten years.
-- @param first_day date First day, UTC.
-- @param last_day date Last day, UTC.
WITH days AS (
  SELECT cast(day AS date) AS day, cast(day + INTERVAL '1' DAY AS timestamp) AS day_end
  FROM UNNEST(sequence(current_date - INTERVAL '3650' DAY, current_date, INTERVAL '1' DAY)) AS calendar (day)
  WHERE day >= cast(? AS date)
    AND day <= cast(? AS date)
),
periods AS (
  SELECT domain_id, case_id, is_closed, valid_from, valid_until,
         min(valid_from) OVER (PARTITION BY domain_id, case_id) AS first_time,
         lag(is_closed) OVER (PARTITION BY domain_id, case_id ORDER BY valid_from) AS was_closed
  FROM status_periods
),
moved AS (
  SELECT days.day,
         count(CASE WHEN period.was_closed IS NULL THEN 1 END) AS opened,
         count(CASE WHEN period.is_closed AND NOT coalesce(period.was_closed, false) THEN 1 END) AS closed,
         count(CASE WHEN period.was_closed AND NOT period.is_closed THEN 1 END) AS reopened
  FROM days
  JOIN periods AS period
    ON period.valid_from >= cast(days.day AS timestamp) AND period.valid_from < days.day_end
  GROUP BY days.day
),
ages AS (
  SELECT days.day,
         date_diff('millisecond', period.first_time, days.day_end) AS milliseconds
  FROM days
  JOIN periods AS period
    ON NOT period.is_closed
    AND period.valid_from < days.day_end
    AND (period.valid_until IS NULL OR period.valid_until >= days.day_end)
),
ranked AS (
  SELECT *,
         row_number() OVER (PARTITION BY day ORDER BY milliseconds) AS place,
         count(*) OVER (PARTITION BY day) AS cases
  FROM ages
),
backlogs AS (
  SELECT day,
         count(*) AS backlog,
         count(CASE WHEN milliseconds <= 86400000 THEN 1 END) AS up_to_1_day,
         count(CASE WHEN milliseconds > 86400000 AND milliseconds <= 604800000 THEN 1 END) AS up_to_7_days,
         count(CASE WHEN milliseconds > 604800000 AND milliseconds <= 2592000000 THEN 1 END) AS up_to_30_days,
         count(CASE WHEN milliseconds > 2592000000 THEN 1 END) AS older,
         cast(sum(milliseconds) AS double) / count(*) / 86400000e0 AS average_days,
         min(CASE WHEN place * 2 >= cases THEN milliseconds END) / 86400000e0 AS median_days,
         min(CASE WHEN place * 10 >= cases * 9 THEN milliseconds END) / 86400000e0 AS p90_days,
         max(milliseconds) / 86400000e0 AS oldest_days
  FROM ranked
  GROUP BY day
)
SELECT days.day,
       coalesce(moved.opened, 0) AS opened,
       coalesce(moved.closed, 0) AS closed,
       coalesce(moved.reopened, 0) AS reopened,
       coalesce(backlogs.backlog, 0) AS backlog,
       coalesce(backlogs.up_to_1_day, 0) AS up_to_1_day,
       coalesce(backlogs.up_to_7_days, 0) AS up_to_7_days,
       coalesce(backlogs.up_to_30_days, 0) AS up_to_30_days,
       coalesce(backlogs.older, 0) AS older,
       round(backlogs.average_days, 2) AS average_days,
       round(backlogs.median_days, 2) AS median_days,
       round(backlogs.p90_days, 2) AS p90_days,
       round(backlogs.oldest_days, 2) AS oldest_days
FROM days
LEFT JOIN moved ON moved.day = days.day
LEFT JOIN backlogs ON backlogs.day = days.day
ORDER BY days.day
