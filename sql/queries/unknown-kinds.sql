-- Which kinds of values, events, related items and users came that this version does not know?
WITH found AS (
  SELECT 'old value' AS what, old_value_type AS kind, case_id, performed_time
  FROM changes
  WHERE old_value_type NOT IN ('string', 'double', 'boolean', 'userArn', 'empty')
  UNION ALL
  SELECT 'new value', new_value_type, case_id, performed_time
  FROM changes
  WHERE new_value_type NOT IN ('string', 'double', 'boolean', 'userArn', 'empty')
  UNION ALL
  SELECT 'event', event_type, case_id, performed_time
  FROM changes
  WHERE event_type NOT IN ('Case.Created', 'Case.Updated', 'RelatedItem.Created', 'RelatedItem.Updated', 'RelatedItem.Deleted')
  UNION ALL
  SELECT 'related item', related_item_type, case_id, performed_time
  FROM changes
  WHERE related_item_type NOT IN ('Contact', 'Comment', 'File', 'Sla', 'ConnectCase', 'Custom')
  UNION ALL
  SELECT 'user', nullif(regexp_extract(performed_by, '^[{]"([^"]*)"', 1), ''), case_id, performed_time
  FROM changes
  WHERE performed_by_kind = 'other'
)
SELECT what,
       kind,
       count(*) AS changes,
       count(DISTINCT case_id) AS cases,
       min(performed_time) AS first_time,
       max(performed_time) AS last_time,
       min(case_id) AS example_case_id
FROM found
GROUP BY what, kind
ORDER BY what, kind
