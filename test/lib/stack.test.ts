/** Promises about the whole: what a person and a script are told, and that it is the same whenever it is made. */
import { readFileSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json';
import { scratchOfFile } from '../support/scratch';
import { MINIMAL } from './configurations';
import { makeStack, skipValidation } from './make-stack';
import { type Resource, templateOf } from './templates';

skipValidation();

const scratch = scratchOfFile();
const { stack } = makeStack(scratch, MINIMAL);
const template = templateOf('minimal');

test('the stack is named after the prefix and bound to account and Region', () => {
  expect(stack.stackName).toBe('case-audit-export');
  expect([stack.account, stack.region]).toEqual([MINIMAL.account, MINIMAL.region]);
});

test('a stack that keeps its data cannot be deleted by accident', () => {
  expect(stack.terminationProtection).toBe(true);
  expect(makeStack(scratch, { ...MINIMAL, whenStackIsDeleted: 'delete-data' }).stack.terminationProtection).toBe(false);
});

test('outputs name everything that a person or a script needs next', () => {
  expect(Object.keys(template.findOutputs('*')).sort()).toEqual([
    'AccessLogBucket',
    'AlarmTopic',
    'AnalystPolicy',
    'ArchiveBucket',
    'AuditorPolicy',
    'CheckpointTable',
    'CuratedRefresh',
    'CuratedTable',
    'Dashboard',
    'Database',
    'ExporterFunction5f3d8c1e2a4b4c6d8e9f0a1b2c3d4e5f',
    'ExporterLogGroup',
    'FailureQueue',
    'OperatorPolicy',
    'RawTable',
    'UndeliveredQueue',
    'VerifyFunction',
    'WorkBucket',
    'Workgroup',
  ]);
});

test('the recommended feature flags of this version of the library are set, all of them', () => {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
  expect(context).toEqual(recommendedFlags);
  expect(context['@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy']).toBe(true);
});

test('without a curated table nothing of it is made or named', () => {
  const without = templateOf('without curated table');
  without.resourceCountIs('AWS::StepFunctions::StateMachine', 0);
  without.resourceCountIs('AWS::Events::Rule', 0);
  without.resourceCountIs('AWS::Athena::WorkGroup', 1);
  expect(Object.keys(without.findOutputs('*')).filter((name) => name.startsWith('Curated'))).toEqual([]);
  expect(JSON.stringify(without.findResources('AWS::CloudWatch::Alarm'))).not.toContain('curated');
});

test('the same configuration gives the same template', () => {
  expect(Template.fromStack(stack).toJSON()).toEqual(template.toJSON());
});

test('tags are on every resource that can carry them', () => {
  const full = templateOf('everything');
  const all = Object.entries<Resource>(full.toJSON()['Resources']);
  const tagged = all.filter(([, { Properties }]) => JSON.stringify(Properties.Tags ?? {}).includes('cost-center'));
  expect(new Set(tagged.map(([, { Type }]) => Type))).toEqual(
    new Set([
      'AWS::Athena::WorkGroup',
      'AWS::CloudWatch::Alarm',
      'AWS::CloudWatch::Dashboard',
      'AWS::DynamoDB::Table',
      'AWS::Events::Rule',
      'AWS::IAM::Role',
      'AWS::KMS::Key',
      'AWS::Lambda::Function',
      'AWS::Logs::LogGroup',
      'AWS::S3::Bucket',
      'AWS::SQS::Queue',
      'AWS::Scheduler::ScheduleGroup',
      'AWS::StepFunctions::StateMachine',
    ]),
  );
});

test('the function is the bundle as built, and without one the error says what to do', () => {
  const bundleDirectory = scratch.emptyFolder();
  expect(() => makeStack(scratch, MINIMAL, { bundleDirectory })).toThrow(
    /index\.js: no such file, .*run "npm run build" first/,
  );
});
