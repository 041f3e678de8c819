-- Which IAM roles changed many cases within an hour, without naming a user?
-- @param least_cases integer How many cases within an hour are many.
WITH hours AS (
  SELECT date_trunc('hour', performed_time) AS hour,
         coalesce(performed_by_role, performed_by_iam_principal_arn) AS role,
         count(DISTINCT case_id) AS cases,
         count(DISTINCT event_id) AS events,
         count(*) AS changes,
         count(DISTINCT field_id) AS fields
  FROM changes
  WHERE performed_by_kind = 'iam'
  GROUP BY date_trunc('hour', performed_time), coalesce(performed_by_role, performed_by_iam_principal_arn)
)
SELECT hour, role, cases, events, changes, fields
FROM hours
WHERE cases >= cast(? AS bigint)
ORDER BY cases DESC, hour, role
