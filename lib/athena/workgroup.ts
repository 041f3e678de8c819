import { CfnNamedQuery, CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Catalog } from './catalog';
import { readQueries } from './sql-files';

const BYTES_PER_GB = 1024 ** 3;

/** Where the results of a workgroup go. */
interface QueryResults {
  readonly work: IBucket;
  /** Undefined = S3's own keys. */
  readonly encryptionKey: IKey | undefined;
  /** Prefix of query results in the work area. */
  readonly queryResults: string;
}

/** What the workgroup needs to know. */
interface WorkgroupProps extends QueryResults {
  readonly prefix: string;
  readonly catalog: Catalog;
  /** A query that reads more is stopped. */
  readonly queryScanLimitGb: number;
}

/** Where analysts query: results encrypted in the work area whatever the client asks for, cost bounded, queries at hand. */
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

/** A workgroup for statements that run by themselves: they read what they must, and no limit of the analysts stops them. */
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
