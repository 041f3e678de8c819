-- Brings the manifests and dictionaries of some commits of a domain into the table, each once, however often it is run.
-- The paths are literals: then no other file is opened.
MERGE INTO commits_curated AS target
USING (
  SELECT ${commit_values}
  FROM manifest_files AS manifest
  LEFT JOIN (
    SELECT seq, version, fields, options, templates
    FROM dictionary_files
    WHERE domain_id = '${domain_id}'
      AND "$path" > '${archive}fields/domain_id=${domain_id}/${held_name}.json'
      AND "$path" <= '${archive}fields/domain_id=${domain_id}/${until_name}.json'
  ) AS dictionary ON dictionary.seq = manifest.seq
  WHERE manifest.domain_id = '${domain_id}'
    AND manifest."$path" > '${archive}manifests/domain_id=${domain_id}/${held_name}.json'
    AND manifest."$path" <= '${archive}manifests/domain_id=${domain_id}/${until_name}.json'
    AND manifest.seq > ${held}
    AND manifest.seq <= ${until}
) AS source
ON target.domain_id = '${domain_id}'
  AND target.seq > ${held}
  AND target.seq = source.seq
WHEN NOT MATCHED THEN INSERT (${commit_columns})
VALUES (${commit_inserted})
