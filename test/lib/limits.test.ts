/** Promise: with 1 and with 15 domains every template stays within what AWS takes; with more, the refusal names the limit. */
import type { Template } from 'aws-cdk-lib/assertions';
import { ConfigError, checkConfig } from '../../lib/config/config-file';
import { LONGEST, MINIMAL, NOW } from './configurations';
import { type Resource, resources, templateOf } from './templates';

/** Longer than any name that CloudFormation makes up, and than an ARN with one in it. */
const REFERENCE = 'x'.repeat(130);

/** Source: quotas of CloudFormation, IAM, S3, CloudWatch, Step Functions, Athena, Glue and Lambda. */
const LIMITS: readonly (readonly [what: string, limit: number, measure: (of: Template) => number[]])[] = [
  ['bytes of the template', 1_000_000, (of) => [Buffer.byteLength(JSON.stringify(of.toJSON()))]],
  ['resources', 500, (of) => [Object.keys(of.toJSON()['Resources']).length]],
  ['outputs', 200, (of) => [Object.keys(of.toJSON()['Outputs']).length]],
  [
    'characters of a role’s inline policies',
    10_240,
    (of) =>
      all(of, 'AWS::IAM::Role').flatMap(({ Policies = [] }) =>
        Policies.map(({ PolicyDocument }: never) => size(PolicyDocument)),
      ),
  ],
  ['characters of a managed policy', 6144, each('AWS::IAM::ManagedPolicy', 'PolicyDocument')],
  ['bytes of a bucket policy', 20_480, each('AWS::S3::BucketPolicy', 'PolicyDocument')],
  ['characters of an alarm’s name', 255, each('AWS::CloudWatch::Alarm', 'AlarmName')],
  ['characters of an alarm’s text', 1024, each('AWS::CloudWatch::Alarm', 'AlarmDescription')],
  ['bytes of a state machine’s definition', 1_048_576, each('AWS::StepFunctions::StateMachine', 'DefinitionString')],
  ['bytes of a saved query', 262_144, each('AWS::Athena::NamedQuery', 'QueryString')],
  [
    'bytes of a function’s environment',
    4096,
    (of) => all(of, 'AWS::Lambda::Function').map(({ Environment }) => size(Environment?.Variables ?? {})),
  ],
  [
    'characters of a list of partitions',
    512_000,
    (of) => all(of, 'AWS::Glue::Table').map(({ TableInput }) => size(TableInput.Parameters)),
  ],
  [
    'alarms of a widget',
    100,
    (of) =>
      [...size.text(all(of, 'AWS::CloudWatch::Dashboard')).matchAll(/"alarms\\*":\[([^\]]*)\]/g)].map(
        ([, list = '']) => list.split(REFERENCE).length - 1,
      ),
  ],
];

describe.each(['minimal', 'everything', 'largest possible', 'longest names'] as const)('%s', (name) => {
  const template = templateOf(name);

  test.each(LIMITS)('%s: at most %d', (_what, limit, measure) => {
    const measured = measure(template);
    expect(measured.length).toBeGreaterThan(0);
    expect(Math.max(...measured)).toBeGreaterThan(0);
    expect(Math.max(...measured)).toBeLessThanOrEqual(limit);
  });
});

test('the number of resources and alarms grows with the domains as the page for platform teams says', () => {
  const count = (of: Template) => Object.keys(of.toJSON()['Resources']).length;
  const perDomain = (count(templateOf('longest names')) - count(templateOf('everything'))) / (15 - 2);
  // One more than without signatures: the alarm on them.
  expect(perDomain).toBe(13);
  // Further stacks are needed before CloudFormation's limit of 500: it leaves room for twice as many domains as a configuration takes.
  expect(count(templateOf('longest names')) + 15 * perDomain).toBeLessThanOrEqual(500);
  expect(resources(templateOf('longest names'), 'AWS::CloudWatch::Alarm').size).toBe(7 + 15 * 9);
});

test.each([16, 100])('%d domains are refused, with the limit and what to do', (count) => {
  const domains = Array.from({ length: count }, (_, index) => `domain-${index}`);
  const check = () => checkConfig({ ...MINIMAL, domains }, 'test', NOW);
  expect(check).toThrow(ConfigError);
  expect(check).toThrow(
    /domains: got .*expected a list of 1 to 15 domains; more go into further stacks, each with its own prefix/,
  );
});

test('the longest names are as long as they may be', () => {
  expect(LONGEST.prefix).toHaveLength(30);
  expect(new Set(LONGEST.domains.map(({ length }) => length))).toEqual(new Set([100]));
  expect(() => checkConfig({ ...LONGEST, prefix: `${LONGEST.prefix}x` }, 'test', NOW)).toThrow('2 to 30 characters');
});

/** The size of one property of every resource of the type. */
function each(type: string, property: string): (of: Template) => number[] {
  return (of) => all(of, type).map((properties) => size(properties[property]));
}

function all(of: Template, type: string): Resource['Properties'][] {
  return [...resources(of, type).values()].map(({ Properties }) => Properties);
}

/** Characters of a value once CloudFormation has put names for references. */
function size(value: unknown): number {
  return size.text(value).length;
}
size.text = (value: unknown): string => {
  const resolved = resolve(value);
  return typeof resolved === 'string' ? resolved : JSON.stringify(resolved);
};

function resolve(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolve);
  if (typeof value !== 'object' || value === null) return value;
  if ('Ref' in value || 'Fn::GetAtt' in value) return REFERENCE;
  if ('Fn::Join' in value) {
    const [separator, parts] = value['Fn::Join'] as [string, unknown[]];
    return parts.map((part) => String(resolve(part))).join(separator);
  }
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, resolve(member)]));
}
