-- Every dictionary from the archive: where the table holds none, or is about to be dropped.
CREATE OR REPLACE VIEW all_dictionaries AS
SELECT version, domainid, seq, fields, options, templates, domain_id
FROM dictionary_files
