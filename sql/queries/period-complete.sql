-- Is everything that happened up to the end of a day exported, and if not, what is missing?
-- Edits and deletions of comments and other related items move nothing that a search shows: only a later sweep finds them.
-- Of the chain its numbers are checked here, its hashes are not.
-- @param last_day date Last day of the period, UTC.
WITH commits AS (
  SELECT *,
         CASE WHEN live_watermark <= related_watermark THEN live_watermark
              WHEN live_watermark > related_watermark THEN related_watermark END AS watermark
  FROM export_commits
),
passed AS (
  SELECT domain_id,
         min(commit_seq) AS commit_seq
  FROM commits
  WHERE watermark >= cast(cast(? AS date) + INTERVAL '1' DAY AS timestamp)
  GROUP BY domain_id
),
chains AS (
  SELECT domain_id,
         max(commit_seq) AS newest_commit,
         max(commit_seq) - count(DISTINCT commit_seq) AS missing_commits,
         count(CASE WHEN (commit_seq = 1) <> (previous_sha256 IS NULL) THEN 1 END) AS broken_links,
         max(watermark) AS watermark
  FROM commits
  GROUP BY domain_id
),
facts AS (
  SELECT chains.domain_id,
         chains.watermark,
         passed.commit_seq AS passed_with_commit,
         newest.history_finished,
         newest.open_gaps,
         newest.half_read_cases,
         newest.open_quarantine,
         chains.missing_commits + chains.broken_links AS holes,
         newest.exported_at AS as_of
  FROM chains
  JOIN export_commits AS newest
    ON newest.domain_id = chains.domain_id AND newest.commit_seq = chains.newest_commit
  LEFT JOIN passed ON passed.domain_id = chains.domain_id
)
SELECT domain_id,
       passed_with_commit IS NOT NULL AND history_finished AND open_gaps = 0 AND half_read_cases = 0
         AND open_quarantine = 0 AND holes = 0 AS is_complete,
       passed_with_commit IS NOT NULL AS watermark_passed,
       history_finished,
       open_gaps,
       half_read_cases,
       open_quarantine,
       holes AS holes_in_chain,
       watermark,
       passed_with_commit,
       as_of
FROM facts
ORDER BY domain_id
