import { Duration } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type IBucket, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { ObjectLockConfig, PrefixConfig } from '../config/config';
import { closedBucket } from './closed-bucket';
import type { DataRemoval } from './data-removal';

/** What the archive needs to know. */
interface ArchiveProps extends DataRemoval {
  /** Default retention of every object; the function never sends one. */
  readonly objectLock: ObjectLockConfig;
  /** The only role that may delete; undefined = nobody. */
  readonly breakGlassRoleArn?: string | undefined;
  /** Undefined = S3's own keys: deleting a customer's key destroys even what COMPLIANCE mode protects. */
  readonly encryptionKey: IKey | undefined;
  readonly accessLogs: IBucket;
  readonly prefixes: Pick<PrefixConfig, 'archiveAccessLogs'>;
}

/**
 * The bucket that Athena and auditors read. Object Lock keeps versions, but neither a delete marker nor a new version
 * over a key needs its leave, and both make rows vanish from a query. The bucket's policy forbids them to everyone but
 * the break-glass role, also without any retention.
 */
export class Archive extends Construct {
  readonly bucket: IBucket;

  constructor(scope: Construct, id: string, props: ArchiveProps) {
    super(scope, id);
    const retention = defaultRetention(props.objectLock);
    this.bucket = closedBucket(this, props, {
      versioned: true,
      // Also without a retention: it can be set on this bucket later, and the locks then hold for what is written next.
      objectLockEnabled: true,
      ...(retention && { objectLockDefaultRetention: retention }),
      serverAccessLogsBucket: props.accessLogs,
      serverAccessLogsPrefix: props.prefixes.archiveAccessLogs,
      lifecycleRules: [{ id: 'abort-uploads', abortIncompleteMultipartUploadAfter: Duration.days(7) }],
    });
    // A stack whose data goes with it must be able to empty the bucket.
    if (!props.deleteData) this.protect(props.breakGlassRoleArn);
  }

  private protect(breakGlassRoleArn: string | undefined): void {
    const anyoneElse = breakGlassRoleArn ? { ArnNotEquals: { 'aws:PrincipalArn': breakGlassRoleArn } } : {};
    const deny = (sid: string, actions: string[], resource: string, conditions: Record<string, unknown>): void => {
      this.bucket.addToResourcePolicy(
        new PolicyStatement({
          sid,
          effect: Effect.DENY,
          principals: [new AnyPrincipal()],
          actions,
          resources: [resource],
          conditions: { ...conditions, ...anyoneElse },
        }),
      );
    };
    const objects = this.bucket.arnForObjects('*');
    deny('KeepObjects', ['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:BypassGovernanceRetention'], objects, {});
    deny('KeepVersioning', ['s3:PutBucketVersioning'], this.bucket.bucketArn, {});
    // Every PutObject must carry If-None-Match. ObjectCreationOperation is false for the parts of a multipart upload,
    // which cannot carry it; the call that completes one can.
    deny('WriteOnce', ['s3:PutObject'], objects, {
      Null: { 's3:if-none-match': 'true' },
      Bool: { 's3:ObjectCreationOperation': 'true' },
    });
  }
}

function defaultRetention(lock: ObjectLockConfig): ObjectLockRetention | undefined {
  if (lock.mode === 'GOVERNANCE') return ObjectLockRetention.governance(Duration.days(lock.days));
  if (lock.mode === 'COMPLIANCE') return ObjectLockRetention.compliance(Duration.days(lock.days));
  return undefined;
}
