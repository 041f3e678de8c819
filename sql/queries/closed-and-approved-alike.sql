-- Which cases did one and the same user both approve and close? Segregation of duties.
-- The API knows no approval: it is a field that got a value, such as Approval = yes, before or after the closing. Each row is a pair
-- of an approval and a closing by one user, closed in the span of days. Events that name an IAM principal only name nobody, so two
-- persons behind one role are not told apart.
-- @param approval_field text Id or present name of the field that records the approval.
-- @param approval_value text Value or label that means approved.
-- @param first_day date First day on which the cases were closed, UTC.
-- @param last_day date Last day, UTC.
WITH approvals AS (
  SELECT domain_id, case_id, event_id, field_index, performed_time, performed_by_user_arn, field_name, new_display
  FROM changes
  WHERE is_case_change
    AND ? IN (field_id, current_field_name)
    AND ? IN (new_value, new_display)
    AND performed_by_user_arn IS NOT NULL
),
closings AS (
  SELECT domain_id, case_id, event_id, field_index, performed_time, performed_by_user_arn, performed_by, performed_by_team
  FROM changes
  WHERE is_case_change
    AND field_id = 'status'
    AND new_value = 'closed'
    AND performed_time >= cast(cast(? AS date) AS timestamp)
    AND performed_time < cast(cast(? AS date) + INTERVAL '1' DAY AS timestamp)
)
SELECT closing.domain_id,
       closing.case_id,
       closing.performed_by,
       closing.performed_by_team,
       approved.performed_time AS approved_time,
       approved.field_name,
       approved.new_display AS approval,
       closing.performed_time AS closed_time
FROM closings AS closing
JOIN approvals AS approved
  ON approved.domain_id = closing.domain_id
  AND approved.case_id = closing.case_id
  AND approved.performed_by_user_arn = closing.performed_by_user_arn
ORDER BY closing.performed_time, closing.domain_id, closing.case_id, closing.event_id, closing.field_index,
         approved.performed_time, approved.event_id, approved.field_index
