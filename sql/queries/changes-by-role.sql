-- Through which IAM roles was how much changed in a span of days, and how much of it without naming a user?
-- @param first_day date First day, UTC.
-- @param last_day date Last day, UTC.
SELECT coalesce(performed_by_role, performed_by_iam_principal_arn) AS role,
       count(*) AS changes,
       count(DISTINCT event_id) AS events,
       count(DISTINCT case_id) AS cases,
       count(DISTINCT CASE WHEN performed_by_kind = 'iam' THEN event_id END) AS events_without_user,
       min(performed_time) AS first_change_time,
       max(performed_time) AS last_change_time
FROM changes
WHERE performed_time >= cast(cast(? AS date) AS timestamp)
  AND performed_time < cast(cast(? AS date) + INTERVAL '1' DAY AS timestamp)
GROUP BY coalesce(performed_by_role, performed_by_iam_principal_arn)
ORDER BY changes DESC, role
