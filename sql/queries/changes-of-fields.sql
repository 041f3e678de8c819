-- Who changed chosen fields in a span of days, for example those with personal data, and what did they hold before and after?
-- Fields of cases and of custom items.
-- @param fields text Ids or present names of fields, separated by commas without blanks.
-- @param first_day date First day, UTC.
-- @param last_day date Last day, UTC.
SELECT performed_time,
       domain_id,
       case_id,
       event_type,
       related_item_type,
       current_field_name AS field_name,
       old_display,
       new_display,
       performed_by,
       performed_by_team,
       performed_by_role
FROM changes
WHERE arrays_overlap(split(?, ','), ARRAY[field_id, current_field_name])
  AND performed_time >= cast(cast(? AS date) AS timestamp)
  AND performed_time < cast(cast(? AS date) + INTERVAL '1' DAY AS timestamp)
  AND (is_case_change OR related_item_type = 'Custom')
ORDER BY performed_time, case_id, event_id, field_index
