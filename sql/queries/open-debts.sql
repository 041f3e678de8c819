-- Which debts does each domain have now, why, and since when? A debt is a case of which the exporter knows something that it has not read.
-- The oldest first. The retry list, cases that wait or are read in part, cases that a search counted and never showed, and, as
-- causes of their own, events in quarantine (quarantine) and cases that the last scan over all cases should have found by the
-- service's count and did not (not-in-scan). What pays itself within hours raises no alarm; the alarm open-debts counts the rest.
-- case_ids are the ten that have been owed longest, where the manifest names them; the query open-gaps has all of those.
WITH newest AS (
  SELECT *
  FROM (SELECT domain_id, commit_seq, exported_at, open_quarantine, cases_not_found, history_scan_finished_at,
               row_number() OVER (PARTITION BY domain_id ORDER BY commit_seq DESC) AS place_from_end
        FROM export_commits) AS numbered
  WHERE place_from_end = 1
),
named AS (
  SELECT owed.domain_id, owed.cause, owed.case_id, owed.since,
         row_number() OVER (PARTITION BY owed.domain_id, owed.cause ORDER BY owed.since, owed.case_id) AS place
  FROM export_debt_cases AS owed
  JOIN newest ON newest.domain_id = owed.domain_id AND newest.commit_seq = owed.commit_seq
),
examples AS (
  SELECT domain_id, cause, array_join(array_agg(case_id ORDER BY since, case_id), ', ') AS case_ids
  FROM named
  WHERE place <= 10
  GROUP BY domain_id, cause
),
owed AS (
  SELECT debt.domain_id, debt.cause, debt.cases, debt.never_read, debt.since, debt.missing_from, debt.exported_at
  FROM export_debts AS debt
  JOIN newest ON newest.domain_id = debt.domain_id AND newest.commit_seq = debt.commit_seq
  UNION ALL
  SELECT domain_id, 'quarantine', open_quarantine, NULL, NULL, NULL, exported_at
  FROM newest
  WHERE open_quarantine > 0
  UNION ALL
  SELECT domain_id, 'not-in-scan', cases_not_found, cases_not_found, history_scan_finished_at, NULL, exported_at
  FROM newest
  WHERE cases_not_found > 0
)
SELECT owed.domain_id,
       owed.cause,
       owed.cases AS owed,
       owed.never_read,
       owed.since,
       owed.missing_from,
       owed.cause IN ('waiting', 'waited', 'partly-read', 'unexplained') AS pays_itself,
       examples.case_ids,
       owed.exported_at AS as_of
FROM owed
LEFT JOIN examples ON examples.domain_id = owed.domain_id AND examples.cause = owed.cause
ORDER BY since, domain_id, cause
