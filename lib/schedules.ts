import { Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/** What the schedules need to know. */
export interface SchedulesProps {
  readonly domains: readonly string[];
  /** Among `domains`: their schedule exists and is off. */
  readonly pausedDomains: readonly string[];
  readonly everyMinutes: number;
  readonly function: IFunction;
  /** Takes the ticks that could not be delivered. */
  readonly failures: IQueue;
}

/** One tick per domain every few minutes. A tick that finds the one before still running ends at once. */
export class Schedules extends Construct {
  /** By domain id. A group of its own for each: Scheduler's metrics are told apart by group only. */
  readonly groups: ReadonlyMap<string, CfnScheduleGroup>;

  constructor(scope: Construct, id: string, props: SchedulesProps) {
    super(scope, id);
    this.groups = new Map(props.domains.map((domainId) => [domainId, new CfnScheduleGroup(this, `Group-${domainId}`)]));
    const role = this.role(props);
    for (const [domainId, group] of this.groups) {
      // Not the L2 target, which grants `<function>:*`.
      new CfnSchedule(this, `Schedule-${domainId}`, {
        description: `Audit export of Cases domain ${domainId}`,
        groupName: group.ref,
        state: props.pausedDomains.includes(domainId) ? 'DISABLED' : 'ENABLED',
        scheduleExpression: props.everyMinutes === 1 ? 'rate(1 minute)' : `rate(${props.everyMinutes} minutes)`,
        flexibleTimeWindow: { mode: 'OFF' },
        target: {
          arn: props.function.functionArn,
          roleArn: role.roleArn,
          input: JSON.stringify({ domainId }),
          // Both cover delivery only, as Lambda is invoked asynchronously. Older than 240 s, the next tick is nearer.
          retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: 240 },
          deadLetterConfig: { arn: props.failures.queueArn },
        },
      });
    }
  }

  private role(props: SchedulesProps): Role {
    return new Role(this, 'Role', {
      description: 'Lets the schedules of the audit export invoke its function.',
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: {
            'aws:SourceAccount': Stack.of(this).account,
            'aws:SourceArn': [...this.groups.values()].map((group) => group.attrArn),
          },
        },
      }),
      inlinePolicies: {
        invoke: new PolicyDocument({
          statements: [
            new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [props.function.functionArn] }),
            new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [props.failures.queueArn] }),
          ],
        }),
      },
    });
  }
}
