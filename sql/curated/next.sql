-- What is merged next? The commits that follow, as many as ${most_rows} rows allow, one at least: a statement may take half an hour.
-- No commit: until_commit is 0. Commits that will be left over: newest_commit is beyond until_commit.
WITH waiting AS (
  SELECT commit_seq, export_date, count(*) AS row_count
  FROM field_changes
  WHERE domain_id = '${domain_id}'
    AND export_date >= '${last_date}'
    AND commit_seq > ${last_commit}
    AND commit_seq <= ${newest_published}
  GROUP BY commit_seq, export_date
),
sums AS (
  SELECT commit_seq,
         export_date,
         sum(row_count) OVER (ORDER BY commit_seq ROWS UNBOUNDED PRECEDING) AS rows_so_far,
         row_number() OVER (ORDER BY commit_seq) AS place
  FROM waiting
)
SELECT cast(coalesce(max(commit_seq) FILTER (WHERE rows_so_far <= ${most_rows} OR place = 1), 0) AS varchar) AS until_commit,
       coalesce(max(export_date) FILTER (WHERE rows_so_far <= ${most_rows} OR place = 1), '${last_date}') AS until_date,
       cast(coalesce(max(commit_seq), 0) AS varchar) AS newest_commit
FROM sums
