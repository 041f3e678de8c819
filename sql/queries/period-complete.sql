-- Is everything that happened up to the end of a day exported, and if not, what is missing?
-- is_complete is the answer; each other column says why it is not true. A domain with rows and without a manifest is not complete,
-- and if there is nothing at all, one row says so.
-- This counts the numbers and links of the chain, and the rows of each commit; the verifier checks hashes. Edits and deletions of
-- comments and other related items change nothing that a search shows: only a later scan over all cases finds them.
-- @param last_day date Last day of the period, UTC.
WITH commits AS (
  SELECT domain_id, commit_seq, exported_at, previous_sha256, rows_written, account_kept, history_finished, export_from,
         cases_not_found, open_quarantine, unexplained_touches,
         CASE WHEN live_proven_until <= related_watermark THEN live_proven_until
              WHEN live_proven_until > related_watermark THEN related_watermark END AS watermark,
         row_number() OVER (PARTITION BY domain_id ORDER BY commit_seq DESC) = 1 AS is_newest
  FROM export_commits
),
stored AS (
  SELECT domain_id, commit_seq, count(*) AS stored_rows
  FROM field_changes
  GROUP BY domain_id, commit_seq
  UNION ALL
  -- The row that is left where there is nothing at all.
  SELECT cast(NULL AS varchar), cast(NULL AS bigint), cast(0 AS bigint)
),
-- One row for each commit that has a manifest, or rows, or both.
compared AS (
  SELECT coalesce(commits.domain_id, stored.domain_id) AS domain_id,
         commits.commit_seq, commits.exported_at, commits.previous_sha256, commits.account_kept, commits.history_finished,
         commits.export_from, commits.cases_not_found, commits.open_quarantine, commits.unexplained_touches, commits.watermark,
         commits.is_newest,
         coalesce(commits.rows_written, 0) <> coalesce(stored.stored_rows, 0) AS has_other_rows
  FROM commits
  FULL OUTER JOIN stored ON stored.domain_id = commits.domain_id AND stored.commit_seq = commits.commit_seq
),
facts AS (
  SELECT domain_id,
         coalesce(max(CASE WHEN is_newest THEN account_kept END), false) AS account_kept,
         coalesce(max(CASE WHEN is_newest THEN history_finished END), false) AS history_finished,
         max(CASE WHEN is_newest THEN export_from END) AS export_from,
         max(CASE WHEN is_newest THEN cases_not_found END) AS cases_not_found,
         coalesce(max(CASE WHEN is_newest THEN open_quarantine END), 0) AS open_quarantine,
         coalesce(max(CASE WHEN is_newest THEN unexplained_touches END), 0) AS unexplained_touches,
         max(CASE WHEN is_newest THEN exported_at END) AS as_of,
         max(watermark) AS watermark,
         count(CASE WHEN has_other_rows THEN 1 END) AS commits_with_other_rows,
         coalesce(max(commit_seq), 0) - count(DISTINCT commit_seq)
           + count(CASE WHEN (commit_seq = 1) <> (previous_sha256 IS NULL) THEN 1 END) AS holes_in_chain
  FROM compared
  GROUP BY domain_id
),
-- What the end of the period is compared with: the watermark of each commit, and what each debt may leave out.
moments AS (
  SELECT domain_id, commit_seq, true AS is_watermark, watermark AS moment, cast(0 AS bigint) AS cases
  FROM commits
  UNION ALL
  SELECT domain_id, commit_seq, false, missing_from, cases
  FROM export_debts
),
newest AS (
  SELECT *, max(commit_seq) OVER (PARTITION BY domain_id) AS newest_seq
  FROM moments
),
-- Watermarks at or after the end, and debts of the newest commit that miss something from before it, or everything (null).
at_end AS (
  SELECT domain_id,
         min(CASE WHEN is_watermark THEN commit_seq END) AS passed_with_commit,
         cast(sum(cases) AS bigint) AS debts
  FROM newest
  WHERE is_watermark = coalesce(moment >= cast(cast(? AS date) + INTERVAL '1' DAY AS timestamp), false)
    AND (is_watermark OR commit_seq = newest_seq)
  GROUP BY domain_id
),
answers AS (
  SELECT facts.*,
         at_end.passed_with_commit,
         coalesce(at_end.debts, 0) AS debts,
         count(facts.domain_id) OVER () AS domains
  FROM facts
  LEFT JOIN at_end ON at_end.domain_id = facts.domain_id
)
SELECT domain_id,
       passed_with_commit IS NOT NULL AND history_finished AND account_kept AND export_from IS NULL
         AND coalesce(cases_not_found, 0) = 0 AND debts = 0 AND open_quarantine = 0 AND commits_with_other_rows = 0
         AND holes_in_chain = 0 AS is_complete,
       passed_with_commit IS NOT NULL AS watermark_passed,
       history_finished,
       account_kept,
       export_from,
       cases_not_found,
       debts,
       open_quarantine,
       commits_with_other_rows,
       holes_in_chain,
       unexplained_touches,
       'not here, but by the verifier' AS hashes_checked,
       watermark,
       passed_with_commit,
       as_of
FROM answers
WHERE domain_id IS NOT NULL OR domains = 0
ORDER BY domain_id
