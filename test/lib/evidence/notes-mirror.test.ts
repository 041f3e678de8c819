/** Promises: the notes, and nothing else, are copied to the other account; its template locks what comes and takes it from one role only. */
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { EVERYTHING } from '../configurations';
import { resource, templateOf } from '../templates';

const signed = templateOf('signed and mirrored');
const full = templateOf('everything');
const { bucketArn, account, kmsKeyArn } = EVERYTHING.notesMirror;

describe('the archive', () => {
  const rules = (of: Template) =>
    resource(of, 'AWS::S3::Bucket', 'ExportArchive').Properties.ReplicationConfiguration.Rules;

  test('copies what lies below notes/, not its deletions', () => {
    expect(rules(signed)).toEqual([
      {
        Id: 'notes',
        Status: 'Enabled',
        Priority: 1,
        Filter: { Prefix: 'notes/' },
        DeleteMarkerReplication: { Status: 'Disabled' },
        Destination: { Bucket: bucketArn, Account: account },
      },
    ]);
  });

  test('copies encrypted notes under a key of the other account', () => {
    expect(rules(full)[0]).toMatchObject({
      SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: 'Enabled' } },
      Destination: { EncryptionConfiguration: { ReplicaKmsKeyID: kmsKeyArn } },
    });
  });

  test('copies nothing unless asked to', () => {
    const { Properties } = resource(templateOf('minimal'), 'AWS::S3::Bucket', 'ExportArchive');
    expect(Properties).not.toHaveProperty('ReplicationConfiguration');
  });

  test('lends S3 a role that reads notes alone and writes to the mirror alone', () => {
    const { Statement } = resource(full, 'AWS::IAM::Policy', 'ExportNotesMirror').Properties.PolicyDocument;
    const written = JSON.stringify(Statement);
    expect(Statement.map(({ Sid }: { Sid: string }) => Sid)).toEqual([
      'SeeWhatToCopy',
      'ReadNotes',
      'CopyNotes',
      'DecryptNotes',
      'EncryptCopies',
    ]);
    expect(written).toContain(`"${bucketArn}/notes/*"`);
    expect(written).not.toMatch(/s3:GetObject"|s3:PutObject|s3:Delete|ReplicateDelete|field_changes|quarantine/);
    const { AssumeRolePolicyDocument } = resource(full, 'AWS::IAM::Role', 'ExportNotesMirrorRole').Properties;
    expect(AssumeRolePolicyDocument.Statement).toMatchObject([{ Principal: { Service: 's3.amazonaws.com' } }]);
  });
});

describe('the template of the other account', () => {
  const stack = new Stack(new App({ analyticsReporting: false }), 'Mirror');
  new CfnInclude(stack, 'Template', { templateFile: 'examples/notes-mirror/notes-mirror.yaml' });
  const mirror = Template.fromStack(stack);
  const bucket = resource(mirror, 'AWS::S3::Bucket').Properties;

  test('keeps every version, locks what comes in COMPLIANCE mode, and is closed and encrypted', () => {
    expect(bucket).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: { Ref: 'RetentionDays' } } },
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      PublicAccessBlockConfiguration: { BlockPublicPolicy: true, RestrictPublicBuckets: true },
    });
    expect(resource(mirror, 'AWS::S3::Bucket')).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
  });

  const statements: Record<string, unknown>[] = resource(mirror, 'AWS::S3::BucketPolicy').Properties.PolicyDocument
    .Statement;
  const statement = (sid: string) => statements.find(({ Sid }) => Sid === sid);

  test('takes copies of notes from the replication role of the archive’s account', () => {
    expect(statement('TakeCopies')).toMatchObject({
      Effect: 'Allow',
      Principal: { AWS: { 'Fn::Sub': `arn:\${AWS::Partition}:iam::\${ArchiveAccount}:root` } },
      Action: ['s3:ReplicateObject', 's3:ReplicateTags'],
      Resource: { 'Fn::Sub': `\${Bucket.Arn}/notes/*` },
      Condition: { ArnLike: { 'aws:PrincipalArn': { Ref: 'ReplicationRoleArn' } } },
    });
  });

  test('lets nobody delete, bypass a lock, or write by another way', () => {
    expect(statement('KeepCopies')).toMatchObject({
      Effect: 'Deny',
      Principal: '*',
      Action: ['s3:BypassGovernanceRetention', 's3:DeleteObject', 's3:DeleteObjectVersion', 's3:PutObject'],
    });
    expect(statement('OnlyTls')).toMatchObject({
      Effect: 'Deny',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
  });
});
