-- How far is the curated table? The last commit of a domain that it holds, and the export date of its last row.
-- The rows of a domain are merged in the order of its commits, and export dates never go back: what is missing is of a later
-- commit, and not of an earlier date.
SELECT cast(coalesce(max(commit_seq), 0) AS varchar) AS last_commit,
       coalesce(max(export_date), '${first_export_date}') AS last_date
FROM field_changes_curated
WHERE domain_id = '${domain_id}'
