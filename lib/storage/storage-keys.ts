/** Prefixes in the work bucket that the exporter knows nothing of; its own are in `lambda/export/domain/keys.ts`. */

/** Prefix in the work bucket of the curated table: what Athena keeps, nobody else writes. Raw is the truth. */
export const CURATED_PREFIX = 'curated/';

/** Prefix in the work bucket of what the refresh's own statements answer. No analyst may write there: the refresh acts on it. */
export const CURATED_RESULTS_PREFIX = 'curated-results/';

/** Prefix in the work bucket of the lists of people that the owner may put there. */
export const USERS_PREFIX = 'users/';

/** Prefix in the work bucket of what the scheduled check of the archive found, and where it goes on. No exporter may write there. */
export const VERIFY_PREFIX = 'verify/';
