-- Empties the table of commits for a rebuild. The archive is the evidence and is not touched.
DROP TABLE IF EXISTS commits_curated
