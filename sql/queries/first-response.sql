-- How fast were the cases of a span of days answered first, by kind of case?
-- Half of the answered cases waited median_hours at most, nine in ten p90_hours. The times leave out cases without an answer.
-- @param first_day date First day on which the cases were opened, UTC.
-- @param last_day date Last day, UTC.
WITH opened AS (
  SELECT *, date_diff('millisecond', created_time, first_response_time) AS milliseconds
  FROM case_milestones
  WHERE created_time >= cast(cast(? AS date) AS timestamp)
    AND created_time < cast(cast(? AS date) + INTERVAL '1' DAY AS timestamp)
),
ranked AS (
  SELECT *,
         row_number() OVER (PARTITION BY template_name ORDER BY milliseconds) AS place,
         count(milliseconds) OVER (PARTITION BY template_name) AS places
  FROM opened
)
SELECT template_name,
       count(*) AS cases,
       count(first_response_time) AS answered,
       round(cast(sum(milliseconds) AS double) / count(milliseconds) / 3600000e0, 2) AS average_hours,
       round(min(CASE WHEN place * 2 >= places THEN milliseconds END) / 3600000e0, 2) AS median_hours,
       round(min(CASE WHEN place * 10 >= places * 9 THEN milliseconds END) / 3600000e0, 2) AS p90_hours,
       round(min(hours_to_first_response), 2) AS shortest_hours,
       round(max(hours_to_first_response), 2) AS longest_hours
FROM ranked
GROUP BY template_name
ORDER BY cases DESC, template_name
