-- What was each case template called, over the commits?
-- One row for each span of commits in which nothing about the template changed. Empty where ListTemplates is denied.
-- @column domain_id varchar Cases domain.
-- @column template_id varchar Id of the template.
-- @column name varchar Its name.
-- @column status varchar Active or Inactive.
-- @column from_seq bigint First commit for which this holds.
-- @column to_seq bigint First commit for which it no longer holds; null while it does.
WITH files AS (
  SELECT domain_id,
         seq,
         templates,
         row_number() OVER (PARTITION BY domain_id ORDER BY seq) AS file_number,
         lead(seq) OVER (PARTITION BY domain_id ORDER BY seq) AS next_seq
  FROM ${dictionaries}
),
-- One name per template and file, so that a change never becomes two rows.
entries AS (
  SELECT file.domain_id, template.templateid AS template_id, max(template.name) AS name, max(template.status) AS status,
         file.seq, file.file_number, file.next_seq
  FROM files AS file
  CROSS JOIN UNNEST(file.templates.templates) AS template (templateid, name, status)
  GROUP BY file.domain_id, template.templateid, file.seq, file.file_number, file.next_seq
),
-- Files in a row that say the same have the same difference.
spans AS (
  SELECT *,
         file_number - row_number() OVER (PARTITION BY domain_id, template_id, name, status
                                          ORDER BY file_number) AS span
  FROM entries
)
SELECT domain_id,
       template_id,
       name,
       status,
       min(seq) AS from_seq,
       CASE WHEN count(*) = count(next_seq) THEN max(next_seq) END AS to_seq
FROM spans
GROUP BY domain_id, template_id, name, status, span
