import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { ArchivePrefix } from '../../lambda/export/domain/keys';
import { acknowledge, wildcard } from '../acknowledgements';
import { below, seeTables, tablesOf } from '../athena/athena-permissions';
import type { Catalog } from '../athena/catalog';
import { RAW_TABLE } from '../athena/raw-table';
import { keyPermission } from '../function/exporter-permissions';
import { CURATED_PREFIX } from '../storage/storage-keys';
import { CURATED_TABLE } from './curated-statements';

/** What the refresh touches. */
interface RefreshResources {
  readonly archive: IBucket;
  readonly work: IBucket;
  readonly catalog: Catalog;
  readonly encryptionKey: IKey | undefined;
  /** Prefix of query results in the work bucket. */
  readonly queryResults: string;
}

const ROWS = `${RAW_TABLE}/` satisfies ArchivePrefix;
const MANIFESTS = 'manifests/' satisfies ArchivePrefix;

/**
 * All that the refresh may do: read rows, list manifests, keep one table and its files. Athena acts with these permissions. It
 * may neither write to the archive nor read what is staged.
 */
export function refreshPermissions(
  scope: Construct,
  on: RefreshResources & { readonly name: string },
): PolicyStatement[] {
  const stack = Stack.of(scope);
  const { databaseName } = on.catalog;
  const glue = (resource: string, resourceName?: string) =>
    stack.formatArn({ service: 'glue', resource, ...(resourceName !== undefined && { resourceName }) });
  const allow = (sid: string, actions: string[], resources: string[], conditions: Record<string, unknown> = {}) =>
    new PolicyStatement({ sid, actions, resources, conditions });
  return [
    allow(
      'SeeOtherExecutions',
      ['states:ListExecutions'],
      [
        stack.formatArn({
          service: 'states',
          resource: 'stateMachine',
          resourceName: on.name,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ],
    ),
    allow(
      'RunStatements',
      ['athena:GetQueryExecution', 'athena:GetQueryResults', 'athena:StartQueryExecution', 'athena:StopQueryExecution'],
      [stack.formatArn({ service: 'athena', resource: 'workgroup', resourceName: on.name })],
    ),
    allow(
      'SeeCatalog',
      ['athena:GetDataCatalog'],
      [stack.formatArn({ service: 'athena', resource: 'datacatalog', resourceName: 'AwsDataCatalog' })],
    ),
    ...seeTables(scope, databaseName),
    allow(
      'KeepTable',
      ['glue:CreateTable', 'glue:DeleteTable', 'glue:UpdateTable'],
      [glue('catalog'), glue('database', databaseName), glue('table', `${databaseName}/${CURATED_TABLE}`)],
    ),
    allow('ReadRows', ['s3:GetObject'], [on.archive.arnForObjects(`${ROWS}*`)]),
    allow('FindRowsAndManifests', ['s3:ListBucket'], [on.archive.bucketArn], below(ROWS, MANIFESTS)),
    allow(
      'KeepFiles',
      ['s3:AbortMultipartUpload', 's3:DeleteObject', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
      [on.work.arnForObjects(`${CURATED_PREFIX}*`)],
    ),
    allow(
      'KeepResults',
      ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
      [on.work.arnForObjects(`${on.queryResults}*`)],
    ),
    allow('FindFilesAndResults', ['s3:ListBucket'], [on.work.bucketArn], below(CURATED_PREFIX, on.queryResults)),
    allow('LocateBuckets', ['s3:GetBucketLocation'], [on.archive.bucketArn, on.work.bucketArn]),
    ...(on.encryptionKey ? [keyPermission(scope, on.encryptionKey)] : []),
  ];
}

/** Accepts the wildcards of the permissions above. */
export function acknowledgeWildcards(role: Role, on: RefreshResources): void {
  acknowledge(role, 'The objects below one prefix of one bucket: their names are not known beforehand.', [
    wildcard(role, on.archive.arnForObjects(`${ROWS}*`)),
    wildcard(role, on.work.arnForObjects(`${CURATED_PREFIX}*`)),
    wildcard(role, on.work.arnForObjects(`${on.queryResults}*`)),
  ]);
  acknowledge(role, 'The tables and views of one database, to look at only: a list of tables asks for each of them.', [
    wildcard(role, tablesOf(role, on.catalog.databaseName)),
  ]);
}
