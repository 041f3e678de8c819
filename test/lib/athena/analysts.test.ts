/** Promise: a role with the analysts' policy can query the export, and do nothing else. */
import type { Template } from 'aws-cdk-lib/assertions';
import { EVERYTHING, MINIMAL } from '../configurations';
import { ofManagedPolicy } from '../statements';
import { resource, templateOf } from '../templates';

const template = templateOf('minimal');
const full = templateOf('everything');
const HERE = { StringEquals: { 'aws:ResourceAccount': MINIMAL.account } };
const POLICY = 'ExportAnalysts';
const ATHENA = 'athena.amazonaws.com';

test('allows exactly this', () => {
  expect(ofManagedPolicy(full, POLICY).map(({ Sid, Action, Resource }) => [Sid, Action, Resource])).toEqual([
    ['OpenConsole', ['athena:ListDataCatalogs', 'athena:ListEngineVersions', 'athena:ListWorkGroups'], ['*']],
    [
      'BrowseCatalog',
      [
        'athena:GetDataCatalog',
        'athena:GetDatabase',
        'athena:GetTableMetadata',
        'athena:ListDatabases',
        'athena:ListTableMetadata',
      ],
      ['arn:aws:athena:eu-central-1:111122223333:datacatalog/AwsDataCatalog'],
    ],
    [
      'QueryInWorkgroup',
      [
        'athena:BatchGetNamedQuery',
        'athena:BatchGetQueryExecution',
        'athena:GetNamedQuery',
        'athena:GetQueryExecution',
        'athena:GetQueryResults',
        'athena:GetQueryResultsStream',
        'athena:GetQueryRuntimeStatistics',
        'athena:GetWorkGroup',
        'athena:ListNamedQueries',
        'athena:ListQueryExecutions',
        'athena:StartQueryExecution',
        'athena:StopQueryExecution',
      ],
      ['arn:aws:athena:eu-central-1:111122223333:workgroup/regulated'],
    ],
    [
      'SeeTables',
      ['glue:GetDatabase', 'glue:GetPartition', 'glue:GetPartitions', 'glue:GetTable', 'glue:GetTables'],
      [
        'arn:aws:glue:eu-central-1:111122223333:catalog',
        'arn:aws:glue:eu-central-1:111122223333:database/regulated',
        'arn:aws:glue:eu-central-1:111122223333:table/regulated/*',
      ],
    ],
    [
      'SeeDefaultDatabase',
      ['glue:GetDatabase'],
      ['arn:aws:glue:eu-central-1:111122223333:catalog', 'arn:aws:glue:eu-central-1:111122223333:database/default'],
    ],
    [
      'BrowseDatabases',
      ['glue:GetDatabases'],
      ['arn:aws:glue:eu-central-1:111122223333:catalog', 'arn:aws:glue:eu-central-1:111122223333:database/regulated'],
    ],
    ['ReadArchive', ['s3:GetObject'], ['<Archive>/field_changes/*', '<Archive>/fields/*', '<Archive>/manifests/*']],
    ['FindInArchive', ['s3:ListBucket'], ['<Archive>']],
    ['ReadTables', ['s3:GetObject'], ['<WorkArea>/curated/*', '<WorkArea>/users/*']],
    [
      'KeepResults',
      ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
      ['<WorkArea>/results/*'],
    ],
    ['FindInWorkArea', ['s3:ListBucket'], ['<WorkArea>']],
    ['LocateBuckets', ['s3:GetBucketLocation'], ['<Archive>', '<WorkArea>']],
    ['UseKeyThroughS3', ['kms:Decrypt', 'kms:GenerateDataKey'], [EVERYTHING.kmsKeyArn]],
    ['ReadUnderFormerKeys', ['kms:Decrypt'], EVERYTHING.formerKmsKeyArns],
    ['UseCatalogKey', ['kms:Decrypt'], [EVERYTHING.catalogKmsKeyArn]],
    ['AskLakeFormation', ['lakeformation:GetDataAccess'], ['*']],
  ]);
  for (const { Effect } of ofManagedPolicy(full, POLICY)) expect(Effect).toBe('Allow');
});

test('lists nothing outside of what tables are read from and of the results, and uses the key through S3 only', () => {
  const archived = { 's3:prefix': ['field_changes/*', 'manifests/*', 'fields/*'] };
  expect(conditionsOf(template)).toEqual([
    ['ReadArchive', HERE],
    ['FindInArchive', { ...HERE, StringLike: archived }],
    ['ReadTables', HERE],
    ['KeepResults', HERE],
    ['FindInWorkArea', { ...HERE, StringLike: { 's3:prefix': ['curated/*', 'users/*', 'athena/*'] } }],
    ['LocateBuckets', HERE],
  ]);
  const throughS3 = { StringEquals: { 'kms:ViaService': expect.anything() } };
  expect(conditionsOf(full).filter(([sid]) => /Key/.test(String(sid)))).toEqual([
    ['UseKeyThroughS3', throughS3],
    ['ReadUnderFormerKeys', throughS3],
  ]);
});

test('reads rows through Athena only, if the configuration says so; results may be fetched by a driver itself', () => {
  const bound = conditionsOf(full).filter(([, condition]) => JSON.stringify(condition).includes('aws:CalledVia'));
  expect(bound.map(([sid]) => sid)).toEqual(['ReadArchive', 'FindInArchive', 'ReadTables']);
  for (const [, condition] of bound) {
    expect(condition).toMatchObject({ ...HERE, 'ForAnyValue:StringEquals': { 'aws:CalledVia': [ATHENA] } });
  }
});

test('does not reach what is staged, in quarantine or in the ledger, nor change a table', () => {
  for (const each of [template, full]) {
    const written = JSON.stringify(ofManagedPolicy(each, POLICY));
    expect(written).not.toMatch(/staging|quarantine|dynamodb|glue:(Create|Update|Delete)|s3:Delete/);
  }
});

test('is there for roles to be given, and is given to none', () => {
  const { Roles, Users, Groups } = resource(template, 'AWS::IAM::ManagedPolicy', POLICY).Properties;
  expect([Roles, Users, Groups]).toEqual([undefined, undefined, undefined]);
});

/** Sid and condition of the statements that have one. */
function conditionsOf(of: Template): [string | undefined, unknown][] {
  return ofManagedPolicy(of, POLICY).flatMap(({ Sid, Condition }): [string | undefined, unknown][] =>
    Condition ? [[Sid, Condition]] : [],
  );
}
