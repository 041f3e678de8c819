-- In which status was each case, from when to when, and for how long?
-- A case that is still in a status has been so up to the domain's watermark: what came later is not exported yet.
-- @column domain_id varchar Cases domain.
-- @column case_id varchar Id of the case.
-- @column template_name varchar Name of the case's template as known at export.
-- @column status varchar The status as people read it.
-- @column status_value varchar The status as it stands in the rows, for example closed.
-- @column is_closed boolean Whether the case was closed.
-- @column valid_from timestamp When the case came into the status, UTC.
-- @column valid_until timestamp When it left it, UTC; null while it is in it.
-- @column hours double Hours in the status, up to the watermark where it is still in it; null without a watermark.
-- @column set_by varchar Who set the status.
-- @column set_by_team varchar Team of the user who set it.
WITH watermarks AS (
  SELECT domain_id, max(live_watermark) AS watermark
  FROM export_commits
  GROUP BY domain_id
)
SELECT version.domain_id,
       version.case_id,
       version.template_name,
       version.display AS status,
       version.value AS status_value,
       coalesce(version.value = 'closed', false) AS is_closed,
       version.valid_from,
       version.valid_until,
       date_diff('millisecond',
                 version.valid_from,
                 CASE WHEN version.valid_until IS NOT NULL THEN version.valid_until
                      WHEN watermarks.watermark > version.valid_from THEN watermarks.watermark
                      WHEN watermarks.watermark IS NOT NULL THEN version.valid_from END) / 3600000e0 AS hours,
       version.set_by,
       version.set_by_team
FROM field_versions AS version
LEFT JOIN watermarks ON watermarks.domain_id = version.domain_id
WHERE version.field_id = 'status'
