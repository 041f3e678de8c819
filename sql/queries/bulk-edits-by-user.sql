-- Which users and automations changed many cases within an hour?
-- Changes through an IAM role that name no user are in bulk-edits.
-- @param least_cases integer How many cases within an hour are many.
WITH hours AS (
  SELECT date_trunc('hour', performed_time) AS hour,
         performed_by,
         performed_by_team,
         performed_by_kind,
         performed_by_user_arn,
         count(DISTINCT case_id) AS cases,
         count(DISTINCT event_id) AS events,
         count(*) AS changes,
         count(DISTINCT field_id) AS fields
  FROM changes
  WHERE performed_by_kind <> 'iam'
  GROUP BY date_trunc('hour', performed_time), performed_by, performed_by_team, performed_by_kind, performed_by_user_arn
)
SELECT hour, performed_by, performed_by_team, performed_by_kind, cases, events, changes, fields
FROM hours
WHERE cases >= cast(? AS bigint)
ORDER BY cases DESC, hour, performed_by, performed_by_user_arn
