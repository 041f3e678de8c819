import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { InvalidInputError, quote } from './domain/errors';
import { parseSigningKeys, type SigningKey } from './domain/note-keys';

const CENTURY_DAYS = 36_525;
const CENTURY_MS = CENTURY_DAYS * 86_400_000;
const MAX_RPS = 10_000;

/** Bucket and table names are checked loosely: S3 and DynamoDB know their own rules, and old names break today's. */
const resourceName = z.string().check(z.regex(/^[A-Za-z0-9._-]{3,255}$/));

/** Plain decimals only: `12abc`, `1e3`, `0x10`, `+5` and ` 5 ` are more likely mistakes than intentions. */
const decimal = z.pipe(z.string().check(z.regex(/^\d+(\.\d+)?$/)), z.transform(Number));
const wholeNumber = z.pipe(z.string().check(z.regex(/^\d+$/)), z.transform(Number));

const rate = z.pipe(decimal, z.number().check(z.gt(0), z.lte(MAX_RPS)));
// Every number ≥ 0 is legal; more than a century means a century, so that no sum of times leaves the range of dates.
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

const NO_KEYS: readonly SigningKey[] = [];

const RATE = { schema: rate, expected: `calls per second, a plain number above 0 and at most ${MAX_RPS}` };
const SECONDS = { schema: seconds, expected: 'seconds, a plain number of 0 or more' };
const COUNT = { schema: count, expected: 'a whole number of 1 or more' };
const BUCKET = {
  schema: resourceName,
  expected: 'the name of an S3 bucket (3 to 255 letters, digits, ".", "-", "_"; not its ARN or URL)',
};

/** A variable of the function. */
interface Setting<Value> {
  readonly variable: string;
  readonly takes: { readonly schema: z.ZodMiniType<Value>; readonly expected: string };
  readonly meaning: string;
  /** For an absent variable: the text read in its place, or its value and the meaning of that; required if left out. */
  readonly without?: { readonly text: string } | { readonly value: Value; readonly means: string };
}

/**
 * The settings by their names in `Settings`, one row per variable: name, accepted values, default as a person would
 * write it, and purpose (docs/configuration.md). Durations are milliseconds once read, instants epoch milliseconds,
 * UTC.
 */
export const SETTINGS = {
  exportBucket: setting({
    variable: 'EXPORT_BUCKET',
    takes: BUCKET,
    meaning: 'The archive bucket.',
  }),
  stagingBucket: setting({
    variable: 'STAGING_BUCKET',
    takes: BUCKET,
    meaning: 'The work bucket.',
    without: { value: '', means: 'to use EXPORT_BUCKET' },
  }),
  checkpointTable: setting({
    variable: 'CHECKPOINT_TABLE',
    takes: {
      schema: resourceName,
      expected: 'the name of a DynamoDB table (3 to 255 letters, digits, ".", "-", "_"; not its ARN)',
    },
    meaning: 'The checkpoint table.',
  }),
  exportFrom: setting<number | null>({
    variable: 'EXPORT_FROM',
    takes: {
      schema: instant,
      expected:
        'an ISO 8601 date such as 2024-01-31 (midnight UTC), or a date-time with offset such as 2024-01-31T09:00:00Z',
    },
    meaning: 'The first sweep leaves out cases last updated before it, ISO 8601. Left out: all history.',
    without: { value: null, means: 'for all history' },
  }),
  searchCasesRps: setting({
    variable: 'SEARCH_CASES_RPS',
    takes: RATE,
    meaning:
      'Calls per second: 75 % of the default quota. The quota is per account and Region, so the stack divides it among its domains.',
    without: { text: '1.5' },
  }),
  auditEventsRps: setting({
    variable: 'AUDIT_EVENTS_RPS',
    takes: RATE,
    meaning: 'The same for GetCaseAuditEvents.',
    without: { text: '1.5' },
  }),
  relatedItemsRps: setting({
    variable: 'RELATED_ITEMS_RPS',
    takes: RATE,
    meaning: 'The same for SearchAllRelatedItems.',
    without: { text: '1.5' },
  }),
  settleMs: setting({
    variable: 'SETTLE_SECONDS',
    takes: SECONDS,
    meaning: 'A change is read once it is this old, because the audit history may lag behind the search.',
    without: { text: '180' },
  }),
  overlapMs: setting({
    variable: 'OVERLAP_SECONDS',
    takes: SECONDS,
    meaning: 'Each pass begins this long before the watermark.',
    without: { text: '900' },
  }),
  maxLagMs: setting({
    variable: 'MAX_LAG_SECONDS',
    takes: SECONDS,
    meaning: 'A case that keeps changing is read after this long all the same.',
    without: { text: '900' },
  }),
  sweepDays: setting({
    variable: 'SWEEP_DAYS',
    takes: { schema: days, expected: 'days, a plain number of 0 or more (0 = only the first sweep)' },
    meaning: 'Days between two scans over all cases; 0 = only the first one.',
    without: { text: '30' },
  }),
  maxRowsPerCommit: setting({
    variable: 'MAX_ROWS_PER_COMMIT',
    takes: COUNT,
    meaning: 'Largest number of rows in a commit.',
    without: { text: '100000' },
  }),
  maxBytesPerCommit: setting({
    variable: 'MAX_BYTES_PER_COMMIT',
    takes: COUNT,
    meaning: 'Largest size of a commit in bytes; one larger event is a commit of its own.',
    without: { text: '50331648' },
  }),
  commitReserveMs: setting({
    variable: 'COMMIT_RESERVE_SECONDS',
    takes: SECONDS,
    meaning: 'Reading stops when less than this is left of a run.',
    without: { text: '30' },
  }),
  leaseMarginMs: setting({
    variable: 'LEASE_MARGIN_SECONDS',
    takes: SECONDS,
    meaning: 'The lease ends this long after the run’s own deadline.',
    without: { text: '5' },
  }),
  signingKeys: setting({
    variable: 'SIGNING_KEYS',
    takes: {
      schema: signingKeys,
      expected:
        'one or two "<ARN of a KMS key>=<its public key>" with a comma between; keys of kind ECC_NIST_P256, ARNs of keys and not of aliases, public keys as "aws kms get-public-key --query PublicKey --output text" prints them',
    },
    meaning: 'The keys that sign the notes of commits. The function needs `kms:Sign` for them and nothing else.',
    without: { value: NO_KEYS, means: 'for unsigned notes' },
  }),
};

/** The values of the rows. */
export type Settings = { readonly [Name in keyof typeof SETTINGS]: ValueOf<(typeof SETTINGS)[Name]> };
type ValueOf<Row> = Row extends Setting<infer Value> ? Value : never;

/**
 * Reads the settings from environment variables; an absent or empty variable takes its default.
 *
 * Numbers are plain decimals (`180`, `0.5`): no exponent, sign, blank or unit; rows and bytes are whole. Durations and
 * SWEEP_DAYS of more than a century mean a century. EXPORT_FROM is an ISO 8601 date, read as midnight UTC, or a
 * date-time with its offset (`Z` or `±hh:mm`). Each value is judged alone, so no combination of values in range is
 * refused.
 *
 * @throws InvalidInputError with all problems at once, one per line: the variable, the received and the expected value,
 * the remedy.
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const problems: string[] = [];
  const read = Object.entries(SETTINGS).map(([name, row]) => {
    const given = env[row.variable] || undefined;
    const without = row.without ?? {};
    if (given === undefined && 'value' in without) return [name, without.value];
    const { success, data } = row.takes.schema.safeParse(given ?? ('text' in without ? without.text : undefined));
    if (!success) problems.push(`- ${row.variable}: ${describeProblem(row, given)}`);
    return [name, data];
  });
  if (problems.length > 0) throw new InvalidInputError(describeProblems(problems));
  const settings: Settings = Object.fromEntries(read);
  return { ...settings, stagingBucket: settings.stagingBucket || settings.exportBucket };
}

/** SHA-256 of the settings as JSON with sorted keys, lower-case hex: equal settings, equal hash. */
export function settingsHash(settings: Settings): string {
  const sorted = Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify(Object.fromEntries(sorted)))
    .digest('hex');
}

function describeProblems(lines: readonly string[]): string {
  const heading = lines.length === 1 ? '1 setting is wrong' : `${lines.length} settings are wrong`;
  return [`${heading}; nothing was done. Correct the environment variables of the function:`, ...lines].join('\n');
}

function describeProblem({ takes: { expected }, without }: Setting<unknown>, given: string | undefined): string {
  if (given === undefined) return `missing, expected ${expected}; set it`;
  const orRemoveIt =
    without === undefined
      ? ''
      : ` or remove it ${'text' in without ? `for the default, ${without.text}` : without.means}`;
  return `received ${quote(given)}, expected ${expected}; correct it${orRemoveIt}`;
}

/** Returns the row itself, its value known to the compiler. */
function setting<Value>(row: Setting<Value>): Setting<Value> {
  return row;
}
