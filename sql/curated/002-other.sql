-- Tables that were made before the column: rows that they hold have null in it, until a rebuild brings what the raw table has.
-- @applied SELECT 1 FROM information_schema.columns WHERE table_schema = '${database}' AND table_name = 'field_changes_curated' AND column_name = 'other'
ALTER TABLE field_changes_curated ADD COLUMNS (other string)
