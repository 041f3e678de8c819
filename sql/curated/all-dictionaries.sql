-- Every dictionary once, as in all_manifests.
CREATE OR REPLACE VIEW all_dictionaries AS
SELECT dictionaryversion AS version, domainid, seq, fields, options, templates, domain_id
FROM commits_curated
WHERE dictionaryversion IS NOT NULL AND (${before})
UNION ALL
SELECT version, domainid, seq, fields, options, templates, domain_id
FROM dictionary_files
WHERE ${since}
