import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge, wildcard } from '../acknowledgements';
import type { CheckedOptions } from '../config/config';
import { bundledCode } from '../function/bundle';
import { logPermission } from '../function/exporter-permissions';
import { acknowledgeVpc, putInto, type VpcPlace, vpcPermissions } from '../function/vpc';
import { denyEveryoneBut } from '../storage/closed-bucket';
import { keyForServices, ownBuckets } from '../storage/data-access';
import { type DataRemoval, removalPolicyOnceMade } from '../storage/data-removal';
import { VERIFY_PREFIX } from '../storage/storage-keys';
import { type AuditedResources, acknowledgeWholeArchive, auditPermissions } from './auditor-policy';

/** Inputs of the check. */
interface ScheduledVerifyProps
  extends DataRemoval,
    AuditedResources,
    Pick<
      CheckedOptions,
      'domains' | 'retiredDomains' | 'logRetentionDays' | 'breakGlassRoleArn' | 'vpcConfig' | 'archiveExpirationDays'
    > {
  readonly work: IBucket;
  /** `SIGNING_KEYS` of the exporters; undefined = notes are unsigned. */
  readonly signingSetting: string | undefined;
  /** Receives ticks that could not be delivered. */
  readonly undelivered: IQueue;
  /** Undefined = not in a VPC, or in the one of the options. */
  readonly vpc: VpcPlace | undefined;
  /** Receives failed runs. */
  readonly failures: IQueue;
  /** Folder of the bundles. */
  readonly bundleDirectory: string;
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
    this.logGroup = new LogGroup(this, 'Logs', {
      retention: props.logRetentionDays,
      ...(props.serviceKey && { encryptionKey: props.serviceKey }),
      removalPolicy: removalPolicyOnceMade(props),
    });
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
    const verifier = new LambdaFunction(this, 'Function', {
      description: 'Checks the archive of the audit export once a day.',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: bundledCode(props.bundleDirectory, 'verify'),
      memorySize: 1024,
      timeout: Duration.minutes(15),
      role,
      ...props.vpc,
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
      // Not SqsDestination, which would add wider permissions to the role.
      onFailure: { bind: () => ({ destination: props.failures.queueArn }) },
    });
    if (props.vpcConfig) putInto(verifier, props.vpcConfig);
    acknowledge(verifier, 'Failed runs go to the onFailure destination, which tells more than a DLQ.', [
      'Serverless-LambdaDLQ',
    ]);
    acknowledge(verifier, 'A function that calls AWS services and nothing else: its log has the times and counts.', [
      'Serverless-LambdaTracing',
    ]);
    return verifier;
  }

  private role(props: ScheduledVerifyProps, logGroup: LogGroup): Role {
    const { archive, work } = props;
    const isInVpc = props.vpc !== undefined || props.vpcConfig !== undefined;
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: 'Reads the archive of the audit export as an auditor does.',
      inlinePolicies: {
        verify: new PolicyDocument({
          statements: [
            // The environment holds its public keys.
            ...auditPermissions(this, {
              ...props,
              signingKeys: [],
              keyActions: ['kms:Decrypt', 'kms:GenerateDataKey'],
            }),
            new PolicyStatement({
              sid: 'KeepState',
              actions: ['s3:GetObject', 's3:PutObject'],
              resources: [work.arnForObjects(`${VERIFY_PREFIX}*`)],
              conditions: ownBuckets(this),
            }),
            new PolicyStatement({
              sid: 'FindNoState',
              actions: ['s3:ListBucket'],
              resources: [work.bucketArn],
              conditions: ownBuckets(this, { StringLikeIfExists: { 's3:prefix': [`${VERIFY_PREFIX}*`] } }),
            }),
            ...keyForServices(this, props.serviceKey, ['dynamodb', 'sqs']),
            ...(isInVpc ? vpcPermissions(this) : []),
            new PolicyStatement({
              sid: 'ReportFailures',
              actions: ['sqs:SendMessage'],
              resources: [props.failures.queueArn],
            }),
            logPermission(logGroup),
          ],
        }),
      },
    });
    acknowledgeWholeArchive(this, role, archive);
    if (isInVpc) acknowledgeVpc(role);
    acknowledge(role, 'The state and the reports of this function: it names a report by its time.', [
      wildcard(this, work.arnForObjects(`${VERIFY_PREFIX}*`)),
    ]);
    return role;
  }

  private startDaily({ undelivered, serviceKey }: ScheduledVerifyProps): void {
    const stack = Stack.of(this);
    const group = new CfnScheduleGroup(this, 'Schedules');
    const role = new Role(this, 'ScheduleRole', {
      description: 'Lets a schedule start the check of the archive.',
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': stack.account, 'aws:SourceArn': group.attrArn } },
      }),
      inlinePolicies: {
        start: new PolicyDocument({
          statements: [
            new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.function.functionArn] }),
            new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [undelivered.queueArn] }),
            ...keyForServices(this, serviceKey, ['sqs']),
          ],
        }),
      },
    });
    new CfnSchedule(this, 'Daily', {
      description: 'Checks the archive of the audit export',
      groupName: group.ref,
      // The schedule starts at deployment, so the alarm on missing checks ends soon after the first.
      scheduleExpression: 'rate(1 day)',
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: this.function.functionArn,
        roleArn: role.roleArn,
        input: '{}',
        retryPolicy: { maximumRetryAttempts: 5, maximumEventAgeInSeconds: 3600 },
        deadLetterConfig: { arn: undelivered.queueArn },
      },
    });
  }
}
