/** Promise: what a platform team is given fits the stack: rights for every resource, on its names only, and a page that is current. */
import { readConfig } from '../../lib/config/config-file';
import { readText } from '../../lib/text-file';
import { deploymentPolicies, MANAGED_POLICY_LIMIT } from '../../scripts/deployment-rights';
import { PLATFORM_PAGE, typesIn, withParts } from '../../scripts/platform';
import { quotas } from '../../scripts/quotas';
import { SERVICE_CONTROL_POLICY_LIMIT, serviceControlPolicy } from '../../scripts/service-control-policy';
import { scratchOfFile } from '../support/scratch';
import { CONFIGURATIONS, type ConfigurationName, EVERYTHING, LONGEST, MINIMAL, NOW } from './configurations';
import { makeStack, skipValidation } from './make-stack';
import { matches } from './policy-replay/iam';
import { resources, templateOf } from './templates';

skipValidation();
const scratch = scratchOfFile();
const names = Object.keys(CONFIGURATIONS) as ConfigurationName[];

/** Made with the data's deletion, which makes a function of the library's own. */
const PROVIDERS = /^Custom::/;

/** Statements on what has no name before it is made, or is shared by all of the account. */
const WITHOUT_NAMES = [
  'KMSKey',
  'LakeFormationPrincipalPermissions',
  'LogsLogGroup',
  'LogsLogGroupAnywhere',
  'ReadAssets',
  'ReadBootstrapVersion',
  'SNSSubscriptionAnywhere',
  'SNSTopicAnywhere',
  'SeeNetwork',
];

describe('the rights to deploy', () => {
  test.each(names)('cover every type of resource: %s', (name) => {
    const types = typesIn(templateOf(name).toJSON()).filter((type) => !PROVIDERS.test(type));
    const policies = deploymentPolicies(MINIMAL, types);
    const sids = policies.flatMap(({ Statement }) => Statement.map(({ Sid }) => Sid));
    expect(sids).toEqual(expect.arrayContaining([...new Set(types)].map((type) => type.replace(/^AWS|::/g, ''))));
  });

  test.each([MINIMAL, LONGEST])(
    'fit into managed policies, and are limited to names of the stack: $prefix',
    (place) => {
      const policies = deploymentPolicies(place, typesIn(templateOf('longest names').toJSON()));
      for (const policy of policies) {
        expect(JSON.stringify(policy).length).toBeLessThanOrEqual(MANAGED_POLICY_LIMIT);
        for (const { Sid, Action, Resource } of policy.Statement) {
          expect(Action.filter((action) => action.includes('*'))).toEqual([]);
          if (WITHOUT_NAMES.includes(Sid)) continue;
          for (const arn of [Resource].flat()) {
            expect(arn).toMatch(new RegExp(`${place.prefix}|${place.prefix.replaceAll('-', '_')}|:catalog$`));
          }
        }
      }
    },
  );

  test('name no resource where IAM knows none: with one, the action is denied', () => {
    const statements = deploymentPolicies(MINIMAL, typesIn(templateOf('minimal').toJSON())).flatMap(
      ({ Statement }) => Statement,
    );
    const resourcesOf = (action: string) =>
      statements.filter(({ Action }) => Action.includes(action)).map(({ Resource }) => Resource);
    expect(resourcesOf('logs:DescribeLogGroups')).toEqual(['*']);
    expect(resourcesOf('sns:SetSubscriptionAttributes')).toEqual(['*']);
    expect(new Set(resourcesOf('sns:Unsubscribe'))).toEqual(new Set(['*']));
    expect(resourcesOf('glue:DeleteDatabase').flat()).toContainEqual(
      expect.stringContaining(':userDefinedFunction/case_audit/*'),
    );
  });

  test('a key is made only where the configuration asks for one', () => {
    const sids = (name: ConfigurationName) =>
      deploymentPolicies(MINIMAL, typesIn(templateOf(name).toJSON())).flatMap(({ Statement }) =>
        Statement.map(({ Sid }) => Sid),
      );
    expect(sids('minimal')).not.toContain('KMSKey');
    expect(sids('key of its own')).toContain('KMSKey');
  });

  test('reach what the stack names itself: database, workgroups, state machine, alarms, dashboard', () => {
    const template = templateOf('minimal');
    const allowed = deploymentPolicies(MINIMAL, typesIn(template.toJSON())).flatMap(({ Statement }) =>
      Statement.flatMap(({ Resource }) => Resource),
    );
    const here = `${MINIMAL.region}:${MINIMAL.account}`;
    const of = (type: string, property: string) =>
      [...resources(template, type).values()].map(({ Properties }) => Properties[property]);
    const wanted = [
      ...of('AWS::Athena::WorkGroup', 'Name').map((name) => `arn:aws:athena:${here}:workgroup/${name}`),
      ...of('AWS::StepFunctions::StateMachine', 'StateMachineName').map(
        (name) => `arn:aws:states:${here}:stateMachine:${name}`,
      ),
      ...of('AWS::CloudWatch::Alarm', 'AlarmName').map((name) => `arn:aws:cloudwatch:${here}:alarm:${name}`),
      ...of('AWS::CloudWatch::Dashboard', 'DashboardName').map(
        (name) => `arn:aws:cloudwatch::${MINIMAL.account}:dashboard/${name}`,
      ),
      ...of('AWS::Glue::Table', 'DatabaseName').map((name) => `arn:aws:glue:${here}:database/${name}`),
    ];
    expect(wanted.length).toBeGreaterThan(20);
    expect(wanted.filter((arn) => !allowed.some((pattern) => matches(pattern, arn)))).toEqual([]);
    // What has no name of its own is named after the stack.
    expect(makeStack(scratch, MINIMAL).stack.stackName).toBe('case-audit-export');
  });

  test('a type that is not listed is an error', () => {
    expect(() => deploymentPolicies(MINIMAL, ['AWS::EC2::Instance'])).toThrow(
      'AWS::EC2::Instance: no rights are listed',
    );
  });
});

describe('the service control policy', () => {
  test('fits, denies only, and exempts the deployment and the break-glass role from what the archive cannot deny', () => {
    const policy = serviceControlPolicy(LONGEST, EVERYTHING.breakGlassRoleArn);
    expect(JSON.stringify(policy).length).toBeLessThan(SERVICE_CONTROL_POLICY_LIMIT);
    const [rules] = policy.Statement;
    expect(policy.Statement.map(({ Effect }) => Effect)).toEqual(policy.Statement.map(() => 'Deny'));
    expect(rules?.Action).toEqual(expect.arrayContaining(['s3:PutBucketPolicy', 's3:PutLifecycleConfiguration']));
    expect(JSON.stringify(rules?.Condition)).toContain('cdk-hnb659fds-cfn-exec-role-');
    for (const { Condition } of policy.Statement) {
      expect(JSON.stringify(Condition)).toContain(EVERYTHING.breakGlassRoleArn);
    }
    expect(JSON.stringify(serviceControlPolicy(MINIMAL, undefined))).not.toContain('break-glass');
  });
});

describe('the quotas', () => {
  const config = readConfig('config/example-regulated.json', NOW);
  const toDo = (change: object) =>
    Object.fromEntries(quotas({ ...config, ...change }, 11, 5).map(({ name, toDo }) => [name, toDo]));

  test('say what to raise, from the configuration', () => {
    expect(toDo({})['Rate of SearchCases requests']).toBe('raise');
    expect(toDo({ quotaRequestsPerSecond: 2 })['Rate of SearchCases requests']).toMatch(/^enough/);
    expect(toDo({ memoryMb: 10_240 })['Memory of a function']).toMatch(/^raise/);
    expect(toDo({ domains: LONGEST.domains })['Concurrent executions']).toMatch(/raise in a new account/);
  });
});

test('the page is current (npm run docs writes it)', () => {
  const config = readConfig('config/example.json', NOW);
  const page = readText(PLATFORM_PAGE);
  const template = templateOf('minimal').toJSON();
  expect(withParts(page, config, template)).toBe(page);
});
