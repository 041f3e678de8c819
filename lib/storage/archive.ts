import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type IBucket, type LifecycleRule, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { ArchivePrefix } from '../../lambda/export/domain/keys';
import type { ObjectLockConfig, PrefixConfig } from '../config/config';
import { closedBucket, denyEveryoneBut } from './closed-bucket';
import type { DataRemoval } from './stored-data';

/** Inputs of the archive. */
interface ArchiveProps extends DataRemoval {
  /** Default retention of every object; the function never sends one. */
  readonly objectLock: ObjectLockConfig;
  /** Undefined = nothing expires. */
  readonly archiveExpirationDays?: number | undefined;
  /** The only role that may delete; undefined = nobody. */
  readonly breakGlassRoleArn?: string | undefined;
  /** Undefined = S3's own keys: deleting a customer's key destroys even what COMPLIANCE mode protects. */
  readonly encryptionKey: IKey | undefined;
  readonly accessLogs: IBucket;
  readonly prefixes: Pick<PrefixConfig, 'archiveAccessLogs'>;
}

/**
 * The bucket for Athena and auditors. Object Lock keeps versions, but it prevents neither a delete marker nor a new
 * version over a key, and both make rows vanish from queries. The bucket's policy forbids them to everyone but the
 * break-glass role, also without any retention; and only the exporters may add anything. Versioning needs no denial: on
 * a bucket made with Object Lock, S3 lets nobody suspend it, nor disable Object Lock.
 */
export class Archive extends Construct {
  readonly bucket: IBucket;
  private readonly breakGlass: readonly string[];
  private readonly isGuarded: boolean;

  constructor(scope: Construct, id: string, props: ArchiveProps) {
    super(scope, id);
    const retention = defaultRetention(props.objectLock);
    this.bucket = closedBucket(this, props, {
      versioned: true,
      // Also without a retention: one can be set on this bucket later, and then locks every later write.
      objectLockEnabled: true,
      ...(retention && { objectLockDefaultRetention: retention }),
      serverAccessLogsBucket: props.accessLogs,
      serverAccessLogsPrefix: props.prefixes.archiveAccessLogs,
      lifecycleRules: [
        ...expiry(props.archiveExpirationDays),
        { id: 'abort-uploads', abortIncompleteMultipartUploadAfter: Duration.days(7) },
      ],
    });
    // A stack whose data goes with it must be able to empty the bucket.
    this.isGuarded = !props.deleteData;
    this.breakGlass = props.breakGlassRoleArn === undefined ? [] : [props.breakGlassRoleArn];
    if (this.isGuarded) this.protect();
  }

  /** From now on only these roles and the break-glass role may add objects: rows of others would pass as evidence. */
  admitOnly(writerRoleArns: readonly string[]): void {
    if (!this.isGuarded) return;
    const { bucket, breakGlass } = this;
    denyEveryoneBut([...writerRoleArns, ...breakGlass], bucket, 'OnlyExportersAdd', ['s3:PutObject']);
  }

  private protect(): void {
    const { bucket, breakGlass } = this;
    denyEveryoneBut(breakGlass, bucket, 'KeepObjects', [
      's3:DeleteObject',
      's3:DeleteObjectVersion',
      's3:BypassGovernanceRetention',
    ]);
    // The function sends no lock of its own; a role that could set one could keep an object from an order to erase it.
    denyEveryoneBut(breakGlass, bucket, 'NoOtherLocks', ['s3:PutObjectLegalHold', 's3:PutObjectRetention']);
    // Every PutObject must carry If-None-Match. ObjectCreationOperation is false for the parts of a multipart upload,
    // which cannot carry it; the call that completes one can.
    denyEveryoneBut(breakGlass, bucket, 'WriteOnce', ['s3:PutObject'], {
      Null: { 's3:if-none-match': 'true' },
      Bool: { 's3:ObjectCreationOperation': 'true' },
    });
  }
}

/** Dictionaries never expire: one is written only when a name changes, and holds until the next. */
const EXPIRING = ['field_changes/', 'manifests/', 'quarantine/'] as const satisfies readonly ArchivePrefix[];

/** For a bucket with versions: a marker replaces the object, which goes a day later. No policy stops a lifecycle. */
function expiry(days: number | undefined): LifecycleRule[] {
  if (days === undefined) return [];
  return EXPIRING.map((prefix) => ({
    id: `expire-${prefix.slice(0, -1)}`,
    prefix,
    expiration: Duration.days(days),
    noncurrentVersionExpiration: Duration.days(1),
  }));
}

function defaultRetention(lock: ObjectLockConfig): ObjectLockRetention | undefined {
  if (lock.mode === 'GOVERNANCE') return ObjectLockRetention.governance(Duration.days(lock.days));
  if (lock.mode === 'COMPLIANCE') return ObjectLockRetention.compliance(Duration.days(lock.days));
  return undefined;
}
