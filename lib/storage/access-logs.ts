import { Duration } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { type DataRemoval, removalPolicy } from './data-removal';

/** What the bucket needs to know. */
interface AccessLogsProps extends DataRemoval {
  readonly retentionDays: number;
}

/** Who read what: S3's own log of requests to the other buckets. */
export class AccessLogs extends Construct {
  readonly bucket: IBucket;

  constructor(scope: Construct, id: string, props: AccessLogsProps) {
    super(scope, id);
    const bucket = new Bucket(this, 'Bucket', {
      // Log delivery cannot write to a bucket that is encrypted with a customer's key.
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      lifecycleRules: [{ id: 'expire-logs', expiration: Duration.days(props.retentionDays) }],
      removalPolicy: removalPolicy(props),
      autoDeleteObjects: props.deleteData,
    });
    // A cast, because the library's classes do not fit its interfaces under exactOptionalPropertyTypes.
    this.bucket = bucket as IBucket;
  }
}
