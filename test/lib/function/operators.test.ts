/** Promise: a role with the operators' policy can do what the runbook has people do by hand, and sees no case data. */
import type { Template } from 'aws-cdk-lib/assertions';
import { readText } from '../../../lib/text-file';
import { EVERYTHING } from '../configurations';
import { ofManagedPolicy } from '../statements';
import { resource, templateOf } from '../templates';

const template = templateOf('minimal');
const full = templateOf('everything');
const statements = (of: Template) => ofManagedPolicy(of, 'ExportOperators');

test('allows the calls that the runbook names, each on what is this stack’s own', () => {
  expect(statements(full).map(({ Sid, Action }) => [Sid, Action])).toEqual([
    ['RunFunctions', ['lambda:GetFunctionConcurrency', 'lambda:GetFunctionConfiguration', 'lambda:InvokeFunction']],
    ['EmptyQueues', ['sqs:GetQueueAttributes', 'sqs:PurgeQueue', 'sqs:ReceiveMessage']],
    ['ReadState', ['dynamodb:GetItem', 'dynamodb:Query']],
    [
      'UseKeyThroughServices',
      ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'],
    ],
    ['StartRefresh', ['states:ListExecutions', 'states:StartExecution']],
    ['FollowRefresh', ['states:DescribeExecution', 'states:GetExecutionHistory', 'states:StopExecution']],
    ['ReadLog', ['logs:FilterLogEvents', 'logs:GetLogEvents', 'logs:StartQuery']],
    ['SeeStack', ['cloudformation:DescribeStackResources', 'cloudformation:DescribeStacks']],
    ['SeeDashboard', ['cloudwatch:GetDashboard']],
    [
      'SeeAlarms',
      [
        'cloudwatch:DescribeAlarmHistory',
        'cloudwatch:DescribeAlarms',
        'cloudwatch:GetMetricData',
        'cloudwatch:ListMetrics',
        'logs:GetQueryResults',
        'logs:StopQuery',
        'scheduler:ListSchedules',
      ],
    ],
  ]);
  const everywhere = statements(full).filter(({ Resource }) => Resource.includes('*'));
  expect(everywhere.map(({ Sid }) => Sid)).toEqual(['SeeAlarms']);
  const dashboard = statements(full).find(({ Sid }) => Sid === 'SeeDashboard');
  expect(JSON.stringify(dashboard?.Resource)).toContain(`:dashboard/${EVERYTHING.prefix}"`);
  expect(statements(full)[0]?.Resource).toHaveLength(EVERYTHING.domains.length + 1); // and the check of the archive
});

test('reaches no case data, and changes neither data nor the stack', () => {
  for (const each of [template, full]) {
    const written = JSON.stringify(statements(each).map(({ Action }) => Action));
    expect(written).not.toMatch(/s3:|athena:|glue:|dynamodb:(Put|Update|Delete|Batch)|lambda:(Update|Delete)|iam:/);
  }
});

test('every AWS command of the runbook’s alarms is among them', () => {
  const [, alarms = ''] = readText('docs/runbook.md').split(/^## Alarms$/m);
  const [section = ''] = alarms.split(/^## /m);
  const commands = [...section.matchAll(/aws (\w+) ([a-z-]+)/g)].map(
    ([, service = '', command = '']) =>
      `${SERVICES[service] ?? service}:${command.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase())}`,
  );
  expect(commands.length).toBeGreaterThan(5);
  const allowed = statements(full).flatMap(({ Action }) => Action);
  expect(commands.filter((command) => !allowed.includes(command))).toEqual([]);
});

test('is there for roles to be given, and is given to none', () => {
  const { Roles, Users, Groups } = resource(template, 'AWS::IAM::ManagedPolicy', 'ExportOperators').Properties;
  expect([Roles, Users, Groups]).toEqual([undefined, undefined, undefined]);
});

test('without a curated table there is no refresh to start', () => {
  const sids = statements(templateOf('without curated table')).map(({ Sid }) => Sid);
  expect(sids.filter((sid) => sid?.includes('Refresh'))).toEqual([]);
});

test.each(['ExportOperators', 'ExportAnalysts'])(
  '%s fits into a managed policy with 15 domains: 6,144 characters',
  (id) => {
    const largest = templateOf('largest possible');
    const { PolicyDocument } = resource(largest, 'AWS::IAM::ManagedPolicy', id).Properties;
    // References as the longest name that CloudFormation makes of them, without blanks as IAM counts.
    const resolved = JSON.stringify(PolicyDocument).replace(
      /\{"(Ref|Fn::GetAtt)":("[^"]*"|\[[^\]]*\])\}/g,
      `"${'x'.repeat(120)}"`,
    );
    expect(resolved.length).toBeLessThan(6144);
  },
);

/** Prefixes of IAM where the command line has another name. */
const SERVICES: Readonly<Record<string, string>> = { stepfunctions: 'states' };
