import { Stack } from 'aws-cdk-lib';
import { Alarm, type IAlarm, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { CheckedOptions } from '../config/config';
import type { WatchedRefresh } from '../curated/curated-table';
import type { WatchedVerify } from '../evidence/auditors';
import type { WatchedCopy } from '../evidence/replication';
import { tickMinutes } from '../function/exporter-environment';
import { acknowledge } from '../policies';
import { type AlarmDefinition, domainAlarms, queueAlarm, refreshAlarms } from './alarm-definitions';
import { copyAlarm, noteAlarm, verifyAlarms } from './evidence-alarms';

/** Inputs of monitoring. */
interface MonitoringProps
  extends Pick<
    CheckedOptions,
    'prefix' | 'alarms' | 'pausedDomains' | 'scheduleMinutes' | 'perDomain' | 'signingKeys'
  > {
  /** By domain id. */
  readonly functions: ReadonlyMap<string, IFunction>;
  /** Receives ticks that schedules cannot deliver. */
  readonly undelivered: IQueue;
  /** Undefined without a curated table. */
  readonly refresh: WatchedRefresh | undefined;
  /** Undefined without a scheduled check. */
  readonly verify: WatchedVerify | undefined;
  /** Rules by which S3 copies the archive or its notes. */
  readonly copies: readonly WatchedCopy[];
  /** A topic of the app's own. Undefined: the one that `alarms` names, or one that is made for its e-mail address. */
  readonly alarmTopic: ITopic | undefined;
  /** Encrypts the new topic; undefined = it is not encrypted. */
  readonly serviceKey: IKey | undefined;
}

/** An alarm for each possible failure, each with its section of the runbook, all to one topic. */
export class Monitoring extends Construct {
  readonly topic: ITopic;
  readonly alarms: readonly IAlarm[];
  /** Number of metrics that the alarms watch, because each costs money. */
  alarmMetrics = 0;

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    this.topic = props.alarmTopic ?? this.topicOf(props);
    const domains = [...props.functions.keys()];
    const everythingPaused = domains.every((domainId) => props.pausedDomains.includes(domainId));
    this.alarms = [
      this.alarm(queueAlarm(props.undelivered), props, {
        id: 'dead-letters',
        subject: 'all domains',
        silent: everythingPaused,
      }),
      ...[
        ...(props.refresh ? refreshAlarms(props.refresh) : []),
        ...(props.verify ? verifyAlarms(props.verify) : []),
      ].map((each) =>
        // Also where every domain is paused: stored data can still break.
        this.alarm(each, props, { id: each.section, subject: 'all domains', silent: false }),
      ),
      ...props.copies.map((each) =>
        this.alarm(copyAlarm(each), props, {
          id: `copies-failed-${each.ruleId}`,
          subject: 'all domains',
          silent: false,
        }),
      ),
      ...domains.flatMap((domainId) => this.domainAlarms(domainId, props)),
    ];
  }

  private domainAlarms(domainId: string, props: MonitoringProps): IAlarm[] {
    const exporter = props.functions.get(domainId);
    if (exporter === undefined) return [];
    const everyMinutes = tickMinutes(props, domainId);
    const { watermarkAgeSeconds } = props.alarms;
    const definitions = [
      ...domainAlarms({ domainId, function: exporter, everyMinutes, watermarkAgeSeconds }),
      ...(props.signingKeys.length > 0 ? [noteAlarm({ domainId, everyMinutes })] : []),
    ];
    const silent = props.pausedDomains.includes(domainId);
    const subject = `domain ${domainId}`;
    return definitions.map((each) => this.alarm(each, props, { id: `${each.section}-${domainId}`, subject, silent }));
  }

  private alarm(
    definition: AlarmDefinition,
    { prefix, alarms }: MonitoringProps,
    of: { readonly id: string; readonly subject: string; readonly silent: boolean },
  ): IAlarm {
    const { metric } = definition;
    this.alarmMetrics += metric instanceof MathExpression ? Object.keys(metric.usingMetrics ?? {}).length : 1;
    const alarm = new Alarm(this, of.id, {
      alarmName: `${prefix}-${of.id}`,
      alarmDescription: `${definition.meaning} If nobody acts, ${definition.ifIgnored} (${of.subject}) Runbook: ${alarms.runbookUrl}#${definition.section}`,
      metric,
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
    return alarm;
  }

  private topicOf({ alarms: { email, topicArn }, serviceKey }: MonitoringProps): ITopic {
    if (topicArn !== undefined) return Topic.fromTopicArn(this, 'Topic', topicArn);
    const topic = new Topic(this, 'Topic', { enforceSSL: true, ...(serviceKey && { masterKey: serviceKey }) });
    // A topic with a policy of its own loses the default one, which would have admitted CloudWatch.
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
