import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, type IMetric, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { METRIC_DIMENSION, METRIC_NAMESPACE, METRICS } from '../lambda/export/domain/metrics';

/** An alarm as data. `section` is its name, and the anchor of its section in `docs/runbook.md`. */
export interface AlarmDefinition {
  readonly section: string;
  /** What it means, in a sentence: opens the e-mail. */
  readonly meaning: string;
  readonly metric: IMetric;
  readonly comparison: ComparisonOperator;
  readonly threshold: number;
  /** It fires when `datapoints` of the last `periods` cross the threshold. */
  readonly periods: number;
  readonly datapoints: number;
  readonly whenMissing: TreatMissingData;
}

const { GREATER_THAN_OR_EQUAL_TO_THRESHOLD: AT_LEAST, LESS_THAN_THRESHOLD: BELOW } = ComparisonOperator;
const { BREACHING, NOT_BREACHING } = TreatMissingData;

const RUN_MINUTES = 15;
const ONE_HOUR = Duration.hours(1);

/** Calls answered with 429 in an hour that are more than the pacer's own probing of the limit: about one a minute. */
const THROTTLED_PER_HOUR = 60;

/** The alarms that watch the function as a whole. */
export function functionAlarms(on: {
  readonly function: IFunction;
  readonly failures: IQueue;
  readonly everyMinutes: number;
}): AlarmDefinition[] {
  const tick = Duration.minutes(on.everyMinutes);
  // One failure is mended by the next tick; two within six ticks are not.
  const twice = { comparison: AT_LEAST, threshold: 1, periods: 6, datapoints: 2, whenMissing: NOT_BREACHING };
  return [
    {
      ...twice,
      section: 'failed-runs',
      meaning: 'Runs of the exporter fail, and the next tick does not mend it.',
      metric: on.function.metricErrors({ period: tick }),
    },
    {
      ...twice,
      section: 'dropped-events',
      meaning: 'Lambda gave up ticks without a successful run.',
      metric: on.function.metric('AsyncEventsDropped', { period: tick, statistic: Stats.SUM }),
    },
    {
      section: 'no-invocation',
      meaning: 'The exporter was not started for three ticks.',
      metric: on.function.metricInvocations({ period: tick }),
      ...noneForThreeTicks(),
    },
    {
      section: 'dead-letters',
      meaning: 'Ticks that could not be delivered or that failed lie in the queue.',
      metric: on.failures.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(5),
        statistic: Stats.MAXIMUM,
      }),
      comparison: AT_LEAST,
      threshold: 1,
      periods: 1,
      datapoints: 1,
      whenMissing: NOT_BREACHING,
    },
  ];
}

/** The alarms that watch one domain. */
export function domainAlarms(on: {
  readonly domainId: string;
  readonly scheduleGroup: CfnScheduleGroup;
  readonly everyMinutes: number;
  readonly watermarkAgeSeconds: number;
}): AlarmDefinition[] {
  const metric = (metricName: string, statistic: string, period: Duration): Metric =>
    new Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      dimensionsMap: { [METRIC_DIMENSION]: on.domainId },
      statistic,
      period,
    });
  const once = { comparison: AT_LEAST, periods: 1, datapoints: 1, whenMissing: NOT_BREACHING };
  return [
    {
      section: 'watermark-age',
      meaning: 'Recent changes are not in the archive yet, or no run has told for a while.',
      // Runs tell when they end; two ends can be a whole run and a tick apart.
      metric: metric(METRICS.watermarkAge, Stats.MAXIMUM, Duration.minutes(RUN_MINUTES + 5 + 2 * on.everyMinutes)),
      ...once,
      threshold: on.watermarkAgeSeconds,
      whenMissing: BREACHING,
    },
    {
      section: 'unpublished-commit',
      meaning: 'A commit was made and for an hour no run could publish it.',
      // The minimum: not one run of the hour ended with everything published.
      metric: metric(METRICS.unpublishedCommits, Stats.MINIMUM, ONE_HOUR),
      ...once,
      threshold: 1,
    },
    {
      section: 'open-gaps',
      meaning: 'For an hour cases could not be read, or events lie in quarantine.',
      metric: metric(METRICS.openGaps, Stats.MINIMUM, ONE_HOUR),
      ...once,
      threshold: 1,
    },
    {
      section: 'throttled-calls',
      meaning: 'The Cases service turns calls away: the quota is shared with somebody.',
      metric: metric(METRICS.throttledCalls, Stats.SUM, ONE_HOUR),
      ...once,
      threshold: THROTTLED_PER_HOUR,
    },
    {
      section: 'anomalies',
      meaning: 'The Cases service keeps answering in a way that the exporter survives but does not expect.',
      metric: metric(METRICS.anomalies, Stats.SUM, ONE_HOUR),
      comparison: AT_LEAST,
      threshold: 1,
      periods: 6,
      datapoints: 3,
      whenMissing: NOT_BREACHING,
    },
    {
      section: 'no-tick',
      meaning: 'The schedule of this domain did not fire for three ticks.',
      metric: new Metric({
        namespace: 'AWS/Scheduler',
        metricName: 'InvocationAttemptCount',
        dimensionsMap: { ScheduleGroup: on.scheduleGroup.ref },
        statistic: Stats.SUM,
        period: Duration.minutes(on.everyMinutes),
      }),
      ...noneForThreeTicks(),
    },
  ];
}

/** Missing data is the alarm: a schedule that was switched off is the quietest failure of all. */
function noneForThreeTicks() {
  return { comparison: BELOW, threshold: 1, periods: 3, datapoints: 3, whenMissing: BREACHING };
}
