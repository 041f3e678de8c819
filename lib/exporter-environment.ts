import type { ExporterSettings } from './config';

/** The function's variable for each setting of the configuration (design section 5). */
export const SETTING_VARIABLES = {
  exportFrom: 'EXPORT_FROM',
  settleSeconds: 'SETTLE_SECONDS',
  overlapSeconds: 'OVERLAP_SECONDS',
  maxLagSeconds: 'MAX_LAG_SECONDS',
  sweepDays: 'SWEEP_DAYS',
  maxRowsPerCommit: 'MAX_ROWS_PER_COMMIT',
  maxBytesPerCommit: 'MAX_BYTES_PER_COMMIT',
  commitReserveSeconds: 'COMMIT_RESERVE_SECONDS',
  leaseMarginSeconds: 'LEASE_MARGIN_SECONDS',
} as const satisfies Record<keyof ExporterSettings, string>;

/** Share of the quota that is used: the rest is for agents' workspaces and everything else in the account. */
const SHARE_OF_QUOTA = 0.75;

/** Calls a second that each domain may make, so that all of them together stay within 75 % of the account's quota. */
export function pacedRate(quotaRequestsPerSecond: number, domains: number): number {
  // Rounded down: a sum above the share would be a promise broken.
  return Math.max(Math.floor((quotaRequestsPerSecond * SHARE_OF_QUOTA * 10_000) / domains) / 10_000, 0.0001);
}

/** The function's environment. A setting that the configuration leaves out is left out: the function knows its default. */
export function exporterEnvironment(from: {
  readonly archiveBucket: string;
  readonly workBucket: string;
  readonly table: string;
  readonly requestsPerSecond: number;
  readonly settings: ExporterSettings;
}): Record<string, string> {
  const rate = String(from.requestsPerSecond);
  const environment: Record<string, string> = {
    EXPORT_BUCKET: from.archiveBucket,
    STAGING_BUCKET: from.workBucket,
    CHECKPOINT_TABLE: from.table,
    SEARCH_CASES_RPS: rate,
    AUDIT_EVENTS_RPS: rate,
    RELATED_ITEMS_RPS: rate,
  };
  for (const [setting, variable] of Object.entries(SETTING_VARIABLES)) {
    const value = from.settings[setting as keyof ExporterSettings];
    if (value !== undefined) environment[variable] = String(value);
  }
  return environment;
}
