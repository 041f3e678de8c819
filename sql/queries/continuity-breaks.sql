-- Where is a change missing: which old values are not the new value of the change before?
-- Each row is a probable missing event. No old value and an empty one are the same here, so the first change of a field may
-- have none. Changes of one field in the same millisecond are one step: it is no break if each value in it is come to as often
-- as it is left, but for one beginning and one end, as then some order joins up. If the step leads back to where it began, any
-- of its values may come next.
WITH states AS (
  SELECT domain_id, case_id, current_field_name, field_id, performed_time, event_id, old_display, new_display, performed_by,
         CASE WHEN coalesce(old_value_type, 'empty') = 'empty' THEN '' ELSE old_value_type || ':' || old_value END AS old_state,
         CASE WHEN coalesce(new_value_type, 'empty') = 'empty' THEN '' ELSE new_value_type || ':' || new_value END AS new_state
  FROM changes
  WHERE is_case_change AND field_id IS NOT NULL
),
-- How often each value is come to and left in a step.
counted AS (
  SELECT domain_id, case_id, field_id, performed_time,
         CASE WHEN side = 'new' THEN new_state ELSE old_state END AS state,
         count(CASE WHEN side = 'new' THEN 1 END) AS times_reached,
         count(CASE WHEN side = 'old' THEN 1 END) AS times_left,
         min(current_field_name) AS field_name,
         min(event_id) AS event_id,
         min(old_display) AS old_display,
         min(new_display) AS new_display,
         min(performed_by) AS performed_by
  FROM states
  CROSS JOIN (VALUES ('old'), ('new')) AS sides (side)
  GROUP BY domain_id, case_id, field_id, performed_time, CASE WHEN side = 'new' THEN new_state ELSE old_state END
),
steps AS (
  SELECT domain_id, case_id, field_id, performed_time,
         min(field_name) AS field_name,
         min(event_id) AS event_id,
         min(old_display) AS old_display,
         min(new_display) AS new_display,
         min(performed_by) AS performed_by,
         cast(sum(times_reached) AS bigint) AS changes_at_once,
         sum(abs(times_reached - times_left)) AS uneven,
         array_agg(state) FILTER (WHERE times_left > 0) AS olds,
         array_agg(state) FILTER (WHERE times_left > times_reached) AS starts,
         array_agg(state) FILTER (WHERE times_reached > 0) AS news,
         array_agg(state) FILTER (WHERE times_reached > 0 AND times_left = 0) AS ends
  FROM counted
  GROUP BY domain_id, case_id, field_id, performed_time
),
linked AS (
  SELECT *,
         lag(coalesce(ends, news)) OVER (PARTITION BY domain_id, case_id, field_id ORDER BY performed_time) AS possible_before,
         lag(new_display) OVER (PARTITION BY domain_id, case_id, field_id ORDER BY performed_time) AS display_before,
         lag(performed_time) OVER (PARTITION BY domain_id, case_id, field_id ORDER BY performed_time) AS time_before
  FROM steps
)
SELECT domain_id,
       case_id,
       field_name,
       time_before AS after_time,
       performed_time AS before_time,
       display_before AS value_before,
       old_display AS old_value_found,
       performed_by,
       changes_at_once,
       event_id
FROM linked
WHERE uneven > 2
  OR cardinality(array_intersect(coalesce(possible_before, ARRAY['']), CASE WHEN uneven = 0 THEN olds ELSE starts END)) = 0
ORDER BY domain_id, case_id, field_name, performed_time
