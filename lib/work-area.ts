import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { type DataRemoval, removalPolicy } from './data-removal';
import { WORK_PREFIXES } from './storage-keys';

/** What the work area needs to know. */
export interface WorkAreaProps extends DataRemoval {
  /** Undefined = S3's own keys. */
  readonly encryptionKey: IKey | undefined;
  readonly accessLogs: IBucket;
}

/** The bucket of what passes: staged commits, query results. A bucket of its own, as a retention would lock all of it. */
export class WorkArea extends Construct {
  readonly bucket: IBucket;

  constructor(scope: Construct, id: string, props: WorkAreaProps) {
    super(scope, id);
    const bucket = new Bucket(this, 'Bucket', {
      versioned: false,
      encryption: props.encryptionKey ? BucketEncryption.KMS : BucketEncryption.S3_MANAGED,
      ...(props.encryptionKey && { encryptionKey: props.encryptionKey, bucketKeyEnabled: true }),
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      serverAccessLogsBucket: props.accessLogs,
      serverAccessLogsPrefix: 'work/',
      lifecycleRules: [
        // A safety net for what a crash left. Long enough to mend a commit that was made and not published.
        { id: 'expire-staging', prefix: WORK_PREFIXES.staging, expiration: Duration.days(90) },
        // Results hold case data: they should not outlive their use.
        { id: 'expire-query-results', prefix: WORK_PREFIXES.athena, expiration: Duration.days(30) },
        { id: 'abort-uploads', abortIncompleteMultipartUploadAfter: Duration.days(7) },
      ],
      removalPolicy: removalPolicy(props),
      autoDeleteObjects: props.deleteData,
    });
    // A cast, because the library's classes do not fit its interfaces under exactOptionalPropertyTypes.
    this.bucket = bucket as IBucket;
  }
}
