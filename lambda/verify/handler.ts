/** Wiring only: settings and adapters, the check, and its metric. */

import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BucketArchive } from '../../tools/cases-audit/archive/bucket';
import { CheckpointTableReader } from '../../tools/cases-audit/archive/checkpoint-table';
import { createS3Client } from '../export/aws/object-store';
import { createTelemetry } from '../export/aws/telemetry';
import { CHECK_DIMENSION, CHECK_METRICS, METRIC_NAMESPACE } from '../export/domain/metrics';
import { type CheckAnswer, checkArchive } from './check-archive';
import { createRecords } from './records';
import { readVerifySettings } from './settings';

interface InvocationContext {
  readonly getRemainingTimeInMillis: () => number;
}

/** Kept for the state of the last domain and the report. */
const RESERVE_MS = 30_000;
/** What may be under way when time gets short: some manifests and their objects, and the keys before them. */
const PAUSE_MS = 120_000;

/**
 * Entry point of the Lambda function. Of the event it needs nothing, of the context `getRemainingTimeInMillis`. It answers where the check came
 * to its end, whatever it found; the metric tells of contradictions.
 * @throws UnfinishedCheckError and others where it did not: Lambda tries again, and counts an error.
 */
export async function handler(_event: unknown, context: InvocationContext): Promise<CheckAnswer> {
  const telemetry = createTelemetry();
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), Math.max(0, context.getRemainingTimeInMillis() - RESERVE_MS));
  try {
    const settings = readVerifySettings(process.env);
    const s3 = createS3Client();
    return await checkArchive({
      archive: new BucketArchive(s3, settings.archiveBucket),
      checkpoints: new CheckpointTableReader(new DynamoDBClient({ maxAttempts: 4 }), settings.checkpointTable),
      records: createRecords(s3, settings.stateBucket, settings.statePrefix),
      settings,
      telemetry,
      tellContradictions: (count) => writeMetric(settings.archiveBucket, count),
      now: Date.now(),
      signal: controller.signal,
      isTimeShort: () => context.getRemainingTimeInMillis() < PAUSE_MS,
    });
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    telemetry.error('check failed', { error: name, message });
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function writeMetric(archive: string, contradictions: number): void {
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: 'connect-cases-audit-export' });
  // Powertools makes the service a dimension of its own accord; the alarm names the archive alone.
  metrics.clearDefaultDimensions();
  metrics.addDimension(CHECK_DIMENSION, archive);
  metrics.addMetric(CHECK_METRICS.contradictions, MetricUnit.Count, contradictions);
  metrics.publishStoredMetrics();
}
