-- What changed in the last day, newest first?
SELECT performed_time,
       case_id,
       event_type,
       related_item_type,
       field_name,
       old_display,
       new_display,
       performed_by,
       performed_by_team
FROM changes
WHERE export_date >= cast(cast(current_date - INTERVAL '1' DAY AS date) AS varchar)
  AND performed_time >= localtimestamp - INTERVAL '1' DAY
ORDER BY performed_time DESC, case_id, event_id, field_index
LIMIT 200
