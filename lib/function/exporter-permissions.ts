import { Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { ARCHIVE_PREFIXES, archivePrefixOf, stagingPrefixOf } from '../../lambda/export/domain/keys';
import type { SigningKeyConfig } from '../config/config-evidence';
import { signPermissions } from '../evidence/signing-keys';
import { allow } from '../policies';
import { type DataKeys, keyForServices, keyPermissions, ownBuckets } from '../storage/stored-data';
import { failurePermission, logPermission } from './bundled-function';

/** Resources of the functions. */
export interface ExporterResources extends DataKeys {
  readonly archive: IBucket;
  /** Encrypts table and queue; undefined = AWS's own keys. */
  readonly serviceKey: IKey | undefined;
  readonly work: IBucket;
  readonly table: ITable;
  readonly failures: IQueue;
  readonly logGroup: ILogGroup;
  readonly signingKeys: readonly SigningKeyConfig[];
}

/**
 * All permissions of a domain's function: exact actions on exact prefixes, and inside the buckets and the table only
 * this domain's part. Written by hand, because the library's grants are wider. It may not delete from the archive, read
 * query results, or touch another domain.
 */
export function exporterPermissions(scope: Construct, domainId: string, on: ExporterResources): PolicyStatement[] {
  const archived = ARCHIVE_PREFIXES.map((prefix) => archivePrefixOf(domainId, prefix));
  const staged = stagingPrefixOf(domainId);
  return [
    ...casesPermissions(scope, domainId),
    allow(
      'PublishToArchive',
      ['s3:GetObject', 's3:PutObject'],
      archived.map((prefix) => on.archive.arnForObjects(`${prefix}*`)),
      ownBuckets(scope),
    ),
    findMissing(scope, 'FindMissingInArchive', on.archive, archived),
    allow(
      'StageCommits',
      ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'],
      [on.work.arnForObjects(`${staged}*`)],
      ownBuckets(scope),
    ),
    findMissing(scope, 'FindMissingInStaging', on.work, [staged]),
    ...keyPermissions(scope, on),
    ...keyForServices(scope, on.serviceKey, ['dynamodb', 'sqs']),
    checkpointPermission(on.table, domainId),
    ...signPermissions(on.signingKeys),
    failurePermission(on.failures),
    logPermission(on.logGroup),
  ];
}

/** ARN of a Cases domain, or of resources below it (`<id>/case/*`). */
export function domainArn(scope: Construct, path: string): string {
  return Stack.of(scope).formatArn({ service: 'cases', resource: 'domain', resourceName: path });
}

/** Source: Service Authorization Reference, Amazon Connect Cases. */
function casesPermissions(scope: Construct, domainId: string): PolicyStatement[] {
  const domain = domainArn(scope, domainId);
  return [
    allow(
      'ReadDomain',
      ['cases:ListFields', 'cases:ListTemplates', 'cases:SearchAllRelatedItems', 'cases:SearchCases'],
      [domain],
    ),
    allow('ReadAuditHistory', ['cases:GetCaseAuditEvents'], [domain, domainArn(scope, `${domainId}/case/*`)]),
    allow(
      'ReadFields',
      ['cases:BatchGetField', 'cases:ListFieldOptions'],
      [domain, domainArn(scope, `${domainId}/field/*`)],
    ),
  ];
}

/**
 * Without it S3 answers 403 for a missing key, and recovery could not tell the two apart. The function never lists.
 * IfExists, because a GET has no prefix: whichever way S3 fills the key for it, the answer must be 404.
 */
export function findMissing(
  scope: Construct,
  sid: string,
  bucket: IBucket,
  prefixes: readonly string[],
): PolicyStatement {
  return allow(
    sid,
    ['s3:ListBucket'],
    [bucket.bucketArn],
    ownBuckets(scope, { StringLikeIfExists: { 's3:prefix': prefixes.map((prefix) => `${prefix}*`) } }),
  );
}

/** One table serves all domains, but each function may use only its own partition. */
function checkpointPermission(table: ITable, domainId: string): PolicyStatement {
  return allow(
    'Checkpoints',
    [
      'dynamodb:BatchGetItem',
      'dynamodb:BatchWriteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
    ],
    [table.tableArn],
    { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [`DOMAIN#${domainId}`] } },
  );
}
