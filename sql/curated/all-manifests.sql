-- Every manifest once: those before a commit from the table, that of the commit and later ones from the archive. One text has
-- both bounds, so no reader sees one without the other.
CREATE OR REPLACE VIEW all_manifests AS
SELECT ${manifest_columns}
FROM commits_curated
WHERE ${before}
UNION ALL
SELECT ${manifest_columns}
FROM manifest_files
WHERE ${since}
