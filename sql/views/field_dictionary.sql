-- What was each field called, and of what type was it, over the commits?
-- One row for each span of commits in which nothing about the field changed.
-- @column domain_id varchar Cases domain.
-- @column field_id varchar Id of the field.
-- @column name varchar Its name.
-- @column type varchar Its type, for example SingleSelect.
-- @column namespace varchar System or Custom.
-- @column deleted boolean Whether the field is deleted.
-- @column from_seq bigint First commit for which this holds.
-- @column to_seq bigint First commit for which it no longer holds; null while it does.
WITH files AS (
  SELECT domain_id,
         seq,
         fields,
         row_number() OVER (PARTITION BY domain_id ORDER BY seq) AS file_number,
         lead(seq) OVER (PARTITION BY domain_id ORDER BY seq) AS next_seq
  FROM ${dictionaries}
),
-- One definition per field and file, so that a change never becomes two rows.
entries AS (
  SELECT file.domain_id, field.fieldid AS field_id, max(field.name) AS name, max(field.type) AS type,
         max(field.namespace) AS namespace, max(field.deleted) AS deleted, file.seq, file.file_number, file.next_seq
  FROM files AS file
  CROSS JOIN UNNEST(file.fields) AS field (fieldid, name, type, namespace, deleted)
  GROUP BY file.domain_id, field.fieldid, file.seq, file.file_number, file.next_seq
),
-- Files in a row that say the same have the same difference.
spans AS (
  SELECT *,
         file_number - row_number() OVER (PARTITION BY domain_id, field_id, name, type, namespace, deleted
                                          ORDER BY file_number) AS span
  FROM entries
)
SELECT domain_id,
       field_id,
       name,
       type,
       namespace,
       deleted,
       min(seq) AS from_seq,
       CASE WHEN count(*) = count(next_seq) THEN max(next_seq) END AS to_seq
FROM spans
GROUP BY domain_id, field_id, name, type, namespace, deleted, span
