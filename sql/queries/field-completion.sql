-- Which fields are filled in how many of the cases that were opened in a span of days, by kind of case?
-- filled: the latest value is neither cleared nor an empty text. cleared: there was a value, and there is none now. Which fields a
-- template has is not exported: a field that no case of the template ever had is not listed.
-- @param first_day date First day on which the cases were opened, UTC.
-- @param last_day date Last day, UTC.
WITH opened AS (
  SELECT domain_id, case_id, template_name, count(*) OVER (PARTITION BY domain_id, template_name) AS cases
  FROM case_milestones
  WHERE created_time >= cast(cast(? AS date) AS timestamp)
    AND created_time < cast(cast(? AS date) + INTERVAL '1' DAY AS timestamp)
),
fields AS (
  SELECT opened.domain_id, opened.template_name, opened.cases, field.field_id,
         max(field.field_name) AS field_name,
         count(CASE WHEN field.value_type <> 'empty' AND field.value <> '' THEN 1 END) AS filled,
         count(*) AS named
  FROM opened
  JOIN current_fields AS field ON field.domain_id = opened.domain_id AND field.case_id = opened.case_id
  GROUP BY opened.domain_id, opened.template_name, opened.cases, field.field_id
)
SELECT domain_id,
       template_name,
       field_name,
       cases,
       filled,
       round(100e0 * filled / cases, 2) AS percent_filled,
       named - filled AS cleared
FROM fields
ORDER BY domain_id, template_name, percent_filled, field_name, field_id
