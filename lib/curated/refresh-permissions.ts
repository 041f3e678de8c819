import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { ArchivePrefix } from '../../lambda/export/domain/keys';
import {
  acknowledgeGovernance,
  athenaCatalog,
  below,
  type CatalogGovernance,
  glueArn,
  governancePermissions,
  seeTables,
  tablesOf,
} from '../athena/athena-permissions';
import type { Catalog } from '../athena/catalog';
import { RAW_TABLE } from '../athena/raw-table';
import { acknowledge, allow, wildcard } from '../policies';
import { type DataKeys, keyPermissions, ownBuckets } from '../storage/stored-data';
import { CURATED_PREFIX, CURATED_RESULTS_PREFIX } from '../storage/work-area';
import { ALL_DICTIONARIES, ALL_MANIFESTS, COMMITS_TABLE, CURATED_TABLE } from './curated-statements';

/** Resources of the refresh. */
export interface RefreshResources extends DataKeys, CatalogGovernance {
  readonly archive: IBucket;
  readonly work: IBucket;
  readonly catalog: Catalog;
}

const ROWS = `${RAW_TABLE}/` satisfies ArchivePrefix;
const MANIFESTS = 'manifests/' satisfies ArchivePrefix;
const DICTIONARIES = 'fields/' satisfies ArchivePrefix;
/** What it reads of the archive: not what is in quarantine. */
const READ = [ROWS, MANIFESTS, DICTIONARIES];
const KEPT = [CURATED_TABLE, COMMITS_TABLE, ALL_MANIFESTS, ALL_DICTIONARIES];

/**
 * All that the refresh may do: read rows, manifests and dictionaries, keep two tables, their files, and the views over one. Athena acts with these permissions. It
 * may neither write to the archive nor read what is staged.
 */
export function refreshPermissions(
  scope: Construct,
  on: RefreshResources & { readonly name: string },
): PolicyStatement[] {
  const stack = Stack.of(scope);
  const { databaseName } = on.catalog;
  const here = ownBuckets(scope);
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
    allow('SeeCatalog', ['athena:GetDataCatalog'], [athenaCatalog(scope)]),
    ...seeTables(scope, databaseName),
    allow(
      'KeepTables',
      ['glue:CreateTable', 'glue:DeleteTable', 'glue:UpdateTable'],
      [
        glueArn(scope, 'catalog'),
        glueArn(scope, 'database', databaseName),
        ...KEPT.map((name) => glueArn(scope, 'table', `${databaseName}/${name}`)),
      ],
    ),
    allow(
      'ReadArchive',
      ['s3:GetObject'],
      READ.map((prefix) => on.archive.arnForObjects(`${prefix}*`)),
      here,
    ),
    allow('FindInArchive', ['s3:ListBucket'], [on.archive.bucketArn], { ...here, ...below(...READ) }),
    allow(
      'KeepFiles',
      ['s3:AbortMultipartUpload', 's3:DeleteObject', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
      [on.work.arnForObjects(`${CURATED_PREFIX}*`)],
      here,
    ),
    allow(
      'KeepResults',
      ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
      [on.work.arnForObjects(`${CURATED_RESULTS_PREFIX}*`)],
      here,
    ),
    allow('FindFilesAndResults', ['s3:ListBucket'], [on.work.bucketArn], {
      ...here,
      ...below(CURATED_PREFIX, CURATED_RESULTS_PREFIX),
    }),
    allow('LocateBuckets', ['s3:GetBucketLocation'], [on.archive.bucketArn, on.work.bucketArn], here),
    ...keyPermissions(scope, on),
    ...governancePermissions(on, ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey']),
  ];
}

/** Accepts the wildcards of the permissions above. */
export function acknowledgeWildcards(role: Role, on: RefreshResources): void {
  acknowledge(role, 'The objects below one prefix of one bucket: their names are not known beforehand.', [
    ...READ.map((prefix) => wildcard(role, on.archive.arnForObjects(`${prefix}*`))),
    wildcard(role, on.work.arnForObjects(`${CURATED_PREFIX}*`)),
    wildcard(role, on.work.arnForObjects(`${CURATED_RESULTS_PREFIX}*`)),
  ]);
  acknowledge(role, 'The tables and views of one database, to look at only: a list of tables asks for each of them.', [
    wildcard(role, tablesOf(role, on.catalog.databaseName)),
  ]);
  acknowledgeGovernance(role, on);
}
