import { Duration } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { closedBucket } from './closed-bucket';
import type { DataRemoval } from './data-removal';

/** What the bucket needs to know. */
interface AccessLogsProps extends DataRemoval {
  readonly retentionDays: number;
}

/** Who read what: S3's own log of requests to the other buckets. */
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
  }
}
