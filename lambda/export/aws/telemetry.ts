import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { METRIC_DIMENSION, METRIC_NAMESPACE, METRICS } from '../domain/metrics';
import type { LogValue, Telemetry } from '../ports';

const SERVICE = 'connect-cases-audit-export';

const UNITS: Readonly<Record<string, (typeof MetricUnit)[keyof typeof MetricUnit]>> = {
  [METRICS.watermarkAge]: MetricUnit.Seconds,
};

/**
 * Writes logs as JSON lines and metrics in CloudWatch's embedded format: one line per call of `metrics`, each metric by
 * domain alone, as the alarms watch them. Every log line holds `always`; a null value is left out of its line. The
 * POWERTOOLS_* variables work as documented (POWERTOOLS_LOG_LEVEL, POWERTOOLS_METRICS_DISABLED …), and none is needed,
 * in Lambda or elsewhere.
 */
export function createTelemetry(always: Readonly<Record<string, LogValue>> = {}): Telemetry {
  const logger = new Logger({ serviceName: SERVICE, persistentKeys: { ...always } });
  return {
    info: (message, values = {}) => logger.info(message, { ...values }),
    warn: (message, values = {}) => logger.warn(message, { ...values }),
    error: (message, values = {}) => logger.error(message, { ...values }),
    metrics: writeMetrics,
  };
}

/** Leaves out a figure that is not a finite number: CloudWatch would refuse the whole line. */
function writeMetrics(domainId: string, values: Readonly<Record<string, number>>): void {
  const finite = Object.entries(values).filter(([, value]) => Number.isFinite(value));
  if (finite.length === 0) {
    return;
  }
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: SERVICE });
  // Powertools adds the service as a dimension by default; an alarm on the domain alone would then see nothing.
  metrics.clearDefaultDimensions();
  metrics.addDimension(METRIC_DIMENSION, domainId);
  for (const [name, value] of finite) {
    metrics.addMetric(name, UNITS[name] ?? MetricUnit.Count, value);
  }
  metrics.publishStoredMetrics();
}
