-- How long do cases stay in each status?
-- A case that is still in a status counts up to the watermark of its domain. Half of the periods took median_hours at most, nine in
-- ten p90_hours.
WITH ranked AS (
  SELECT *,
         row_number() OVER (PARTITION BY status ORDER BY milliseconds) AS place,
         count(milliseconds) OVER (PARTITION BY status) AS places
  FROM status_periods
)
SELECT status,
       count(*) AS periods,
       count(DISTINCT case_id) AS cases,
       count(CASE WHEN valid_until IS NULL THEN 1 END) AS still_in_it,
       round(cast(sum(milliseconds) AS double) / count(milliseconds) / 3600000e0, 2) AS average_hours,
       round(min(CASE WHEN place * 2 >= places THEN milliseconds END) / 3600000e0, 2) AS median_hours,
       round(min(CASE WHEN place * 10 >= places * 9 THEN milliseconds END) / 3600000e0, 2) AS p90_hours,
       round(max(hours), 2) AS longest_hours
FROM ranked
GROUP BY status
ORDER BY periods DESC, status
