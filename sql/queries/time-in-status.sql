-- How long do cases stay in each status?
-- A case that is still in a status counts up to the watermark of its domain.
SELECT status,
       count(*) AS periods,
       count(DISTINCT case_id) AS cases,
       count(CASE WHEN valid_until IS NULL THEN 1 END) AS still_in_it,
       round(cast(sum(milliseconds) AS double) / count(milliseconds) / 3600000e0, 2) AS average_hours,
       round(max(hours), 2) AS longest_hours
FROM status_periods
GROUP BY status
ORDER BY periods DESC, status
