-- Is any row there twice? The answer must be empty.
SELECT domain_id,
       case_id,
       event_id,
       field_index,
       count(*) AS times,
       min(commit_seq) AS first_commit,
       max(commit_seq) AS last_commit
FROM changes
GROUP BY domain_id, case_id, event_id, field_index
HAVING count(*) > 1
ORDER BY domain_id, case_id, event_id, field_index
