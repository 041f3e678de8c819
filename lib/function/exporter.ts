import { Duration, Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup, LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ARCHIVE_PREFIXES, archivePrefixOf, stagingPrefixOf } from '../../lambda/export/domain/keys';
import type { CheckedOptions } from '../config/config';
import type { SigningKeyConfig } from '../config/config-evidence';
import { signPermissions } from '../evidence/signing-keys';
import { acknowledge, allow, serviceRole, wildcard } from '../policies';
import { type DataKeys, keyForServices, keyPermissions, ownBuckets } from '../storage/stored-data';
import {
  acknowledgeVpc,
  bundledFunction,
  type FunctionPlace,
  failurePermission,
  functionLog,
  logPermission,
  vpcPermissions,
} from './bundled-function';
import { exporterEnvironment, type Pace, pacedRate, SIGNING_KEYS_VARIABLE } from './exporter-environment';
import { evidenceQueue } from './schedules';

/** Inputs of the exporter. */
interface ExporterProps
  extends Omit<FunctionPlace, 'failures'>,
    Pace,
    Pick<CheckedOptions, 'settings' | 'memoryMb'>,
    Omit<ExporterResources, 'failures' | 'logGroup'> {}

/**
 * A function and a role for each domain, their log, and the queue of failed ticks. Each domain has its own function,
 * because pace, settings, permissions and alarms differ by domain.
 */
export class Exporter extends Construct {
  /** By domain id. */
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  readonly logGroup: LogGroup;
  /** Failed runs and ticks that Lambda gave up: evidence only, because the next tick does the same work. */
  readonly failures: Queue;

  /** Roles of the functions, the only ones that write to the archive. */
  readonly roleArns: readonly string[];

  constructor(scope: Construct, id: string, props: ExporterProps) {
    super(scope, id);
    this.failures = evidenceQueue(this, 'Failures', props.serviceKey);
    this.logGroup = functionLog(this, props);
    const roles = new Map(props.domains.map((domainId) => [domainId, this.role(domainId, props)]));
    this.roleArns = [...roles.values()].map(({ roleArn }) => roleArn);
    this.functions = new Map([...roles].map(([domainId, role]) => [domainId, this.function(domainId, role, props)]));
  }

  /** Lets every function sign the notes of its commits with these keys: `<ARN>=<public key>`, as it reads them. */
  signWith(signingKeys: string): void {
    for (const exporter of this.functions.values()) exporter.addEnvironment(SIGNING_KEYS_VARIABLE, signingKeys);
  }

  private function(domainId: string, role: Role, props: ExporterProps): LambdaFunction {
    const on = { ...props, failures: this.failures };
    return bundledFunction(this, `Function-${domainId}`, on, {
      description: `Exports the audit history of Amazon Connect cases to Parquet: domain ${domainId}.`,
      bundle: 'export',
      // A batch of the default size peaks below 320 MB; the rest is for the runtime. The function mostly waits.
      memorySize: props.memoryMb,
      // The maximum. No reserved concurrency: accounts with a limit of 10 refuse it; the lease is the guard.
      timeout: Duration.minutes(15),
      role,
      logGroup: this.logGroup,
      environment: {
        NODE_OPTIONS: heapLimits(props.memoryMb),
        ...exporterEnvironment({
          archiveBucket: props.archive.bucketName,
          workBucket: props.work.bucketName,
          table: props.table.tableName,
          requestsPerSecond: pacedRate(props, domainId),
          settings: { ...props.settings, ...props.perDomain[domainId]?.settings },
        }),
      },
      // The next tick is the retry.
      retryAttempts: 0,
      maxEventAge: Duration.minutes(5),
    });
  }

  private role(domainId: string, props: ExporterProps): Role {
    const { failures, logGroup } = this;
    // No AWSLambdaBasicExecutionRole: it may write to every log group of the account.
    const role = serviceRole(this, `Role-${domainId}`, {
      service: 'lambda.amazonaws.com',
      description: `Reads Amazon Connect Cases domain ${domainId}, writes its audit export.`,
      policy: 'export',
      statements: [
        ...exporterPermissions(this, domainId, { ...props, failures, logGroup }),
        ...vpcPermissions(this, props),
      ],
    });
    acknowledge(
      role,
      'The keys below one domain’s prefix of one bucket: the narrowest that holds objects of any name.',
      [
        ...ARCHIVE_PREFIXES.map((prefix) =>
          wildcard(this, props.archive.arnForObjects(`${archivePrefixOf(domainId, prefix)}*`)),
        ),
        wildcard(this, props.work.arnForObjects(`${stagingPrefixOf(domainId)}*`)),
      ],
    );
    acknowledge(role, 'Any case and any field of one domain: their ids are not known beforehand.', [
      wildcard(this, domainArn(this, `${domainId}/case/*`)),
      wildcard(this, domainArn(this, `${domainId}/field/*`)),
    ]);
    acknowledgeVpc(role, props);
    return role;
  }
}

/**
 * V8 collects garbage late unless pressed: without limits a batch of the default size peaks above 320 MB, with these
 * below (`bench/RESULTS.md`, Memory). Half of the memory is for long-lived objects; buffers lie outside. The young
 * generation of Node 24 grows to three times its semi-space, which without a limit costs 130 MB more than in Node 20.
 */
export function heapLimits(memoryMb: number): string {
  const semiSpaceMb = Math.min(Math.floor(memoryMb / 64), 16);
  return `--max-old-space-size=${Math.floor(memoryMb / 2)} --max-semi-space-size=${semiSpaceMb}`;
}

/** Resources of the functions. */
interface ExporterResources extends DataKeys {
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
function exporterPermissions(scope: Construct, domainId: string, on: ExporterResources): PolicyStatement[] {
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
function domainArn(scope: Construct, path: string): string {
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
