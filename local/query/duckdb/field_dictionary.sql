-- field_dictionary in the dialect of DuckDB: what sql/views/field_dictionary.sql says for Athena.
WITH files AS (
  SELECT domain_id,
         seq,
         fields,
         row_number() OVER (PARTITION BY domain_id ORDER BY seq) AS file_number,
         lead(seq) OVER (PARTITION BY domain_id ORDER BY seq) AS next_seq
  FROM dictionary_files
),
-- One definition a field and file, so that a change never becomes two rows.
entries AS (
  SELECT file.domain_id, field.fieldid AS field_id, max(field.name) AS name, max(field.type) AS type,
         max(field.namespace) AS namespace, max(field.deleted) AS deleted, file.seq, file.file_number, file.next_seq
  FROM files AS file
  CROSS JOIN UNNEST(file.fields) AS fields (field)
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
