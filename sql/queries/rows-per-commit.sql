-- What did each commit export, newest first?
SELECT domain_id,
       commit_seq,
       exported_at,
       cases_found,
       cases_read,
       events,
       rows_written,
       bytes,
       calls,
       quarantined,
       open_gaps,
       live_watermark
FROM export_commits
ORDER BY domain_id, commit_seq DESC
