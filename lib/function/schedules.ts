import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { CheckedOptions } from '../config/config';
import { acknowledge, serviceRole } from '../policies';
import { keyForServices } from '../storage/stored-data';
import { tickMinutes } from './exporter-environment';

/** Inputs of the schedules. */
interface SchedulesProps extends Pick<CheckedOptions, 'pausedDomains' | 'perDomain' | 'scheduleMinutes'> {
  /** By domain id. The schedule of a paused domain exists and is off. */
  readonly functions: ReadonlyMap<string, IFunction>;
  /** Encrypts the queue; undefined = SQS's own keys. */
  readonly serviceKey: IKey | undefined;
}

/** One tick per domain every few minutes. A tick that finds the one before still running ends at once. */
export class Schedules extends Construct {
  readonly group: CfnScheduleGroup;
  /** Receives ticks that schedules cannot deliver. Separate from the failed runs, which have their own alarms. */
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, props: SchedulesProps) {
    super(scope, id);
    this.group = new CfnScheduleGroup(this, 'Group');
    this.undelivered = evidenceQueue(this, 'Undelivered', props.serviceKey);
    const role = starterRole(this, 'Role', this.group, {
      description: 'Lets the schedules of the audit export invoke its functions.',
      policy: 'invoke',
      starts: {
        action: 'lambda:InvokeFunction',
        resources: [...props.functions.values()].map(({ functionArn }) => functionArn),
      },
      undelivered: this.undelivered,
      serviceKey: props.serviceKey,
    });
    for (const [domainId, exporter] of props.functions) {
      const minutes = tickMinutes(props, domainId);
      scheduleOf(this, `Schedule-${domainId}`, this.group, {
        description: `Audit export of Cases domain ${domainId}`,
        state: props.pausedDomains.includes(domainId) ? 'DISABLED' : 'ENABLED',
        expression: minutes === 1 ? 'rate(1 minute)' : `rate(${minutes} minutes)`,
        arn: exporter.functionArn,
        role,
        input: { domainId },
        // Both concern delivery only, because Lambda is invoked asynchronously. After 240 s the next tick is nearer.
        retries: { attempts: 2, seconds: 240 },
        undelivered: this.undelivered,
      });
    }
  }
}

/** A schedule: when it starts what, and how often it tries to deliver. */
interface ScheduleOf {
  readonly description: string;
  /** Left out: on. */
  readonly state?: 'ENABLED' | 'DISABLED';
  /** As EventBridge Scheduler reads it, in UTC. */
  readonly expression: string;
  /** Of what it starts, as this role, with this input. */
  readonly arn: string;
  readonly role: Role;
  readonly input: object;
  readonly retries: { readonly attempts: number; readonly seconds: number };
  /** Receives starts that could not be delivered. */
  readonly undelivered: IQueue;
}

/** Creates a schedule of a group. Not the L2 target, which grants `<function>:*`. */
export function scheduleOf(scope: Construct, id: string, group: CfnScheduleGroup, of: ScheduleOf): void {
  new CfnSchedule(scope, id, {
    description: of.description,
    groupName: group.ref,
    ...(of.state && { state: of.state }),
    scheduleExpression: of.expression,
    flexibleTimeWindow: { mode: 'OFF' },
    target: {
      arn: of.arn,
      roleArn: of.role.roleArn,
      input: JSON.stringify(of.input),
      retryPolicy: { maximumRetryAttempts: of.retries.attempts, maximumEventAgeInSeconds: of.retries.seconds },
      deadLetterConfig: { arn: of.undelivered.queueArn },
    },
  });
}

/** Creates the role of a group's schedules: it starts these resources, and leaves in a queue what could not be delivered. */
export function starterRole(
  scope: Construct,
  id: string,
  group: CfnScheduleGroup,
  of: {
    readonly description: string;
    readonly policy: string;
    readonly starts: { readonly action: string; readonly resources: string[] };
    readonly undelivered: IQueue;
    /** Encrypts that queue; undefined = SQS's own keys. */
    readonly serviceKey: IKey | undefined;
  },
): Role {
  return serviceRole(scope, id, {
    service: 'scheduler.amazonaws.com',
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account, 'aws:SourceArn': group.attrArn } },
    description: of.description,
    policy: of.policy,
    statements: [
      new PolicyStatement({ actions: [of.starts.action], resources: of.starts.resources }),
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [of.undelivered.queueArn] }),
      ...keyForServices(scope, of.serviceKey, ['sqs']),
    ],
  });
}

/**
 * Creates a queue without a consumer: its messages keep failures for four days, and are never sent again. Without a key
 * it uses those of SQS.
 */
export function evidenceQueue(scope: Construct, id: string, key: IKey | undefined): Queue {
  const queue = new Queue(scope, id, {
    ...(key
      ? { encryption: QueueEncryption.KMS, encryptionMasterKey: key }
      : { encryption: QueueEncryption.SQS_MANAGED }),
    enforceSSL: true,
    retentionPeriod: Duration.days(4),
  });
  acknowledge(queue, 'It is the dead-letter queue. Alarms watch what is sent to it.', [
    'AwsSolutions-SQS3',
    'Serverless-SQSRedrivePolicy',
  ]);
  return queue;
}
