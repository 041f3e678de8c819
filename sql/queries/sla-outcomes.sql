-- Which SLAs that began in a span of days were met, which were missed, and how long did it take?
-- One row per SLA. It is met as soon as the field that it names has the given value; the values that meet it are settings of the
-- SLA, which events do not hold. Its target is the one that it began with.
-- outcome: met, missed (later than the target, or not by the target although everything up to it is exported), running, or unknown
-- where the event names no target or no field. reported_status is what the latest event of an SLA says, in cases with one SLA
-- only: events do not say which SLA they are about.
-- The members are read by the API's names (name, fieldId, targetTime, status); no documentation says which of them events hold.
-- @param met_by_value text Value or label of the SLA's field that meets it, for example closed.
-- @param first_day date First day on which the SLAs began, UTC.
-- @param last_day date Last day, UTC.
WITH made AS (
  SELECT domain_id, case_id, event_id,
         min(template_name) AS template_name,
         min(performed_time) AS began_time,
         min(CASE WHEN field_id = 'name' THEN new_value END) AS sla_name,
         min(CASE WHEN field_id = 'fieldId' THEN new_value END) AS sla_field_id,
         min(CASE WHEN field_id = 'targetTime' AND new_value_type = 'string' THEN new_value END) AS target
  FROM changes
  WHERE related_item_type = 'Sla'
    AND event_type = 'RelatedItem.Created'
  GROUP BY domain_id, case_id, event_id
),
slas AS (
  SELECT *,
         count(*) OVER (PARTITION BY domain_id, case_id) AS slas_in_case,
         CASE WHEN regexp_like(target, '^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}([.]\d+)*(Z|[+-]\d{2}:\d{2})$')
              THEN try(cast(from_iso8601_timestamp(target) AT TIME ZONE 'UTC' AS timestamp(3))) END AS target_time
  FROM made
),
reports AS (
  SELECT domain_id, case_id, new_value,
         row_number() OVER (PARTITION BY domain_id, case_id
                            ORDER BY performed_time DESC, event_id DESC, field_index DESC) AS place_from_end
  FROM changes
  WHERE related_item_type = 'Sla'
    AND field_id = 'status'
),
reached AS (
  SELECT domain_id, case_id, field_id, valid_from, valid_until
  FROM field_versions
  WHERE ? IN (value, display)
),
met AS (
  SELECT slas.domain_id, slas.case_id, slas.event_id,
         min(CASE WHEN reached.valid_from < slas.began_time THEN slas.began_time ELSE reached.valid_from END) AS met_time
  FROM slas
  JOIN reached
    ON reached.domain_id = slas.domain_id
    AND reached.case_id = slas.case_id
    AND reached.field_id = slas.sla_field_id
    AND (reached.valid_until IS NULL OR reached.valid_until > slas.began_time)
  GROUP BY slas.domain_id, slas.case_id, slas.event_id
),
watermarks AS (
  SELECT domain_id, max(live_watermark) AS watermark
  FROM export_commits
  GROUP BY domain_id
)
SELECT slas.domain_id,
       slas.case_id,
       slas.template_name,
       slas.sla_name,
       slas.sla_field_id,
       slas.began_time,
       slas.target_time,
       met.met_time,
       CASE WHEN slas.target_time IS NULL OR slas.sla_field_id IS NULL THEN 'unknown'
            WHEN met.met_time <= slas.target_time THEN 'met'
            WHEN met.met_time > slas.target_time OR watermarks.watermark >= slas.target_time THEN 'missed'
            ELSE 'running' END AS outcome,
       round(date_diff('millisecond', slas.began_time, slas.target_time) / 3600000e0, 2) AS hours_allowed,
       round(date_diff('millisecond', slas.began_time, met.met_time) / 3600000e0, 2) AS hours_taken,
       CASE WHEN slas.slas_in_case = 1 THEN reports.new_value END AS reported_status
FROM slas
LEFT JOIN met
  ON met.domain_id = slas.domain_id AND met.case_id = slas.case_id AND met.event_id = slas.event_id
LEFT JOIN reports
  ON reports.domain_id = slas.domain_id AND reports.case_id = slas.case_id AND reports.place_from_end = 1
LEFT JOIN watermarks
  ON watermarks.domain_id = slas.domain_id
WHERE slas.began_time >= cast(cast(? AS date) AS timestamp)
  AND slas.began_time < cast(cast(? AS date) + INTERVAL '1' DAY AS timestamp)
ORDER BY slas.began_time, slas.domain_id, slas.case_id, slas.event_id
