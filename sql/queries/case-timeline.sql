-- What happened to a case, from its creation on?
-- Events of the same millisecond are in the order of their ids, because the service promises no other.
-- @param case_id text Id of the case.
SELECT performed_time,
       event_type,
       related_item_type,
       field_name,
       old_display,
       new_display,
       performed_by,
       performed_by_team,
       performed_by_role,
       event_id
FROM changes
WHERE case_id = ?
ORDER BY performed_time, event_id, field_index
