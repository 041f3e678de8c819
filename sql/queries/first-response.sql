-- How fast were the cases of a span of days answered first, by kind of case?
-- @param first_day date First day on which the cases were opened, UTC.
-- @param last_day date Last day, UTC.
SELECT template_name,
       count(*) AS cases,
       count(first_response_time) AS answered,
       round(cast(sum(date_diff('millisecond', created_time, first_response_time)) AS double) / count(first_response_time)
             / 3600000e0, 2) AS average_hours,
       round(min(hours_to_first_response), 2) AS shortest_hours,
       round(max(hours_to_first_response), 2) AS longest_hours
FROM case_milestones
WHERE created_time >= cast(cast(? AS date) AS timestamp)
  AND created_time < cast(cast(? AS date) + INTERVAL '1' DAY AS timestamp)
GROUP BY template_name
ORDER BY cases DESC, template_name
