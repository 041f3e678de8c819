-- Is any row there twice? The answer must be empty.
-- Asked of the raw table: the curated one would hide it.
SELECT domain_id,
       case_id,
       event_id,
       field_index,
       count(*) AS times,
       min(commit_seq) AS first_commit,
       max(commit_seq) AS last_commit
FROM field_changes
GROUP BY domain_id, case_id, event_id, field_index
HAVING count(*) > 1
ORDER BY domain_id, case_id, event_id, field_index
