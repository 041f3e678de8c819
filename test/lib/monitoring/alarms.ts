/** The alarms of a template, in the form in which tests ask for them. */
import type { Template } from 'aws-cdk-lib/assertions';
import { type Resource, resources } from '../templates';

/** All of them, as CloudFormation gets them. */
export function alarms(of: Template): Resource[] {
  return [...resources(of, 'AWS::CloudWatch::Alarm').values()];
}

/** The one of this name, without the prefix; as `flattened` gives it. */
export function alarm(of: Template, name: string) {
  const found = alarms(of).filter(({ Properties }) => Properties.AlarmName.endsWith(`-${name}`));
  expect(found).toHaveLength(1);
  return flattened(found[0]?.Properties);
}

/** Alarms as `flattened` gives them. */
export function watched(of: Template) {
  return alarms(of).map(({ Properties }) => flattened(Properties));
}

/** An alarm on one metric, whose silence may have a value (`Expression`), in the form of an alarm without metric math. */
export function flattened(properties: Resource['Properties']): Resource['Properties'] {
  const { Metrics, ...others } = properties;
  const stats = (Metrics ?? []).filter((each: { MetricStat?: object }) => each.MetricStat);
  if (stats.length !== 1) return properties;
  const [{ MetricStat }] = stats;
  const [{ Expression }] = Metrics.filter((each: { Expression?: string }) => each.Expression);
  return { ...others, ...MetricStat.Metric, Statistic: MetricStat.Stat, Period: MetricStat.Period, Expression };
}
