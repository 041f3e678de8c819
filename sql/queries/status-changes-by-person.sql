-- Who changed the status of cases most often in the last 90 days, and of how many cases?
SELECT coalesce(performed_by_user_arn, performed_by_custom_entity, performed_by_other, performed_by_iam_principal_arn) AS performed_by,
       count(*) AS status_changes,
       count(DISTINCT case_id) AS cases,
       max(performed_time) AS last_change
FROM field_changes
WHERE export_date >= cast(cast(current_date - INTERVAL '90' DAY AS date) AS varchar)
  AND performed_time >= cast(current_date - INTERVAL '90' DAY AS timestamp)
  AND event_type = 'Case.Updated'
  AND field_id = 'status'
GROUP BY 1
ORDER BY status_changes DESC, performed_by
LIMIT 100
