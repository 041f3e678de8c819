/** Prefixes in the work bucket that the exporter does not use; its own are in `lambda/export/domain/keys.ts`. */

/** Prefix of the curated table in the work bucket: only Athena writes there. The raw table is authoritative. */
export const CURATED_PREFIX = 'curated/';

/**
 * Prefix of the results of the refresh's own statements, in the work bucket. No analyst may write there, because the
 * refresh acts on them.
 */
export const CURATED_RESULTS_PREFIX = 'curated-results/';

/** Prefix of the lists of people that the owner may put into the work bucket. */
export const USERS_PREFIX = 'users/';

/** Prefix of the findings and the position of the scheduled check, in the work bucket. No exporter may write there. */
export const VERIFY_PREFIX = 'verify/';
