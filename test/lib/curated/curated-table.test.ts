/** Promises: the curated table is kept by a machine that starts by itself, may do what it must, and nothing else. */
import type { Template } from 'aws-cdk-lib/assertions';
import { refreshDefinition } from '../../../lib/curated/refresh-definition';
import { substituted } from '../../../lib/curated/refresh-states';
import { EVERYTHING, MINIMAL } from '../configurations';
import { type IamRequest, isAllowed, parseStatement } from '../policy-replay/iam';
import { ofRole, readable } from '../statements';
import { resource, resources, templateOf } from '../templates';
import { refreshWorld, type ServiceCall } from './refresh-world';

const template = templateOf('minimal');
const full = templateOf('everything');
const [DOMAIN] = MINIMAL.domains;
const ownKey = templateOf('key of its own');
const HERE = { StringEquals: { 'aws:ResourceAccount': MINIMAL.account } };

describe('the state machine', () => {
  test('is the definition that the tests run, with nothing left to fill in', () => {
    const { DefinitionString, DefinitionSubstitutions, StateMachineType, StateMachineName } = machine(full);
    expect([StateMachineType, StateMachineName]).toEqual(['STANDARD', 'regulated-curated']);
    const { domains, retiredDomains, firstExportDate } = EVERYTHING;
    const definition = refreshDefinition({ domains: [...domains, ...retiredDomains], firstExportDate });
    const here = JSON.stringify(definition).replaceAll(substituted('Partition'), 'aws');
    expect(JSON.parse(DefinitionString)).toEqual(JSON.parse(here));
    const marks = [...DefinitionString.matchAll(/\$\{(\w+)\}/g)].map(([, name]: string[]) => name);
    expect([...new Set(marks)].sort()).toEqual(Object.keys(DefinitionSubstitutions).sort());
    expect(Buffer.byteLength(DefinitionString)).toBeLessThan(1_000_000);
  });

  test('is told where things are', () => {
    const { DefinitionSubstitutions } = machine(full);
    expect(readable(DefinitionSubstitutions)).toEqual({
      ArchiveBucket: '<Archive>',
      CuratedLocation: 's3://<WorkArea>/curated/field_changes_curated/',
      CommitsLocation: 's3://<WorkArea>/curated/commits_curated/',
      Database: 'regulated',
      Workgroup: 'regulated-curated',
    });
  });
});

describe('its role', () => {
  test('may do exactly this', () => {
    expect(statements(full, 'ExportCuratedRole')).toEqual([
      ['SeeOtherExecutions', ['states:ListExecutions'], [arn('states', 'stateMachine:regulated-curated')]],
      [
        'RunStatements',
        [
          'athena:GetQueryExecution',
          'athena:GetQueryResults',
          'athena:StartQueryExecution',
          'athena:StopQueryExecution',
        ],
        [arn('athena', 'workgroup/regulated-curated')],
      ],
      ['SeeCatalog', ['athena:GetDataCatalog'], [arn('athena', 'datacatalog/AwsDataCatalog')]],
      [
        'SeeTables',
        ['glue:GetDatabase', 'glue:GetPartition', 'glue:GetPartitions', 'glue:GetTable', 'glue:GetTables'],
        [arn('glue', 'catalog'), arn('glue', 'database/regulated'), arn('glue', 'table/regulated/*')],
      ],
      ['SeeDefaultDatabase', ['glue:GetDatabase'], [arn('glue', 'catalog'), arn('glue', 'database/default')]],
      [
        'KeepTables',
        ['glue:CreateTable', 'glue:DeleteTable', 'glue:UpdateTable'],
        [
          arn('glue', 'catalog'),
          arn('glue', 'database/regulated'),
          arn('glue', 'table/regulated/all_dictionaries'),
          arn('glue', 'table/regulated/all_manifests'),
          arn('glue', 'table/regulated/commits_curated'),
          arn('glue', 'table/regulated/field_changes_curated'),
        ],
      ],
      [
        'ReadArchive',
        ['s3:GetObject'],
        ['<Archive>/field_changes/*', '<Archive>/fields/*', '<Archive>/manifests/*'],
        HERE,
      ],
      [
        'FindInArchive',
        ['s3:ListBucket'],
        ['<Archive>'],
        { ...HERE, StringLike: { 's3:prefix': ['field_changes/*', 'manifests/*', 'fields/*'] } },
      ],
      [
        'KeepFiles',
        ['s3:AbortMultipartUpload', 's3:DeleteObject', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
        ['<WorkArea>/curated/*'],
        HERE,
      ],
      [
        'KeepResults',
        ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
        ['<WorkArea>/curated-results/*'],
        HERE,
      ],
      [
        'FindFilesAndResults',
        ['s3:ListBucket'],
        ['<WorkArea>'],
        { ...HERE, StringLike: { 's3:prefix': ['curated/*', 'curated-results/*'] } },
      ],
      ['LocateBuckets', ['s3:GetBucketLocation'], ['<Archive>', '<WorkArea>'], HERE],
      [
        'UseKeyThroughS3',
        ['kms:Decrypt', 'kms:GenerateDataKey'],
        [EVERYTHING.kmsKeyArn],
        { StringEquals: { 'kms:ViaService': 's3.eu-central-1.amazonaws.com' } },
      ],
      [
        'ReadUnderFormerKeys',
        ['kms:Decrypt'],
        EVERYTHING.formerKmsKeyArns,
        { StringEquals: { 'kms:ViaService': 's3.eu-central-1.amazonaws.com' } },
      ],
      ['UseCatalogKey', ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'], [EVERYTHING.catalogKmsKeyArn]],
      ['AskLakeFormation', ['lakeformation:GetDataAccess'], ['*']],
    ]);
  });

  test('needs no key and no Lake Formation where there is none', () => {
    const sids = statements(template, 'ExportCuratedRole').map(([sid]) => sid);
    expect(sids.filter((sid) => /Key|LakeFormation/.test(sid ?? ''))).toEqual([]);
  });

  test('reads its own answers from where no analyst writes', () => {
    const results = (id: string) =>
      resource(full, 'AWS::Athena::WorkGroup', id).Properties.WorkGroupConfiguration.ResultConfiguration.OutputLocation;
    expect(readable(results('ExportCurated'))).toBe('s3://<WorkArea>/curated-results/');
    const analysts = JSON.stringify(resource(full, 'AWS::IAM::ManagedPolicy', 'ExportAnalysts').Properties);
    expect(analysts).not.toContain('curated-results');
  });

  test('neither writes to the archive nor reads what is staged or in quarantine, with any key', () => {
    for (const each of [template, full, ownKey]) {
      const writes = statements(each, 'ExportCuratedRole').filter(([, actions]) =>
        JSON.stringify(actions).match(/Put|Delete|Abort/),
      );
      expect(JSON.stringify(writes)).not.toContain('<Archive>');
      expect(JSON.stringify(statements(each, 'ExportCuratedRole'))).not.toMatch(/staging|quarantine|dynamodb|cases:/);
    }
  });

  test('allows every call that the machine itself makes', async () => {
    const world = await refreshWorld([DOMAIN]);
    await world.commit(DOMAIN, { rows: 1 });
    const { calls } = await world.refresh({ rebuild: true, maintain: true });
    const requests = calls.map(requestOf);
    expect(new Set(requests.map(({ action }) => action)).size).toBe(5);
    const policies = {
      identity: ofRole(template, 'ExportCuratedRole').map((each) => parseStatement({ ...each })),
      guards: [],
    };
    expect(requests.filter((request) => !isAllowed(policies, request))).toEqual([]);
    // And none of these for another machine, workgroup or bucket.
    const elsewhere = requests.map((request) => ({ ...request, resource: `${request.resource}-other` }));
    expect(elsewhere.filter((request) => isAllowed(policies, request))).toEqual([]);
  });

  test('is for Step Functions of this account alone', () => {
    expect(trust(template, 'ExportCuratedRole')).toEqual({
      Action: 'sts:AssumeRole',
      Effect: 'Allow',
      Principal: { Service: 'states.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': MINIMAL.account } },
    });
  });
});

describe('it starts', () => {
  test.each([
    ['every day', template, 'cron(10 3 * * ? *)'],
    ['every hour', full, 'cron(10 * * * ? *)'],
  ])('%s, and once a week with OPTIMIZE and VACUUM', (_name, of, expression) => {
    const schedules = [...resources(of, 'AWS::Scheduler::Schedule')].filter(([id]) => id.startsWith('ExportCurated'));
    expect(schedules.map(([, { Properties }]) => [Properties.ScheduleExpression, Properties.Target.Input])).toEqual([
      [expression, '{}'],
      ['cron(40 3 ? * SUN *)', '{"maintain":true}'],
    ]);
    for (const [, { Properties }] of schedules) {
      expect(readable(Properties.Target.Arn)).toBe('<Refresh>');
      expect(readable(Properties.Target.DeadLetterConfig.Arn)).toBe('<Undelivered>');
    }
  });

  test('when the stack was deployed, so that nobody waits a day for the table or for a new column of it', () => {
    const { EventPattern, Targets } = resource(template, 'AWS::Events::Rule').Properties;
    expect(EventPattern).toEqual({
      source: ['aws.cloudformation'],
      'detail-type': ['CloudFormation Stack Status Change'],
      detail: {
        'stack-id': [{ Ref: 'AWS::StackId' }],
        'status-details': { status: ['CREATE_COMPLETE', 'UPDATE_COMPLETE'] },
      },
    });
    expect(Targets).toHaveLength(1);
    expect(readable(Targets[0].Arn)).toBe('<Refresh>');
    // Otherwise it would get the event.
    expect(Targets[0].Input).toBe('{}');
  });

  test.each([
    ['ExportCuratedScheduleRole', 'scheduler.amazonaws.com', [['states:StartExecution'], ['sqs:SendMessage']]],
    ['ExportCuratedDeployedRole', 'events.amazonaws.com', [['states:StartExecution']]],
  ])('by %s, which may do nothing else', (role, service, actions) => {
    expect(statements(template, role).map(([, action]) => action)).toEqual(actions);
    expect(statements(template, role)[0]?.[2]).toEqual(['<Refresh>']);
    const { Principal, Condition } = trust(template, role);
    expect(Principal).toEqual({ Service: service });
    expect(Condition.StringEquals['aws:SourceAccount']).toBe(MINIMAL.account);
  });
});

/** What a call needs. Source: Service Authorization Reference. */
function requestOf({ resource, args }: ServiceCall): IamRequest {
  const action = resource.split(':::')[1]?.replace('aws-sdk:', '').replace('.sync', '') ?? '';
  if (action.startsWith('athena:')) {
    return { action, resource: arn('athena', 'workgroup/case-audit-curated'), context: {} };
  }
  if (action === 's3:listObjectsV2') {
    const context = { 's3:prefix': [String(args['Prefix'])], 'aws:resourceaccount': [MINIMAL.account] };
    return { action: 's3:ListBucket', resource: '<Archive>', context };
  }
  if (action === 'sfn:listExecutions') {
    return { action: 'states:ListExecutions', resource: String(args['StateMachineArn']), context: {} };
  }
  if (action === 'glue:getTable') {
    // And of the catalog and of the table, which every query needs as well.
    return { action: 'glue:GetTable', resource: arn('glue', 'database/case_audit'), context: {} };
  }
  throw new Error(`${resource} is not known here`);
}

function machine(of: Template) {
  return resource(of, 'AWS::StepFunctions::StateMachine').Properties;
}

function arn(service: string, path: string): string {
  return `arn:aws:${service}:eu-central-1:111122223333:${path}`;
}

function trust(of: Template, role: string) {
  const { Statement } = resource(of, 'AWS::IAM::Role', role).Properties.AssumeRolePolicyDocument;
  expect(Statement).toHaveLength(1);
  return Statement[0];
}

/** Sid, actions, resources and, where there is one, the condition. */
function statements(of: Template, role: string): [string | undefined, string[], unknown, unknown?][] {
  return ofRole(of, role).map(({ Sid, Effect, Action, Resource, Condition }) => {
    expect(Effect).toBe('Allow');
    return Condition === undefined ? [Sid, Action, Resource] : [Sid, Action, Resource, Condition];
  });
}
