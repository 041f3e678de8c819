import { Stack } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledgements';
import { type AlarmDefinition, domainAlarms, functionAlarms } from './alarm-definitions';
import type { DeployConfig } from './config';

/** What monitoring needs to know. */
export interface MonitoringProps {
  readonly prefix: string;
  readonly alarms: DeployConfig['alarms'];
  readonly function: IFunction;
  readonly failures: IQueue;
  /** By domain id. */
  readonly scheduleGroups: ReadonlyMap<string, CfnScheduleGroup>;
  readonly pausedDomains: readonly string[];
  readonly everyMinutes: number;
}

/** An alarm for each thing that can go wrong, each with its section of the runbook, all to one topic. */
export class Monitoring extends Construct {
  readonly topic: ITopic;

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    this.topic = this.alarmTopic(props.alarms);
    const domains = [...props.scheduleGroups.keys()];
    const everythingPaused = domains.every((domainId) => props.pausedDomains.includes(domainId));
    for (const definition of functionAlarms(props)) {
      this.alarm(definition, props, { id: definition.section, subject: 'all domains', silent: everythingPaused });
    }
    for (const [domainId, scheduleGroup] of props.scheduleGroups) {
      const { everyMinutes, alarms } = props;
      const { watermarkAgeSeconds } = alarms;
      for (const definition of domainAlarms({ domainId, scheduleGroup, everyMinutes, watermarkAgeSeconds })) {
        const silent = props.pausedDomains.includes(domainId);
        this.alarm(definition, props, {
          id: `${definition.section}-${domainId}`,
          subject: `domain ${domainId}`,
          silent,
        });
      }
    }
  }

  private alarm(
    definition: AlarmDefinition,
    props: MonitoringProps,
    of: { readonly id: string; readonly subject: string; readonly silent: boolean },
  ): void {
    const alarm = new Alarm(this, of.id, {
      alarmName: `${props.prefix}-${of.id}`,
      alarmDescription: `${definition.meaning} (${of.subject}) Runbook: ${props.alarms.runbookUrl}#${definition.section}`,
      metric: definition.metric,
      comparisonOperator: definition.comparison,
      threshold: definition.threshold,
      evaluationPeriods: definition.periods,
      datapointsToAlarm: definition.datapoints,
      treatMissingData: definition.whenMissing,
      actionsEnabled: !of.silent,
    });
    const action = new SnsAction(this.topic);
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
  }

  private alarmTopic({ email, topicArn }: DeployConfig['alarms']): ITopic {
    if (topicArn !== undefined) return Topic.fromTopicArn(this, 'Topic', topicArn);
    const topic = new Topic(this, 'Topic', { enforceSSL: true });
    // A topic with a policy of its own loses the default one, which would have let CloudWatch in.
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsMayPublish',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    if (email !== undefined) {
      const subscription = topic.addSubscription(new EmailSubscription(email));
      acknowledge(
        subscription,
        'A mail that is not delivered loses nothing: the alarm and its history stay in CloudWatch.',
        ['Serverless-SNSRedrivePolicy'],
      );
    }
    return topic;
  }
}
