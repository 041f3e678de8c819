/** Promises: the function runs as the contract says, is started for each domain, and may do what it needs and nothing else. */
import type { Template } from 'aws-cdk-lib/assertions';
import {
  domainPartition,
  fieldChangesKey,
  fieldsKey,
  manifestKey,
  noteKey,
  quarantineKey,
  stagedKey,
  stagingPrefix,
} from '../../../lambda/export/domain/keys';
import { readSettings } from '../../../lambda/export/settings';
import { someSettings } from '../../../lib/config/config-settings';
import { type Pace, pacedRate } from '../../../lib/function/exporter-environment';
import { EVERYTHING, IN_VPC, MINIMAL } from '../configurations';
import { ofRole, type Statement } from '../statements';
import { type Resource, resource, resources, templateOf } from '../templates';

const template = templateOf('minimal');
const full = templateOf('everything');
const [FIRST, SECOND] = EVERYTHING.domains;

const HERE = { StringEquals: { 'aws:ResourceAccount': MINIMAL.account } };
const ARCHIVED = ['field_changes', 'manifests', 'fields', 'quarantine', 'notes'].map(
  (name) => `${name}/domain_id=${FIRST}/*`,
);

describe('the function', () => {
  test('runs on Node 24, arm64, for up to 15 minutes, in 512 MB, with a log of its own', () => {
    const { Properties } = exporter(template);
    expect(Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Timeout: 900,
      MemorySize: 512,
      Handler: 'index.handler',
    });
    expect(Properties.LoggingConfig.LogGroup.Ref).toMatch(/^ExportExporterLogs/);
    expect(resource(template, 'AWS::Logs::LogGroup', 'ExportExporter').Properties.RetentionInDays).toBe(90);
    expect(resource(full, 'AWS::Logs::LogGroup', 'ExportExporter').Properties.RetentionInDays).toBe(365);
  });

  test('reserves no concurrency, which small accounts refuse', () => {
    expect(exporter(template).Properties).not.toHaveProperty('ReservedConcurrentExecutions');
  });

  test('is not retried by Lambda; what fails or grows old goes to the queue', () => {
    expect(resource(template, 'AWS::Lambda::EventInvokeConfig', 'ExportExporter').Properties).toMatchObject({
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 300,
      DestinationConfig: {
        OnFailure: { Destination: { 'Fn::GetAtt': [expect.stringMatching(/^ExportExporterFailures/), 'Arn'] } },
      },
    });
  });
});

describe('its environment', () => {
  test('by default is the stores, the pace, and a reserve that fits the function’s share of a core', () => {
    expect(environment(template)).toEqual({
      EXPORT_BUCKET: 'ExportArchiveBucketF4DB2C4F',
      STAGING_BUCKET: 'ExportWorkAreaBucket8257F46C',
      CHECKPOINT_TABLE: 'ExportCheckpointsTableA5932D14',
      SEARCH_CASES_RPS: '1.5',
      AUDIT_EVENTS_RPS: '1.5',
      RELATED_ITEMS_RPS: '1.5',
      COMMIT_RESERVE_SECONDS: '60',
    });
  });

  test('has each setting of the configuration under the name of the contract', () => {
    expect(environment(full, FIRST)).toMatchObject({
      SEARCH_CASES_RPS: '4.5',
      AUDIT_EVENTS_RPS: '4.5',
      RELATED_ITEMS_RPS: '4.5',
      EXPORT_FROM: '2024-01-01T00:00:00Z',
      SETTLE_SECONDS: '120',
      OVERLAP_SECONDS: '600',
      MAX_LAG_SECONDS: '1200',
      SWEEP_DAYS: '14',
      MAX_ROWS_PER_COMMIT: '50000',
      MAX_BYTES_PER_COMMIT: '25000000',
      COMMIT_RESERVE_SECONDS: '45',
      LEASE_MARGIN_SECONDS: '10',
    });
    expect(Object.keys(EVERYTHING.settings).sort()).toEqual(Object.keys(someSettings.shape).sort());
  });

  test('differs from domain to domain where the configuration says so, and nowhere else', () => {
    expect(environment(full, SECOND)).toEqual({
      ...environment(full, FIRST),
      SEARCH_CASES_RPS: '1.5',
      AUDIT_EVENTS_RPS: '1.5',
      RELATED_ITEMS_RPS: '1.5',
      SWEEP_DAYS: '7',
    });
  });

  test.each<[string, Template, string]>([
    ['the least configuration', template, MINIMAL.domains[0]],
    ['every option', full, SECOND],
    ['the extremes', templateOf('extreme settings'), MINIMAL.domains[0]],
  ])('is understood by the function: %s', (_name, of, domainId) => {
    expect(readSettings(environment(of, domainId))).toMatchObject({
      stagingBucket: expect.stringMatching(/^ExportWorkArea/),
    });
  });
});

describe('the pace', () => {
  const pace = (count: number, more: Partial<Pace> = {}): Pace => ({
    domains: Array.from({ length: count }, (_, index) => `d${index}`),
    perDomain: {},
    quotaRequestsPerSecond: 2,
    requestsPerSecond: undefined,
    ...more,
  });
  const sum = (of: Pace): number => of.domains.reduce((total, id) => total + pacedRate(of, id) * 10_000, 0) / 10_000;

  test('of all domains together is 75 % of the quota, in even parts', () => {
    for (let domains = 1; domains <= 15; domains += 1) {
      expect(sum(pace(domains))).toBeLessThanOrEqual(1.5);
      expect(sum(pace(domains))).toBeGreaterThan(1.49);
      expect(pacedRate(pace(domains), 'd0')).toBe(pacedRate(pace(domains), `d${domains - 1}`));
    }
  });

  test('can be set, up to the quota', () => {
    expect(pacedRate(pace(1, { requestsPerSecond: 2 }), 'd0')).toBe(2);
  });

  test('follows the shares; domains without one divide evenly what they leave', () => {
    const shared = pace(4, { perDomain: { d0: { share: 0.1 }, d2: { share: 0.5 } } });
    expect(shared.domains.map((id) => pacedRate(shared, id))).toEqual([0.15, 0.3, 0.75, 0.3]);
    const whole = pace(3, { perDomain: { d0: { share: 0.1 }, d1: { share: 0.2 }, d2: { share: 0.7 } } });
    expect(sum(whole)).toBe(1.5);
  });
});

describe('its role', () => {
  test('may do exactly this', () => {
    expect(ofRole(full, role(FIRST))).toEqual([
      allow(
        'ReadDomain',
        ['cases:ListFields', 'cases:ListTemplates', 'cases:SearchAllRelatedItems', 'cases:SearchCases'],
        [domain(FIRST)],
      ),
      allow('ReadAuditHistory', ['cases:GetCaseAuditEvents'], [domain(FIRST), domain(`${FIRST}/case/*`)]),
      allow(
        'ReadFields',
        ['cases:BatchGetField', 'cases:ListFieldOptions'],
        [domain(FIRST), domain(`${FIRST}/field/*`)],
      ),
      allow(
        'PublishToArchive',
        ['s3:GetObject', 's3:PutObject'],
        [...ARCHIVED].sort().map((prefix) => `<Archive>/${prefix}`),
        HERE,
      ),
      allow('FindMissingInArchive', ['s3:ListBucket'], ['<Archive>'], {
        ...HERE,
        StringLikeIfExists: { 's3:prefix': ARCHIVED },
      }),
      allow(
        'StageCommits',
        ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'],
        [`<WorkArea>/staging/${FIRST}/*`],
        HERE,
      ),
      allow('FindMissingInStaging', ['s3:ListBucket'], ['<WorkArea>'], {
        ...HERE,
        StringLikeIfExists: { 's3:prefix': [`staging/${FIRST}/*`] },
      }),
      allow('UseKeyThroughS3', ['kms:Decrypt', 'kms:GenerateDataKey'], [EVERYTHING.kmsKeyArn], {
        StringEquals: { 'kms:ViaService': 's3.eu-central-1.amazonaws.com' },
      }),
      allow('ReadUnderFormerKeys', ['kms:Decrypt'], [...EVERYTHING.formerKmsKeyArns], {
        StringEquals: { 'kms:ViaService': 's3.eu-central-1.amazonaws.com' },
      }),
      allow(
        'UseKeyThroughServices',
        [
          'kms:Decrypt',
          'kms:DescribeKey',
          'kms:Encrypt',
          'kms:GenerateDataKey',
          'kms:ReEncryptFrom',
          'kms:ReEncryptTo',
        ],
        [EVERYTHING.kmsKeyArn],
        {
          StringEquals: {
            'kms:ViaService': ['dynamodb.eu-central-1.amazonaws.com', 'sqs.eu-central-1.amazonaws.com'],
          },
        },
      ),
      allow(
        'Checkpoints',
        [
          'dynamodb:BatchGetItem',
          'dynamodb:BatchWriteItem',
          'dynamodb:GetItem',
          'dynamodb:PutItem',
          'dynamodb:Query',
          'dynamodb:UpdateItem',
        ],
        ['<Checkpoints>'],
        { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [`DOMAIN#${FIRST}`] } },
      ),
      // The key of another account; the stack's own lets the role in by its policy.
      allow('SignNotes', ['kms:Sign'], [EVERYTHING.signingKeys[1].arn], {
        StringEquals: { 'kms:SigningAlgorithm': 'ECDSA_SHA_256', 'kms:MessageType': 'DIGEST' },
      }),
      allow('ReportFailures', ['sqs:SendMessage'], ['<Failures>']),
      allow('WriteLogs', ['logs:CreateLogStream', 'logs:PutLogEvents'], ['<Logs>']),
    ]);
  });

  test('needs no key where there is none', () => {
    expect(ofRole(template, role(MINIMAL.domains[0])).map(({ Sid }) => Sid)).not.toContain('UseKeyThroughS3');
  });

  test('names no other domain, in no statement', () => {
    for (const [own, other] of [
      [FIRST, SECOND],
      [SECOND, FIRST],
    ] as const) {
      const written = JSON.stringify(ofRole(full, role(own)));
      expect(written).toContain(own);
      expect(written).not.toContain(other);
    }
  });

  test('allows the very keys under which the function stores', () => {
    const statements = ofRole(full, role(FIRST));
    const within = (sid: string): string[] =>
      statements.find(({ Sid }) => Sid === sid)?.Resource.map((it) => it.replace(/^<\w+>\/(.*)\*$/, '$1')) ?? [];
    const published = [
      fieldChangesKey(FIRST, '2026-06-15', 1),
      manifestKey(FIRST, 1),
      fieldsKey(FIRST, 1),
      quarantineKey(FIRST, 1),
      noteKey(FIRST, 1),
    ];
    for (const key of published) {
      expect(within('PublishToArchive').filter((prefix) => key.startsWith(prefix))).toHaveLength(1);
    }
    const [staged] = within('StageCommits');
    expect(stagedKey(stagingPrefix(FIRST, 1, 1, 1), manifestKey(FIRST, 1)).startsWith(staged ?? '?')).toBe(true);
    expect(JSON.stringify(statements)).toContain(JSON.stringify([domainPartition(FIRST)]));
  });
});

test('no role has a managed policy, an action with a wildcard or the resource *', () => {
  for (const { Properties } of resources(full, 'AWS::IAM::Role').values()) {
    expect(Properties.ManagedPolicyArns).toBeUndefined();
    // That of replication has its policy apart.
    for (const { PolicyDocument } of Properties.Policies ?? []) {
      for (const { Action, Resource } of PolicyDocument.Statement) {
        expect(JSON.stringify(Action)).not.toContain('*');
        // Which has no narrower resource, and is there only where the configuration says so.
        if (Action !== 'lakeformation:GetDataAccess') expect([Resource].flat()).not.toContain('*');
      }
    }
  }
  const { Roles, PolicyDocument } = resource(full, 'AWS::IAM::Policy').Properties;
  expect(Roles).toEqual([{ Ref: expect.stringMatching(/^ExportReplicationRole/) }]);
  expect(JSON.stringify(PolicyDocument)).not.toMatch(/"[a-z0-9]+:[A-Za-z]*\*"|"Resource":"\*"/);
  // A function's each; the schedules'; the refresh's and those that start it; the check's and its schedule's; keys'; replication's.
  full.resourceCountIs('AWS::IAM::Role', EVERYTHING.domains.length + 1 + 3 + 2 + 1 + 1);
  full.resourceCountIs('AWS::Lambda::Permission', 0);
});

describe('in a VPC', () => {
  const inVpc = templateOf('in a VPC');
  const [domainId] = MINIMAL.domains;

  test('the function is in the subnets and groups that are named, and nowhere unless they are', () => {
    expect(exporter(inVpc).Properties.VpcConfig).toEqual({
      SubnetIds: IN_VPC.vpcConfig.subnetIds,
      SecurityGroupIds: IN_VPC.vpcConfig.securityGroupIds,
    });
    expect(exporter(template).Properties).not.toHaveProperty('VpcConfig');
  });

  test('Lambda may attach it with its role, and the function itself may not', () => {
    const [attach, deny] = ofRole(inVpc, role(domainId)).filter(({ Sid }) => /Attach/.test(Sid ?? ''));
    expect(attach?.Action).toEqual([
      'ec2:AssignPrivateIpAddresses',
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:UnassignPrivateIpAddresses',
    ]);
    expect(deny).toEqual({
      ...attach,
      Sid: 'OnlyLambdaAttaches',
      Effect: 'Deny',
      Condition: { ArnLike: { 'lambda:SourceFunctionArn': 'arn:aws:lambda:eu-central-1:111122223333:function:*' } },
    });
    expect(JSON.stringify(ofRole(template, role(domainId)))).not.toContain('ec2:');
  });
});

describe('the schedules', () => {
  test('tick each domain every few minutes, with its id, to the exact function, and give up before the next tick', () => {
    const [schedule] = schedules(template);
    expect(schedule?.Properties).toMatchObject({
      ScheduleExpression: 'rate(5 minutes)',
      State: 'ENABLED',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: { 'Fn::GetAtt': [expect.stringMatching(/^ExportExporterFunction/), 'Arn'] },
        Input: JSON.stringify({ domainId: MINIMAL.domains[0] }),
        RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 240 },
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': [expect.stringMatching(/^ExportSchedulesUndelivered/), 'Arn'] } },
      },
    });
  });

  test('are one per domain, off for those that are paused', () => {
    const states = schedules(full).map(({ Properties }) => [
      JSON.parse(Properties.Target.Input),
      Properties.State,
      Properties.ScheduleExpression,
    ]);
    expect(states).toEqual([
      [{ domainId: FIRST }, 'ENABLED', 'rate(10 minutes)'],
      [{ domainId: SECOND }, 'DISABLED', 'rate(30 minutes)'],
    ]);
  });

  test('go to the function of their own domain', () => {
    for (const { Properties } of schedules(full)) {
      const { domainId } = JSON.parse(Properties.Target.Input);
      expect(Properties.Target.Arn['Fn::GetAtt'][0]).toMatch(functionId(domainId));
    }
  });

  test('every minute is written as the service wants it', () => {
    const often = templateOf('every minute');
    expect(schedules(often).map(({ Properties }) => Properties.ScheduleExpression)).toEqual(['rate(1 minute)']);
  });

  test('use a role that only these schedules can take, for this function and this queue', () => {
    expect(ofRole(template, 'ExportSchedulesRole')).toEqual([
      allow(undefined, ['lambda:InvokeFunction'], ['<Function>']),
      allow(undefined, ['sqs:SendMessage'], ['<Undelivered>']),
    ]);
    const { AssumeRolePolicyDocument } = resource(template, 'AWS::IAM::Role', 'ExportSchedulesRole').Properties;
    expect(AssumeRolePolicyDocument.Statement).toEqual([
      {
        Action: 'sts:AssumeRole',
        Effect: 'Allow',
        Principal: { Service: 'scheduler.amazonaws.com' },
        Condition: {
          StringEquals: {
            'aws:SourceAccount': MINIMAL.account,
            'aws:SourceArn': { 'Fn::GetAtt': [expect.stringMatching(/^ExportSchedulesGroup/), 'Arn'] },
          },
        },
      },
    ]);
  });
});

test('V8 may use half of the memory for what lives long and little for what does not, so that a batch stays within the function', () => {
  const options = (of: Template, id?: string) => exporter(of, id).Properties.Environment.Variables.NODE_OPTIONS;
  expect(options(template)).toBe('--max-old-space-size=256 --max-semi-space-size=8');
  expect(options(full, SECOND)).toBe('--max-old-space-size=512 --max-semi-space-size=16');
});

test.each(['ExportExporterFailures', 'ExportSchedulesUndelivered'])(
  'the queue %s is encrypted, asks for TLS, and forgets after four days',
  (id) => {
    expect(resource(template, 'AWS::SQS::Queue', id).Properties).toEqual({
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 345_600,
    });
    const [denied] = resource(template, 'AWS::SQS::QueuePolicy', id).Properties.PolicyDocument.Statement;
    expect(denied).toMatchObject({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
  },
);

/** Those of the functions. */
function schedules(of: Template): Resource[] {
  const all = [...resources(of, 'AWS::Scheduler::Schedule')];
  return all.filter(([id]) => id.startsWith('ExportSchedules')).map(([, schedule]) => schedule);
}

function allow(
  sid: string | undefined,
  actions: string[],
  on: string[],
  condition?: Statement['Condition'],
): Statement {
  return {
    ...(sid !== undefined && { Sid: sid }),
    Effect: 'Allow',
    Action: actions,
    Resource: on,
    ...(condition !== undefined && { Condition: condition }),
  };
}

function domain(path: string): string {
  return `arn:aws:cases:eu-central-1:111122223333:domain/${path}`;
}

/** The function of a domain; without one, of the only domain. */
function exporter(of: Template, domainId?: string) {
  return resource(
    of,
    'AWS::Lambda::Function',
    domainId === undefined ? 'ExportExporter' : functionId(domainId).source.slice(1),
  );
}

function functionId(domainId: string): RegExp {
  return new RegExp(`^ExportExporterFunction${domainId.replaceAll('-', '')}`);
}

function role(domainId: string): string {
  return `ExportExporterRole${domainId.replaceAll('-', '')}`;
}

/** The variables of the exporter's own, a reference standing as the logical id that it names. */
function environment(of: Template, domainId?: string): Record<string, string> {
  const variables: Record<string, string | { Ref: string }> = exporter(of, domainId).Properties.Environment.Variables;
  return Object.fromEntries(
    Object.entries(variables)
      .filter(([name]) => name !== 'NODE_OPTIONS')
      .map(([name, value]) => [name, typeof value === 'string' ? value : value.Ref]),
  );
}
