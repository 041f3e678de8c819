-- Which cases were found but not completely read, as of each commit?
-- The gaps that are open now are those of a domain's newest commit.
-- @column domain_id varchar Cases domain.
-- @column commit_seq bigint The commit as of which the gap was open.
-- @column exported_at timestamp When that commit was made, UTC.
-- @column case_id varchar The case.
-- @column cause varchar Why it could not be read to its end, for example not-found or malformed.
-- @column since timestamp Since when the case has been incomplete, UTC.
-- @column attempts bigint How often it was tried.
SELECT manifest.domain_id,
       manifest.seq AS commit_seq,
       cast(from_iso8601_timestamp(manifest.exportedat) AT TIME ZONE 'UTC' AS timestamp(3)) AS exported_at,
       gap.caseid AS case_id,
       gap.cause,
       cast(from_iso8601_timestamp(gap.since) AT TIME ZONE 'UTC' AS timestamp(3)) AS since,
       cast(gap.attempts AS bigint) AS attempts
FROM ${manifests} AS manifest
CROSS JOIN UNNEST(manifest.gaps) AS gap (caseid, cause, since, attempts)
