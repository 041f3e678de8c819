import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CaseAuditExportStack } from '../../lib/case-audit-export-stack';
import type { DeployConfig } from '../../lib/config/config';
import { checkConfig } from '../../lib/config/config-file';

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

const scratch = mkdtempSync(join(tmpdir(), 'infra-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** An empty folder that is gone after the tests of the file. */
export function emptyFolder(): string {
  return mkdtempSync(join(scratch, 'folder-'));
}

/** A folder with something in place of the function's bundle, so that no build is needed. */
export function bundleStandIn(): string {
  const directory = emptyFolder();
  writeFileSync(join(directory, 'index.js'), 'exports.handler = async () => ({});\n');
  return directory;
}

/** The app as `npx cdk` would make it, with the feature flags of `cdk.json`. */
export function makeStack(
  input: object,
  switches: { readonly deleteData?: boolean; readonly bundleDirectory?: string } = {},
): { readonly app: App; readonly stack: CaseAuditExportStack; readonly config: DeployConfig } {
  const { context } = JSON.parse(readFileSync(join(__dirname, '..', '..', 'cdk.json'), 'utf8')) as {
    context: Record<string, unknown>;
  };
  // `analyticsReporting` would add a resource of its own to the template; the CLI leaves it out as cdk.json says.
  const app = new App({ context, analyticsReporting: false, outdir: emptyFolder() });
  const config = checkConfig(input, 'test', NOW);
  const stack = new CaseAuditExportStack(app, `${config.prefix}-export`, {
    config,
    bundleDirectory: switches.bundleDirectory ?? bundleStandIn(),
    ...(switches.deleteData !== undefined && { deleteData: switches.deleteData }),
  });
  return { app, stack, config };
}

/** The template of a configuration. Takes a second or two: once a file. */
export function synthesize(input: object, switches: { readonly deleteData?: boolean } = {}): Template {
  return Template.fromStack(makeStack(input, switches).stack);
}

/** A resource of a template. Properties are as CloudFormation gets them. */
export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is JSON of any shape, and each test names the path it pins.
  readonly Properties: any;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** The resources of a type, by logical id. */
export function resources(template: Template, type: string): Map<string, Resource> {
  return new Map(Object.entries(template.findResources(type)) as [string, Resource][]);
}

/** The one resource of a type whose logical id begins so; fails if there is another number of them. */
export function resource(template: Template, type: string, idPrefix = ''): Resource {
  const found = [...resources(template, type)].filter(([id]) => id.startsWith(idPrefix));
  expect(found.map(([id]) => id)).toHaveLength(1);
  const [only] = found;
  if (only === undefined) throw new Error('unreachable: one was found');
  return only[1];
}
