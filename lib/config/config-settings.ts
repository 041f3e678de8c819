import { z } from 'zod';
import { SETTINGS } from '../../lambda/export/settings';

/** Text that matches a pattern. `expected` describes it in messages. */
export function text(pattern: RegExp, expected: string): z.ZodString {
  return z.string(expected).regex(pattern, expected);
}

/** A whole number from `least` to `most`. */
export function integer(expected: string, least: number, most = Number.MAX_SAFE_INTEGER): z.ZodNumber {
  return z.number(expected).int(expected).min(least, expected).max(most, expected);
}

export const awsRegion = text(/^[a-z]{2}(-[a-z]+)+-\d$/, 'an AWS Region, for example eu-central-1');

export const otherRegions = z
  .array(awsRegion, 'a list of AWS Regions')
  .optional()
  .describe('Regions that this version does not know yet, such as one that has opened since. Left out: none.');

/** Unknown keys keep zod's own issue, which names them; `config-file.ts` turns it into one problem per key. */
export function unknownKeys(expected: string) {
  return (issue: { readonly code?: string }): string => (issue.code === 'unrecognized_keys' ? 'no such key' : expected);
}

/** Whole numbers, because the function takes no exponents, which very small and very large numbers have. */
const SECONDS = 'a whole number of seconds from 0 to 31536000';
const seconds = integer(SECONDS, 0, 31_536_000);

/**
 * The settings of the function (docs/configuration.md, Settings of the function), optional; without one, the function's
 * own default applies.
 */
const settingFields = {
  exportFrom: z
    .union(
      [z.iso.date(), z.iso.datetime({ offset: true })],
      'an ISO 8601 date or time, for example 2024-01-01T00:00:00Z',
    )
    .optional()
    .describe(SETTINGS.exportFrom.meaning),
  settleSeconds: seconds.optional().describe(SETTINGS.settleMs.meaning),
  overlapSeconds: seconds.optional().describe(SETTINGS.overlapMs.meaning),
  maxLagSeconds: seconds.optional().describe(SETTINGS.maxLagMs.meaning),
  sweepDays: integer('a whole number of days from 0 (only the first sweep) to 36500', 0, 36_500)
    .optional()
    .describe(SETTINGS.sweepDays.meaning),
  maxRowsPerCommit: integer('a whole number of rows, 1 or more', 1)
    .optional()
    .describe(SETTINGS.maxRowsPerCommit.meaning),
  maxBytesPerCommit: integer('a whole number of bytes, 1 or more', 1)
    .optional()
    .describe(SETTINGS.maxBytesPerCommit.meaning),
  commitReserveSeconds: seconds.optional().describe(SETTINGS.commitReserveMs.meaning),
  leaseMarginSeconds: seconds.optional().describe(SETTINGS.leaseMarginMs.meaning),
};

/** The settings of one domain that differ. */
export const someSettings = z.strictObject(settingFields, { error: unknownKeys('an object of settings') });

/** The settings of all domains. */
export const settings = z.strictObject(
  {
    ...settingFields,
    // At 512 MB a function has 0.29 of a core: encoding and checking a full batch of 100,000 rows takes about 35 s
    // there, which is more than the function's own default of 30.
    commitReserveSeconds: seconds.default(60).describe(SETTINGS.commitReserveMs.meaning),
  },
  { error: unknownKeys('an object of settings') },
);

/** The function's settings as the configuration names them. */
export type ExporterSettings = Readonly<z.output<typeof someSettings>>;

const SUBNETS = 'a list of 1 to 16 ids of subnets (subnet-…)';
const GROUPS = 'a list of 1 to 5 ids of security groups (sg-…)';
/** Subnets and security groups that the functions are put into. */
export const vpcConfig = z.strictObject(
  {
    subnetIds: z
      .array(text(/^subnet-[0-9a-f]{8,17}$/, SUBNETS), SUBNETS)
      .min(1, SUBNETS)
      .max(16, SUBNETS)
      .describe('Subnets in different zones, with a way to the endpoints.'),
    securityGroupIds: z
      .array(text(/^sg-[0-9a-f]{8,17}$/, GROUPS), GROUPS)
      .min(1, GROUPS)
      .max(5, GROUPS)
      .describe('Security groups that allow outbound 443; inbound traffic is not needed.'),
  },
  { error: unknownKeys('an object with subnetIds and securityGroupIds') },
);

const KEY_PREFIX = 'a key prefix: names of A-Z, a-z, 0-9, -, _ and ., each followed by /';
const keyPrefix = text(/^([A-Za-z0-9_-][A-Za-z0-9._-]{0,99}\/){1,5}$/, KEY_PREFIX);
/** Where query results and access logs lie in their buckets. */
export const prefixes = z.strictObject(
  {
    queryResults: keyPrefix
      .default('athena/')
      .describe(
        'Query results, in the work bucket. Choose it before the first deployment: results below a former prefix hold case data and never expire, so delete them by hand after a change.',
      ),
    archiveAccessLogs: keyPrefix.default('archive/').describe('Requests to the archive, in the bucket of access logs.'),
    workAccessLogs: keyPrefix.default('work/').describe('Requests to the work bucket, likewise.'),
  },
  { error: unknownKeys('an object of key prefixes') },
);
