import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { STAGING_PREFIX } from '../../lambda/export/domain/keys';
import type { PrefixConfig } from '../config/config';
import { closedBucket } from './closed-bucket';
import type { DataRemoval } from './stored-data';

// Prefixes in the work bucket that the exporter does not use; its own are in `lambda/export/domain/keys.ts`.

/** Prefix of the curated table in the work bucket: only Athena writes there. The raw table is authoritative. */
export const CURATED_PREFIX = 'curated/';

/**
 * Prefix of the results of the refresh's own statements, in the work bucket. No analyst may write there, because the
 * refresh acts on them.
 */
export const CURATED_RESULTS_PREFIX = 'curated-results/';

/** Prefix of the lists of people that the owner may put into the work bucket. */
export const USERS_PREFIX = 'users/';

/** Prefix of the findings and the position of the scheduled check, in the work bucket. No exporter may write there. */
export const VERIFY_PREFIX = 'verify/';

/** Inputs of the work area. */
interface WorkAreaProps extends DataRemoval {
  /** Undefined = S3's own keys. */
  readonly encryptionKey: IKey | undefined;
  readonly accessLogs: IBucket;
  readonly prefixes: Pick<PrefixConfig, 'queryResults' | 'workAccessLogs'>;
  /** Days that query results are kept. */
  readonly queryResultRetentionDays: number;
}

/**
 * The bucket of temporary objects: staged commits, query results. A separate bucket, because a retention would lock all
 * of it.
 */
export class WorkArea extends Construct {
  readonly bucket: IBucket;

  constructor(scope: Construct, id: string, props: WorkAreaProps) {
    super(scope, id);
    this.bucket = closedBucket(this, props, {
      versioned: false,
      serverAccessLogsBucket: props.accessLogs,
      serverAccessLogsPrefix: props.prefixes.workAccessLogs,
      lifecycleRules: [
        // Removes leftovers of a crash, late enough to repair a commit that was made and not published.
        { id: 'expire-staging', prefix: STAGING_PREFIX, expiration: Duration.days(90) },
        // Results hold case data: they should not outlive their use.
        {
          id: 'expire-query-results',
          prefix: props.prefixes.queryResults,
          expiration: Duration.days(props.queryResultRetentionDays),
        },
        {
          id: 'expire-curated-results',
          prefix: CURATED_RESULTS_PREFIX,
          expiration: Duration.days(props.queryResultRetentionDays),
        },
        { id: 'abort-uploads', abortIncompleteMultipartUploadAfter: Duration.days(7) },
      ],
    });
  }
}
