-- Which value did each field of each case have, from when to when?
-- Only fields of the case itself: events do not say which related item they are about. Of several changes of one field in the
-- same millisecond the last one counts: the one whose new value is the old value of no other; if that leaves several, the one
-- with the greatest event_id, because the service promises no order.
-- @column domain_id varchar Cases domain.
-- @column case_id varchar Id of the case.
-- @column template_name varchar Name of the case's template as known at export.
-- @column field_name varchar Name of the field as known now.
-- @column display varchar The value as people read it; (empty) for a cleared one.
-- @column valid_from timestamp When the value was set, UTC.
-- @column valid_until timestamp When it was replaced, UTC; null while it is current.
-- @column set_by varchar Who set it.
-- @column set_by_team varchar Team of the user who set it.
-- @column number double The value where it is a finite number.
-- @column is_true boolean The value where it is a boolean.
-- @column time timestamp The value of a DateTime field, UTC.
-- @column value_type varchar string, double, boolean, userArn, empty, or the name of an unknown kind.
-- @column value varchar The value as text, lossless.
-- @column field_id varchar Id of the field.
-- @column field_type varchar Type of the field.
-- @column event_id varchar Audit event that set the value.
-- @column changes_at_once bigint Changes of the field in that millisecond; above 1 their order is a guess.
WITH states AS (
  SELECT *,
         CASE WHEN coalesce(old_value_type, 'empty') = 'empty' THEN '' ELSE old_value_type || ':' || old_value END AS old_state,
         CASE WHEN coalesce(new_value_type, 'empty') = 'empty' THEN '' ELSE new_value_type || ':' || new_value END AS new_state
  FROM changes
  WHERE is_case_change AND field_id IS NOT NULL
),
moments AS (
  SELECT *,
         contains(array_agg(old_state) OVER (PARTITION BY domain_id, case_id, field_id, performed_time), new_state) AS goes_on,
         count(*) OVER (PARTITION BY domain_id, case_id, field_id, performed_time) AS changes_at_once
  FROM states
),
places AS (
  SELECT *,
         row_number() OVER (PARTITION BY domain_id, case_id, field_id, performed_time
                            ORDER BY goes_on, event_id DESC, field_index DESC) AS place_from_end
  FROM moments
)
SELECT domain_id,
       case_id,
       template_name,
       current_field_name AS field_name,
       new_display AS display,
       performed_time AS valid_from,
       lead(performed_time) OVER (PARTITION BY domain_id, case_id, field_id ORDER BY performed_time) AS valid_until,
       performed_by AS set_by,
       performed_by_team AS set_by_team,
       new_number AS number,
       new_boolean AS is_true,
       new_time AS time,
       new_value_type AS value_type,
       new_value AS value,
       field_id,
       field_type,
       event_id,
       changes_at_once
FROM places
WHERE place_from_end = 1
