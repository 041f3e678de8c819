-- Makes few large files of the many small ones that a week of merges left.
OPTIMIZE commits_curated REWRITE DATA USING BIN_PACK
