/** Promises: what the options name is copied, its deletions are not, and a failure rings; the template of the other side keeps what comes. */
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { EVERYTHING } from '../configurations';
import { resource, resources, templateOf } from '../templates';

const signed = templateOf('signed and mirrored');
const full = templateOf('everything');
const copied = templateOf('copied to another Region');
const { notesMirror, archiveCopy } = EVERYTHING;

describe('the archive', () => {
  const rules = (of: Template) =>
    resource(of, 'AWS::S3::Bucket', 'ExportArchive').Properties.ReplicationConfiguration.Rules;

  test('copies what lies below notes/ to the mirror, not its deletions', () => {
    expect(rules(signed)).toEqual([
      {
        Id: 'Notes',
        Status: 'Enabled',
        Priority: 1,
        Filter: { Prefix: 'notes/' },
        DeleteMarkerReplication: { Status: 'Disabled' },
        Destination: {
          Bucket: notesMirror.bucketArn,
          Account: notesMirror.account,
          Metrics: { Status: 'Enabled' },
        },
      },
    ]);
  });

  test('copies every object to the bucket of copies, not its deletions', () => {
    expect(rules(copied)).toEqual([
      expect.objectContaining({
        Id: 'Archive',
        Filter: { Prefix: '' },
        DeleteMarkerReplication: { Status: 'Disabled' },
        Destination: expect.objectContaining({ Bucket: archiveCopy.bucketArn }),
      }),
    ]);
  });

  test('copies to both, by rules of different order, under the key of each', () => {
    expect(rules(full).map(({ Id, Priority }: { Id: string; Priority: number }) => [Id, Priority])).toEqual([
      ['Notes', 1],
      ['Archive', 2],
    ]);
    for (const [index, { kmsKeyArn }] of [notesMirror, archiveCopy].entries()) {
      expect(rules(full)[index]).toMatchObject({
        SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: 'Enabled' } },
        Destination: { EncryptionConfiguration: { ReplicaKmsKeyID: kmsKeyArn } },
      });
    }
  });

  test('copies nothing unless asked to', () => {
    const { Properties } = resource(templateOf('minimal'), 'AWS::S3::Bucket', 'ExportArchive');
    expect(Properties).not.toHaveProperty('ReplicationConfiguration');
  });

  test('lends S3 a role that reads what a rule names, and writes to its bucket alone', () => {
    const { Statement } = resource(full, 'AWS::IAM::Policy', 'ExportReplication').Properties.PolicyDocument;
    expect(Statement.map(({ Sid }: { Sid: string }) => Sid)).toEqual([
      'SeeWhatToCopy',
      'ReadNotes',
      'CopyNotes',
      'EncryptNotes',
      'ReadArchive',
      'CopyArchive',
      'EncryptArchive',
      'DecryptOriginals',
    ]);
    const of = (sid: string) => Statement.find(({ Sid }: { Sid: string }) => Sid === sid);
    expect(of('CopyNotes').Resource).toBe(`${notesMirror.bucketArn}/notes/*`);
    expect(of('CopyArchive').Resource).toBe(`${archiveCopy.bucketArn}/*`);
    expect(of('EncryptArchive')).toMatchObject({
      Resource: archiveCopy.kmsKeyArn,
      Condition: { StringLike: { 'kms:ViaService': { 'Fn::Join': ['', ['s3.eu-west-1.', expect.anything()]] } } },
    });
    expect(of('DecryptOriginals').Resource).toEqual([EVERYTHING.kmsKeyArn, ...EVERYTHING.formerKmsKeyArns]);
    expect(JSON.stringify(Statement)).not.toMatch(/s3:GetObject"|s3:PutObject|s3:Delete|ReplicateDelete/);
    const { AssumeRolePolicyDocument } = resource(full, 'AWS::IAM::Role', 'ExportReplicationRole').Properties;
    expect(AssumeRolePolicyDocument.Statement).toMatchObject([{ Principal: { Service: 's3.amazonaws.com' } }]);
  });

  test('a role that copies notes alone reads notes alone', () => {
    const { Statement } = resource(signed, 'AWS::IAM::Policy', 'ExportReplication').Properties.PolicyDocument;
    const read = Statement.find(({ Sid }: { Sid: string }) => Sid === 'ReadNotes');
    expect(JSON.stringify(read.Resource)).toContain('/notes/*');
    expect(JSON.stringify(Statement)).not.toContain('"/*"');
  });

  test('an alarm rings for each rule by which an object was not copied', () => {
    const alarms = [...resources(full, 'AWS::CloudWatch::Alarm').values()].flatMap(({ Properties }) =>
      Properties.MetricName === 'OperationsFailedReplication' ? [Properties] : [],
    );
    expect(alarms.map(({ Dimensions }) => Object.fromEntries(Dimensions.map(nameAndValue)))).toEqual([
      expect.objectContaining({ RuleId: 'Notes', DestinationBucket: notesMirror.bucketArn.split(':').at(-1) }),
      expect.objectContaining({ RuleId: 'Archive', DestinationBucket: archiveCopy.bucketArn.split(':').at(-1) }),
    ]);
    expect(alarms[0]).toMatchObject({ Namespace: 'AWS/S3', Threshold: 1, EvaluationPeriods: 1, Statistic: 'Sum' });
  });
});

describe('the template of the other side', () => {
  const stack = new Stack(new App({ analyticsReporting: false }), 'Mirror');
  new CfnInclude(stack, 'Template', { templateFile: 'examples/mirror/mirror.yaml' });
  const mirror = Template.fromStack(stack);
  const bucket = resource(mirror, 'AWS::S3::Bucket').Properties;

  test('keeps every version, locks what comes, and is closed and encrypted', () => {
    expect(bucket).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: { Ref: 'LockMode' }, Days: { Ref: 'RetentionDays' } } },
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: { 'Fn::If': ['HasKey', 'aws:kms', 'AES256'] } } },
        ],
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      PublicAccessBlockConfiguration: { BlockPublicPolicy: true, RestrictPublicBuckets: true },
    });
    expect(resource(mirror, 'AWS::S3::Bucket')).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
    expect(mirror.findParameters('LockMode')['LockMode']).toMatchObject({ Default: 'COMPLIANCE' });
  });

  const statements: Record<string, unknown>[] = resource(mirror, 'AWS::S3::BucketPolicy').Properties.PolicyDocument
    .Statement;
  const statement = (sid: string) => statements.find(({ Sid }) => Sid === sid);

  test('takes copies of what it was made for from the replication role of the archive’s account', () => {
    expect(mirror.findMappings('Below')['Below']).toEqual({ notes: { Keys: 'notes/*' }, archive: { Keys: '*' } });
    expect(mirror.findParameters('Copies')['Copies']).toMatchObject({ Default: 'notes' });
    expect(statement('TakeCopies')).toMatchObject({
      Effect: 'Allow',
      Principal: { AWS: { 'Fn::Sub': `arn:\${AWS::Partition}:iam::\${ArchiveAccount}:root` } },
      Action: ['s3:ReplicateObject', 's3:ReplicateTags'],
      Resource: {
        'Fn::Sub': [`\${Bucket.Arn}/\${Keys}`, { Keys: { 'Fn::FindInMap': ['Below', { Ref: 'Copies' }, 'Keys'] } }],
      },
      Condition: { ArnLike: { 'aws:PrincipalArn': { Ref: 'ReplicationRoleArn' } } },
    });
  });

  test('lets nobody write by another way, and nobody but a break-glass role delete or bypass a lock', () => {
    expect(statement('NothingButCopies')).toEqual({
      Sid: 'NothingButCopies',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:PutObject',
      Resource: { 'Fn::Sub': `\${Bucket.Arn}/*` },
    });
    expect(statement('KeepCopies')).toMatchObject({
      Effect: 'Deny',
      Principal: '*',
      Action: ['s3:BypassGovernanceRetention', 's3:DeleteObject', 's3:DeleteObjectVersion'],
      Condition: {
        'Fn::If': [
          'HasBreakGlass',
          { ArnNotEquals: { 'aws:PrincipalArn': { Ref: 'BreakGlassRoleArn' } } },
          { Ref: 'AWS::NoValue' },
        ],
      },
    });
    expect(statement('OnlyTls')).toMatchObject({
      Effect: 'Deny',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
  });
});

function nameAndValue({ Name, Value }: { Name: string; Value: unknown }): [string, unknown] {
  return [Name, Value];
}
