-- One row a commit: its manifest, and the dictionary that it wrote, if it wrote one. Derived from the archive, as the rows are.
-- @applied table commits_curated
CREATE TABLE IF NOT EXISTS commits_curated (
${commit_definitions}
)
PARTITIONED BY (domain_id)
LOCATION '${commits_location}'
TBLPROPERTIES (
  'table_type' = 'ICEBERG',
  'format' = 'parquet',
  'write_compression' = 'zstd'
)
