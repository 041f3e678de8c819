-- Tables that were made before the column: rows that they hold have null in it, until a rebuild brings what the raw table has.
-- @applied column field_changes_curated.other
ALTER TABLE field_changes_curated ADD COLUMNS (other string)
