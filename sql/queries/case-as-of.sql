-- What did a case look like at an instant?
-- @param case_id text Id of the case.
-- @param instant timestamp The instant, UTC.
WITH versions AS (
  SELECT *
  FROM field_versions
  WHERE case_id = ?
),
-- The last value of each field that was set up to then.
past AS (
  SELECT *,
         row_number() OVER (PARTITION BY domain_id, field_id ORDER BY valid_from DESC) AS place_from_end
  FROM versions
  WHERE valid_from <= cast(? AS timestamp)
)
SELECT domain_id,
       field_name,
       display,
       valid_from AS set_time,
       valid_until AS replaced_time,
       set_by
FROM past
WHERE place_from_end = 1
ORDER BY domain_id, field_name, field_id
