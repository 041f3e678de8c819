-- What was each field called, and what is it called now?
SELECT entry.domain_id,
       entry.field_id,
       entry.name AS name_then,
       entry.type,
       entry.deleted AS deleted_then,
       entry.from_seq,
       first_commit.exported_at AS from_time,
       entry.to_seq,
       last_commit.exported_at AS to_time,
       now.name AS name_now,
       now.deleted AS deleted_now
FROM field_dictionary AS entry
LEFT JOIN field_dictionary AS now
  ON now.domain_id = entry.domain_id AND now.field_id = entry.field_id AND now.to_seq IS NULL
LEFT JOIN export_commits AS first_commit
  ON first_commit.domain_id = entry.domain_id AND first_commit.commit_seq = entry.from_seq
LEFT JOIN export_commits AS last_commit
  ON last_commit.domain_id = entry.domain_id AND last_commit.commit_seq = entry.to_seq
ORDER BY entry.domain_id, entry.field_id, entry.from_seq
