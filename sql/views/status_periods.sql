-- In which status was each case, from when to when, and for how long?
-- A case that is still in a status has been so up to the domain's watermark: what came later is not exported yet.
-- @column domain_id varchar Cases domain.
-- @column case_id varchar Id of the case.
-- @column template_name varchar Name of the case's template as known at export.
-- @column status varchar The status as people read it.
-- @column status_value varchar The status as it is in the rows, for example closed.
-- @column is_closed boolean Whether the case was closed.
-- @column valid_from timestamp When the case came into the status, UTC.
-- @column valid_until timestamp When it left it, UTC; null while it is in it.
-- @column milliseconds bigint Time in the status, up to the watermark where the case is still in it; null without a watermark.
-- @column hours double The same in hours.
-- @column set_by varchar Who set the status.
-- @column set_by_team varchar Team of the user who set it.
WITH watermarks AS (
  SELECT domain_id, max(live_watermark) AS watermark
  FROM export_commits
  GROUP BY domain_id
),
periods AS (
  SELECT version.*,
         date_diff('millisecond',
                   version.valid_from,
                   CASE WHEN version.valid_until IS NOT NULL THEN version.valid_until
                        WHEN watermarks.watermark > version.valid_from THEN watermarks.watermark
                        WHEN watermarks.watermark IS NOT NULL THEN version.valid_from END) AS milliseconds
  FROM field_versions AS version
  LEFT JOIN watermarks ON watermarks.domain_id = version.domain_id
  WHERE version.field_id = 'status'
)
SELECT domain_id,
       case_id,
       template_name,
       display AS status,
       value AS status_value,
       coalesce(value = 'closed', false) AS is_closed,
       valid_from,
       valid_until,
       milliseconds,
       milliseconds / 3600000e0 AS hours,
       set_by,
       set_by_team
FROM periods
