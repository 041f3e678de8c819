import type { CheckedOptions } from '../config/config';
import type { ExporterSettings } from '../config/config-settings';

/**
 * The function's variable for a setting of the configuration: `settleSeconds` is SETTLE_SECONDS
 * (docs/configuration.md).
 */
export function variableOf(setting: string): string {
  return setting.replace(/[A-Z]/g, '_$&').toUpperCase();
}

/** Names the keys that sign notes; known when the stack is deployed (`lib/evidence/public-keys.ts`). */
export const SIGNING_KEYS_VARIABLE = 'SIGNING_KEYS';

/** Default share of the quota; the rest is left to agents' workspaces and everything else in the account. */
const SHARE_OF_QUOTA = 0.75;

/** Options that determine the pace of a domain. */
export type Pace = Pick<CheckedOptions, 'domains' | 'perDomain' | 'quotaRequestsPerSecond' | 'requestsPerSecond'>;

/**
 * Returns the calls per second that a domain may make: its share of the pace, or an even part of the rest. All domains
 * together stay within the pace. A paused domain keeps its part, so that pausing changes nothing for the others.
 */
export function pacedRate(pace: Pace, domainId: string): number {
  const total = pace.requestsPerSecond ?? pace.quotaRequestsPerSecond * SHARE_OF_QUOTA;
  const given = Object.values(pace.perDomain).flatMap(({ share }) => share ?? []);
  const left = 1 - given.reduce((sum, share) => sum + share, 0);
  const share = pace.perDomain[domainId]?.share ?? left / (pace.domains.length - given.length);
  // Rounded down, because a sum above the pace would break the promise; losses of floating point are given back first.
  return Math.max(Math.floor(total * share * 10_000 + 1e-6) / 10_000, 0.0001);
}

/** Minutes between two ticks of a domain. */
export function tickMinutes(of: Pick<CheckedOptions, 'scheduleMinutes' | 'perDomain'>, domainId: string): number {
  return of.perDomain[domainId]?.scheduleMinutes ?? of.scheduleMinutes;
}

/**
 * Builds the environment of a function. It leaves out settings that the configuration leaves out: the function knows
 * their defaults.
 */
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
  for (const [setting, value] of Object.entries(from.settings)) {
    if (value !== undefined) environment[variableOf(setting)] = String(value);
  }
  return environment;
}
