import { z } from 'zod';

/** Reserved for names that carry the prefix: an Athena workgroup may have 128 characters, a Glue database 255, an alarm 255. */
const PREFIX = 'a name of 2 to 30 characters a-z, 0-9 and -, beginning with a letter';
const DOMAIN = 'the id of a Cases domain: 1 to 100 characters A-Z, a-z, 0-9 and -';
const DOMAINS = 'a list of 1 to 15 domain ids';
/** Whole numbers, as the function takes no exponents, which very small and very large ones are written with. */
const SECONDS = 'a whole number of seconds from 0 to 31536000';
const MOST_SECONDS = 31_536_000;

const domainId = text(/^[A-Za-z0-9][A-Za-z0-9-]{0,99}$/, DOMAIN);
const date = z.iso.date('a date that exists, YYYY-MM-DD');
const seconds = integer(SECONDS, 0, MOST_SECONDS);

/** The settings of the function (docs: the table in the README), optional; left out, the function's own default holds. */
const exporterSettings = z.strictObject(
  {
    exportFrom: z
      .union(
        [z.iso.date(), z.iso.datetime({ offset: true })],
        'an ISO 8601 date or time, for example 2024-01-01T00:00:00Z',
      )
      .optional(),
    settleSeconds: seconds.optional(),
    overlapSeconds: seconds.optional(),
    maxLagSeconds: seconds.optional(),
    sweepDays: integer('a whole number of days from 0 (only the first sweep) to 36500', 0, 36_500).optional(),
    maxRowsPerCommit: integer('a whole number of rows, 1 or more', 1).optional(),
    maxBytesPerCommit: integer('a whole number of bytes, 1 or more', 1).optional(),
    // At 512 MB a function has 0.29 of a core: encoding and checking a full batch of 100,000 rows takes about 35 s there,
    // which is more than the function's own default of 30.
    commitReserveSeconds: seconds.default(60),
    leaseMarginSeconds: seconds.optional(),
  },
  { error: unknownKeys('an object of settings') },
);

const RETENTION = 'a whole number of days from 1 to 36500';
const retentionDays = integer(RETENTION, 1, 36_500);

const objectLock = z.discriminatedUnion(
  'mode',
  [
    z.strictObject({ mode: z.literal('none') }, { error: unknownKeys('an object') }),
    z.strictObject({ mode: z.literal('GOVERNANCE'), days: retentionDays }, { error: unknownKeys('an object') }),
    z.strictObject(
      {
        mode: z.literal('COMPLIANCE'),
        days: retentionDays,
        acknowledgeNobodyCanDelete: z.literal(
          true,
          'true: in COMPLIANCE mode nobody, not even the root user or AWS, can delete or shorten before the term ends',
        ),
      },
      { error: unknownKeys('an object') },
    ),
  ],
  { error: 'an object whose mode is none, GOVERNANCE (with days) or COMPLIANCE (with days)' },
);

const ALARMS = 'an object with either email (a topic is made for it) or topicArn (an SNS topic that exists)';
const alarms = z
  .strictObject(
    {
      email: z.email('an e-mail address').optional(),
      topicArn: text(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+$/, 'the ARN of an SNS topic').optional(),
      /** How old the live watermark may be at the end of a run. */
      watermarkAgeSeconds: integer('a whole number of seconds, 600 or more', 600).default(3600),
      /** Where the reader of an alarm finds the runbook, for example the address of your copy. */
      runbookUrl: text(/^\S{1,200}$/, 'an address without blanks, at most 200 characters').default('docs/runbook.md'),
    },
    { error: unknownKeys(ALARMS) },
  )
  .refine((value) => (value.email === undefined) !== (value.topicArn === undefined), ALARMS);

const fields = z.strictObject(
  {
    /** Begins the name of the stack, the Glue database, the workgroup and the alarms. */
    prefix: text(/^[a-z][a-z0-9-]{1,29}$/, PREFIX),
    account: text(/^\d{12}$/, 'an AWS account id, 12 digits as a string'),
    region: text(/^[a-z]{2}(-[a-z]+)+-\d$/, 'an AWS Region, for example eu-central-1'),
    /** Each gets a schedule; the quota is divided among them. */
    // More would not fit into the role's policy (10,240 characters).
    domains: z.array(domainId, DOMAINS).min(1, DOMAINS).max(15, DOMAINS),
    /** No longer exported; what was exported stays readable in Athena. */
    retiredDomains: z.array(domainId, 'a list of domain ids').default([]),
    /** Among `domains`: their schedule is off, their alarms are silent. */
    pausedDomains: z.array(domainId, 'a list of domain ids').default([]),
    /** Athena reads partitions from this day on: the day of the first deployment, never moved later. */
    firstExportDate: date,
    scheduleMinutes: integer('a whole number of minutes from 1 to 60', 1, 60).default(5),
    /** What the account may call SearchCases and GetCaseAuditEvents a second; 75 % of it is used. */
    quotaRequestsPerSecond: z
      .number('a number above 0, at most 10000')
      .gt(0, 'a number above 0, at most 10000')
      .max(10_000, 'a number above 0, at most 10000')
      .default(2),
    memoryMb: integer('a whole number of MB from 512 to 10240', 512, 10_240).default(512),
    logRetentionDays: z
      .union(
        [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653].map(
          (days) => z.literal(days),
        ),
        'a number of days that CloudWatch Logs offers: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653',
      )
      .default(90),
    /** The archive's default retention. The bucket is made with Object Lock in any case, so that it can be set later. */
    objectLock: objectLock.default({ mode: 'none' }),
    /** The only role that may delete from the archive. Left out: nobody may. */
    breakGlassRoleArn: text(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, 'the ARN of an IAM role').optional(),
    /** Encrypts archive and work area. Left out: S3's own keys, which nobody can lose. */
    kmsKeyArn: text(
      /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[a-z0-9-]+$/,
      'the ARN of a KMS key (not of an alias)',
    ).optional(),
    alarms,
    /** Athena stops a query that reads more. */
    queryScanLimitGb: integer('a whole number of GB, 1 or more', 1).default(100),
    /** One of two switches: data goes with the stack only if this says so and `-c deleteData=yes` is given. */
    whenStackIsDeleted: z.enum(['keep-data', 'delete-data'], 'keep-data or delete-data').default('keep-data'),
    settings: exporterSettings.prefault({}),
  },
  { error: unknownKeys('an object') },
);

type Fields = z.output<typeof fields>;

/** A complete, checked configuration, defaults filled in. */
export type DeployConfig = Readonly<Fields>;

/** The function's settings as the configuration names them. */
export type ExporterSettings = Readonly<Fields['settings']>;

/** What the configuration says about Object Lock. */
export type ObjectLockConfig = Readonly<Fields['objectLock']>;

/** What the configuration file is checked against. Messages say what was expected; `config-file.ts` says what came. */
export const deployConfigSchema = fields
  .refine((it) => isUnique([...it.domains, ...it.retiredDomains]), {
    path: ['domains'],
    error: 'each domain once, either in domains or in retiredDomains',
    when: given('domains', 'retiredDomains'),
  })
  .refine((it) => it.pausedDomains.every((id) => it.domains.includes(id)), {
    path: ['pausedDomains'],
    error: 'only domains that are in domains',
    when: given('domains', 'pausedDomains'),
  })
  .refine((it) => it.kmsKeyArn === undefined || it.kmsKeyArn.split(':')[3] === it.region, {
    path: ['kmsKeyArn'],
    error: 'a key of the same region',
    when: given('region', 'kmsKeyArn'),
  })
  .refine((it) => it.alarms.topicArn === undefined || it.alarms.topicArn.split(':')[3] === it.region, {
    path: ['alarms', 'topicArn'],
    error: 'a topic of the same region',
    when: given('region', 'alarms'),
  })
  .refine((it) => it.whenStackIsDeleted === 'keep-data' || it.objectLock.mode === 'none', {
    path: ['whenStackIsDeleted'],
    error: 'keep-data, as objects under Object Lock cannot be deleted',
    when: given('whenStackIsDeleted', 'objectLock'),
  });

function text(pattern: RegExp, expected: string): z.ZodString {
  return z.string(expected).regex(pattern, expected);
}

function integer(expected: string, least: number, most = Number.MAX_SAFE_INTEGER): z.ZodNumber {
  return z.number(expected).int(expected).min(least, expected).max(most, expected);
}

/** Unknown keys keep zod's own issue, which names them; `config-file.ts` turns it into one problem a key. */
function unknownKeys(expected: string) {
  return (issue: { readonly code?: string }): string => (issue.code === 'unrecognized_keys' ? 'no such key' : expected);
}

/** A rule across keys runs as soon as these keys are right, so that all problems are told at once. */
function given(...names: (keyof typeof fields.shape)[]) {
  return ({ value }: { value: unknown }): boolean =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    names.every((name) => fields.shape[name].safeParse((value as Record<string, unknown>)[name]).success);
}

function isUnique(ids: readonly string[]): boolean {
  return new Set(ids).size === ids.length;
}
