-- Which of the cases that were owed as of each commit does its manifest name?
-- Cases on the retry list (the oldest, as many as a manifest holds), those that wait and those that are read in part. Cases that no
-- search showed are counted in export_debts only.
-- @column domain_id varchar Cases domain.
-- @column commit_seq bigint The commit as of which the case was owed.
-- @column exported_at timestamp When that commit was made, UTC.
-- @column cause varchar Why, as in export_debts.
-- @column case_id varchar The case.
-- @column since timestamp Since when the case has been incomplete, UTC; null for a case that is read in part.
-- @column attempts bigint How often it was tried; null for a case that waits or is read in part.
SELECT domain_id, commit_seq, exported_at, cause, case_id, since, attempts
FROM export_gaps
UNION ALL
SELECT manifest.domain_id,
       manifest.seq,
       cast(from_iso8601_timestamp(manifest.exportedat) AT TIME ZONE 'UTC' AS timestamp(3)),
       'partly-read',
       half.caseid,
       NULL,
       NULL
FROM ${manifests} AS manifest
CROSS JOIN UNNEST(manifest.halfread) AS half (caseid, templateid, touched)
UNION ALL
SELECT manifest.domain_id,
       manifest.seq,
       cast(from_iso8601_timestamp(manifest.exportedat) AT TIME ZONE 'UTC' AS timestamp(3)),
       'waiting',
       fresh.caseid,
       cast(from_unixtime_nanos(fresh.since * 1000000) AT TIME ZONE 'UTC' AS timestamp(3)),
       NULL
FROM ${manifests} AS manifest
CROSS JOIN UNNEST(manifest.waiting) AS fresh (caseid, templateid, touched, lastupdated, since, missingfrom, neverread)
