-- Which fields changed on each of the last 30 days, how often and in how many cases?
SELECT cast(performed_time AS date) AS day,
       field_id,
       max_by(field_name, commit_seq) AS field_name,
       count(*) AS changes,
       count(DISTINCT case_id) AS cases
FROM field_changes
WHERE export_date >= cast(cast(current_date - INTERVAL '30' DAY AS date) AS varchar)
  AND performed_time >= cast(current_date - INTERVAL '30' DAY AS timestamp)
  AND event_type = 'Case.Updated'
  AND field_id IS NOT NULL
GROUP BY 1, 2
ORDER BY day DESC, changes DESC, field_id
