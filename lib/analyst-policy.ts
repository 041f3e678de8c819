import { Stack } from 'aws-cdk-lib';
import { Effect, ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge, wildcard } from './acknowledgements';
import type { Catalog } from './catalog';
import { keyPermission } from './exporter-permissions';
import { RAW_TABLE } from './raw-table';

/** What the policy needs to know. */
export interface AnalystPolicyProps {
  readonly prefix: string;
  readonly archive: IBucket;
  readonly work: IBucket;
  readonly catalog: Catalog;
  /** Undefined = S3's own keys. */
  readonly encryptionKey: IKey | undefined;
  /** Prefix of query results in the work bucket. */
  readonly queryResults: string;
}

/**
 * For the roles of analysts: query the export in its workgroup, and nothing else. No staging, where rows lie that may never be
 * published; no quarantine; nothing that changes the archive or the catalog.
 */
export class AnalystPolicy extends Construct {
  readonly policy: ManagedPolicy;

  constructor(scope: Construct, id: string, props: AnalystPolicyProps) {
    super(scope, id);
    this.policy = new ManagedPolicy(this, 'Policy', {
      description: `Query the audit history of Amazon Connect cases in the Athena workgroup ${props.prefix}.`,
      statements: [
        ...this.athena(props),
        ...this.data(props),
        ...(props.encryptionKey ? [keyPermission(this, props.encryptionKey)] : []),
      ],
    });
    acknowledge(this.policy, 'The objects below one prefix of one bucket: their names are not known beforehand.', [
      wildcard(this, props.archive.arnForObjects(`${RAW_TABLE}/*`)),
      wildcard(this, props.work.arnForObjects(`${props.queryResults}*`)),
    ]);
    acknowledge(
      this.policy,
      'The list of workgroups, without which the console does not open, has no narrower resource.',
      ['AwsSolutions-IAM5[Resource::*]'],
    );
  }

  private athena({ prefix, catalog }: AnalystPolicyProps): PolicyStatement[] {
    const stack = Stack.of(this);
    const { databaseName } = catalog;
    const glue = (resource: string, resourceName?: string): string =>
      stack.formatArn({ service: 'glue', resource, ...(resourceName !== undefined && { resourceName }) });
    return [
      allow('SeeWorkgroups', ['athena:ListWorkGroups'], ['*']),
      allow(
        'QueryInWorkgroup',
        [
          'athena:BatchGetNamedQuery',
          'athena:BatchGetQueryExecution',
          'athena:GetNamedQuery',
          'athena:GetQueryExecution',
          'athena:GetQueryResults',
          'athena:GetQueryResultsStream',
          'athena:GetQueryRuntimeStatistics',
          'athena:GetWorkGroup',
          'athena:ListNamedQueries',
          'athena:ListQueryExecutions',
          'athena:StartQueryExecution',
          'athena:StopQueryExecution',
        ],
        [stack.formatArn({ service: 'athena', resource: 'workgroup', resourceName: prefix })],
      ),
      allow(
        'SeeTables',
        ['glue:GetDatabase', 'glue:GetPartition', 'glue:GetPartitions', 'glue:GetTable', 'glue:GetTables'],
        [glue('catalog'), glue('database', databaseName), glue('table', `${databaseName}/${RAW_TABLE}`)],
      ),
    ];
  }

  private data({ archive, work, queryResults }: AnalystPolicyProps): PolicyStatement[] {
    const below = (prefix: string) => ({ StringLike: { 's3:prefix': [`${prefix}*`] } });
    return [
      allow('ReadRows', ['s3:GetObject'], [archive.arnForObjects(`${RAW_TABLE}/*`)]),
      allow('FindRows', ['s3:ListBucket'], [archive.bucketArn], below(`${RAW_TABLE}/`)),
      allow(
        'KeepResults',
        ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
        [work.arnForObjects(`${queryResults}*`)],
      ),
      allow('FindResults', ['s3:ListBucket'], [work.bucketArn], below(queryResults)),
      allow('LocateBuckets', ['s3:GetBucketLocation'], [archive.bucketArn, work.bucketArn]),
    ];
  }
}

function allow(
  sid: string,
  actions: string[],
  resources: string[],
  conditions: Record<string, unknown> = {},
): PolicyStatement {
  return new PolicyStatement({ sid, effect: Effect.ALLOW, actions, resources, conditions });
}
