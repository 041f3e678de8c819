import { Duration } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { closedBucket, denyEveryoneBut } from './closed-bucket';
import type { DataRemoval } from './data-removal';

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
