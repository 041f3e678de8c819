/** Promise: analysts of the accounts that are named read what an analyst of this one reads, and nothing else opens. */
import type { Template } from 'aws-cdk-lib/assertions';
import { EVERYTHING } from '../configurations';
import { applies, parseStatement } from '../policy-replay/iam';
import { resource, resources, templateOf } from '../templates';

const ACCOUNTS = ['777788889999', '888899990000'];
const ARCHIVE = 'arn:aws:s3:::archive';
const open = templateOf('analysts of other accounts');
const full = templateOf('everything');

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Principal: unknown;
  readonly Resource: unknown;
  readonly Condition?: Record<string, Record<string, string[]>>;
}

test.each([
  ['archive', 'ExportArchive', ['field_changes/*', 'fields/*', 'manifests/*']],
  ['work bucket', 'ExportWorkArea', ['curated/*', 'users/*']],
])('read from the %s what tables are made of', (_, bucket, readable) => {
  const statements = ofOthers(policy(open, bucket));
  expect(statements.map(({ Sid, Action }) => [Sid, Action])).toEqual([
    ['AnalystsOfOtherAccountsRead', 's3:GetObject'],
    ['AnalystsOfOtherAccountsFind', 's3:ListBucket'],
    ['AnalystsOfOtherAccountsLocate', 's3:GetBucketLocation'],
  ]);
  for (const { Effect, Principal } of statements) {
    expect(Effect).toBe('Allow');
    const named = JSON.stringify(Principal);
    expect(ACCOUNTS.filter((account) => !named.includes(`:iam::${account}:root`))).toEqual([]);
    expect(named.match(/:root/g)).toHaveLength(ACCOUNTS.length);
  }
  const [read, find] = statements;
  expect([read?.Resource].flat().map((each) => /[a-z_]+\/\*/.exec(JSON.stringify(each))?.[0])).toEqual(readable);
  expect(Object.keys(find?.Condition ?? {})).toEqual(['StringLike']);
  expect(find?.Condition?.['StringLike']?.['s3:prefix']?.toSorted()).toEqual(readable);
});

test.each<[string, string, Record<string, string[]>, boolean]>([
  ['s3:GetObject', '/field_changes/domain_id=d/x.parquet', {}, true],
  ['s3:GetObject', '/manifests/domain_id=d/000000000001.json', {}, true],
  ['s3:GetObject', '/quarantine/domain_id=d/x.json', {}, false],
  ['s3:GetObject', '/notes/domain_id=d/000000000001.note', {}, false],
  ['s3:GetObjectVersion', '/field_changes/domain_id=d/x.parquet', {}, false],
  ['s3:PutObject', '/field_changes/domain_id=d/x.parquet', {}, false],
  ['s3:DeleteObject', '/field_changes/domain_id=d/x.parquet', {}, false],
  ['s3:ListBucket', '', { 's3:prefix': ['manifests/domain_id=d/'] }, true],
  ['s3:ListBucket', '', { 's3:prefix': ['quarantine/'] }, false],
  ['s3:ListBucket', '', {}, false],
])('%s on the archive%s with %j: %s', (action, key, context, isOpen) => {
  const request = { action, resource: `${ARCHIVE}${key}`, context };
  const granted = ofOthers(policy(open, 'ExportArchive')).map((each) =>
    parseStatement({ ...each, Resource: [each.Resource].flat().map(arnOf) }),
  );
  expect(granted.some((each) => applies(each, request))).toBe(isOpen);
});

test('decrypt through S3 with the key of the stack, and do nothing else with it', () => {
  const { KeyPolicy } = resource(open, 'AWS::KMS::Key', 'ExportEncryptionKey').Properties;
  expect(ofOthers(KeyPolicy.Statement)).toEqual([
    expect.objectContaining({
      Action: 'kms:Decrypt',
      Condition: {
        StringEquals: { 'kms:ViaService': { 'Fn::Join': ['', ['s3.eu-central-1.', { Ref: 'AWS::URLSuffix' }]] } },
      },
    }),
  ]);
});

test('get the grants of Lake Formation, to hand on, where it hands out access, and only there', () => {
  const grants = [...resources(full, 'AWS::LakeFormation::PrincipalPermissions').values()];
  expect(grants.map(({ Properties }) => Properties)).toEqual([
    {
      Principal: { DataLakePrincipalIdentifier: EVERYTHING.analystAccounts[0] },
      Permissions: ['DESCRIBE'],
      PermissionsWithGrantOption: ['DESCRIBE'],
      Resource: { Database: { CatalogId: EVERYTHING.account, Name: expect.anything() } },
    },
    {
      Principal: { DataLakePrincipalIdentifier: EVERYTHING.analystAccounts[0] },
      Permissions: ['DESCRIBE', 'SELECT'],
      PermissionsWithGrantOption: ['DESCRIBE', 'SELECT'],
      Resource: {
        Table: { CatalogId: EVERYTHING.account, DatabaseName: expect.anything(), TableWildcard: {} },
      },
    },
  ]);
  open.resourceCountIs('AWS::LakeFormation::PrincipalPermissions', 0);
});

test('read through Athena only, where analysts must', () => {
  const via = { 'ForAnyValue:StringEquals': { 'aws:CalledVia': ['athena.amazonaws.com'] } };
  const [read, find] = ofOthers(policy(full, 'ExportArchive'));
  expect(read?.Condition).toEqual(via);
  expect(find?.Condition).toMatchObject(via);
});

test('are let in nowhere unless their account is named', () => {
  expect(ofOthers(policy(templateOf('minimal'), 'ExportArchive'))).toEqual([]);
  expect(ofOthers(policy(templateOf('minimal'), 'ExportWorkArea'))).toEqual([]);
});

function policy(of: Template, bucket: string): Statement[] {
  return resource(of, 'AWS::S3::BucketPolicy', bucket).Properties.PolicyDocument.Statement;
}

function ofOthers(statements: Statement[]): Statement[] {
  return statements.filter(({ Sid }) => Sid?.startsWith('AnalystsOfOtherAccounts'));
}

/** The reference to the bucket is its ARN here. */
function arnOf(resource: unknown): string {
  const parts = (resource as { readonly 'Fn::Join'?: [string, unknown[]] })['Fn::Join']?.[1] ?? [resource];
  return parts.map((part) => (typeof part === 'string' ? part : ARCHIVE)).join('');
}
