-- export_gaps in the dialect of DuckDB: what sql/views/export_gaps.sql says for Athena.
SELECT manifest.domain_id,
       manifest.seq AS commit_seq,
       cast(manifest.exportedat AS timestamp) AS exported_at,
       gap.caseid AS case_id,
       gap.cause,
       cast(gap.since AS timestamp) AS since,
       cast(gap.attempts AS bigint) AS attempts
FROM manifest_files AS manifest
CROSS JOIN UNNEST(manifest.gaps) AS gaps (gap)
