import { Stack } from 'aws-cdk-lib';
import { Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnBucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { NOTES_PREFIX } from '../../lambda/export/domain/keys';
import { acknowledge, wildcard } from '../acknowledgements';
import type { NotesMirrorConfig } from '../config/config-evidence';
import type { DataKeys } from '../storage/data-access';

/** What the mirror needs to know. */
interface NotesMirrorProps extends DataKeys {
  readonly archive: IBucket;
  readonly notesMirror: NotesMirrorConfig;
}

/**
 * S3 copies the notes, and nothing else, to a bucket of another account. A note holds no case data. Whoever rules over this account cannot
 * take the copies back: deletions are not copied, and that bucket locks what comes.
 */
export class NotesMirror extends Construct {
  /** Whom the other account lets in. */
  readonly role: Role;

  constructor(scope: Construct, id: string, props: NotesMirrorProps) {
    super(scope, id);
    const { archive, notesMirror } = props;
    this.role = new Role(this, 'Role', {
      description: 'Lets S3 copy commit notes to another account.',
      assumedBy: new ServicePrincipal('s3.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    // Apart from the role: the bucket names the role, and these name the bucket.
    const policy = new Policy(this, 'Policy', { roles: [this.role], statements: this.statements(props) });
    acknowledge(policy, 'The notes below one prefix, and their copies, which have the same names.', [
      wildcard(this, archive.arnForObjects(`${NOTES_PREFIX}*`)),
      wildcard(this, copiesIn(notesMirror)),
    ]);
    const bucket = archive.node.defaultChild;
    if (!CfnBucket.isCfnBucket(bucket)) throw new Error('The archive is no bucket of this stack');
    bucket.replicationConfiguration = replicationTo(props, this.role);
  }

  /** Source: S3 User Guide, setting up permissions for live replication; Object Lock considerations. */
  private statements({ archive, notesMirror, encryptionKey, formerKmsKeyArns }: NotesMirrorProps): PolicyStatement[] {
    const { region, urlSuffix } = Stack.of(this);
    const through = (place: string) => ({ StringLike: { 'kms:ViaService': `s3.${place}.${urlSuffix}` } });
    const read = [...(encryptionKey ? [encryptionKey.keyArn] : []), ...formerKmsKeyArns];
    const { kmsKeyArn } = notesMirror;
    return [
      new PolicyStatement({
        sid: 'SeeWhatToCopy',
        actions: ['s3:GetReplicationConfiguration', 's3:ListBucket'],
        resources: [archive.bucketArn],
      }),
      new PolicyStatement({
        sid: 'ReadNotes',
        actions: [
          's3:GetObjectLegalHold',
          's3:GetObjectRetention',
          's3:GetObjectVersionAcl',
          's3:GetObjectVersionForReplication',
          's3:GetObjectVersionTagging',
        ],
        resources: [archive.arnForObjects(`${NOTES_PREFIX}*`)],
      }),
      new PolicyStatement({
        sid: 'CopyNotes',
        actions: ['s3:ReplicateObject', 's3:ReplicateTags'],
        resources: [copiesIn(notesMirror)],
      }),
      ...(kmsKeyArn === undefined
        ? []
        : [
            new PolicyStatement({
              sid: 'DecryptNotes',
              actions: ['kms:Decrypt'],
              resources: read,
              conditions: through(region),
            }),
            new PolicyStatement({
              sid: 'EncryptCopies',
              actions: ['kms:Encrypt'],
              resources: [kmsKeyArn],
              conditions: through(kmsKeyArn.split(':')[3] ?? region),
            }),
          ]),
    ];
  }
}

function copiesIn({ bucketArn }: NotesMirrorConfig): string {
  return `${bucketArn}/${NOTES_PREFIX}*`;
}

function replicationTo(
  { notesMirror: { bucketArn, account, kmsKeyArn } }: NotesMirrorProps,
  role: Role,
): CfnBucket.ReplicationConfigurationProperty {
  return {
    role: role.roleArn,
    rules: [
      {
        id: 'notes',
        status: 'Enabled',
        priority: 1,
        filter: { prefix: NOTES_PREFIX },
        // Nobody takes a copy back from here.
        deleteMarkerReplication: { status: 'Disabled' },
        // Copies are the other account's own, as its bucket knows no access lists.
        destination: {
          bucket: bucketArn,
          account,
          ...(kmsKeyArn !== undefined && { encryptionConfiguration: { replicaKmsKeyId: kmsKeyArn } }),
        },
        ...(kmsKeyArn !== undefined && { sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: 'Enabled' } } }),
      },
    ],
  };
}
