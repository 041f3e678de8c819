-- Drops what no query reads any more: files that were rewritten, snapshots that are older than five days.
VACUUM commits_curated
