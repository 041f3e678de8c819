-- Which cases belong on a legal hold: in which did a field ever have a value, for example the customer's id?
-- Also cases in which it has another value now, and cases that were deleted since; not cases deleted before they were exported.
-- commits and the days say where in the archive the rows of each case are; case-timeline has all of them.
-- @param field text Id or present name of the field.
-- @param value text Value or label that it had.
WITH held AS (
  SELECT domain_id, case_id, min(performed_time) AS first_named_time, max(performed_time) AS last_named_time
  FROM changes
  WHERE (is_case_change OR related_item_type = 'Custom')
    AND ? IN (field_id, current_field_name)
    AND ? IN (old_value, new_value, old_display, new_display)
  GROUP BY domain_id, case_id
),
stored AS (
  SELECT domain_id, case_id, count(DISTINCT commit_seq) AS commits, min(export_date) AS first_export_date,
         max(export_date) AS last_export_date
  FROM changes
  GROUP BY domain_id, case_id
)
SELECT held.domain_id,
       held.case_id,
       milestone.template_name,
       milestone.created_time,
       milestone.status,
       milestone.last_change_time,
       milestone.changes,
       held.first_named_time,
       held.last_named_time,
       stored.commits,
       stored.first_export_date,
       stored.last_export_date
FROM held
JOIN case_milestones AS milestone
  ON milestone.domain_id = held.domain_id AND milestone.case_id = held.case_id
JOIN stored
  ON stored.domain_id = held.domain_id AND stored.case_id = held.case_id
ORDER BY held.domain_id, held.case_id
