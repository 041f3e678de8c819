import { CfnNamedQuery, CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Catalog } from './catalog';
import { readQueries } from './sql-files';

const BYTES_PER_GB = 1024 ** 3;

/** What the workgroup needs to know. */
export interface WorkgroupProps {
  readonly prefix: string;
  readonly catalog: Catalog;
  readonly work: IBucket;
  /** Undefined = S3's own keys. */
  readonly encryptionKey: IKey | undefined;
  /** Prefix of query results in the work area. */
  readonly queryResults: string;
  /** A query that reads more is stopped. */
  readonly queryScanLimitGb: number;
}

/** Where analysts query: results encrypted in the work area whatever the client asks for, cost bounded, queries at hand. */
export class Workgroup extends Construct {
  readonly workgroup: CfnWorkGroup;

  constructor(scope: Construct, id: string, props: WorkgroupProps) {
    super(scope, id);
    this.workgroup = new CfnWorkGroup(this, 'Workgroup', {
      name: props.prefix,
      description: 'Audit history of Amazon Connect cases.',
      state: 'ENABLED',
      // Otherwise the saved queries would keep the stack from being deleted.
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        bytesScannedCutoffPerQuery: props.queryScanLimitGb * BYTES_PER_GB,
        resultConfiguration: {
          outputLocation: `s3://${props.work.bucketName}/${props.queryResults}`,
          encryptionConfiguration: props.encryptionKey
            ? { encryptionOption: 'SSE_KMS', kmsKey: props.encryptionKey.keyArn }
            : { encryptionOption: 'SSE_S3' },
        },
      },
    });
    for (const { name, description, sql } of readQueries()) {
      const query = new CfnNamedQuery(this, `Query-${name}`, {
        name,
        description,
        database: props.catalog.databaseName,
        workGroup: props.prefix,
        queryString: sql,
      });
      query.addResourceDependency(this.workgroup);
      query.addResourceDependency(props.catalog.database);
    }
  }
}
