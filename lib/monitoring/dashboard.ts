import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IAlarm,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  type Metric,
  SingleValueWidget,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { CHECK_METRICS, METRICS } from '../../lambda/export/domain/metrics';
import type { CheckedOptions } from '../config/config';
import { domainMetric } from './alarm-definitions';
import { type CostSources, costPerDay, FIXED_PER_MONTH } from './cost-per-day';

// Logs Insights queries over the log lines of the function, one command per line.

/** Progress of each domain's sweep, from the last line of a run. */
export const SWEEP_QUERY = [
  'fields @timestamp, domainId',
  'filter message = "run ended"',
  'stats latest(sweepNumber) as sweep, latest(sweepPurpose) as purpose, latest(sweepUpTo) as upTo, ' +
    'latest(sweepCasesRead) as casesRead, latest(sweepFinished) as finished, latest(@timestamp) as lastRun by domainId',
] as const;

/** Events of each finished check that no other lane had found. */
const MISSED_QUERY = [
  'fields @timestamp, domainId, number, purpose, casesRead, eventsMissed',
  'filter message = "sweep finished"',
  'sort @timestamp desc',
  'limit 20',
] as const;

/** Inputs of the dashboard. */
interface DashboardProps
  extends CostSources,
    Pick<CheckedOptions, 'prefix' | 'alarms' | 'signingKeys' | 'scheduledVerify'> {
  readonly alarmsOfStack: readonly IAlarm[];
  /** Number of metrics that the alarms watch. */
  readonly alarmMetrics: number;
  readonly logGroup: ILogGroup;
}

const WIDTH = 24;

/** Four questions at a glance: is it current, is it complete, how far is the first sweep, what does it cost. */
export class Dashboard extends Construct {
  readonly dashboard: CloudWatchDashboard;

  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    this.dashboard = new CloudWatchDashboard(this, 'Dashboard', {
      dashboardName: props.prefix,
      defaultInterval: Duration.days(1),
      widgets: [
        ...whatIsWrong(props.alarmsOfStack),
        ...question('Is it current?', 'Changes older than the watermark are in the archive.', isItCurrent(props)),
        ...question(
          'Is it complete?',
          'Debts are cases that could not be read or that no search shows, and events in quarantine. The query ' +
            `open-debts lists them, and the runbook says what to do: ${props.alarms.runbookUrl}#open-debts`,
          isItComplete(props),
        ),
        ...question(
          'How far is the first sweep?',
          'History up to `sweepUpTo` (a case’s creation) has been read; `true` in `sweepFinished` means all of it.',
          [logTable(props, 'Sweeps, as the last run of each domain left them', SWEEP_QUERY, WIDTH)],
        ),
        ...question('What does it cost?', costNote(props), [
          new GraphWidget({
            title: 'US dollars a day',
            left: costPerDay(props),
            stacked: true,
            leftYAxis: { min: 0, showUnits: false },
            width: WIDTH,
          }),
        ]),
      ],
    });
  }
}

/** Number of alarms that one widget takes. Source: CloudWatch, structure of a dashboard's body, `alarms`. */
const ALARMS_PER_WIDGET = 100;

/** Shows the state of every alarm, in as many widgets as it takes. */
function whatIsWrong(alarms: readonly IAlarm[]): IWidget[][] {
  const title = 'What is wrong now';
  const widgets: IWidget[][] = [];
  for (let from = 0; from < alarms.length; from += ALARMS_PER_WIDGET) {
    const some = alarms.slice(from, from + ALARMS_PER_WIDGET);
    const height = 3 + Math.ceil(some.length / 6);
    const continued = from === 0 ? title : `${title}, continued`;
    widgets.push([new AlarmStatusWidget({ title: continued, alarms: some, width: WIDTH, height })]);
  }
  return widgets;
}

function question(title: string, explanation: string, widgets: IWidget[]): IWidget[][] {
  return [[new TextWidget({ markdown: `## ${title}\n${explanation}`, width: WIDTH, height: 2 })], widgets];
}

function isItCurrent(props: DashboardProps): IWidget[] {
  const age = ofDomains(props, METRICS.watermarkAge, Stats.MAXIMUM);
  return [
    new SingleValueWidget({ title: 'Age of the watermark, seconds', metrics: age, width: 6, height: 6 }),
    new GraphWidget({
      title: 'Age of the watermark, seconds',
      left: age,
      leftAnnotations: [{ value: props.alarms.watermarkAgeSeconds, label: 'alarm' }],
      leftYAxis: { min: 0, showUnits: false },
      width: 9,
    }),
    new GraphWidget({
      title: 'Runs: started, and failed (right)',
      left: ofFunctions(props, (each, label) => each.metricInvocations({ period: FIVE_MINUTES, label })),
      right: ofFunctions(props, (each, label) => each.metricErrors({ period: FIVE_MINUTES, label: `${label} failed` })),
      leftYAxis: { min: 0, showUnits: false },
      rightYAxis: { min: 0, showUnits: false },
      width: 9,
    }),
  ];
}

function isItComplete(props: DashboardProps): IWidget[] {
  return [
    new SingleValueWidget({
      title: 'Open debts, and commits not published',
      metrics: [
        ...ofDomains(props, METRICS.openDebts, Stats.MAXIMUM),
        ...ofDomains(props, METRICS.unpublishedCommits, Stats.MAXIMUM, 'unpublished'),
      ],
      width: 6,
      height: 6,
    }),
    new GraphWidget({
      title: 'Events exported, and calls turned away or answered oddly (right)',
      left: ofDomains(props, METRICS.eventsExported, Stats.SUM),
      right: [
        ...ofDomains(props, METRICS.throttledCalls, Stats.SUM, 'throttled'),
        ...ofDomains(props, METRICS.anomalies, Stats.SUM, 'anomalies'),
      ],
      leftYAxis: { min: 0, showUnits: false },
      rightYAxis: { min: 0, showUnits: false },
      width: 9,
    }),
    logTable(props, 'Scans over all cases: what the others missed', MISSED_QUERY, 9),
  ];
}

const FIVE_MINUTES = Duration.minutes(5);

function ofDomains(
  { functions }: DashboardProps,
  name: (typeof METRICS)[keyof typeof METRICS],
  statistic: string,
  suffix = '',
): Metric[] {
  return [...functions.keys()].map((domainId) =>
    domainMetric(domainId, name, { statistic, period: FIVE_MINUTES, label: `${domainId} ${suffix}`.trim() }),
  );
}

function ofFunctions<T>(
  { functions }: DashboardProps,
  metric: (exporter: NonNullable<ReturnType<DashboardProps['functions']['get']>>, label: string) => T,
): T[] {
  return [...functions].map(([domainId, exporter]) => metric(exporter, domainId));
}

function logTable({ logGroup }: DashboardProps, title: string, queryLines: readonly string[], width: number): IWidget {
  return new LogQueryWidget({
    title,
    logGroupNames: [logGroup.logGroupName],
    queryLines: [...queryLines],
    view: LogQueryVisualizationType.TABLE,
    width,
    height: 6,
  });
}

function costNote({ functions, alarmMetrics, signingKeys, scheduledVerify }: DashboardProps): string {
  // Only functions with a signing key emit the age of the newest signed note.
  const ofDomain = Object.keys(METRICS).length - (signingKeys.length > 0 ? 0 : 1);
  const metrics = functions.size * ofDomain + (scheduledVerify === 'off' ? 0 : Object.keys(CHECK_METRICS).length);
  const fixed = alarmMetrics * FIXED_PER_MONTH.alarm + metrics * FIXED_PER_MONTH.metric;
  return (
    `An estimate at the prices of us-east-1. Besides, ${fixed.toFixed(2)} a month for alarms and metrics, ` +
    'cents for requests to S3, and the dashboard itself unless it is one of the first three.'
  );
}
