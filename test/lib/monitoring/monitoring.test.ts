/** Promises: each thing that can go wrong has an alarm, the alarm reaches somebody, and tells where to read on. */

import { Console } from 'node:console';
import type { Template } from 'aws-cdk-lib/assertions';
import { createTelemetry } from '../../../lambda/export/aws/telemetry';
import { RETRY_CAUSES } from '../../../lambda/export/domain/case-items';
import { PAY_THEMSELVES } from '../../../lambda/export/domain/debts';
import { CHECK_DIMENSION, METRIC_DIMENSION, METRIC_NAMESPACE, METRICS } from '../../../lambda/export/domain/metrics';
import { readText } from '../../../lib/text-file';
import { EVERYTHING, MINIMAL } from '../configurations';
import { resource, templateOf } from '../templates';
import { alarm, alarms, flattened, watched } from './alarms';

const template = templateOf('minimal');
const full = templateOf('everything');
const [DOMAIN] = MINIMAL.domains;
const runbook = readText('docs/runbook.md');

const STACK_ALARMS = ['dead-letters', 'curated-failed', 'curated-stale', 'archive-contradicted', 'verify-overdue'];
/** Where something is copied. */
const COPY_ALARM = 'copies-failed';
/** Of domains whose notes are signed. */
const SIGNED_ALARM = 'unsigned-notes';
const DOMAIN_ALARMS = [
  'failed-runs',
  'dropped-events',
  'no-invocation',
  'watermark-age',
  'unpublished-commit',
  'open-debts',
  'throttled-calls',
  'anomalies',
];

test('the stack has these alarms: one for the queue, two for the curated table, two for the check, eight for each domain', () => {
  const names = (of: Template) => alarms(of).map(({ Properties }) => Properties.AlarmName);
  expect(names(template).sort()).toEqual(
    [...STACK_ALARMS, ...DOMAIN_ALARMS.map((name) => `${name}-${DOMAIN}`)].map((name) => `case-audit-${name}`).sort(),
  );
  // Nine, as the notes are signed; two, as notes and archive are copied.
  expect(names(full)).toHaveLength(5 + 2 + 2 * 9);
  expect(new Set(names(full)).size).toBe(names(full).length);
});

test('each alarm says what it means and leads to a section of the runbook that is there', () => {
  const headings = runbook.split('\n').flatMap((line) => line.match(/^### ([a-z-]+)$/)?.[1] ?? []);
  expect([...headings].sort()).toEqual([...STACK_ALARMS, ...DOMAIN_ALARMS, SIGNED_ALARM, COPY_ALARM].sort());
  for (const { Properties } of [...alarms(template), ...alarms(templateOf('signed and mirrored'))]) {
    const [, section] =
      Properties.AlarmDescription.match(/\. \((?:all domains|domain \S+)\) Runbook: docs\/runbook\.md#([a-z-]+)$/) ??
      [];
    expect(headings).toContain(section);
    expect(Properties.AlarmName).toContain(section);
  }
});

test('each alarm, and its section of the runbook, says what happens if nobody acts', () => {
  const sections = runbook.split(/^### /m);
  for (const { Properties } of alarms(full)) {
    expect(Properties.AlarmDescription).toMatch(/\. If nobody acts, [a-z][^.]+\. \((all domains|domain )/);
    const [, section = ''] = /#([a-z-]+)$/.exec(Properties.AlarmDescription) ?? [];
    expect(sections.find((each) => each.startsWith(`${section}\n`))).toContain('**If nobody acts.**');
  }
});

test('the alarm on debts says what happens if nobody acts', () => {
  const { AlarmDescription } = alarm(template, `open-debts-${DOMAIN}`);
  expect(AlarmDescription).toMatch(/If nobody acts, their changes stay missing, and period-complete answers no/);
});

test('the runbook says what to do about each cause that the alarm on debts counts', () => {
  const section = runbook.split(/^### /m).find((each) => each.startsWith('open-debts\n')) ?? '';
  const counted = [...RETRY_CAUSES, 'not-shown', 'not-in-scan', 'quarantine'].filter(
    (cause) => !([...PAY_THEMSELVES] as string[]).includes(cause),
  );
  expect(counted.filter((cause) => !section.includes(`*${cause}*`))).toEqual([]);
});

test('the runbook can live elsewhere', () => {
  const moved = templateOf('runbook elsewhere');
  expect(alarms(moved)[0]?.Properties.AlarmDescription).toContain(
    'Runbook: https://wiki.example.com/case-audit/runbook#',
  );
});

describe('each alarm reaches somebody', () => {
  test('when it fires and when it is over', () => {
    for (const { Properties } of alarms(template)) {
      expect(Properties.AlarmActions).toEqual([{ Ref: expect.stringMatching(/^ExportMonitoringTopic/) }]);
      expect(Properties.OKActions).toEqual(Properties.AlarmActions);
      expect(Properties.ActionsEnabled).toBe(true);
    }
  });

  test('by e-mail, through a topic that CloudWatch may publish to and that asks for TLS', () => {
    expect(resource(template, 'AWS::SNS::Subscription').Properties).toMatchObject({
      Protocol: 'email',
      Endpoint: MINIMAL.alarms.email,
    });
    const { Statement } = resource(template, 'AWS::SNS::TopicPolicy').Properties.PolicyDocument;
    expect(Statement).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: 'sns:Publish',
        Condition: { StringEquals: { 'aws:SourceAccount': MINIMAL.account } },
      }),
    );
    expect(Statement).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    );
  });

  test('by a topic that exists, and then none is made', () => {
    full.resourceCountIs('AWS::SNS::Topic', 0);
    for (const { Properties } of alarms(full)) expect(Properties.AlarmActions).toEqual([EVERYTHING.alarms.topicArn]);
  });

  test('but not for a domain that is paused', () => {
    const silent = alarms(full).filter(({ Properties }) => !Properties.ActionsEnabled);
    const [paused] = EVERYTHING.pausedDomains;
    expect(silent.map(({ Properties }) => Properties.AlarmName).sort()).toEqual(
      [...DOMAIN_ALARMS, SIGNED_ALARM].map((name) => `regulated-${name}-${paused}`).sort(),
    );
  });

  test('and nobody is called about a function that is not started because all domains are paused', () => {
    const paused = templateOf('all domains paused');
    const loud = alarms(paused).filter(({ Properties }) => Properties.ActionsEnabled);
    // The curated table is refreshed all the same, and the archive checked.
    expect(loud.map(({ Properties }) => Properties.AlarmName)).toEqual([
      'case-audit-curated-failed',
      'case-audit-curated-stale',
      'case-audit-archive-contradicted',
      'case-audit-verify-overdue',
    ]);
  });
});

describe('silence is an alarm', () => {
  test('no-invocation: three ticks without a start, also without any data', () => {
    expect(alarm(template, `no-invocation-${DOMAIN}`)).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: 'Invocations',
      Statistic: 'Sum',
      Period: 300,
      Expression: 'FILL(real, 0)',
      EvaluationPeriods: 3,
      DatapointsToAlarm: 3,
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      TreatMissingData: 'breaching',
    });
  });

  test('one domain’s silence is not covered by another’s runs: each alarm watches the function of its domain', () => {
    for (const name of ['failed-runs', 'dropped-events', 'no-invocation']) {
      for (const id of EVERYTHING.domains) {
        const [{ Name, Value }] = alarm(full, `${name}-${id}`).Dimensions;
        expect(Name).toBe('FunctionName');
        expect(Value.Ref).toContain(id.replaceAll('-', ''));
      }
    }
  });

  test('periods follow the schedule of the domain', () => {
    const [first, second] = EVERYTHING.domains;
    for (const name of ['failed-runs', 'dropped-events', 'no-invocation']) {
      expect(alarm(full, `${name}-${first}`).Period).toBe(600);
      expect(alarm(full, `${name}-${second}`).Period).toBe(1800);
    }
  });

  test('and is heard in time: an alarm on it gives missing data a value, as CloudWatch else looks for older points', () => {
    const { Threshold } = alarm(full, `watermark-age-${EVERYTHING.domains[0]}`);
    const filled = Object.fromEntries(
      alarms(full).flatMap(({ Properties }) =>
        // The check's has two metrics, each filled; `test/lib/evidence/` looks at it.
        Properties.TreatMissingData === 'breaching' && !Properties.AlarmName.endsWith('verify-overdue')
          ? [[Properties.AlarmName, flattened(Properties).Expression]]
          : [],
      ),
    );
    const expected = EVERYTHING.domains.flatMap((id) => [
      [`regulated-no-invocation-${id}`, 'FILL(real, 0)'],
      [`regulated-watermark-age-${id}`, `FILL(real, ${Threshold})`],
      [`regulated-unsigned-notes-${id}`, 'FILL(real, 3600)'],
    ]);
    expect(filled).toEqual(Object.fromEntries([...expected, ['regulated-curated-stale', 'FILL(real, 0)']]));
  });

  test('a watermark that no run has told of is an old one', () => {
    expect(alarm(template, `watermark-age-${DOMAIN}`)).toMatchObject({
      MetricName: METRICS.watermarkAge,
      Statistic: 'Maximum',
      Threshold: 3600,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'breaching',
    });
    // Longer than a run of 15 minutes and the tick after it.
    expect(alarm(template, `watermark-age-${DOMAIN}`).Period).toBeGreaterThan((15 + 5) * 60);
    expect(alarm(full, `watermark-age-${EVERYTHING.domains[0]}`).Threshold).toBe(7200);
  });
});

describe('the curated table', () => {
  const dimensions = [{ Name: 'StateMachineArn', Value: { Ref: expect.stringMatching(/^ExportCuratedRefresh/) } }];

  test('curated-failed: whichever way an execution ended without success', () => {
    const { Metrics, Threshold, EvaluationPeriods, TreatMissingData } = alarm(template, 'curated-failed');
    expect([Threshold, EvaluationPeriods, TreatMissingData]).toEqual([1, 1, 'notBreaching']);
    const watched = Metrics.filter((each: { MetricStat?: object }) => each.MetricStat);
    expect(watched.map((each: { MetricStat: { Metric: object } }) => each.MetricStat.Metric)).toEqual(
      ['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted'].map((MetricName) => ({
        Namespace: 'AWS/States',
        MetricName,
        Dimensions: dimensions,
      })),
    );
    const [{ Expression }] = Metrics.filter((each: { Expression?: string }) => each.Expression);
    expect(Expression).toBe('FILL(failed, 0) + FILL(late, 0) + FILL(stopped, 0)');
  });

  test.each([
    ['daily', template, 86_400],
    ['hourly', full, 3600],
  ])('curated-stale: no success for two periods (%s), also without any data', (_name, of, period) => {
    expect(alarm(of, 'curated-stale')).toMatchObject({
      Namespace: 'AWS/States',
      MetricName: 'ExecutionsSucceeded',
      Dimensions: dimensions,
      Statistic: 'Sum',
      Period: period,
      Expression: 'FILL(real, 0)',
      EvaluationPeriods: 2,
      DatapointsToAlarm: 2,
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      TreatMissingData: 'breaching',
    });
  });
});

test('a failure that the next tick mends wakes nobody', () => {
  for (const name of ['failed-runs', 'dropped-events']) {
    expect(alarm(template, `${name}-${DOMAIN}`)).toMatchObject({
      Statistic: 'Sum',
      Threshold: 1,
      EvaluationPeriods: 12,
      DatapointsToAlarm: 2,
      TreatMissingData: 'notBreaching',
    });
  }
});

test.each(['every minute', 'minimal', 'every hour'] as const)(
  'two runs that time out one after the other are seen together (%s): each is booked a quarter of an hour late',
  (name) => {
    const of = templateOf(name);
    const everyMinutes = { 'every minute': 1, minimal: 5, 'every hour': 60 }[name];
    // The lease of the one ends 905 s after its start, and the next tick takes over.
    const apart = Math.ceil(905 / 60 / everyMinutes) * everyMinutes;
    for (const section of ['failed-runs', 'dropped-events']) {
      const { Period, EvaluationPeriods, DatapointsToAlarm } = alarm(of, `${section}-${DOMAIN}`);
      expect(DatapointsToAlarm).toBe(2);
      expect((Period * EvaluationPeriods) / 60).toBeGreaterThanOrEqual(15 + apart + Period / 60);
    }
  },
);

test('dead-letters counts what schedules could not deliver, not failed runs, and clears by itself', () => {
  const { Namespace, MetricName, Statistic, Dimensions } = alarm(template, 'dead-letters');
  expect([Namespace, MetricName, Statistic]).toEqual(['AWS/SQS', 'NumberOfMessagesSent', 'Sum']);
  expect(Dimensions).toEqual([
    { Name: 'QueueName', Value: { 'Fn::GetAtt': [expect.stringMatching(/^ExportSchedulesUndelivered/), 'QueueName'] } },
  ]);
});

test.each([
  ['unpublished-commit', METRICS.unpublishedCommits],
  ['open-debts', METRICS.openDebts],
])('%s fires when no run of an hour ended without', (name, metric) => {
  expect(alarm(template, `${name}-${DOMAIN}`)).toMatchObject({
    MetricName: metric,
    Statistic: 'Minimum',
    Period: 3600,
    EvaluationPeriods: 1,
    Threshold: 1,
    TreatMissingData: 'notBreaching',
  });
});

test('alarms watch the metrics that the function emits, under its namespace and dimension', () => {
  const own = watched(full).filter(
    ({ Namespace, Dimensions }) => Namespace === METRIC_NAMESPACE && Dimensions[0].Name !== CHECK_DIMENSION,
  );
  expect(own).toHaveLength(2 * 6);
  const emitted: string[] = Object.values(METRICS);
  for (const { MetricName, Dimensions } of own) {
    expect(emitted).toContain(MetricName);
    expect(Dimensions).toEqual([{ Name: METRIC_DIMENSION, Value: expect.any(String) }]);
    expect(EVERYTHING.domains).toContain(Dimensions[0].Value);
  }
});

test('what the function really writes has exactly the namespace, the name and the dimension of its alarms', () => {
  const written: string[] = [];
  const out = jest.spyOn(process.stdout, 'write').mockImplementation(() => true);
  const log = jest.spyOn(Console.prototype, 'log').mockImplementation((line: string) => void written.push(line));
  createTelemetry().metrics(DOMAIN, Object.fromEntries(Object.values(METRICS).map((name) => [name, 1])));
  out.mockRestore();
  log.mockRestore();
  const [{ Namespace, Dimensions, Metrics }] = JSON.parse(written.at(-1) ?? '{}')._aws.CloudWatchMetrics;
  expect(Dimensions).toEqual([[METRIC_DIMENSION]]);
  const own = watched(template).filter(
    (each) => each.Namespace === Namespace && each.Dimensions[0].Name === METRIC_DIMENSION,
  );
  expect(own).toHaveLength(5);
  expect(Metrics.map(({ Name }: { Name: string }) => Name)).toEqual(
    expect.arrayContaining(own.map(({ MetricName }) => MetricName)),
  );
});

test('every alarm stays within what CloudWatch evaluates: a day, or a week of periods of an hour or more', () => {
  for (const { Properties } of alarms(templateOf('every hour'))) {
    const period = Properties.Period ?? Math.max(...Properties.Metrics.map(periodOf));
    expect(period % 60).toBe(0);
    expect(period * Properties.EvaluationPeriods).toBeLessThanOrEqual(period < 3600 ? 86_400 : 7 * 86_400);
  }
});

function periodOf({ MetricStat }: { MetricStat?: { Period: number } }): number {
  return MetricStat?.Period ?? 0;
}
