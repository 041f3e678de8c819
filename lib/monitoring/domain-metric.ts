import type { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { METRIC_DIMENSION, METRIC_NAMESPACE, type METRICS } from '../../lambda/export/domain/metrics';

/** A metric of one domain under the name, namespace and dimension with which the function emits it. */
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
