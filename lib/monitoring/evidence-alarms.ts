/** Alarms on the evidence: on signatures, on the daily check of the archive, and on its copies. */
import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, MathExpression, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { CHECK_DIMENSION, CHECK_METRICS, METRIC_NAMESPACE, METRICS } from '../../lambda/export/domain/metrics';
import type { WatchedVerify } from '../evidence/auditors';
import type { WatchedCopy } from '../evidence/replication';
import { type AlarmDefinition, domainMetric, filled, ONCE, RUN_MINUTES, type WatchedDomain } from './alarm-definitions';

const { LESS_THAN_THRESHOLD: BELOW } = ComparisonOperator;
const { BREACHING } = TreatMissingData;

const FIFTEEN_MINUTES = Duration.minutes(15);
const SIX_HOURS = Duration.hours(6);

/**
 * The alarms on the daily check of the archive. Lambda's own counts show that it reached its end: a role that may write
 * to an exporter's log could invent one of our metrics, and so keep an alarm silent.
 */
export function verifyAlarms({ function: verifier, archiveBucket }: WatchedVerify): AlarmDefinition[] {
  const counts = {
    started: verifier.metricInvocations({ period: SIX_HOURS }),
    failed: verifier.metricErrors({ period: SIX_HOURS }),
  };
  return [
    {
      section: 'archive-contradicted',
      meaning: 'The archive differs from what was written: the daily check found contradictions.',
      ifIgnored: 'the export goes on, and every answer from the archive is open to doubt.',
      metric: new Metric({
        namespace: METRIC_NAMESPACE,
        metricName: CHECK_METRICS.contradictions,
        dimensionsMap: { [CHECK_DIMENSION]: archiveBucket },
        statistic: Stats.MAXIMUM,
        period: SIX_HOURS,
      }),
      ...ONCE,
      periods: 5,
      threshold: 1,
    },
    {
      section: 'verify-overdue',
      meaning: 'For 30 hours no check of the archive has finished.',
      ifIgnored: 'the export goes on unchecked.',
      metric: new MathExpression({
        expression: 'FILL(started, 0) - FILL(failed, 0)',
        usingMetrics: counts,
        period: SIX_HOURS,
      }),
      comparison: BELOW,
      threshold: 1,
      periods: 5,
      datapoints: 5,
      // As with no-invocation: a schedule that is off emits nothing.
      whenMissing: BREACHING,
    },
  ];
}

/**
 * The alarm on copies of the archive or of its notes. S3 counts each object that it gave up, and does not try it again.
 * Source: S3 User Guide, using S3 Replication metrics; this one is told in the archive's Region.
 */
export function copyAlarm({ ruleId, archiveBucket, copyBucket }: WatchedCopy): AlarmDefinition {
  return {
    section: 'copies-failed',
    meaning: `S3 could not copy objects of the archive to ${copyBucket}.`,
    ifIgnored: 'the export goes on, and the copies lack these objects for good.',
    metric: new Metric({
      namespace: 'AWS/S3',
      metricName: 'OperationsFailedReplication',
      dimensionsMap: { SourceBucket: archiveBucket, DestinationBucket: copyBucket, RuleId: ruleId },
      statistic: Stats.SUM,
      period: FIFTEEN_MINUTES,
    }),
    ...ONCE,
    threshold: 1,
  };
}

/** Seconds without a signed note before somebody looks: what a check then calls unsigned for too long. */
const UNSIGNED_SECONDS = 3600;

/** The alarm on signatures of a domain with signed commits. */
export function noteAlarm({
  domainId,
  everyMinutes,
}: Pick<WatchedDomain, 'domainId' | 'everyMinutes'>): AlarmDefinition {
  return {
    section: 'unsigned-notes',
    meaning: 'For an hour no commit note was signed, or no run has reported.',
    ifIgnored:
      'the export goes on with unsigned notes; the next signature covers them, and until it comes signatures show no forgery of them.',
    metric: filled(
      domainMetric(domainId, METRICS.signedNoteAge, {
        statistic: Stats.MAXIMUM,
        // As for the watermark.
        period: Duration.minutes(RUN_MINUTES + 5 + 2 * everyMinutes),
      }),
      UNSIGNED_SECONDS,
    ),
    ...ONCE,
    threshold: UNSIGNED_SECONDS,
    whenMissing: BREACHING,
  };
}
