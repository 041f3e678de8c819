-- Every manifest from the archive: where the table holds none, or is about to be dropped.
CREATE OR REPLACE VIEW all_manifests AS
SELECT ${manifest_columns}
FROM manifest_files
