-- Empties the curated table for a rebuild: Athena deletes its files too. The raw table is the truth and is not touched.
DROP TABLE IF EXISTS field_changes_curated
