import { Stack } from 'aws-cdk-lib';
import { Policy, type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnBucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { NOTES_PREFIX } from '../../lambda/export/domain/keys';
import type { CopyBucketConfig } from '../config/config-evidence';
import { acknowledge, allow, wildcard } from '../policies';
import type { DataKeys } from '../storage/stored-data';

/** What replication needs to know. */
interface ReplicationProps extends DataKeys {
  readonly archive: IBucket;
  /** Takes the notes; undefined = nobody does. */
  readonly notesMirror?: CopyBucketConfig | undefined;
  /** Takes all objects; undefined = nobody does. */
  readonly archiveCopy?: CopyBucketConfig | undefined;
}

/** A rule of replication: what lies below a prefix goes to a bucket. */
interface Copy {
  /** Id of the rule, and a word in the ids of its statements. */
  readonly id: 'Notes' | 'Archive';
  /** Empty = everything. */
  readonly prefix: string;
  readonly to: CopyBucketConfig;
}

/** A rule whose failures are watched. */
export interface WatchedCopy {
  readonly ruleId: string;
  readonly archiveBucket: string;
  readonly copyBucket: string;
}

/**
 * S3 copies the notes to one bucket, or all objects to another, or both. Deletions are not copied, so no administrator of this account
 * takes a copy back from here; a bucket that must also withstand those of its own account locks what comes (`examples/mirror`).
 * A note holds no case data; the other objects do.
 */
export class Replication extends Construct {
  /** Each bucket of copies lets this role in. */
  readonly role: Role;
  /** Each rule, for alarms. */
  readonly watched: readonly WatchedCopy[];

  constructor(scope: Construct, id: string, props: ReplicationProps) {
    super(scope, id);
    const { archive } = props;
    const copies = copiesOf(props);
    this.role = new Role(this, 'Role', {
      description: 'Lets S3 copy objects of the archive to another bucket.',
      assumedBy: new ServicePrincipal('s3.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    // Apart from the role: the bucket names the role, and these name the bucket.
    const policy = new Policy(this, 'Policy', { roles: [this.role], statements: this.statements(copies, props) });
    acknowledge(policy, 'The objects below one prefix, and their copies, which have the same names.', [
      ...copies.map(({ prefix }) => wildcard(this, archive.arnForObjects(`${prefix}*`))),
      ...copies.map((copy) => wildcard(this, target(copy))),
    ]);
    const bucket = archive.node.defaultChild;
    if (!CfnBucket.isCfnBucket(bucket)) throw new Error('The archive is no bucket of this stack');
    bucket.replicationConfiguration = { role: this.role.roleArn, rules: copies.map(ruleOf) };
    this.watched = copies.map(({ id: ruleId, to }) => ({
      ruleId,
      archiveBucket: archive.bucketName,
      copyBucket: to.bucketArn.slice(to.bucketArn.lastIndexOf(':') + 1),
    }));
  }

  /** Source: S3 User Guide, setting up permissions for live replication; Object Lock considerations. */
  private statements(
    copies: readonly Copy[],
    { archive, encryptionKey, formerKmsKeyArns }: ReplicationProps,
  ): PolicyStatement[] {
    const { region } = Stack.of(this);
    const isKeyed = copies.some(({ to }) => to.kmsKeyArn !== undefined);
    return [
      allow('SeeWhatToCopy', ['s3:GetReplicationConfiguration', 's3:ListBucket'], [archive.bucketArn]),
      ...copies.flatMap((copy) => this.statementsOf(copy, archive)),
      ...(isKeyed
        ? [
            allow(
              'DecryptOriginals',
              ['kms:Decrypt'],
              [...(encryptionKey ? [encryptionKey.keyArn] : []), ...formerKmsKeyArns],
              this.throughS3(region),
            ),
          ]
        : []),
    ];
  }

  private statementsOf(copy: Copy, archive: IBucket): PolicyStatement[] {
    const { kmsKeyArn } = copy.to;
    return [
      allow(
        `Read${copy.id}`,
        [
          's3:GetObjectLegalHold',
          's3:GetObjectRetention',
          's3:GetObjectVersionAcl',
          's3:GetObjectVersionForReplication',
          's3:GetObjectVersionTagging',
        ],
        [archive.arnForObjects(`${copy.prefix}*`)],
      ),
      allow(`Copy${copy.id}`, ['s3:ReplicateObject', 's3:ReplicateTags'], [target(copy)]),
      ...(kmsKeyArn === undefined
        ? []
        : [
            allow(
              `Encrypt${copy.id}`,
              ['kms:Encrypt'],
              [kmsKeyArn],
              this.throughS3(kmsKeyArn.split(':')[3] ?? Stack.of(this).region),
            ),
          ]),
    ];
  }

  private throughS3(region: string): Record<string, unknown> {
    return { StringLike: { 'kms:ViaService': `s3.${region}.${Stack.of(this).urlSuffix}` } };
  }
}

function copiesOf({ notesMirror, archiveCopy }: ReplicationProps): Copy[] {
  return [
    ...(notesMirror ? [{ id: 'Notes', prefix: NOTES_PREFIX, to: notesMirror } as const] : []),
    ...(archiveCopy ? [{ id: 'Archive', prefix: '', to: archiveCopy } as const] : []),
  ];
}

function target({ prefix, to }: Copy): string {
  return `${to.bucketArn}/${prefix}*`;
}

/** The order of rules matters to S3 only where two name one destination; it asks for different numbers all the same. */
function ruleOf(
  { id, prefix, to: { bucketArn, account, kmsKeyArn } }: Copy,
  index: number,
): CfnBucket.ReplicationRuleProperty {
  return {
    id,
    status: 'Enabled',
    priority: index + 1,
    filter: { prefix },
    // Nobody takes a copy back from here.
    deleteMarkerReplication: { status: 'Disabled' },
    // Copies are the other account's own, as its bucket knows no access lists. Without metrics a copy that fails is seen by nobody.
    destination: {
      bucket: bucketArn,
      account,
      metrics: { status: 'Enabled' },
      ...(kmsKeyArn !== undefined && { encryptionConfiguration: { replicaKmsKeyId: kmsKeyArn } }),
    },
    ...(kmsKeyArn !== undefined && { sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: 'Enabled' } } }),
  };
}
