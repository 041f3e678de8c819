/** Every configuration whose template a test looks at. `synthesize-all.ts` makes each template once for all test files. */

/** The day on which every template is made. */
export const NOW = new Date('2026-06-15T12:00:00Z');

/** The least that a configuration must say. */
export const MINIMAL = {
  prefix: 'case-audit',
  account: '111122223333',
  region: 'eu-central-1',
  domains: ['5f3d8c1e-2a4b-4c6d-8e9f-0a1b2c3d4e5f'],
  firstExportDate: '2026-01-01',
  alarms: { email: 'team@example.com' },
} as const;

/** A configuration that uses every option: two domains, retention, a customer's key, an existing topic. */
export const EVERYTHING = {
  ...MINIMAL,
  prefix: 'regulated',
  domains: ['11111111-aaaa-4bbb-8ccc-dddddddddddd', '22222222-aaaa-4bbb-8ccc-dddddddddddd'],
  retiredDomains: ['00000000-aaaa-4bbb-8ccc-dddddddddddd'],
  pausedDomains: ['22222222-aaaa-4bbb-8ccc-dddddddddddd'],
  perDomain: {
    '22222222-aaaa-4bbb-8ccc-dddddddddddd': { share: 0.25, scheduleMinutes: 30, settings: { sweepDays: 7 } },
  },
  scheduleMinutes: 10,
  quotaRequestsPerSecond: 8,
  requestsPerSecond: 6,
  memoryMb: 1024,
  logRetentionDays: 365,
  accessLogRetentionDays: 730,
  queryResultRetentionDays: 7,
  objectLock: { mode: 'COMPLIANCE', days: 2557, acknowledgeNobodyCanDelete: true },
  breakGlassRoleArn: 'arn:aws:iam::111122223333:role/break-glass',
  kmsKeyArn: 'arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000',
  archiveExpirationDays: 3653,
  encryptAllWithKey: true,
  formerKmsKeyArns: ['arn:aws:kms:eu-central-1:111122223333:key/99999999-0000-4000-8000-000000000000'],
  catalogKmsKeyArn: 'arn:aws:kms:eu-central-1:111122223333:key/55555555-0000-4000-8000-000000000000',
  lakeFormation: true,
  analystsOnlyThroughAthena: true,
  analystAccounts: ['777788889999'],
  // As during a rotation.
  signingKeys: [
    { create: '2026' },
    {
      arn: 'arn:aws:kms:eu-central-1:444455556666:key/7a7b7c7d-0000-4000-8000-000000000000',
      publicKey:
        'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEw0+kKXtMmt05a+OchBqnbNR/7C3NoRyAJfGFx0EZJv7hIK1b4JDoPyq0oVVr7ZFVKE8TqF69mju5eaBcl7JsjA==',
    },
  ],
  notesMirror: {
    bucketArn: 'arn:aws:s3:::notes-held-elsewhere',
    account: '444455556666',
    kmsKeyArn: 'arn:aws:kms:eu-central-1:444455556666:key/8a8b8c8d-0000-4000-8000-000000000000',
  },
  archiveCopy: {
    bucketArn: 'arn:aws:s3:::archive-held-elsewhere',
    account: '444455556666',
    kmsKeyArn: 'arn:aws:kms:eu-west-1:444455556666:key/9a9b9c9d-0000-4000-8000-000000000000',
  },
  scheduledVerify: 'daily',
  alarms: { topicArn: 'arn:aws:sns:eu-central-1:111122223333:alarms', watermarkAgeSeconds: 7200 },
  queryScanLimitGb: 5,
  prefixes: { queryResults: 'results/', archiveAccessLogs: 'logs/archive/', workAccessLogs: 'logs/work/' },
  curatedTable: 'hourly',
  dashboard: true,
  tags: { 'cost-center': '4711', owner: 'audit' },
  settings: {
    exportFrom: '2024-01-01T00:00:00Z',
    settleSeconds: 120,
    overlapSeconds: 600,
    maxLagSeconds: 1200,
    sweepDays: 14,
    maxRowsPerCommit: 50_000,
    maxBytesPerCommit: 25_000_000,
    commitReserveSeconds: 45,
    leaseMarginSeconds: 10,
  },
} as const;

/** Each setting at an end of what it may be. */
const EXTREMES = {
  settleSeconds: 0,
  overlapSeconds: 31_536_000,
  maxLagSeconds: 0,
  sweepDays: 0,
  maxRowsPerCommit: 1,
  maxBytesPerCommit: Number.MAX_SAFE_INTEGER,
  commitReserveSeconds: 0,
  leaseMarginSeconds: 0,
};

const FIFTEEN_DOMAINS = Array.from(
  { length: 15 },
  (_, index) => `${String(index).padStart(8, '0')}-aaaa-4bbb-8ccc-dddddddddddd`,
);

/** As long as names may be, and as many. */
export const LONGEST = {
  ...EVERYTHING,
  prefix: `p${'x'.repeat(29)}`,
  domains: Array.from({ length: 15 }, (_, index) => `${String(index).padStart(2, '0')}${'d'.repeat(98)}`),
  retiredDomains: [],
  pausedDomains: [],
  perDomain: {},
};

const OWN_KEY = { ...MINIMAL, createKmsKey: true };
/** In subnets that are known by their ids only. */
export const IN_VPC = {
  ...MINIMAL,
  vpcConfig: {
    subnetIds: ['subnet-0a1b2c3d4e5f60718', 'subnet-1a1b2c3d4e5f60718'],
    securityGroupIds: ['sg-0a1b2c3d4e5f60718'],
  },
};

export const KEY_FOR_ALL = { ...OWN_KEY, encryptAllWithKey: true };
const DELETE_DATA = { ...MINIMAL, whenStackIsDeleted: 'delete-data' };

/** What is said on the command line, beside the file. */
export interface Switches {
  readonly deleteData?: boolean;
}

export interface Configuration {
  /** What the file says. */
  readonly input: object;
  readonly switches?: Switches;
}

/** By the name under which a test asks for the template. */
export const CONFIGURATIONS = {
  minimal: { input: MINIMAL },
  everything: { input: EVERYTHING },
  'largest possible': {
    input: { ...EVERYTHING, domains: FIFTEEN_DOMAINS, retiredDomains: [], pausedDomains: [], perDomain: {} },
  },
  'longest names': { input: LONGEST },
  'key of its own': { input: OWN_KEY },
  'key of its own with break-glass role': {
    input: { ...OWN_KEY, breakGlassRoleArn: EVERYTHING.breakGlassRoleArn },
  },
  'key of its own for all': { input: KEY_FOR_ALL },
  'in a VPC': { input: IN_VPC },
  'without curated table': { input: { ...MINIMAL, curatedTable: 'off' } },
  'signed and mirrored': {
    input: {
      ...MINIMAL,
      signingKeys: [{ create: '2026' }],
      notesMirror: { bucketArn: EVERYTHING.notesMirror.bucketArn, account: EVERYTHING.notesMirror.account },
    },
  },
  'analysts of other accounts': { input: { ...OWN_KEY, analystAccounts: ['777788889999', '888899990000'] } },
  'copied to another Region': {
    input: { ...MINIMAL, archiveCopy: { bucketArn: EVERYTHING.archiveCopy.bucketArn, account: MINIMAL.account } },
  },
  'without scheduled verify': { input: { ...MINIMAL, scheduledVerify: 'off' } },
  'without dashboard': { input: { ...MINIMAL, dashboard: false } },
  'runbook elsewhere': {
    input: {
      ...MINIMAL,
      alarms: { email: 'a@example.com', runbookUrl: 'https://wiki.example.com/case-audit/runbook' },
    },
  },
  'all domains paused': { input: { ...MINIMAL, pausedDomains: MINIMAL.domains } },
  'every minute': { input: { ...MINIMAL, scheduleMinutes: 1 } },
  'every hour': { input: { ...MINIMAL, scheduleMinutes: 60 } },
  'extreme settings': { input: { ...MINIMAL, quotaRequestsPerSecond: 0.001, settings: EXTREMES } },
  'restored table': { input: { ...MINIMAL, checkpointTableName: 'restored' } },
  'only the file deletes data': { input: DELETE_DATA },
  'only the command deletes data': { input: MINIMAL, switches: { deleteData: true } },
  'file and command delete data': { input: DELETE_DATA, switches: { deleteData: true } },
} satisfies Record<string, Configuration>;

export type ConfigurationName = keyof typeof CONFIGURATIONS;
