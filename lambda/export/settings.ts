import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { InvalidInputError } from './domain/errors';
import { parseSigningKeys, type SigningKey } from './domain/note-keys';
import { quote } from './domain/quote';

/** What can be set from outside (docs/architecture.md, Contract). Durations are milliseconds, instants epoch milliseconds, UTC. */
export interface Settings {
  /** Bucket that Athena and auditors read. */
  readonly exportBucket: string;
  /** Bucket of what is not yet published; may be the same. */
  readonly stagingBucket: string;
  readonly checkpointTable: string;
  /** The first sweep leaves out cases last updated before this; null = all history. */
  readonly exportFrom: number | null;
  /** Paced calls a second; above 0. */
  readonly searchCasesRps: number;
  readonly auditEventsRps: number;
  readonly relatedItemsRps: number;
  readonly settleMs: number;
  readonly overlapMs: number;
  readonly maxLagMs: number;
  /** 0 = only the first sweep. */
  readonly sweepDays: number;
  /** Whole numbers, at least 1. */
  readonly maxRowsPerCommit: number;
  readonly maxBytesPerCommit: number;
  readonly commitReserveMs: number;
  readonly leaseMarginMs: number;
  /** They sign the notes of commits; without any, notes are unsigned. */
  readonly signingKeys: readonly SigningKey[];
}

const CENTURY_DAYS = 36_525;
const CENTURY_MS = CENTURY_DAYS * 86_400_000;
const MAX_RPS = 10_000;

/** Bucket and table names are checked loosely: S3 and DynamoDB know their own rules, and old names break today's. */
const resourceName = z.string().check(z.regex(/^[A-Za-z0-9._-]{3,255}$/));

/** Plain decimals only: `12abc`, `1e3`, `0x10`, `+5` and ` 5 ` are more likely slips than wishes. */
const decimal = z.pipe(z.string().check(z.regex(/^\d+(\.\d+)?$/)), z.transform(Number));
const wholeNumber = z.pipe(z.string().check(z.regex(/^\d+$/)), z.transform(Number));

const rate = z.pipe(decimal, z.number().check(z.gt(0), z.lte(MAX_RPS)));
// Every number ≥ 0 is legal; beyond a century it means a century, so that no sum of times leaves the range of dates.
const seconds = z.pipe(
  decimal,
  z.transform((value) => Math.min(Math.round(value * 1000), CENTURY_MS)),
);
const days = z.pipe(
  decimal,
  z.transform((value) => Math.min(value, CENTURY_DAYS)),
);
const count = z.pipe(
  wholeNumber,
  z.pipe(
    z.transform((value: number) => Math.min(value, Number.MAX_SAFE_INTEGER)),
    z.number().check(z.gte(1)),
  ),
);
const isoTime = z.union([
  z.iso.date(),
  z.iso.datetime({ offset: true }),
  // Without seconds.
  z.iso.datetime({ offset: true, precision: -1 }),
]);
// Bounded on both sides by four-digit years: an offset can push a time out of them, where ISO 8601 reads differently.
const instant = z.pipe(
  z.pipe(isoTime, z.transform(Date.parse)),
  z.number().check(z.gte(Date.parse('0000-01-01T00:00:00Z')), z.lte(Date.parse('9999-12-31T23:59:59.999Z'))),
);

const UNSIGNED: readonly SigningKey[] = [];
const signingKeys = z.pipe(
  z.string(),
  z.transform((text, context) => {
    try {
      return parseSigningKeys(text);
    } catch (error) {
      context.issues.push({ code: 'custom', message: String(error), input: text });
      return z.NEVER;
    }
  }),
);

/** The defaults as a person would write them. */
const DEFAULTS = {
  SEARCH_CASES_RPS: '1.5',
  AUDIT_EVENTS_RPS: '1.5',
  RELATED_ITEMS_RPS: '1.5',
  SETTLE_SECONDS: '180',
  OVERLAP_SECONDS: '900',
  MAX_LAG_SECONDS: '900',
  SWEEP_DAYS: '30',
  MAX_ROWS_PER_COMMIT: '100000',
  MAX_BYTES_PER_COMMIT: '50331648',
  COMMIT_RESERVE_SECONDS: '30',
  LEASE_MARGIN_SECONDS: '5',
} as const;

const environment = z.object({
  EXPORT_BUCKET: resourceName,
  STAGING_BUCKET: z.optional(resourceName),
  CHECKPOINT_TABLE: resourceName,
  EXPORT_FROM: z.optional(instant),
  SEARCH_CASES_RPS: z.prefault(rate, DEFAULTS.SEARCH_CASES_RPS),
  AUDIT_EVENTS_RPS: z.prefault(rate, DEFAULTS.AUDIT_EVENTS_RPS),
  RELATED_ITEMS_RPS: z.prefault(rate, DEFAULTS.RELATED_ITEMS_RPS),
  SETTLE_SECONDS: z.prefault(seconds, DEFAULTS.SETTLE_SECONDS),
  OVERLAP_SECONDS: z.prefault(seconds, DEFAULTS.OVERLAP_SECONDS),
  MAX_LAG_SECONDS: z.prefault(seconds, DEFAULTS.MAX_LAG_SECONDS),
  SWEEP_DAYS: z.prefault(days, DEFAULTS.SWEEP_DAYS),
  MAX_ROWS_PER_COMMIT: z.prefault(count, DEFAULTS.MAX_ROWS_PER_COMMIT),
  MAX_BYTES_PER_COMMIT: z.prefault(count, DEFAULTS.MAX_BYTES_PER_COMMIT),
  COMMIT_RESERVE_SECONDS: z.prefault(seconds, DEFAULTS.COMMIT_RESERVE_SECONDS),
  LEASE_MARGIN_SECONDS: z.prefault(seconds, DEFAULTS.LEASE_MARGIN_SECONDS),
  SIGNING_KEYS: z.optional(signingKeys),
});

type Variable = keyof typeof environment.shape;

const A_BUCKET = 'the name of an S3 bucket (3 to 255 letters, digits, ".", "-", "_"; not its ARN or URL)';
const A_RATE = `calls a second, a plain number above 0 and at most ${MAX_RPS}`;
const SECONDS = 'seconds, a plain number of 0 or more';
const A_COUNT = 'a whole number of 1 or more';

const EXPECTED: Readonly<Record<Variable, string>> = {
  EXPORT_BUCKET: A_BUCKET,
  STAGING_BUCKET: A_BUCKET,
  CHECKPOINT_TABLE: 'the name of a DynamoDB table (3 to 255 letters, digits, ".", "-", "_"; not its ARN)',
  EXPORT_FROM:
    'an ISO 8601 date such as 2024-01-31 (midnight UTC), or a date-time with offset such as 2024-01-31T09:00:00Z',
  SEARCH_CASES_RPS: A_RATE,
  AUDIT_EVENTS_RPS: A_RATE,
  RELATED_ITEMS_RPS: A_RATE,
  SETTLE_SECONDS: SECONDS,
  OVERLAP_SECONDS: SECONDS,
  MAX_LAG_SECONDS: SECONDS,
  SWEEP_DAYS: 'days, a plain number of 0 or more (0 = only the first sweep)',
  MAX_ROWS_PER_COMMIT: A_COUNT,
  MAX_BYTES_PER_COMMIT: A_COUNT,
  COMMIT_RESERVE_SECONDS: SECONDS,
  LEASE_MARGIN_SECONDS: SECONDS,
  SIGNING_KEYS:
    'one or two "<ARN of a KMS key>=<its public key>" with a comma between; keys of kind ECC_NIST_P256, ARNs of keys and not of aliases, public keys as "aws kms get-public-key --query PublicKey --output text" prints them',
};

/**
 * Reads the settings from environment variables; a variable that is absent or empty takes its default.
 *
 * Numbers are plain decimals (`180`, `0.5`): no exponent, sign, blank or unit; rows and bytes are whole. Durations and
 * SWEEP_DAYS beyond a century mean a century. EXPORT_FROM is an ISO 8601 date, read as midnight UTC, or a date-time that
 * carries its offset (`Z` or `±hh:mm`). Each value is judged alone, so no combination of values in range is refused.
 *
 * @throws InvalidInputError with all problems at once, a line each: the variable, what came, what was expected, what to do.
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const read = environment.safeParse(given);
  if (!read.success) {
    throw new InvalidInputError(describeProblems(given, read.error.issues));
  }
  const values = read.data;
  return {
    exportBucket: values.EXPORT_BUCKET,
    stagingBucket: values.STAGING_BUCKET ?? values.EXPORT_BUCKET,
    checkpointTable: values.CHECKPOINT_TABLE,
    exportFrom: values.EXPORT_FROM ?? null,
    searchCasesRps: values.SEARCH_CASES_RPS,
    auditEventsRps: values.AUDIT_EVENTS_RPS,
    relatedItemsRps: values.RELATED_ITEMS_RPS,
    settleMs: values.SETTLE_SECONDS,
    overlapMs: values.OVERLAP_SECONDS,
    maxLagMs: values.MAX_LAG_SECONDS,
    sweepDays: values.SWEEP_DAYS,
    maxRowsPerCommit: values.MAX_ROWS_PER_COMMIT,
    maxBytesPerCommit: values.MAX_BYTES_PER_COMMIT,
    commitReserveMs: values.COMMIT_RESERVE_SECONDS,
    leaseMarginMs: values.LEASE_MARGIN_SECONDS,
    signingKeys: values.SIGNING_KEYS ?? UNSIGNED,
  };
}

/** SHA-256 of the settings as JSON with sorted keys, lower-case hex: equal settings, equal hash. */
export function settingsHash(settings: Settings): string {
  const sorted = Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify(Object.fromEntries(sorted)))
    .digest('hex');
}

function describeProblems(given: Readonly<Record<string, unknown>>, issues: readonly z.core.$ZodIssue[]): string {
  const wrong = [...new Set(issues.map((issue) => issue.path[0]))].filter(isVariable);
  const lines = wrong.map((name) => `- ${name}: ${describeProblem(name, given[name])}`);
  const heading = lines.length === 1 ? '1 setting is wrong' : `${lines.length} settings are wrong`;
  return [`${heading}; nothing was done. Correct the environment variables of the function:`, ...lines].join('\n');
}

function describeProblem(name: Variable, value: unknown): string {
  if (value === undefined) {
    return `missing, expected ${EXPECTED[name]}; set it`;
  }
  return `received ${quote(value)}, expected ${EXPECTED[name]}; correct it${orRemoveIt(name)}`;
}

function orRemoveIt(name: Variable): string {
  if (name in DEFAULTS) {
    return ` or remove it for the default, ${DEFAULTS[name as keyof typeof DEFAULTS]}`;
  }
  if (name === 'EXPORT_FROM') {
    return ' or remove it for all history';
  }
  if (name === 'SIGNING_KEYS') {
    return ' or remove it for unsigned notes';
  }
  return name === 'STAGING_BUCKET' ? ' or remove it to use EXPORT_BUCKET' : '';
}

function isVariable(name: PropertyKey | undefined): name is Variable {
  return typeof name === 'string' && name in EXPECTED;
}
