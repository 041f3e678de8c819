import { Duration } from 'aws-cdk-lib';
import {
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { METRIC_DIMENSION, METRIC_NAMESPACE, METRICS } from '../../lambda/export/domain/metrics';
import type { WatchedRefresh } from '../curated/curated-table';

/** An alarm as data. `section` is its name, and the anchor of its section in `docs/runbook.md`. */
export interface AlarmDefinition {
  readonly section: string;
  /** Its meaning in one sentence, at the start of the e-mail. */
  readonly meaning: string;
  /** The consequence if nobody acts. */
  readonly ifIgnored: string;
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

/** The longest run. */
export const RUN_MINUTES = 15;
const FIVE_MINUTES = Duration.minutes(5);
const ONE_HOUR = Duration.hours(1);

/** Number of calls per hour answered with 429 beyond the pacer's own probing of the limit, about one a minute. */
const THROTTLED_PER_HOUR = 60;

/**
 * Turns silence into a value. Missing data would raise the alarm late, because CloudWatch reaches back for as many real
 * points as it can find.
 */
export function filled(real: Metric, value: number): MathExpression {
  return new MathExpression({ expression: `FILL(real, ${value})`, usingMetrics: { real }, period: real.period });
}

/** Fires at the first datapoint, and never without one. */
export const ONCE = { comparison: AT_LEAST, periods: 1, datapoints: 1, whenMissing: NOT_BREACHING };

/**
 * The alarm on failed deliveries of all domains. It counts new messages, not stored ones, so that it fires again for
 * the next.
 */
export function queueAlarm(undelivered: IQueue): AlarmDefinition {
  return {
    section: 'dead-letters',
    meaning: 'A schedule could not deliver its ticks.',
    ifIgnored: 'the scheduled work stops, and the alarm on missing runs follows.',
    metric: undelivered.metricNumberOfMessagesSent({ period: FIVE_MINUTES, statistic: Stats.SUM }),
    ...ONCE,
    threshold: 1,
  };
}

/** The alarms on the curated table, which all domains share: the raw table is current and complete without it. */
export function refreshAlarms({ stateMachineArn, everyHours }: WatchedRefresh): AlarmDefinition[] {
  const period = Duration.hours(everyHours);
  const executions = (metricName: string) =>
    new Metric({
      namespace: 'AWS/States',
      metricName,
      dimensionsMap: { StateMachineArn: stateMachineArn },
      statistic: Stats.SUM,
      period,
    });
  return [
    {
      section: 'curated-failed',
      meaning: 'A refresh of the curated table failed, ran out of time or was stopped.',
      ifIgnored: 'views show older and older rows; the raw table stays current and complete.',
      metric: new MathExpression({
        expression: 'FILL(failed, 0) + FILL(late, 0) + FILL(stopped, 0)',
        usingMetrics: {
          failed: executions('ExecutionsFailed'),
          late: executions('ExecutionsTimedOut'),
          stopped: executions('ExecutionsAborted'),
        },
        period,
      }),
      ...ONCE,
      threshold: 1,
    },
    {
      section: 'curated-stale',
      meaning: 'For two periods no refresh of the curated table succeeded: views show older rows than the raw table.',
      ifIgnored: 'views show older and older rows; the raw table stays current and complete.',
      metric: filled(executions('ExecutionsSucceeded'), 0),
      comparison: BELOW,
      threshold: 1,
      periods: 2,
      datapoints: 2,
      // As with no-invocation: a schedule that is off emits nothing.
      whenMissing: BREACHING,
    },
  ];
}

/** The watched parts of a domain. */
export interface WatchedDomain {
  readonly domainId: string;
  readonly function: IFunction;
  readonly everyMinutes: number;
  readonly watermarkAgeSeconds: number;
}

/** The alarms on one domain: on the runs of its function, and on their metrics. */
export function domainAlarms(on: WatchedDomain): AlarmDefinition[] {
  return [...runAlarms(on), ...exportAlarms(on)];
}

function runAlarms(on: WatchedDomain): AlarmDefinition[] {
  const tick = Duration.minutes(on.everyMinutes);
  // The next tick repairs one failure, but two within an hour need a person. At least an hour: a run that times out is
  // booked at its start, a quarter of an hour late, and its lease keeps the next from beginning sooner.
  const window = { period: Duration.minutes(Math.max(on.everyMinutes, 5)) };
  const twice = { comparison: AT_LEAST, threshold: 1, periods: 12, datapoints: 2, whenMissing: NOT_BREACHING };
  return [
    {
      ...twice,
      section: 'failed-runs',
      meaning: 'Runs of the exporter fail, and the next tick does not repair them.',
      ifIgnored: 'the export of this domain falls behind, and a case that is deleted meanwhile is never exported.',
      metric: on.function.metricErrors(window),
    },
    {
      ...twice,
      section: 'dropped-events',
      meaning: 'Lambda gave up ticks without a successful run.',
      ifIgnored: 'more ticks are lost and the export of this domain falls behind; no tick needs a replay.',
      metric: on.function.metric('AsyncEventsDropped', { ...window, statistic: Stats.SUM }),
    },
    {
      section: 'no-invocation',
      meaning: 'The exporter was not started for three ticks.',
      ifIgnored: 'nothing of this domain is exported, and a case that is deleted meanwhile never will be.',
      metric: filled(on.function.metricInvocations({ period: tick }), 0),
      comparison: BELOW,
      threshold: 1,
      periods: 3,
      datapoints: 3,
      // Silence is the alarm: a schedule that was switched off raises no other one.
      whenMissing: BREACHING,
    },
  ];
}

function exportAlarms({ domainId, everyMinutes, watermarkAgeSeconds }: WatchedDomain): AlarmDefinition[] {
  return [
    {
      section: 'watermark-age',
      meaning: 'Recent changes are not in the archive yet, or no run has reported lately.',
      ifIgnored: 'changes keep arriving later than agreed; they are lost only if their case is deleted first.',
      metric: filled(
        domainMetric(domainId, METRICS.watermarkAge, {
          statistic: Stats.MAXIMUM,
          // Runs emit metrics at their end; two ends can be a whole run and a tick apart.
          period: Duration.minutes(RUN_MINUTES + 5 + 2 * everyMinutes),
        }),
        watermarkAgeSeconds,
      ),
      ...ONCE,
      threshold: watermarkAgeSeconds,
      whenMissing: BREACHING,
    },
    {
      section: 'unpublished-commit',
      meaning: 'A commit was made and for an hour no run could publish it.',
      ifIgnored: 'nothing after that commit is exported, and a case that is deleted meanwhile never will be.',
      // The minimum: no run of the hour ended with everything published.
      metric: domainMetric(domainId, METRICS.unpublishedCommits, { statistic: Stats.MINIMUM, period: ONE_HOUR }),
      ...ONCE,
      threshold: 1,
    },
    {
      section: 'open-debts',
      meaning:
        'For an hour cases have been owed that could not be read or that no search shows, or events lie in quarantine.',
      ifIgnored:
        'their changes stay missing, and period-complete answers no for every period that they may concern; all other cases are exported as usual.',
      metric: domainMetric(domainId, METRICS.openDebts, { statistic: Stats.MINIMUM, period: ONE_HOUR }),
      ...ONCE,
      threshold: 1,
    },
    {
      section: 'throttled-calls',
      meaning: 'The Cases service rejects calls: something else uses the same quota.',
      ifIgnored: 'the export slows down, and so may the agents’ workspace, which shares the quota.',
      metric: domainMetric(domainId, METRICS.throttledCalls, { statistic: Stats.SUM, period: ONE_HOUR }),
      ...ONCE,
      threshold: THROTTLED_PER_HOUR,
    },
    {
      section: 'anomalies',
      meaning: 'The Cases service keeps answering in a way that the exporter survives but does not expect.',
      ifIgnored: 'nothing is lost: what one scan misses is a debt, or found by the next scan over all cases.',
      metric: domainMetric(domainId, METRICS.anomalies, { statistic: Stats.SUM, period: ONE_HOUR }),
      comparison: AT_LEAST,
      threshold: 1,
      periods: 6,
      datapoints: 3,
      whenMissing: NOT_BREACHING,
    },
  ];
}

/** A metric of one domain with the name, namespace and dimension of the function that emits it. */
export function domainMetric(
  domainId: string,
  metricName: (typeof METRICS)[keyof typeof METRICS],
  of: { readonly statistic: string; readonly period: Duration; readonly label?: string },
): Metric {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: { [METRIC_DIMENSION]: domainId },
    ...of,
  });
}
