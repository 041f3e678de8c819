import { CfnNamedQuery, CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Catalog } from './catalog';
import { readQueries } from './sql-files';

const BYTES_PER_GB = 1024 ** 3;

/** Destination of a workgroup's results. */
interface QueryResults {
  readonly work: IBucket;
  /** Undefined = S3's own keys. */
  readonly encryptionKey: IKey | undefined;
  /** Prefix of query results in the work area. */
  readonly queryResults: string;
}

/** Inputs of the workgroup. */
interface WorkgroupProps extends QueryResults {
  readonly prefix: string;
  readonly catalog: Catalog;
  /** Athena stops a query that reads more. */
  readonly queryScanLimitGb: number;
}

/**
 * The workgroup of analysts: results encrypted in the work area whatever the client asks for, bounded cost, and saved
 * queries.
 */
export class Workgroup extends Construct {
  readonly workgroup: CfnWorkGroup;

  constructor(scope: Construct, id: string, props: WorkgroupProps) {
    super(scope, id);
    this.workgroup = new CfnWorkGroup(this, 'Workgroup', {
      ...workgroup(props.prefix, 'Audit history of Amazon Connect cases.'),
      workGroupConfiguration: {
        ...configuration(props),
        bytesScannedCutoffPerQuery: props.queryScanLimitGb * BYTES_PER_GB,
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

/** Creates a workgroup for automatic statements: they read as much as they need, without the analysts' limit. */
export function internalWorkgroup(
  scope: Construct,
  name: string,
  description: string,
  results: QueryResults,
): CfnWorkGroup {
  return new CfnWorkGroup(scope, 'Workgroup', {
    ...workgroup(name, description),
    workGroupConfiguration: configuration(results),
  });
}

function workgroup(name: string, description: string) {
  // Otherwise saved queries and history would keep the stack from being deleted.
  return { name, description, state: 'ENABLED', recursiveDeleteOption: true };
}

function configuration({
  work,
  queryResults,
  encryptionKey,
}: QueryResults): CfnWorkGroup.WorkGroupConfigurationProperty {
  return {
    enforceWorkGroupConfiguration: true,
    publishCloudWatchMetricsEnabled: true,
    engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
    resultConfiguration: {
      outputLocation: `s3://${work.bucketName}/${queryResults}`,
      encryptionConfiguration: encryptionKey
        ? { encryptionOption: 'SSE_KMS', kmsKey: encryptionKey.keyArn }
        : { encryptionOption: 'SSE_S3' },
    },
  };
}
