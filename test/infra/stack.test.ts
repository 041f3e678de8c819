/** Promises about the whole: what a person and a script are told, and that it is the same whenever it is made. */
import { readFileSync } from 'node:fs';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json';
import { AwsSolutionsChecks } from 'cdk-nag';
import { CaseAuditExport } from '../../lib/case-audit-export';
import { bundleStandIn, EVERYTHING, emptyFolder, MINIMAL, makeStack, synthesize } from './synthesize';

const { stack, config } = makeStack(MINIMAL);
const template = Template.fromStack(stack);

test('the stack is named after the prefix and bound to account and Region', () => {
  expect(stack.stackName).toBe('case-audit-export');
  expect([stack.account, stack.region]).toEqual([MINIMAL.account, MINIMAL.region]);
});

test('a stack that keeps its data cannot be deleted by accident', () => {
  expect(stack.terminationProtection).toBe(true);
  expect(makeStack({ ...MINIMAL, whenStackIsDeleted: 'delete-data' }).stack.terminationProtection).toBe(false);
});

test('outputs name everything that a person or a script needs next', () => {
  expect(Object.keys(template.findOutputs('*')).sort()).toEqual([
    'AccessLogBucket',
    'AlarmTopic',
    'ArchiveBucket',
    'CheckpointTable',
    'Database',
    'ExporterFunction',
    'ExporterLogGroup',
    'FailureQueue',
    'RawTable',
    'WorkBucket',
    'Workgroup',
  ]);
});

test('the recommended feature flags of this version of the library are set, all of them', () => {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
  expect(context).toEqual(recommendedFlags);
  expect(context['@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy']).toBe(true);
});

test('the same configuration gives the same template', () => {
  expect(synthesize(MINIMAL).toJSON()).toEqual(template.toJSON());
});

describe('another app, which sets no feature flags, can put the construct into a stack of its own', () => {
  test.each([
    ['bound to an account and Region', { env: { account: EVERYTHING.account, region: EVERYTHING.region } }],
    ['bound to none', {}],
  ])('%s', (_name, props) => {
    const app = new App({ outdir: emptyFolder() });
    const own = new Stack(app, 'Own', props);
    new CaseAuditExport(own, 'Audit', { config, deleteData: false, bundleDirectory: bundleStandIn() });
    Template.fromStack(own).resourceCountIs('AWS::Lambda::Function', 1);
    expect(new AwsSolutionsChecks().validateScope(app).violations).toEqual([]);
  });
});
