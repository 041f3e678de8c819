import { z } from 'zod';
import { copyBucket, keyArn, signingKeys } from './config-evidence';
import { integer, settings, someSettings, text, unknownKeys, vpcConfig } from './config-settings';

/** Reserved for names that carry the prefix: an Athena workgroup may have 128 characters, a Glue database 255, an alarm 255. */
const PREFIX = 'a name of 2 to 30 characters a-z, 0-9 and -, beginning with a letter';
const DOMAIN =
  'the id of a Cases domain (1 to 100 characters A-Z, a-z, 0-9 and -), or its ARN (arn:aws:cases:<region>:<account>:domain/<id>)';
const DOMAINS =
  'a list of 1 to 15 domains; more go into further stacks, each with its own prefix and its part of the quota (docs/platform.md)';
const SOME_DOMAINS = 'a list of domains';
const RATE = 'a number above 0, at most 10000';
const SHARE = 'a number above 0, at most 1';
const MINUTES = 'a whole number of minutes from 1 to 60';
const RETENTION = 'a whole number of days from 1 to 36500';

const domain = text(/^(arn:aws[a-z-]*:cases:[a-z0-9-]+:\d{12}:domain\/)?[A-Za-z0-9][A-Za-z0-9-]{0,99}$/, DOMAIN);
const retentionDays = integer(RETENTION, 1, 36_500);
const rate = z.number(RATE).gt(0, RATE).max(10_000, RATE);

const LOG_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

const perDomain = z.strictObject(
  {
    share: z
      .number(SHARE)
      .gt(0, SHARE)
      .max(1, SHARE)
      .optional()
      .describe('Its part of `requestsPerSecond`. Domains without one divide evenly what the others leave.'),
    scheduleMinutes: integer(MINUTES, 1, 60).optional().describe('In place of the `scheduleMinutes` of all domains.'),
    settings: someSettings.optional().describe('Settings in which it differs from `settings`.'),
  },
  { error: unknownKeys('an object with share, scheduleMinutes or settings') },
);

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

/** What `alarms` should be. */
export const ALARMS = 'an object with either email (a topic is made for it) or topicArn (an SNS topic that exists)';
const alarms = z.strictObject(
  {
    email: z.email('an e-mail address').optional().describe('A topic is made for it.'),
    topicArn: text(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+$/, 'the ARN of an SNS topic')
      .optional()
      .describe('A topic that exists, in place of `email`.'),
    watermarkAgeSeconds: integer('a whole number of seconds, 600 or more', 600)
      .default(3600)
      .describe('How old the live watermark may be at the end of a run.'),
    runbookUrl: text(/^\S{1,200}$/, 'an address without blanks, at most 200 characters')
      .default('docs/runbook.md')
      .describe('Where the reader of an alarm finds the runbook, for example the address of your copy.'),
  },
  { error: unknownKeys(ALARMS) },
);

const KEY_PREFIX = 'a key prefix: names of A-Z, a-z, 0-9, -, _ and ., each followed by /';
const keyPrefix = text(/^([A-Za-z0-9_-][A-Za-z0-9._-]{0,99}\/){1,5}$/, KEY_PREFIX);
const prefixes = z.strictObject(
  {
    queryResults: keyPrefix
      .default('athena/')
      .describe(
        'Query results, in the work bucket. Choose it before the first deployment: results below a former prefix hold case data and would never expire, so delete them by hand after a change.',
      ),
    archiveAccessLogs: keyPrefix.default('archive/').describe('Requests to the archive, in the bucket of access logs.'),
    workAccessLogs: keyPrefix.default('work/').describe('Requests to the work bucket, likewise.'),
  },
  { error: unknownKeys('an object of key prefixes') },
);

const TAGS = 'an object of at most 45 tags, text by name';
const tagName = /^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/iu;
const TAG_VALUE = 'at most 256 letters, digits, blanks and _ . : / = + - @';
const tags = z
  .record(z.string(), text(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u, TAG_VALUE), TAGS)
  .refine((all) => Object.keys(all).length <= 45, TAGS)
  .refine(
    (all) => Object.keys(all).every((name) => tagName.test(name)),
    'tags whose names have 1 to 128 letters, digits, blanks and _ . : / = + - @, and do not begin with aws:',
  );

/** What can be chosen, wherever the export is put. */
const optionFields = {
  prefix: text(/^[a-z][a-z0-9-]{1,29}$/, PREFIX).describe(
    'Begins the names of the stack, the Glue database, the workgroup, the dashboard and the alarms. One per account and Region.',
  ),
  // More would make a dashboard that nobody can read.
  domains: z
    .array(domain, DOMAINS)
    .min(1, DOMAINS)
    .max(15, DOMAINS)
    .describe(
      'The Cases domains to export, by id or ARN. Each has a function and a schedule of its own. Given as an ARN, its account and Region are checked.',
    ),
  firstExportDate: z.iso
    .date('a date that exists, YYYY-MM-DD')
    .describe('Athena reads partitions from this day on: the day of the first deployment (UTC), never moved later.'),
  alarms: alarms.describe('Who hears alarms.'),
  retiredDomains: z
    .array(domain, SOME_DOMAINS)
    .default([])
    .describe('No longer exported; what was exported stays readable in Athena.'),
  pausedDomains: z
    .array(domain, SOME_DOMAINS)
    .default([])
    .describe('Among `domains`: their schedule is off, their alarms are silent.'),
  perDomain: z
    .record(z.string(), perDomain, 'an object of options by domain')
    .default({})
    .describe('Where a domain differs from the others, by id or ARN.'),
  scheduleMinutes: integer(MINUTES, 1, 60).default(5).describe('Minutes between two ticks of a domain, 1 to 60.'),
  quotaRequestsPerSecond: rate
    .default(2)
    .describe(
      'What the account may call SearchCases and GetCaseAuditEvents a second: the lower of the two quotas of this Region.',
    ),
  requestsPerSecond: rate
    .optional()
    .describe('What all domains of this stack together call a second, at most the quota. Left out: 75 % of the quota.'),
  checkpointTableName: text(/^[A-Za-z0-9._-]{3,255}$/, 'the name of a DynamoDB table (not its ARN)')
    .optional()
    .describe('A table that exists, in place of the stack’s own: one that was restored (runbook).'),
  memoryMb: integer('a whole number of MB from 512 to 10240', 512, 10_240)
    .default(512)
    .describe(
      'Memory of each function; its share of a CPU grows with it. New accounts may have a lower quota than 10,240: a deployment beyond it fails and rolls back.',
    ),
  logRetentionDays: z
    .literal(
      LOG_DAYS,
      `a number of days that CloudWatch Logs offers: ${LOG_DAYS.slice(0, -1).join(', ')} or ${LOG_DAYS.at(-1)}`,
    )
    .default(90)
    .describe('Days that the functions’ log is kept (ids and counts, no case data).'),
  accessLogRetentionDays: retentionDays.default(400).describe('Days that the log of requests to the buckets is kept.'),
  queryResultRetentionDays: retentionDays
    .default(30)
    .describe('Days that query results are kept: they hold case data.'),
  objectLock: objectLock
    .default({ mode: 'none' })
    .describe(
      'The archive’s default retention: mode `none`, `GOVERNANCE` or `COMPLIANCE` with `days`; `COMPLIANCE` also asks for `acknowledgeNobodyCanDelete: true`. The bucket is made with Object Lock in any case, so that a retention can be set later.',
    ),
  archiveExpirationDays: retentionDays
    .optional()
    .describe(
      'Days after which S3 deletes rows, manifests and quarantine from the archive, at least those of `objectLock`; dictionaries stay. The curated table keeps its rows until it is rebuilt. Left out: nothing expires.',
    ),
  breakGlassRoleArn: text(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, 'the ARN of an IAM role')
    .optional()
    .describe('The only role that may delete from the archive. Left out: nobody may.'),
  kmsKeyArn: keyArn
    .optional()
    .describe(
      'A key that exists encrypts archive, work bucket and query results. Left out: S3’s own keys, which nobody can lose.',
    ),
  createKmsKey: z
    .boolean('true or false')
    .default(false)
    .describe(
      'In place of `kmsKeyArn`: the stack makes the key, with yearly rotation, kept and protected from deletion. Once it was true, its key goes into `formerKmsKeyArns` when it is no longer.',
    ),
  formerKmsKeyArns: z
    .array(keyArn, 'a list of ARNs of KMS keys (not of aliases)')
    .default([])
    .describe(
      'Keys that encrypted the buckets before, from the day of a change of key on: what was written under them is read with them. Without it the export stops, and nobody reads the history.',
    ),
  encryptAllWithKey: z
    .boolean('true or false')
    .default(false)
    .describe(
      'The key also encrypts the functions’ log, the checkpoint table, the queues and the topic that is made, which hold ids and counts. A key of yours must let CloudWatch Logs and CloudWatch use it (runbook).',
    ),
  catalogKmsKeyArn: keyArn
    .optional()
    .describe(
      'The key of the account’s Glue Data Catalog, where its metadata is encrypted (`aws glue get-data-catalog-encryption-settings`). Left out: it is not.',
    ),
  lakeFormation: z
    .boolean('true or false')
    .default(false)
    .describe(
      'Where Lake Formation hands out access to the buckets (their locations are registered): refresh and analysts may ask it. Grants are given besides (runbook).',
    ),
  vpcConfig: vpcConfig
    .optional()
    .describe(
      'Subnets and security groups that the functions are put into, where a rule asks for it. They need the interface endpoint `com.amazonaws.<region>.cases` and the gateway endpoints of S3 and DynamoDB.',
    ),
  analystsOnlyThroughAthena: z
    .boolean('true or false')
    .default(false)
    .describe(
      'Analysts read rows through Athena only, within the limits and the history of the workgroup; they cannot copy files, so `timeline` needs another role.',
    ),
  analystAccounts: z
    .array(text(/^\d{12}$/, 'an AWS account id, 12 digits as a string'), 'a list of AWS account ids')
    .default([])
    .describe(
      'Other accounts whose analysts may query: buckets, the key that the stack makes and, with `lakeFormation`, its grants let them in. What their side and the catalog’s policy need: runbook.',
    ),
  signingKeys: signingKeys
    .default([])
    .describe(
      'The keys that sign the notes of commits: one, or two during a rotation, each `{"create": "<name>"}` or `{"arn": "…", "publicKey": "…"}`. Left out: notes are unsigned.',
    ),
  notesMirror: copyBucket
    .optional()
    .describe(
      'S3 copies the notes, and nothing else, to this bucket of another account. Left out: nobody but this account holds them.',
    ),
  archiveCopy: copyBucket
    .optional()
    .describe(
      'S3 copies all objects of the archive to this bucket of another Region or account: for the loss of the bucket, or of the account. The copies hold case data. Left out: the archive is the only one.',
    ),
  scheduledVerify: z
    .enum(['daily', 'off'], 'daily or off')
    .default('daily')
    .describe(
      'A function of its own checks the archive once a day with the rights of an auditor. `off`: nobody does unless you run `cases-audit verify`.',
    ),
  prefixes: prefixes
    .prefault({})
    .describe('Key prefixes that may be chosen; none may lie within another of its bucket.'),
  curatedTable: z
    .enum(['daily', 'hourly', 'off'], 'daily, hourly or off')
    .default('daily')
    .describe(
      'How often Athena brings new rows into the curated table, which the views read: `daily` or `hourly`. `off`: there is none, and the views read the raw table, every question all of it: for archives of a year or of a few domains, as a query lists each day of each domain (15 domains × 10 years: 54,787 lists, 0.27 $ and minutes each).',
    ),
  dashboard: z
    .boolean('true or false')
    .default(true)
    .describe('A CloudWatch dashboard; the first three of an account are free.'),
  queryScanLimitGb: integer('a whole number of GB, 1 or more', 1)
    .default(100)
    .describe('Athena stops a query that reads more.'),
  tags: tags.default({}).describe('Tags of every resource that takes tags.'),
  whenStackIsDeleted: z
    .enum(['keep-data', 'delete-data'], 'keep-data or delete-data')
    .default('keep-data')
    .describe('One of two switches: data goes with the stack only if this says so and `-c deleteData=yes` is given.'),
  settings: settings.prefault({}).describe('Settings of the functions, for all domains.'),
};

/** What the construct takes: all but the account and Region, which are those of the stack that it is put into. */
export const exportOptionsSchema = z.strictObject(optionFields, { error: unknownKeys('an object') });

const { prefix, ...otherFields } = optionFields;

/** What a configuration file holds. Messages say what was expected; `config-file.ts` says what came. */
export const deployConfigSchema = z.strictObject(
  {
    $schema: z.string('text').optional().describe('Path of `schema.json`, for editors.'),
    prefix,
    account: text(/^\d{12}$/, 'an AWS account id, 12 digits as a string').describe('Account to deploy to, as text.'),
    region: text(/^[a-z]{2}(-[a-z]+)+-\d$/, 'an AWS Region, for example eu-central-1').describe(
      'Region to deploy to: that of the Cases domains.',
    ),
    ...otherFields,
  },
  { error: unknownKeys('an object') },
);

/** Checked options, defaults filled in; every domain is an id. */
export type CheckedOptions = Readonly<z.output<typeof exportOptionsSchema>>;

/** A complete, checked configuration, defaults filled in; every domain is an id. */
export type DeployConfig = Readonly<Omit<z.output<typeof deployConfigSchema>, '$schema'>>;

/** What the configuration says about Object Lock. */
export type ObjectLockConfig = CheckedOptions['objectLock'];

/** Which prefixes the configuration chooses. */
export type PrefixConfig = CheckedOptions['prefixes'];
