-- Where is a change missing: which old values are not the new value of the change before?
-- Each row is a probable missing event. No old value and an empty one are the same here, so the first change of a field may
-- have none. Changes of one field in the same millisecond are one step: it is no break if some order of them joins up. If they
-- lead back to where they began, any of their values may come next.
WITH states AS (
  SELECT domain_id, case_id, current_field_name, field_id, performed_time, event_id, old_display, performed_by,
         CASE WHEN coalesce(old_value_type, 'empty') = 'empty' THEN '' ELSE old_value_type || ':' || old_value END AS old_state,
         CASE WHEN coalesce(new_value_type, 'empty') = 'empty' THEN '' ELSE new_value_type || ':' || new_value END AS new_state,
         new_display
  FROM changes
  WHERE is_case_change AND field_id IS NOT NULL
),
moments AS (
  SELECT domain_id, case_id, field_id, performed_time,
         min(current_field_name) AS field_name,
         min(event_id) AS event_id,
         count(*) AS changes_at_once,
         min(old_display) AS old_display,
         min(new_display) AS new_display,
         min(performed_by) AS performed_by,
         array_agg(old_state) AS olds,
         array_agg(new_state) AS news
  FROM states
  GROUP BY domain_id, case_id, field_id, performed_time
),
-- Where a step begins and where it ends: both empty if it leads back to its beginning.
steps AS (
  SELECT *,
         array_except(olds, news) AS starts,
         array_except(news, olds) AS ends
  FROM moments
),
linked AS (
  SELECT *,
         lag(CASE WHEN cardinality(ends) = 0 THEN news ELSE ends END)
           OVER (PARTITION BY domain_id, case_id, field_id ORDER BY performed_time) AS possible_before,
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
WHERE cardinality(starts) > 1
  OR cardinality(starts) <> cardinality(ends)
  OR array_sort(olds || ends) <> array_sort(starts || news)
  OR cardinality(array_intersect(coalesce(possible_before, ARRAY['']),
                                 CASE WHEN cardinality(starts) = 0 THEN olds ELSE starts END)) = 0
ORDER BY domain_id, case_id, field_name, performed_time
