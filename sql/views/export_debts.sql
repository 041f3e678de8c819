-- Which debts did each domain have as of each commit: of how many cases was something known and not read, why, and since when?
-- The debts of now are those of a domain's newest commit: the query open-debts. Commits of builds without an account have none
-- here, which proves nothing: see export_commits.account_kept.
-- Causes: waiting (found, and too fresh to be read), partly-read (the first pages are exported), not-shown (counted by a search that
-- never showed it), and those of the retry list, which the runbook explains under open-debts.
-- @column domain_id varchar Cases domain.
-- @column commit_seq bigint The commit as of which it was owed.
-- @column exported_at timestamp When that commit was made, UTC.
-- @column cause varchar Why, for example waiting, denied or not-shown.
-- @column cases bigint How many cases.
-- @column never_read bigint How many of them were never read whole.
-- @column since timestamp Since when the oldest of them is owed, UTC.
-- @column missing_from timestamp Everything recorded before this is exported, of each of them; null as soon as one was never read whole. A period that ends at or before it is not concerned.
SELECT manifest.domain_id,
       manifest.seq AS commit_seq,
       cast(from_iso8601_timestamp(manifest.exportedat) AT TIME ZONE 'UTC' AS timestamp(3)) AS exported_at,
       debt.cause,
       cast(debt.cases AS bigint) AS cases,
       cast(debt.neverread AS bigint) AS never_read,
       cast(from_unixtime_nanos(debt.since * 1000000) AT TIME ZONE 'UTC' AS timestamp(3)) AS since,
       cast(from_unixtime_nanos(debt.missingfrom * 1000000) AT TIME ZONE 'UTC' AS timestamp(3)) AS missing_from
FROM ${manifests} AS manifest
CROSS JOIN UNNEST(manifest.debts) AS debt (cause, cases, neverread, since, missingfrom)
