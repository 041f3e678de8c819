/** Promises: what was exported cannot be lost, changed or read by the wrong people, whatever becomes of the stack. */
import type { Template } from 'aws-cdk-lib/assertions';
import { Match } from 'aws-cdk-lib/assertions';
import { EVERYTHING } from '../configurations';
import { type Resource, resource, resources, templateOf, warningsOf } from '../templates';

const template = templateOf('minimal');
const full = templateOf('everything');

const ARCHIVE = 'ExportArchive';
const WORK = 'ExportWorkArea';
const LOGS = 'ExportAccessLogs';

describe('every bucket', () => {
  test.each([ARCHIVE, WORK, LOGS])('%s is private, owned by the account, and encrypted', (id) => {
    expect(bucket(template, id).Properties).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
    });
  });

  test.each([ARCHIVE, WORK, LOGS])('%s refuses anything below TLS 1.2', (id) => {
    const denied = statements(template, id).filter(({ Effect, Action }) => Effect === 'Deny' && Action === 's3:*');
    expect(denied.map(({ Condition }) => Condition)).toEqual([
      { Bool: { 'aws:SecureTransport': 'false' } },
      { NumericLessThan: { 's3:TlsVersion': 1.2 } },
    ]);
    for (const { Principal, Resource } of denied) {
      expect(Principal).toEqual({ AWS: '*' });
      expect(Resource).toHaveLength(2);
    }
  });

  test.each([ARCHIVE, WORK])('%s logs who reads it', (id) => {
    const { DestinationBucketName, LogFilePrefix } = bucket(template, id).Properties.LoggingConfiguration;
    expect(DestinationBucketName.Ref).toMatch(new RegExp(`^${LOGS}`));
    expect(LogFilePrefix).toBe(id === ARCHIVE ? 'archive/' : 'work/');
  });

  test('the log service may write to the log bucket, for these buckets only', () => {
    const allowed = statements(template, LOGS).filter(({ Effect }) => Effect === 'Allow');
    expect(allowed).toHaveLength(2);
    for (const { Principal, Action, Condition } of allowed) {
      expect(Principal).toEqual({ Service: 'logging.s3.amazonaws.com' });
      expect(Action).toBe('s3:PutObject');
      expect(Object.keys(Condition)).toEqual(['ArnLike', 'StringEquals']);
    }
  });
});

describe('the archive', () => {
  test('is versioned and made with Object Lock, also where no retention is set yet', () => {
    const { Properties } = bucket(template, ARCHIVE);
    expect(Properties.VersioningConfiguration).toEqual({ Status: 'Enabled' });
    expect(Properties.ObjectLockEnabled).toBe(true);
    expect(Properties.ObjectLockConfiguration).toBeUndefined();
  });

  test('holds every object for the term that is configured', () => {
    expect(bucket(full, ARCHIVE).Properties.ObjectLockConfiguration).toEqual({
      ObjectLockEnabled: 'Enabled',
      Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 2557 } },
    });
  });

  test('lets nobody delete, bypass a lock or set one, where no break-glass role is named', () => {
    const [keep, locks] = denials(template);
    expect(keep).toMatchObject({
      Sid: 'KeepObjects',
      Principal: { AWS: '*' },
      Action: ['s3:BypassGovernanceRetention', 's3:DeleteObject', 's3:DeleteObjectVersion'],
    });
    expect(keep).not.toHaveProperty('Condition');
    expect(locks).toMatchObject({
      Sid: 'NoOtherLocks',
      Principal: { AWS: '*' },
      Action: ['s3:PutObjectLegalHold', 's3:PutObjectRetention'],
    });
    expect(locks).not.toHaveProperty('Condition');
  });

  test('denies CloudFormation nothing that it needs to update the bucket', () => {
    for (const { Action } of denials(template)) expect(JSON.stringify(Action)).not.toContain('Bucket');
  });

  test('lets only the exporters add objects: a file of anybody else would read as evidence', () => {
    const add = denials(full).find(({ Sid }) => Sid === 'OnlyExportersAdd');
    expect(add).toMatchObject({ Principal: { AWS: '*' }, Action: 's3:PutObject' });
    const [operator = '', keys = {}] = Object.entries((add?.Condition ?? {}) as Record<string, object>)[0] ?? [];
    expect([operator, Object.keys(keys)]).toEqual(['ArnNotEquals', ['aws:PrincipalArn']]);
    const admitted = Object.values(keys).flat();
    // The break-glass role; and who publishes the public keys of notes, which may write nowhere else.
    expect(admitted).toHaveLength(EVERYTHING.domains.length + 2);
    expect(JSON.stringify(admitted)).toContain('ExportPublicKeysRole');
    expect(admitted).toContain(EVERYTHING.breakGlassRoleArn);
    for (const id of EVERYTHING.domains) {
      expect(JSON.stringify(admitted)).toContain(`ExportExporterRole${id.replaceAll('-', '')}`);
    }
  });

  test('refuses a write that could replace an object', () => {
    expect(denials(template)[2]).toMatchObject({
      Sid: 'WriteOnce',
      Principal: { AWS: '*' },
      Action: 's3:PutObject',
      Condition: { Null: { 's3:if-none-match': 'true' }, Bool: { 's3:ObjectCreationOperation': 'true' } },
    });
  });

  test('exempts the break-glass role and nobody else', () => {
    const exempted = denials(full).map(({ Condition }) => (Condition['ArnNotEquals'] as object | undefined) ?? {});
    expect(exempted).toHaveLength(4);
    for (const exempt of exempted.slice(0, 3)) {
      expect(Object.values(exempt).flat()).toEqual([EVERYTHING.breakGlassRoleArn]);
    }
  });

  test('expires rows, manifests and quarantine where a term is set, for good; never dictionaries', () => {
    const { Rules } = bucket(full, ARCHIVE).Properties.LifecycleConfiguration;
    const expiring = Rules.filter((rule: object) => 'ExpirationInDays' in rule);
    expect(expiring).toEqual(
      ['field_changes/', 'manifests/', 'quarantine/'].map((Prefix) => ({
        Id: `expire-${Prefix.slice(0, -1)}`,
        Status: 'Enabled',
        Prefix,
        ExpirationInDays: 3653,
        NoncurrentVersionExpiration: { NoncurrentDays: 1 },
      })),
    );
  });

  test('expires nothing', () => {
    const { Rules } = bucket(template, ARCHIVE).Properties.LifecycleConfiguration;
    expect(Rules).toEqual([
      { Id: 'abort-uploads', Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
    ]);
  });
});

describe('the access logs', () => {
  const kept = (of: Template) => statements(of, LOGS).filter(({ Sid }) => Sid === 'KeepLogs');

  test('are deleted by nobody, or by the break-glass role alone, before they expire', () => {
    expect(kept(template)).toEqual([
      {
        Sid: 'KeepLogs',
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
        Resource: expect.anything(),
      },
    ]);
    expect(kept(full).map(({ Condition }) => Condition)).toEqual([
      { ArnNotEquals: { 'aws:PrincipalArn': EVERYTHING.breakGlassRoleArn } },
    ]);
    expect(kept(templateOf('file and command delete data'))).toEqual([]);
  });

  test.each([ARCHIVE, WORK])('of %s are kept by day', (id) => {
    expect(bucket(template, id).Properties.LoggingConfiguration.TargetObjectKeyFormat).toEqual({
      PartitionedPrefix: { PartitionDateSource: 'EventTime' },
    });
  });
});

describe('the work area', () => {
  test('never drops the curated table, nor the lists of people', () => {
    for (const each of [template, full]) {
      const { Rules } = bucket(each, WORK).Properties.LifecycleConfiguration;
      const expiring: { Prefix?: string }[] = Rules.filter((rule: object) => 'ExpirationInDays' in rule);
      expect(expiring).toHaveLength(3);
      for (const key of ['curated/field_changes_curated/data/x.parquet', 'users/people.csv']) {
        expect(expiring.filter(({ Prefix }) => Prefix === undefined || key.startsWith(Prefix))).toEqual([]);
      }
    }
  });

  test('is never locked', () => {
    const { Properties } = bucket(full, WORK);
    expect(Properties.ObjectLockEnabled).toBeUndefined();
    expect(Properties.ObjectLockConfiguration).toBeUndefined();
    expect(Properties.VersioningConfiguration).toBeUndefined();
  });

  test('drops what a crash left after 90 days, query results after 30', () => {
    const { Rules } = bucket(template, WORK).Properties.LifecycleConfiguration;
    expect(Rules).toEqual([
      { Id: 'expire-staging', Status: 'Enabled', Prefix: 'staging/', ExpirationInDays: 90 },
      { Id: 'expire-query-results', Status: 'Enabled', Prefix: 'athena/', ExpirationInDays: 30 },
      { Id: 'expire-curated-results', Status: 'Enabled', Prefix: 'curated-results/', ExpirationInDays: 30 },
      { Id: 'abort-uploads', Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
    ]);
  });
});

test('a customer key encrypts archive and work area, never the log bucket, which log delivery could not write to', () => {
  const algorithm = (id: string) =>
    bucket(full, id).Properties.BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault;
  for (const id of [ARCHIVE, WORK]) {
    expect(algorithm(id)).toEqual({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID: EVERYTHING.kmsKeyArn });
  }
  expect(algorithm(LOGS)).toEqual({ SSEAlgorithm: 'AES256' });
});

describe('a key that the stack makes', () => {
  const own = templateOf('key of its own');
  const kept = (of: Template) =>
    resource(of, 'AWS::KMS::Key').Properties.KeyPolicy.Statement.filter(({ Effect }: Statement) => Effect === 'Deny');

  test('encrypts archive and work area, turns over every year, and stays when the stack goes', () => {
    const key = resource(own, 'AWS::KMS::Key');
    expect(key.Properties).toMatchObject({ EnableKeyRotation: true, PendingWindowInDays: 30 });
    expect([key.DeletionPolicy, key.UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
    for (const id of [ARCHIVE, WORK]) {
      const [{ ServerSideEncryptionByDefault: by }] = bucket(own, id).Properties.BucketEncryption
        .ServerSideEncryptionConfiguration;
      expect(by).toEqual({
        SSEAlgorithm: 'aws:kms',
        KMSMasterKeyID: { 'Fn::GetAtt': [expect.stringMatching(/^ExportEncryptionKey/), 'Arn'] },
      });
    }
    expect(Object.keys(own.findOutputs('EncryptionKey'))).toEqual(['EncryptionKey']);
  });

  test('can be ended or disabled by nobody, or by the break-glass role alone', () => {
    const [denied] = kept(own);
    expect(denied).toMatchObject({
      Sid: 'KeepKey',
      Principal: { AWS: '*' },
      Action: ['kms:DisableKey', 'kms:ScheduleKeyDeletion'],
    });
    expect(denied).not.toHaveProperty('Condition');
    const { breakGlassRoleArn } = EVERYTHING;
    const [exempting] = kept(templateOf('key of its own with break-glass role'));
    expect(exempting.Condition).toEqual({ ArnNotEquals: { 'aws:PrincipalArn': breakGlassRoleArn } });
  });

  test('is not made unless it is asked for', () => {
    template.resourceCountIs('AWS::KMS::Key', 0);
    const keys = [...resources(full, 'AWS::KMS::Key').values()];
    expect(keys.map(({ Properties }) => Properties.KeySpec)).toEqual(['ECC_NIST_P256']);
  });
});

describe('a key for all', () => {
  const own = templateOf('key of its own for all');
  const KEY = { 'Fn::GetAtt': [expect.stringMatching(/^ExportEncryptionKey/), 'Arn'] };

  test('encrypts log, table, queues and topic as well; without it they have keys of AWS’s own', () => {
    const keysOf = (of: Template) => ({
      logs: [...resources(of, 'AWS::Logs::LogGroup').values()].map(({ Properties }) => Properties.KmsKeyId),
      table: resource(of, 'AWS::DynamoDB::Table').Properties.SSESpecification,
      queues: [...resources(of, 'AWS::SQS::Queue').values()].map(({ Properties }) => Properties.KmsMasterKeyId),
      topic: resource(of, 'AWS::SNS::Topic').Properties?.KmsMasterKeyId,
    });
    const table = { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: KEY };
    expect(keysOf(own)).toEqual({ logs: [KEY, KEY], table, queues: [KEY, KEY], topic: KEY });
    const none = { logs: [undefined, undefined], table: undefined, queues: [undefined, undefined], topic: undefined };
    expect(keysOf(templateOf('key of its own'))).toEqual(none);
  });

  test('lets in the services that use it in their own name, bound to this account', () => {
    const { Statement } = resource(own, 'AWS::KMS::Key').Properties.KeyPolicy;
    const services = Statement.flatMap(({ Principal, Condition }: Statement) =>
      (Principal as { Service?: unknown }).Service === undefined ? [] : [Object.values(Condition)[0]],
    );
    expect(services).toEqual([
      { 'kms:EncryptionContext:aws:logs:arn': 'arn:aws:logs:eu-central-1:111122223333:log-group:*' },
      { 'aws:SourceAccount': '111122223333' },
    ]);
  });

  test('is used by every role that sends to the queues, and no role may more than that with it', () => {
    const roles = ['ExportExporterRole', 'ExportSchedulesRole', 'ExportCuratedScheduleRole'];
    const used = roles.map((id) => {
      const { Policies } = resource(own, 'AWS::IAM::Role', id).Properties;
      const statement = Policies[0].PolicyDocument.Statement.find(
        ({ Sid }: Statement) => Sid === 'UseKeyThroughServices',
      );
      return [statement?.Action, [statement?.Condition.StringEquals['kms:ViaService']].flat().length];
    });
    const forTable = ['kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'];
    expect(used).toEqual([
      [['kms:Decrypt', ...forTable], 2],
      [['kms:Decrypt', 'kms:GenerateDataKey'], 1],
      [['kms:Decrypt', 'kms:GenerateDataKey'], 1],
    ]);
  });
});

describe('what may be chosen', () => {
  test('prefixes and terms of logs and query results', () => {
    expect(bucket(full, ARCHIVE).Properties.LoggingConfiguration.LogFilePrefix).toBe('logs/archive/');
    expect(bucket(full, WORK).Properties.LoggingConfiguration.LogFilePrefix).toBe('logs/work/');
    expect(bucket(full, LOGS).Properties.LifecycleConfiguration.Rules).toMatchObject([{ ExpirationInDays: 730 }]);
    expect(bucket(template, LOGS).Properties.LifecycleConfiguration.Rules).toMatchObject([{ ExpirationInDays: 400 }]);
    expect(bucket(full, WORK).Properties.LifecycleConfiguration.Rules).toContainEqual({
      Id: 'expire-query-results',
      Status: 'Enabled',
      Prefix: 'results/',
      ExpirationInDays: 7,
    });
    const { ResultConfiguration } = resource(full, 'AWS::Athena::WorkGroup', 'ExportWorkgroup').Properties
      .WorkGroupConfiguration;
    expect(ResultConfiguration.OutputLocation['Fn::Join'][1].at(-1)).toBe('/results/');
  });
});

describe('the checkpoint table', () => {
  test('has the keys of the contract, on demand, restorable, protected from deletion, and nothing that expires', () => {
    const { Properties } = resource(template, 'AWS::DynamoDB::Table');
    expect(Properties).toEqual({
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      DeletionProtectionEnabled: true,
    });
  });
});

test('a restored table takes the place of the stack’s own, for the function and for its role', () => {
  const restored = templateOf('restored table');
  restored.resourceCountIs('AWS::DynamoDB::Table', 0);
  const { Variables } = resource(restored, 'AWS::Lambda::Function', 'ExportExporter').Properties.Environment;
  expect(Variables.CHECKPOINT_TABLE).toBe('restored');
  const [{ PolicyDocument }] = resource(restored, 'AWS::IAM::Role', 'ExportExporterRole').Properties.Policies;
  const checkpoints = PolicyDocument.Statement.find(({ Sid }: Statement) => Sid === 'Checkpoints');
  expect(JSON.stringify(checkpoints.Resource)).toContain(':dynamodb:eu-central-1:111122223333:table/restored');
});

describe('when the stack is deleted', () => {
  test.each([
    ['by default', template],
    ['when only the configuration says delete', templateOf('only the file deletes data')],
    ['when only the command says delete', templateOf('only the command deletes data')],
  ])('the data stays %s', (_name, of) => {
    const stores = dataStores(of);
    // Three buckets, the table, the logs of the exporters and of the check.
    expect(stores).toHaveLength(6);
    for (const { Type, DeletionPolicy, UpdateReplacePolicy } of stores) {
      const kept = Type === 'AWS::DynamoDB::Table' ? 'Retain' : 'RetainExceptOnCreate';
      expect({ DeletionPolicy, UpdateReplacePolicy }).toEqual({ DeletionPolicy: kept, UpdateReplacePolicy: 'Retain' });
    }
    of.resourceCountIs('Custom::S3AutoDeleteObjects', 0);
  });

  test('each bucket that is kept keeps its policy: whoever may delete in it is still refused', () => {
    const policies = [...resources(template, 'AWS::S3::BucketPolicy').values()];
    expect(policies).toHaveLength(3);
    for (const { DeletionPolicy, UpdateReplacePolicy } of policies) {
      expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['RetainExceptOnCreate', 'Retain']);
    }
  });

  test('a first deployment that fails leaves nothing but what refuses to be deleted: the table, and the key if one is made', () => {
    const left = (of: Template) =>
      Object.values<Resource>(of.toJSON()['Resources'])
        .filter(({ DeletionPolicy }) => DeletionPolicy === 'Retain')
        .map(({ Type }) => Type);
    expect(left(template)).toEqual(['AWS::DynamoDB::Table']);
    expect(left(templateOf('key of its own')).sort()).toEqual(['AWS::DynamoDB::Table', 'AWS::KMS::Key']);
  });

  test('the data goes when both agree, and nothing stands in the way', () => {
    const both = templateOf('file and command delete data');
    expect(warningsOf('file and command delete data').join(' ')).toContain(
      'Deleting this stack deletes all exported data.',
    );
    for (const { DeletionPolicy } of dataStores(both)) expect(DeletionPolicy).toBe('Delete');
    for (const { DeletionPolicy } of resources(both, 'AWS::S3::BucketPolicy').values()) {
      expect(DeletionPolicy).toBe('Delete');
    }
    expect(resource(both, 'AWS::DynamoDB::Table').Properties.DeletionProtectionEnabled).toBe(false);
    both.resourceCountIs('Custom::S3AutoDeleteObjects', 3);
    expect(denials(both)).toEqual([]);
  });
});

test('names of buckets and table are left to CloudFormation, so that a second stack cannot clash with what was kept', () => {
  template.allResourcesProperties('AWS::S3::Bucket', { BucketName: Match.absent() });
  template.allResourcesProperties('AWS::DynamoDB::Table', { TableName: Match.absent() });
});

test('logical ids of what holds data never change: another id is another, empty bucket or table', () => {
  const ids = ['AWS::S3::Bucket', 'AWS::DynamoDB::Table'].flatMap((type) => [...resources(template, type).keys()]);
  expect(ids).toEqual([
    'ExportAccessLogsBucket82587446',
    'ExportArchiveBucketF4DB2C4F',
    'ExportWorkAreaBucket8257F46C',
    'ExportCheckpointsTableA5932D14',
  ]);
});

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal: unknown;
  readonly Action: unknown;
  readonly Resource: unknown;
  readonly Condition: Record<string, unknown>;
}

function bucket(of: Template, id: string): Resource {
  return resource(of, 'AWS::S3::Bucket', id);
}

function statements(of: Template, id: string): Statement[] {
  return resource(of, 'AWS::S3::BucketPolicy', id).Properties.PolicyDocument.Statement;
}

/** The archive's own denials, without those that every bucket has. */
function denials(of: Template): Statement[] {
  return statements(of, ARCHIVE).filter(({ Effect, Action }) => Effect === 'Deny' && Action !== 's3:*');
}

function dataStores(of: Template): Resource[] {
  return ['AWS::S3::Bucket', 'AWS::DynamoDB::Table', 'AWS::Logs::LogGroup'].flatMap((type) => [
    ...resources(of, type).values(),
  ]);
}
