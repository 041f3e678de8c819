import { Duration, Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { Role } from 'aws-cdk-lib/aws-iam';
import { ManagedPolicy, type PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct, type IConstruct } from 'constructs';
import type { CheckedOptions } from '../config/config';
import {
  acknowledgeVpc,
  bundledFunction,
  type FunctionPlace,
  failurePermission,
  functionLog,
  logPermission,
  vpcPermissions,
} from '../function/bundled-function';
import { findMissing } from '../function/exporter';
import { scheduleOf, starterRole } from '../function/schedules';
import { acknowledge, allow, serviceRole, wildcard } from '../policies';
import { denyEveryoneBut } from '../storage/closed-bucket';
import { type DataKeys, keyForServices, keyPermissions, ownBuckets } from '../storage/stored-data';
import { VERIFY_PREFIX } from '../storage/work-area';
import type { SigningKey } from './signing-keys';

/** Resources that an auditor checks. */
interface AuditedResources extends DataKeys {
  readonly archive: IBucket;
  readonly table: ITable;
  readonly signingKeys: readonly SigningKey[];
  /** Encrypts the table; undefined = AWS's own key. */
  readonly serviceKey: IKey | undefined;
  /** Actions on the key of the buckets; `kms:Decrypt` alone by default. */
  readonly keyActions?: readonly string[];
}

/**
 * Permissions of a check of the archive: read all of it with all versions and locks, quarantine too, because a hash
 * covers the bytes; and the table. It writes nothing, and needs no Athena.
 */
function auditPermissions(scope: Construct, on: AuditedResources): PolicyStatement[] {
  const { archive, table, signingKeys } = on;
  return [
    allow(
      'SeeArchive',
      ['s3:GetBucketObjectLockConfiguration', 's3:GetBucketVersioning', 's3:ListBucket', 's3:ListBucketVersions'],
      [archive.bucketArn],
      ownBuckets(scope),
    ),
    allow('ReadArchive', ['s3:GetObject', 's3:GetObjectRetention'], [archive.arnForObjects('*')], ownBuckets(scope)),
    ...keyPermissions(scope, on, on.keyActions ?? ['kms:Decrypt']),
    allow('ReadTable', ['dynamodb:GetItem', 'dynamodb:Query'], [table.tableArn]),
    ...(signingKeys.length === 0
      ? []
      : [
          allow(
            'SeePublicKeys',
            ['kms:GetPublicKey'],
            signingKeys.map(({ arn }) => arn),
          ),
        ]),
  ];
}

/** Accepts the wildcard of `auditPermissions` on its resource. */
function acknowledgeWholeArchive(scope: Construct, holder: IConstruct, archive: IBucket): void {
  acknowledge(holder, 'A check reads the whole archive: what does not belong there may lie under any key.', [
    wildcard(scope, archive.arnForObjects('*')),
  ]);
}

/**
 * For the roles of auditors: everything that `cases-audit verify` needs in this account, and no permission to change
 * anything.
 */
export class AuditorPolicy extends Construct {
  readonly policy: ManagedPolicy;

  constructor(scope: Construct, id: string, props: AuditedResources & { readonly prefix: string }) {
    super(scope, id);
    this.policy = new ManagedPolicy(this, 'Policy', {
      description: `Check the archive of the audit export ${props.prefix}: read all versions, locks, notes and the table.`,
      statements: [
        ...auditPermissions(this, props),
        ...keyForServices(this, props.serviceKey, ['dynamodb']),
        // For checks by hand, above all of a version that was overwritten or hidden.
        allow(
          'ReadVersions',
          ['s3:GetObjectAttributes', 's3:GetObjectLegalHold', 's3:GetObjectVersion', 's3:GetObjectVersionAttributes'],
          [props.archive.arnForObjects('*')],
          ownBuckets(this),
        ),
        // The names of bucket and table, for --stack.
        allow('SeeOutputs', ['cloudformation:DescribeStacks'], [Stack.of(this).stackId]),
      ],
    });
    acknowledgeWholeArchive(this, this.policy, props.archive);
  }
}

/** Inputs of the check. */
interface ScheduledVerifyProps
  extends FunctionPlace,
    AuditedResources,
    Pick<CheckedOptions, 'domains' | 'retiredDomains' | 'breakGlassRoleArn' | 'archiveExpirationDays'> {
  readonly work: IBucket;
  /** `SIGNING_KEYS` of the exporters; undefined = notes are unsigned. */
  readonly signingSetting: string | undefined;
  /** Receives ticks that could not be delivered. */
  readonly undelivered: IQueue;
  readonly failures: IQueue;
}

/** The check as monitoring sees it. */
export interface WatchedVerify {
  readonly function: LambdaFunction;
  readonly archiveBucket: string;
}

/**
 * Checks the archive once a day with the rights of an auditor. Its findings, and the place where it continues the next
 * day, are in the work bucket below a prefix that the bucket's policy closes to everybody else: otherwise the
 * exporters, whose work it checks, could lead it past something. It has its own log for the same reason.
 */
export class ScheduledVerify extends Construct {
  readonly function: LambdaFunction;
  readonly logGroup: LogGroup;
  readonly watched: WatchedVerify;

  constructor(scope: Construct, id: string, props: ScheduledVerifyProps) {
    super(scope, id);
    this.logGroup = functionLog(this, props);
    const role = this.role(props, this.logGroup);
    this.function = this.verifier(props, role, this.logGroup);
    this.watched = { function: this.function, archiveBucket: props.archive.bucketName };
    this.startDaily(props);
    // A stack whose data goes with it must be able to empty the bucket.
    if (props.deleteData) return;
    const { breakGlassRoleArn: breakGlass } = props;
    const keepers = [role.roleArn, ...(breakGlass === undefined ? [] : [breakGlass])];
    const actions = ['s3:DeleteObject', 's3:PutObject'];
    denyEveryoneBut(keepers, props.work, 'OnlyTheCheckKeepsItsState', actions, {}, `${VERIFY_PREFIX}*`);
  }

  private verifier(props: ScheduledVerifyProps, role: Role, logGroup: LogGroup): LambdaFunction {
    return bundledFunction(this, 'Function', props, {
      description: 'Checks the archive of the audit export once a day.',
      bundle: 'verify',
      memorySize: 1024,
      timeout: Duration.minutes(15),
      role,
      logGroup,
      environment: {
        EXPORT_BUCKET: props.archive.bucketName,
        STATE_BUCKET: props.work.bucketName,
        STATE_PREFIX: VERIFY_PREFIX,
        CHECKPOINT_TABLE: props.table.tableName,
        DOMAINS: props.domains.join(','),
        ...(props.retiredDomains.length > 0 && { RETIRED_DOMAINS: props.retiredDomains.join(',') }),
        ...(props.archiveExpirationDays !== undefined && { EXPIRATION_DAYS: String(props.archiveExpirationDays) }),
        ...(props.signingSetting !== undefined && { SIGNING_KEYS: props.signingSetting }),
      },
      // A refusal of S3 or the network may pass; a check that ran out of time continues after the domains that it has
      // finished.
      retryAttempts: 2,
      maxEventAge: Duration.hours(1),
    });
  }

  private role(props: ScheduledVerifyProps, logGroup: LogGroup): Role {
    const { archive, work } = props;
    const role = serviceRole(this, 'Role', {
      service: 'lambda.amazonaws.com',
      description: 'Reads the archive of the audit export as an auditor does.',
      policy: 'verify',
      statements: [
        // The environment holds its public keys.
        ...auditPermissions(this, {
          ...props,
          signingKeys: [],
          keyActions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        }),
        allow(
          'KeepState',
          ['s3:GetObject', 's3:PutObject'],
          [work.arnForObjects(`${VERIFY_PREFIX}*`)],
          ownBuckets(this),
        ),
        findMissing(this, 'FindNoState', work, [VERIFY_PREFIX]),
        ...keyForServices(this, props.serviceKey, ['dynamodb', 'sqs']),
        ...vpcPermissions(this, props),
        failurePermission(props.failures),
        logPermission(logGroup),
      ],
    });
    acknowledgeWholeArchive(this, role, archive);
    acknowledgeVpc(role, props);
    acknowledge(role, 'The state and the reports of this function: it names a report by its time.', [
      wildcard(this, work.arnForObjects(`${VERIFY_PREFIX}*`)),
    ]);
    return role;
  }

  private startDaily({ undelivered, serviceKey }: ScheduledVerifyProps): void {
    const group = new CfnScheduleGroup(this, 'Schedules');
    const role = starterRole(this, 'ScheduleRole', group, {
      description: 'Lets a schedule start the check of the archive.',
      policy: 'start',
      starts: { action: 'lambda:InvokeFunction', resources: [this.function.functionArn] },
      undelivered,
      serviceKey,
    });
    scheduleOf(this, 'Daily', group, {
      description: 'Checks the archive of the audit export',
      // The schedule starts at deployment, so the alarm on missing checks ends soon after the first.
      expression: 'rate(1 day)',
      arn: this.function.functionArn,
      role,
      input: {},
      retries: { attempts: 5, seconds: 3600 },
      undelivered,
    });
  }
}
