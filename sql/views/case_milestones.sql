-- When was each case opened, first answered, closed and reopened, and by whom?
-- The first response is the first comment or contact that a user (no automation) added to the case.
-- @column domain_id varchar Cases domain.
-- @column case_id varchar Id of the case.
-- @column template_name varchar Name of the case's template as known at export.
-- @column created_time timestamp When the case was opened, UTC; null if its creation is not exported.
-- @column created_by varchar Who opened it.
-- @column first_response_time timestamp When it was first answered, UTC; null if it was not.
-- @column first_response_by varchar Who answered.
-- @column first_response_team varchar Team of the user who answered.
-- @column hours_to_first_response double Hours from its opening to the first response.
-- @column first_closed_time timestamp When it was closed for the first time, UTC.
-- @column last_closed_time timestamp When it was closed the last time, UTC.
-- @column hours_to_first_close double Hours from its opening to the first closing.
-- @column reopen_count bigint How often it was closed and opened again.
-- @column status varchar Its status now, as people read it.
-- @column is_closed boolean Whether it is closed now; null without a status.
-- @column last_change_time timestamp When anything about it changed last, UTC.
-- @column changes bigint Number of changes.
WITH totals AS (
  SELECT domain_id,
         case_id,
         max(template_name) AS template_name,
         min(CASE WHEN event_type = 'Case.Created' THEN performed_time END) AS created_time,
         min(CASE WHEN event_type = 'Case.Created' THEN performed_by END) AS created_by,
         min(CASE WHEN is_case_change AND field_id = 'status' AND new_value = 'closed' THEN performed_time END)
           AS first_closed_time,
         max(CASE WHEN is_case_change AND field_id = 'status' AND new_value = 'closed' THEN performed_time END)
           AS last_closed_time,
         count(CASE WHEN is_case_change AND field_id = 'status' AND old_value = 'closed' AND coalesce(new_value, '') <> 'closed' THEN 1 END)
           AS reopen_count,
         max(performed_time) AS last_change_time,
         count(*) AS changes
  FROM changes
  GROUP BY domain_id, case_id
),
responses AS (
  SELECT domain_id, case_id, performed_time, performed_by, performed_by_team,
         row_number() OVER (PARTITION BY domain_id, case_id ORDER BY performed_time, event_id, field_index) AS place
  FROM changes
  WHERE event_type = 'RelatedItem.Created'
    AND related_item_type IN ('Comment', 'Contact')
    AND performed_by_kind = 'user'
)
SELECT totals.domain_id,
       totals.case_id,
       totals.template_name,
       totals.created_time,
       totals.created_by,
       response.performed_time AS first_response_time,
       response.performed_by AS first_response_by,
       response.performed_by_team AS first_response_team,
       date_diff('millisecond', totals.created_time, response.performed_time) / 3600000e0 AS hours_to_first_response,
       totals.first_closed_time,
       totals.last_closed_time,
       date_diff('millisecond', totals.created_time, totals.first_closed_time) / 3600000e0 AS hours_to_first_close,
       totals.reopen_count,
       status.status,
       status.is_closed,
       totals.last_change_time,
       totals.changes
FROM totals
LEFT JOIN responses AS response
  ON response.domain_id = totals.domain_id AND response.case_id = totals.case_id AND response.place = 1
LEFT JOIN status_periods AS status
  ON status.domain_id = totals.domain_id AND status.case_id = totals.case_id AND status.valid_until IS NULL
