/** Buckets as this stack makes them, and the one for the access logs of the others. */
import { Duration } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type IBucket,
  ObjectOwnership,
  PartitionDateSource,
  TargetObjectKeyFormat,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { type DataRemoval, removalPolicyOnceMade } from './stored-data';

interface ClosedBucketProps extends DataRemoval {
  /** Undefined = S3's own keys. */
  readonly encryptionKey: IKey | undefined;
}

/**
 * Creates an encrypted bucket without public access and access lists, for TLS 1.2 alone, that is deleted with the stack
 * only if its data may be.
 */
export function closedBucket(scope: Construct, props: ClosedBucketProps, others: BucketProps): IBucket {
  const bucket = new Bucket(scope, 'Bucket', {
    ...others,
    // By day, so that a question about one day does not list the logs of ten years.
    ...(others.serverAccessLogsBucket && {
      targetObjectKeyFormat: TargetObjectKeyFormat.partitionedPrefix(PartitionDateSource.EVENT_TIME),
    }),
    encryption: props.encryptionKey ? BucketEncryption.KMS : BucketEncryption.S3_MANAGED,
    ...(props.encryptionKey && { encryptionKey: props.encryptionKey, bucketKeyEnabled: true }),
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    removalPolicy: removalPolicyOnceMade(props),
    autoDeleteObjects: props.deleteData,
  });
  // A kept bucket without its policy would be open to every administrator of S3. The TLS rules have created the policy.
  bucket.policy?.applyRemovalPolicy(removalPolicyOnceMade(props));
  // A cast, because the library's classes do not fit its interfaces under exactOptionalPropertyTypes.
  return bucket as IBucket;
}

/**
 * Forbids actions on the objects of a bucket (or on some, `keys`) to everyone but some roles, whatever else allows
 * them; no roles = nobody.
 */
export function denyEveryoneBut(
  roleArns: readonly string[],
  bucket: IBucket,
  sid: string,
  actions: readonly string[],
  conditions: Readonly<Record<string, unknown>> = {},
  keys = '*',
): void {
  const exempt = roleArns.length === 1 ? roleArns[0] : [...roleArns];
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid,
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: [...actions],
      resources: [bucket.arnForObjects(keys)],
      conditions: {
        ...conditions,
        ...(roleArns.length > 0 && { ArnNotEquals: { 'aws:PrincipalArn': exempt } }),
      },
    }),
  );
}

/** Inputs of the bucket. */
interface AccessLogsProps extends DataRemoval {
  readonly retentionDays: number;
  /** The only role that may delete a log; undefined = nobody. */
  readonly breakGlassRoleArn?: string | undefined;
}

/**
 * The bucket of S3's own log of requests to the other buckets. S3 delivers to no bucket with Object Lock, so the
 * bucket's policy keeps the logs until they expire.
 */
export class AccessLogs extends Construct {
  readonly bucket: IBucket;

  constructor(scope: Construct, id: string, props: AccessLogsProps) {
    super(scope, id);
    // Log delivery cannot write to a bucket that is encrypted with a customer's key.
    this.bucket = closedBucket(
      this,
      { ...props, encryptionKey: undefined },
      {
        lifecycleRules: [{ id: 'expire-logs', expiration: Duration.days(props.retentionDays) }],
      },
    );
    // A stack whose data goes with it must be able to empty the bucket.
    if (props.deleteData) return;
    const breakGlass = props.breakGlassRoleArn === undefined ? [] : [props.breakGlassRoleArn];
    denyEveryoneBut(breakGlass, this.bucket, 'KeepLogs', ['s3:DeleteObject', 's3:DeleteObjectVersion']);
  }
}
