import { Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { ARCHIVE_PREFIXES, WORK_PREFIXES } from './storage-keys';

/** What the function touches. */
export interface ExporterResources {
  readonly domains: readonly string[];
  readonly archive: IBucket;
  readonly work: IBucket;
  readonly encryptionKey: IKey | undefined;
  readonly table: ITable;
  readonly failures: IQueue;
  readonly logGroup: ILogGroup;
}

/**
 * All that the function may do: exact actions on exact prefixes. Written by hand, as the grants of the library are wider.
 * It may not delete from the archive, read query results, or call Cases for a domain that is not configured.
 */
export function exporterPermissions(scope: Construct, on: ExporterResources): PolicyStatement[] {
  return [
    ...casesPermissions(scope, on.domains),
    ...archivePermissions(on.archive),
    ...stagingPermissions(on.work),
    ...(on.encryptionKey ? [keyPermissions(scope, on.encryptionKey)] : []),
    new PolicyStatement({
      sid: 'Checkpoints',
      actions: [
        'dynamodb:BatchGetItem',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        'dynamodb:UpdateItem',
      ],
      resources: [on.table.tableArn],
    }),
    new PolicyStatement({ sid: 'ReportFailures', actions: ['sqs:SendMessage'], resources: [on.failures.queueArn] }),
    new PolicyStatement({
      sid: 'WriteLogs',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      // The attribute ends in `:*`, the streams of this group.
      resources: [on.logGroup.logGroupArn],
    }),
  ];
}

/** ARN of a Cases domain, or of what is below it (`<id>/case/*`). */
export function domainArn(scope: Construct, path: string): string {
  return Stack.of(scope).formatArn({ service: 'cases', resource: 'domain', resourceName: path });
}

/** Source: Service Authorization Reference, Amazon Connect Cases. */
function casesPermissions(scope: Construct, domains: readonly string[]): PolicyStatement[] {
  const arn = (path: string): string => domainArn(scope, path);
  const ofDomains = domains.map((id) => arn(id));
  return [
    new PolicyStatement({
      sid: 'ReadDomains',
      actions: ['cases:ListFields', 'cases:SearchAllRelatedItems', 'cases:SearchCases'],
      resources: ofDomains,
    }),
    new PolicyStatement({
      sid: 'ReadAuditHistory',
      actions: ['cases:GetCaseAuditEvents'],
      resources: [...ofDomains, ...domains.map((id) => arn(`${id}/case/*`))],
    }),
    new PolicyStatement({
      sid: 'ReadFields',
      actions: ['cases:BatchGetField'],
      resources: [...ofDomains, ...domains.map((id) => arn(`${id}/field/*`))],
    }),
  ];
}

function archivePermissions(archive: IBucket): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: 'PublishToArchive',
      actions: ['s3:GetObject', 's3:PutObject'],
      resources: ARCHIVE_PREFIXES.map((prefix) => archive.arnForObjects(`${prefix}*`)),
    }),
    findMissing('FindMissingInArchive', archive, ARCHIVE_PREFIXES),
  ];
}

function stagingPermissions(work: IBucket): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: 'StageCommits',
      actions: ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'],
      resources: [work.arnForObjects(`${WORK_PREFIXES.staging}*`)],
    }),
    findMissing('FindMissingInStaging', work, [WORK_PREFIXES.staging]),
  ];
}

/**
 * Without it S3 answers 403 for a key that is not there, and recovery could not tell the two apart. The function never
 * lists. IfExists, because a GET carries no prefix: whichever way S3 fills the key for it, the answer must be 404.
 */
function findMissing(sid: string, bucket: IBucket, prefixes: readonly string[]): PolicyStatement {
  return new PolicyStatement({
    sid,
    actions: ['s3:ListBucket'],
    resources: [bucket.bucketArn],
    conditions: { StringLikeIfExists: { 's3:prefix': prefixes.map((prefix) => `${prefix}*`) } },
  });
}

function keyPermissions(scope: Construct, key: IKey): PolicyStatement {
  return new PolicyStatement({
    sid: 'UseKeyThroughS3',
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    resources: [key.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `s3.${Stack.of(scope).region}.${Stack.of(scope).urlSuffix}` } },
  });
}
