-- How long did each team have the cases in hand that were closed in a span of days?
-- A team has a case in hand while it is assigned to one of its users and not closed, waiting included. Per case and team all such
-- times are added up; a case that two teams had counts for both. Counted are cases that are closed now, by their last closing.
-- Teams come from the owner's list of users as it is now: null is everybody who is not in it. What was assigned before the first
-- event of the case is not in the history, nor is time without a user.
-- Half of the cases took median_hours at most, nine in ten p90_hours.
-- @param first_day date First day on which the cases were closed, UTC.
-- @param last_day date Last day, UTC.
WITH teams AS (
  SELECT user_arn, min(nullif(team, '')) AS team
  FROM user_names
  GROUP BY user_arn
),
finished AS (
  SELECT domain_id, case_id
  FROM case_milestones
  WHERE is_closed
    AND last_closed_time >= cast(cast(? AS date) AS timestamp)
    AND last_closed_time < cast(cast(? AS date) + INTERVAL '1' DAY AS timestamp)
),
shifts AS (
  SELECT assigned.domain_id, assigned.case_id, teams.team,
         CASE WHEN assigned.valid_from > open.valid_from THEN assigned.valid_from ELSE open.valid_from END AS began,
         CASE WHEN assigned.valid_until < open.valid_until THEN assigned.valid_until ELSE open.valid_until END AS ended
  FROM finished
  JOIN field_versions AS assigned
    ON assigned.domain_id = finished.domain_id
    AND assigned.case_id = finished.case_id
    AND assigned.field_id = 'assigned_user'
    AND assigned.value_type = 'userArn'
  JOIN status_periods AS open
    ON open.domain_id = assigned.domain_id
    AND open.case_id = assigned.case_id
    AND NOT open.is_closed
    AND open.valid_until > assigned.valid_from
    AND (assigned.valid_until IS NULL OR assigned.valid_until > open.valid_from)
  LEFT JOIN teams ON teams.user_arn = assigned.value
),
handled AS (
  SELECT domain_id, case_id, team, sum(date_diff('millisecond', began, ended)) AS milliseconds
  FROM shifts
  GROUP BY domain_id, case_id, team
),
ranked AS (
  SELECT *,
         row_number() OVER (PARTITION BY team ORDER BY milliseconds) AS place,
         count(*) OVER (PARTITION BY team) AS places
  FROM handled
)
SELECT team,
       count(*) AS cases,
       round(cast(sum(milliseconds) AS double) / count(*) / 3600000e0, 2) AS average_hours,
       round(min(CASE WHEN place * 2 >= places THEN milliseconds END) / 3600000e0, 2) AS median_hours,
       round(min(CASE WHEN place * 10 >= places * 9 THEN milliseconds END) / 3600000e0, 2) AS p90_hours,
       round(max(milliseconds) / 3600000e0, 2) AS longest_hours
FROM ranked
GROUP BY team
ORDER BY cases DESC, team
