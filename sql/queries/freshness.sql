-- How fresh is the export of each domain: up to when is everything there, and what is open?
WITH numbered AS (
  SELECT *,
         row_number() OVER (PARTITION BY domain_id ORDER BY commit_seq DESC) AS place_from_end,
         count(*) OVER (PARTITION BY domain_id) AS commits,
         sum(rows_written) OVER (PARTITION BY domain_id) AS total_rows,
         max(last_performed_time) OVER (PARTITION BY domain_id) AS newest_change_time
  FROM export_commits
)
SELECT domain_id,
       live_watermark,
       related_watermark,
       exported_at AS newest_commit_time,
       round(date_diff('millisecond', live_watermark, exported_at) / 60000e0, 2) AS minutes_behind_then,
       newest_change_time,
       commits,
       cast(total_rows AS bigint) AS total_rows,
       history_finished,
       open_debts,
       open_gaps,
       half_read_cases,
       open_quarantine
FROM numbered
WHERE place_from_end = 1
ORDER BY domain_id
