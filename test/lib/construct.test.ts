/** Promise: another CDK app, which sets no feature flags, can put the export into a stack of its own. */
import { App, Aspects, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type ISecurityGroup, type IVpc, SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { AccountRootPrincipal, CfnRole, type IRole, Role } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { CaseAuditExport, type CaseAuditExportProps, ConfigError } from '../../lib';
import { readText } from '../../lib/text-file';
import { bundleStandIn } from '../../scripts/example-stack';
import { scratchOfFile } from '../support/scratch';
import { IN_VPC, MINIMAL } from './configurations';
import { skipValidation } from './make-stack';
import { resource, resources, templateOf } from './templates';

skipValidation();

const scratch = scratchOfFile();

const OPTIONS = {
  prefix: 'theirs',
  domains: ['5f3d8c1e-2a4b-4c6d-8e9f-0a1b2c3d4e5f'],
  firstExportDate: '2026-01-01',
  alarms: { email: 'team@example.com' },
} as const;

type ExportOptions = Partial<Omit<CaseAuditExportProps, 'bundleDirectory'>>;

const HERE = { env: { account: MINIMAL.account, region: MINIMAL.region } };

describe.each([
  ['bound to an account and Region', HERE],
  ['bound to none', {}],
])('a foreign stack %s', (_name, props) => {
  const { app, stack, audit } = putInto(props, {});
  new CfnOutput(stack, 'Archive', { value: audit.archive.bucket.bucketName });
  new CfnOutput(stack, 'Policy', { value: audit.analysts.policy.managedPolicyArn });
  const template = Template.fromStack(stack);

  test('needs nothing but the required options, and has no finding of cdk-nag', () => {
    // The exporter's and the check's.
    template.resourceCountIs('AWS::Lambda::Function', 2);
    expect(new AwsSolutionsChecks().validateScope(app).violations).toEqual([]);
    expect(new ServerlessChecks().validateScope(app).violations).toEqual([]);
  });

  test('gets the same defaults as a configuration file gives', () => {
    const { Environment } = resource(template, 'AWS::Lambda::Function', 'AuditExporter').Properties;
    expect(Environment.Variables).toMatchObject({ AUDIT_EVENTS_RPS: '1.5', COMMIT_RESERVE_SECONDS: '60' });
    const tick = resource(template, 'AWS::Scheduler::Schedule', 'AuditSchedules');
    expect(tick.Properties.ScheduleExpression).toBe('rate(5 minutes)');
  });

  test('reaches what the construct made, to build on it', () => {
    expect([...audit.exporter.functions.keys()]).toEqual(OPTIONS.domains);
    expect(audit.encryptionKey).toBeUndefined();
    expect(template.findOutputs('Archive')).toEqual({
      Archive: { Value: { Ref: expect.stringMatching(/^AuditArchiveBucket/) } },
    });
    expect(template.findOutputs('Policy')).toEqual({
      Policy: { Value: { Ref: expect.stringMatching(/^AuditAnalysts/) } },
    });
  });
});

test('the stack has the outputs that the runbook’s commands name, after the id of the construct or a prefix', () => {
  const { stack } = putInto(HERE, {});
  add(stack, 'Second', { prefix: 'second', outputPrefix: 'Emea' });
  const names = Object.keys(Template.fromStack(stack).findOutputs('*'));
  const wanted = Object.keys(templateOf('minimal').findOutputs('*'));
  expect(wanted.length).toBeGreaterThan(10);
  expect(names.sort()).toEqual(wanted.flatMap((name) => [`Audit${name}`, `Emea${name}`]).sort());
});

test('every name in angle brackets that the runbook takes from the outputs is one', () => {
  const made = (['key of its own', 'signed and mirrored'] as const).flatMap((name) =>
    Object.keys(templateOf(name).findOutputs('*')),
  );
  const outputs = made.map((name) => name.replace(/^ExporterFunction.*/, 'ExporterFunction'));
  const named = [...readText('docs/runbook.md').matchAll(/<([A-Z]\w+)>/g)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(20);
  expect([...new Set(named)].filter((name) => !outputs.includes(name ?? ''))).toEqual([]);
});

test('two exports fit into one stack, if their prefixes differ', () => {
  const { stack } = putInto(HERE, {});
  add(stack, 'Second', { prefix: 'second' });
  const names = [...resources(Template.fromStack(stack), 'AWS::Athena::WorkGroup').values()];
  expect(names.map(({ Properties }) => Properties.Name)).toEqual([
    'theirs',
    'theirs-curated',
    'second',
    'second-curated',
  ]);
});

test('a permissions boundary of the app and a path reach every role, without code in the export', () => {
  const { stack } = ownStack(HERE, { '@aws-cdk/core:permissionsBoundary': { name: 'company-boundary' } });
  const audit = add(stack, 'Audit');
  // As docs/platform.md has it.
  Aspects.of(audit).add({
    visit: (node) => {
      if (node instanceof CfnRole) node.path = '/audit/';
    },
  });
  const roles = [...resources(Template.fromStack(stack), 'AWS::IAM::Role').values()];
  expect(roles.length).toBeGreaterThan(4);
  for (const { Properties } of roles) {
    expect(JSON.stringify(Properties.PermissionsBoundary)).toContain(':policy/company-boundary');
    expect(Properties.Path).toBe('/audit/');
  }
  const page = readText('docs/platform.md');
  expect(page).toContain('"@aws-cdk/core:permissionsBoundary": { "name": "company-boundary" }');
  expect(page).toContain("if (node instanceof CfnRole) node.path = '/audit/';");
});

test('topic, key and break-glass role may be constructs of the app', () => {
  const { stack } = ownStack(HERE);
  add(stack, 'Audit', {
    alarms: undefined,
    alarmTopic: new Topic(stack, 'Operations') as ITopic,
    encryptionKey: new Key(stack, 'Key') as IKey,
    breakGlassRole: new Role(stack, 'Owner', { assumedBy: new AccountRootPrincipal() }) as IRole,
  });
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::SNS::Topic', 1);
  template.resourceCountIs('AWS::KMS::Key', 1);
  for (const { Properties } of resources(template, 'AWS::CloudWatch::Alarm').values()) {
    expect(Properties.AlarmActions).toEqual([{ Ref: expect.stringMatching(/^Operations/) }]);
  }
  const archive = resource(template, 'AWS::S3::Bucket', 'AuditArchive').Properties.BucketEncryption;
  expect(JSON.stringify(archive)).toMatch(/"KMSMasterKeyID":\{"Fn::GetAtt":\["Key/);
  const policy = resource(template, 'AWS::S3::BucketPolicy', 'AuditArchive').Properties.PolicyDocument;
  expect(JSON.stringify(policy)).toMatch(/"ArnNotEquals":\{"aws:PrincipalArn":\{"Fn::GetAtt":\["Owner/);
});

test('a VPC of the app may take the functions, with its subnets and groups, and their roles may be attached to it', () => {
  const { stack } = ownStack(HERE);
  const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0 }) as IVpc;
  const group = new SecurityGroup(stack, 'Functions', { vpc }) as ISecurityGroup;
  const vpcSubnets = { subnetType: SubnetType.PRIVATE_ISOLATED };
  const audit = add(stack, 'Audit', { vpc, vpcSubnets, securityGroups: [group] });
  const template = Template.fromStack(stack);
  const { VpcConfig } = resource(template, 'AWS::Lambda::Function', 'AuditExporter').Properties;
  expect(VpcConfig.SecurityGroupIds).toEqual([{ 'Fn::GetAtt': [expect.stringMatching(/^Functions/), 'GroupId'] }]);
  expect(VpcConfig.SubnetIds).toEqual([1, 2].map((n) => ({ Ref: expect.stringContaining(`IsolatedSubnet${n}`) })));
  const { Policies, ManagedPolicyArns } = resource(template, 'AWS::IAM::Role', 'AuditExporterRole').Properties;
  expect(JSON.stringify(Policies)).toContain('ec2:CreateNetworkInterface');
  // Which may write to every log group of the account.
  expect(ManagedPolicyArns).toBeUndefined();
  expect(new AwsSolutionsChecks().validateScope(audit).violations).toEqual([]);
  expect(() => add(stack, 'Twice', { vpc, vpcConfig: IN_VPC.vpcConfig })).toThrow('expected none, as a vpc is given');
});

test('a topic or a key in two ways is refused, and so are alarms that nobody hears', () => {
  const { stack } = ownStack(HERE);
  const alarmTopic = new Topic(stack, 'Operations') as ITopic;
  const encryptionKey = new Key(stack, 'Key') as IKey;
  expect(() => add(stack, 'A', { alarmTopic })).toThrow('expected neither email nor topicArn, as a topic is given');
  expect(() => add(stack, 'B', { encryptionKey, createKmsKey: true })).toThrow(
    'kmsKeyArn: got nothing, expected neither kmsKeyArn nor createKmsKey, as a key is given',
  );
  expect(() => add(stack, 'C', { alarms: undefined })).toThrow('alarms: got {}, expected an object with either email');
});

test('options are checked as those of a file are: all problems at once, under the construct’s own path', () => {
  const wrong = { prefix: 'No', requestsPerSecond: 3, colour: 'red' };
  expect(() => putInto(HERE, wrong)).toThrow(ConfigError);
  expect(() => putInto(HERE, wrong)).toThrow(
    [
      'Own/Audit: 3 problems',
      '  - prefix: got "No", expected a name of 2 to 30 characters a-z, 0-9 and -, beginning with a letter',
      '  - colour: got "red", expected no such key',
      '  - requestsPerSecond: got 3, expected a pace of at most quotaRequestsPerSecond, which is 2',
    ].join('\n'),
  );
});

test('a domain of another Region than the stack’s is refused; a stack that is bound to none takes any', () => {
  const elsewhere = { domains: [`arn:aws:cases:us-east-1:${MINIMAL.account}:domain/abc`] };
  expect(() => putInto(HERE, elsewhere)).toThrow(
    /domains\[0\]: got ".*us-east-1.*", expected a domain of the account and Region of the stack, 111122223333 and eu-central-1/,
  );
  expect(() => putInto({}, elsewhere)).not.toThrow();
});

test('data goes with the stack only if both switches say so', () => {
  const policyWith = (props: ExportOptions): unknown =>
    resource(Template.fromStack(putInto(HERE, props).stack), 'AWS::DynamoDB::Table').DeletionPolicy;
  expect(policyWith({ deleteData: true })).toBe('Retain');
  expect(policyWith({ whenStackIsDeleted: 'delete-data' })).toBe('Retain');
  expect(policyWith({ whenStackIsDeleted: 'delete-data', deleteData: true })).toBe('Delete');
});

/** The export in a stack of its own. */
function putInto(props: StackProps, options: ExportOptions) {
  const made = ownStack(props);
  return { ...made, audit: add(made.stack, 'Audit', options) };
}

/** An empty stack of an app without feature flags. */
function ownStack(props: StackProps, context: Record<string, unknown> = {}) {
  const app = new App({ outdir: scratch.emptyFolder(), analyticsReporting: false, context });
  return { app, stack: new Stack(app, 'Own', props) };
}

/** The export with the required options and those given. */
function add(stack: Stack, id: string, options: ExportOptions = {}): CaseAuditExport {
  return new CaseAuditExport(stack, id, {
    ...OPTIONS,
    ...options,
    bundleDirectory: bundleStandIn(scratch.emptyFolder()),
  });
}
