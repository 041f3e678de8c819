import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledgements';
import type { CheckedOptions } from '../config/config';
import { keyForServices } from '../storage/data-access';
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
    const role = this.role(props);
    for (const [domainId, exporter] of props.functions) {
      const minutes = tickMinutes(props, domainId);
      // Not the L2 target, which grants `<function>:*`.
      new CfnSchedule(this, `Schedule-${domainId}`, {
        description: `Audit export of Cases domain ${domainId}`,
        groupName: this.group.ref,
        state: props.pausedDomains.includes(domainId) ? 'DISABLED' : 'ENABLED',
        scheduleExpression: minutes === 1 ? 'rate(1 minute)' : `rate(${minutes} minutes)`,
        flexibleTimeWindow: { mode: 'OFF' },
        target: {
          arn: exporter.functionArn,
          roleArn: role.roleArn,
          input: JSON.stringify({ domainId }),
          // Both concern delivery only, because Lambda is invoked asynchronously. After 240 s the next tick is nearer.
          retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: 240 },
          deadLetterConfig: { arn: this.undelivered.queueArn },
        },
      });
    }
  }

  private role({ functions, serviceKey }: SchedulesProps): Role {
    return new Role(this, 'Role', {
      description: 'Lets the schedules of the audit export invoke its functions.',
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: {
            'aws:SourceAccount': Stack.of(this).account,
            'aws:SourceArn': this.group.attrArn,
          },
        },
      }),
      inlinePolicies: {
        invoke: new PolicyDocument({
          statements: [
            new PolicyStatement({
              actions: ['lambda:InvokeFunction'],
              resources: [...functions.values()].map(({ functionArn }) => functionArn),
            }),
            new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.undelivered.queueArn] }),
            ...keyForServices(this, serviceKey, ['sqs']),
          ],
        }),
      },
    });
  }
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
