-- What did each value of a select field read as, over the commits?
-- One row for each span of commits in which nothing about the option changed. Empty where ListFieldOptions is denied.
-- @column domain_id varchar Cases domain.
-- @column field_id varchar Id of the select field.
-- @column value varchar Value as it is in the rows.
-- @column label varchar What people see.
-- @column active boolean False for an option that can no longer be chosen.
-- @column from_seq bigint First commit for which this holds.
-- @column to_seq bigint First commit for which it no longer holds; null while it does.
WITH files AS (
  SELECT domain_id,
         seq,
         options,
         row_number() OVER (PARTITION BY domain_id ORDER BY seq) AS file_number,
         lead(seq) OVER (PARTITION BY domain_id ORDER BY seq) AS next_seq
  FROM ${dictionaries}
),
-- One label per value and file, so that a change never becomes two rows.
entries AS (
  SELECT file.domain_id, field.fieldid AS field_id, choice.value, max(choice.name) AS label, max(choice.active) AS active,
         file.seq, file.file_number, file.next_seq
  FROM files AS file
  CROSS JOIN UNNEST(file.options) AS field (fieldid, asof, options)
  CROSS JOIN UNNEST(field.options) AS choice (value, name, active)
  GROUP BY file.domain_id, field.fieldid, choice.value, file.seq, file.file_number, file.next_seq
),
-- Files in a row that say the same have the same difference.
spans AS (
  SELECT *,
         file_number - row_number() OVER (PARTITION BY domain_id, field_id, value, label, active
                                          ORDER BY file_number) AS span
  FROM entries
)
SELECT domain_id,
       field_id,
       value,
       label,
       active,
       min(seq) AS from_seq,
       CASE WHEN count(*) = count(next_seq) THEN max(next_seq) END AS to_seq
FROM spans
GROUP BY domain_id, field_id, value, label, active, span
