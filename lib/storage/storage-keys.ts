/** Prefixes in the archive bucket (docs/architecture.md, What is stored). Everything in it is written once. */
export const ARCHIVE_PREFIXES = ['field_changes/', 'manifests/', 'fields/', 'quarantine/'] as const;
export type ArchivePrefix = (typeof ARCHIVE_PREFIXES)[number];

/** Prefix in the work bucket of what is not yet published. That of query results is the configuration's to choose. */
export const STAGING_PREFIX = 'staging/';

/** Prefix in the work bucket of the curated table: what Athena keeps, nobody else writes. Raw is the truth. */
export const CURATED_PREFIX = 'curated/';

/** Prefix in the work bucket of the lists of people that the owner may put there. */
export const USERS_PREFIX = 'users/';

/** The part of an archive prefix that is one domain's. Ids of the configuration need no escaping in a key. */
export function archivePrefixOf(domainId: string, prefix: ArchivePrefix): string {
  return `${prefix}domain_id=${domainId}/`;
}

/** The part of the staging prefix that is one domain's. */
export function stagingPrefixOf(domainId: string): string {
  return `${STAGING_PREFIX}${domainId}/`;
}
