-- Which cases are not completely exported now, why, and since when?
WITH newest AS (
  SELECT domain_id, max(commit_seq) AS commit_seq
  FROM export_commits
  GROUP BY domain_id
)
SELECT gap.domain_id,
       gap.case_id,
       gap.cause,
       gap.since,
       gap.attempts,
       gap.exported_at AS as_of
FROM export_gaps AS gap
JOIN newest ON newest.domain_id = gap.domain_id AND newest.commit_seq = gap.commit_seq
ORDER BY gap.since, gap.domain_id, gap.case_id
