-- Brings the rows of some commits of a domain into the curated table, each once, however often it is run.
-- Dates are literals, as others would not keep Athena from reading all of both tables. The subquery lets nothing in if the table
-- was emptied since the dates were asked for: rows of these commits without those before them would hide that those are missing.
MERGE INTO field_changes_curated AS target
USING (
  SELECT ${values}
  FROM field_changes
  WHERE domain_id = '${domain_id}'
    AND export_date >= '${last_date}'
    AND export_date <= '${until_date}'
    AND commit_seq <= ${until_commit}
    AND '${last_date}' <= (
      SELECT coalesce(max(export_date), '${first_export_date}') FROM field_changes_curated WHERE domain_id = '${domain_id}'
    )
) AS source
ON target.export_date >= '${last_date}'
  AND target.domain_id = source.domain_id
  AND target.case_id = source.case_id
  AND target.event_id = source.event_id
  AND target.field_index = source.field_index
WHEN NOT MATCHED THEN INSERT (${columns})
VALUES (${inserted})
