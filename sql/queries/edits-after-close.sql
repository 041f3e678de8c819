-- What was changed in a span of days in cases that were closed at that moment?
-- Comments and other related items count too; what the closing and the reopening themselves changed does not.
-- @param first_day date First day, UTC.
-- @param last_day date Last day, UTC.
SELECT change.performed_time,
       change.case_id,
       closed.valid_from AS closed_time,
       change.event_type,
       change.related_item_type,
       change.field_name,
       change.old_display,
       change.new_display,
       change.performed_by,
       change.performed_by_team
FROM changes AS change
JOIN status_periods AS closed
  ON closed.domain_id = change.domain_id
  AND closed.case_id = change.case_id
  AND closed.is_closed
  AND change.performed_time > closed.valid_from
  AND (closed.valid_until IS NULL OR change.performed_time < closed.valid_until)
WHERE change.performed_time >= cast(cast(? AS date) AS timestamp)
  AND change.performed_time < cast(cast(? AS date) + INTERVAL '1' DAY AS timestamp)
ORDER BY change.performed_time, change.case_id, change.event_id, change.field_index
