import type { CheckedOptions } from '../config/config';
import type { ExporterSettings } from '../config/config-settings';

/** The function's variable for a setting of the configuration: `settleSeconds` is SETTLE_SECONDS (docs/configuration.md). */
export function variableOf(setting: string): string {
  return setting.replace(/[A-Z]/g, '_$&').toUpperCase();
}

/** Names the keys that sign notes; settled when the stack is deployed (`lib/evidence/public-keys.ts`). */
export const SIGNING_KEYS_VARIABLE = 'SIGNING_KEYS';

/** Share of the quota that is used unless told otherwise: the rest is for agents' workspaces and all else in the account. */
const SHARE_OF_QUOTA = 0.75;

/** What decides how fast a domain is read. */
export type Pace = Pick<CheckedOptions, 'domains' | 'perDomain' | 'quotaRequestsPerSecond' | 'requestsPerSecond'>;

/**
 * Calls a second that a domain may make: its share of the pace, or an even part of what the shares leave. All domains together
 * stay within the pace. A paused domain keeps its part, so that pausing changes nothing for the others.
 */
export function pacedRate(pace: Pace, domainId: string): number {
  const total = pace.requestsPerSecond ?? pace.quotaRequestsPerSecond * SHARE_OF_QUOTA;
  const given = Object.values(pace.perDomain).flatMap(({ share }) => share ?? []);
  const left = 1 - given.reduce((sum, share) => sum + share, 0);
  const share = pace.perDomain[domainId]?.share ?? left / (pace.domains.length - given.length);
  // Rounded down, as a sum above the pace would be a promise broken; what floating point took away is given back first.
  return Math.max(Math.floor(total * share * 10_000 + 1e-6) / 10_000, 0.0001);
}

/** Minutes between two ticks of a domain. */
export function tickMinutes(of: Pick<CheckedOptions, 'scheduleMinutes' | 'perDomain'>, domainId: string): number {
  return of.perDomain[domainId]?.scheduleMinutes ?? of.scheduleMinutes;
}

/** The environment of a function. A setting that the configuration leaves out is left out: the function knows its default. */
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
