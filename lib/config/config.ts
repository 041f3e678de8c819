import { z } from 'zod';
import { copyBucket, keyArn, signingKeys } from './config-evidence';
import {
  awsRegion,
  integer,
  otherRegions,
  prefixes,
  settings,
  someSettings,
  text,
  unknownKeys,
  vpcConfig,
} from './config-settings';

/** Longer names need the rest: an Athena workgroup may have 128 characters, a Glue database 255, an alarm 255. */
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

const flag = (byDefault: boolean) => z.boolean('true or false').default(byDefault);

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
      .describe('Its part of `requestsPerSecond`. Domains without a share divide the rest evenly.'),
    scheduleMinutes: integer(MINUTES, 1, 60).optional().describe('Replaces the `scheduleMinutes` of all domains.'),
    settings: someSettings.optional().describe('Its settings that differ from `settings`.'),
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

/** The expected form of `alarms`. */
export const ALARMS = 'an object with either email (a topic is made for it) or topicArn (an SNS topic that exists)';
const alarms = z.strictObject(
  {
    email: z.email('an e-mail address').optional().describe('The stack creates a topic for this address.'),
    topicArn: text(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+$/, 'the ARN of an SNS topic')
      .optional()
      .describe('An existing topic, in place of `email`.'),
    watermarkAgeSeconds: integer('a whole number of seconds, 600 or more', 600)
      .default(3600)
      .describe('Largest age of the live watermark at the end of a run.'),
    runbookUrl: text(/^\S{1,200}$/, 'an address without blanks, at most 200 characters')
      .default('docs/runbook.md')
      .describe('Address of the runbook in alarms, for example that of your copy.'),
  },
  { error: unknownKeys(ALARMS) },
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

/** The options, wherever the export is put. */
const optionFields = {
  prefix: text(/^[a-z][a-z0-9-]{1,29}$/, PREFIX).describe(
    'Prefix of the names of stack, Glue database, workgroup, dashboard and alarms. One per account and Region.',
  ),
  // More domains would make the dashboard unreadable.
  domains: z
    .array(domain, DOMAINS)
    .min(1, DOMAINS)
    .max(15, DOMAINS)
    .describe(
      'The Cases domains to export, by id or ARN. Each has its own function and schedule. The account and Region of an ARN are checked.',
    ),
  firstExportDate: z.iso
    .date('a date that exists, YYYY-MM-DD')
    .describe('Athena reads partitions from this day on: the day of the first deployment (UTC), never moved later.'),
  alarms: alarms.describe('Receivers of alarms.'),
  retiredDomains: z
    .array(domain, SOME_DOMAINS)
    .default([])
    .describe('Domains that are no longer exported; their rows stay readable in Athena.'),
  pausedDomains: z
    .array(domain, SOME_DOMAINS)
    .default([])
    .describe('Some of `domains`: their schedule is off, their alarms are silent.'),
  perDomain: z
    .record(z.string(), perDomain, 'an object of options by domain')
    .default({})
    .describe('Differences of single domains, by id or ARN.'),
  scheduleMinutes: integer(MINUTES, 1, 60).default(5).describe('Minutes between two ticks of a domain, 1 to 60.'),
  quotaRequestsPerSecond: rate
    .default(2)
    .describe(
      'Quota of the account in this Region for SearchCases and GetCaseAuditEvents, the lower of the two, in calls per second.',
    ),
  requestsPerSecond: rate
    .optional()
    .describe('Calls per second of all domains of this stack, at most the quota. Left out: 75 % of the quota.'),
  checkpointTableName: text(/^[A-Za-z0-9._-]{3,255}$/, 'the name of a DynamoDB table (not its ARN)')
    .optional()
    .describe('An existing table, in place of the stack’s own: a restored one (runbook).'),
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
    .describe('Retention of the functions’ log in days (ids and counts, no case data).'),
  accessLogRetentionDays: retentionDays.default(400).describe('Retention of the log of bucket requests in days.'),
  queryResultRetentionDays: retentionDays
    .default(30)
    .describe('Retention of query results in days: they hold case data.'),
  objectLock: objectLock
    .default({ mode: 'none' })
    .describe(
      'The archive’s default retention: mode `none`, `GOVERNANCE` or `COMPLIANCE` with `days`; `COMPLIANCE` also needs `acknowledgeNobodyCanDelete: true`. The bucket always has Object Lock, so a retention can be set later.',
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
      'An existing key that encrypts archive, work bucket and query results. Left out: S3’s own keys, which nobody can lose.',
    ),
  createKmsKey: flag(false).describe(
    'In place of `kmsKeyArn`: the stack creates the key, with yearly rotation, kept and protected from deletion. When you turn this off again, put its key into `formerKmsKeyArns`.',
  ),
  formerKmsKeyArns: z
    .array(keyArn, 'a list of ARNs of KMS keys (not of aliases)')
    .default([])
    .describe(
      'Keys that encrypted the buckets before a change of key: older objects are read with them. Without them the export stops, and nobody can read the history.',
    ),
  encryptAllWithKey: flag(false).describe(
    'The key also encrypts the functions’ log, the checkpoint table, the queues and the stack’s own topic, which hold ids and counts. Your own key must let CloudWatch Logs and CloudWatch use it (runbook).',
  ),
  catalogKmsKeyArn: keyArn
    .optional()
    .describe(
      'The key that encrypts the metadata of the account’s Glue Data Catalog (`aws glue get-data-catalog-encryption-settings`). Left out: it is not encrypted.',
    ),
  lakeFormation: flag(false).describe(
    'True where Lake Formation grants access to the buckets (their locations are registered): refresh and analysts may ask it for access. Its grants are a separate step (runbook).',
  ),
  vpcConfig: vpcConfig
    .optional()
    .describe(
      'Subnets and security groups of the functions, where a rule requires a VPC. They need the interface endpoint `com.amazonaws.<region>.cases` and the gateway endpoints of S3 and DynamoDB.',
    ),
  analystsOnlyThroughAthena: flag(false).describe(
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
      'Bucket of another account to which S3 copies the notes, and nothing else. Left out: only this account holds them.',
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
      'A separate function checks the archive once a day with the rights of an auditor. `off`: no check runs unless you run `cases-audit verify`.',
    ),
  prefixes: prefixes.prefault({}).describe('Key prefixes; none may lie within another one of the same bucket.'),
  curatedTable: z
    .enum(['daily', 'hourly', 'off'], 'daily, hourly or off')
    .default('daily')
    .describe(
      'How often Athena brings new rows into the curated table, which the views read: `daily` or `hourly`. `off`: there is none, and every query of a view reads the whole raw table. That suits archives of a year or of a few domains, because a query lists each day of each domain (15 domains × 10 years: 54,787 lists, 0.27 $ and minutes each).',
    ),
  dashboard: flag(true).describe('A CloudWatch dashboard; the first three of an account are free.'),
  queryScanLimitGb: integer('a whole number of GB, 1 or more', 1)
    .default(100)
    .describe('Athena stops a query that reads more gigabytes.'),
  tags: tags.default({}).describe('Tags of every resource that takes tags.'),
  whenStackIsDeleted: z
    .enum(['keep-data', 'delete-data'], 'keep-data or delete-data')
    .default('keep-data')
    .describe(
      'One of two switches: the data is deleted with the stack only if this is `delete-data` and `-c deleteData=yes` is given.',
    ),
  settings: settings.prefault({}).describe('Settings of the functions, for all domains.'),
};

/** The options of the construct: all except account and Region, which are those of the surrounding stack. */
export const exportOptionsSchema = z.strictObject(optionFields, { error: unknownKeys('an object') });

const { prefix, ...otherFields } = optionFields;

/** The content of a configuration file. Messages have the expected value; `config-file.ts` adds the received one. */
export const deployConfigSchema = z.strictObject(
  {
    $schema: z.string('text').optional().describe('Path of `schema.json`, for editors.'),
    prefix,
    account: text(/^\d{12}$/, 'an AWS account id, 12 digits as a string').describe('Account to deploy to, as text.'),
    region: awsRegion.describe('Region to deploy to: that of the Cases domains.'),
    otherRegions,
    ...otherFields,
  },
  { error: unknownKeys('an object') },
);

/** Checked options, defaults filled in; every domain is an id. */
export type CheckedOptions = Readonly<z.output<typeof exportOptionsSchema>>;

/** A complete, checked configuration, defaults filled in; every domain is an id. */
export type DeployConfig = Readonly<Omit<z.output<typeof deployConfigSchema>, '$schema' | 'otherRegions'>>;

/** Object Lock in the configuration. */
export type ObjectLockConfig = CheckedOptions['objectLock'];

/** Prefixes in the configuration. */
export type PrefixConfig = CheckedOptions['prefixes'];
