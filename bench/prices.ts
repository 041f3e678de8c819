/**
 * List prices of us-east-1 in US dollars, without free tiers and discounts, as they were known in 2025; they were not looked up
 * on the day of a run. Check against the current price pages before relying on a sum:
 * aws.amazon.com/{dynamodb,s3,lambda,cloudwatch,eventbridge}/pricing
 */
export const PRICES = {
  region: 'us-east-1',
  asOf: '2025',
  /** On demand, standard table class. */
  dynamodb: { writeRequestUnit: 0.625e-6, readRequestUnit: 0.125e-6, gbMonth: 0.25, recoveryGbMonth: 0.2 },
  /** Standard; `put` also for LIST. DELETE is free. */
  s3: { put: 5e-6, get: 0.4e-6, gbMonth: 0.023 },
  /** arm64. */
  lambda: { gbSecond: 1.33334e-5, request: 0.2e-6 },
  cloudwatch: { metricMonth: 0.3, alarmMonth: 0.1, logGb: 0.5 },
  scheduler: { invocation: 1e-6 },
} as const;
