/** Prefixes in the archive bucket (design section 4). Everything in it is written once. */
export const ARCHIVE_PREFIXES = ['field_changes/', 'manifests/', 'fields/', 'quarantine/'] as const;

/** Prefixes in the work bucket: what is not yet published, and query results. */
export const WORK_PREFIXES = { staging: 'staging/', athena: 'athena/' } as const;
