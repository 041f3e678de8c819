import { Duration, Stack } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';

/** Sources of cost that AWS measures without a charge. */
export interface CostSources {
  /** By domain id. */
  readonly functions: ReadonlyMap<string, IFunction>;
  readonly memoryMb: number;
  readonly table: ITable;
  readonly logGroup: ILogGroup;
  readonly archive: IBucket;
  readonly work: IBucket;
  /** Names of the Athena workgroups. */
  readonly workgroups: readonly string[];
}

/** US dollars per month, us-east-1; alarms cost per watched metric. Source: price lists of CloudWatch. */
export const FIXED_PER_MONTH = { alarm: 0.1, metric: 0.3 } as const;

/**
 * US dollars, us-east-1, on demand. Source: price lists of Lambda (arm64), DynamoDB, CloudWatch Logs, S3 and Athena.
 */
const PRICE = {
  lambdaGbSecond: 0.000_013_333_4,
  lambdaRequest: 0.000_000_2,
  writeUnit: 0.000_000_625,
  readUnit: 0.000_000_125,
  logByte: 0.5 / 1e9,
  storedByteDay: 0.023 / 30 / 1024 ** 3,
  scannedByte: 5 / 1024 ** 4,
} as const;

const period = Duration.days(1);

/** Daily cost of each service in US dollars, one series per service. Days without data count as 0. */
export function costPerDay(of: CostSources): IMetric[] {
  return [
    cost('Lambda', {
      ...numbered('d', of, (each) => [
        each.metricDuration({ period, statistic: Stats.SUM }),
        (PRICE.lambdaGbSecond * of.memoryMb) / 1024 / 1000,
      ]),
      ...numbered('i', of, (each) => [each.metricInvocations({ period }), PRICE.lambdaRequest]),
    }),
    cost('DynamoDB', {
      w: [of.table.metricConsumedWriteCapacityUnits({ period }), PRICE.writeUnit],
      r: [of.table.metricConsumedReadCapacityUnits({ period }), PRICE.readUnit],
    }),
    cost('Logs', { l: [logBytes(of.logGroup), PRICE.logByte] }),
    cost('S3 storage', {
      a: [storedBytes(of.archive), PRICE.storedByteDay],
      s: [storedBytes(of.work), PRICE.storedByteDay],
    }),
    new MathExpression({
      // One metric per kind and end of query: a search adds up the existing ones.
      expression: `SUM(SEARCH('{AWS/Athena,QueryState,QueryType,WorkGroup} MetricName="ProcessedBytes" WorkGroup=(${named(of.workgroups)})', 'Sum', 86400)) * ${decimal(PRICE.scannedByte)}`,
      label: 'Athena',
      period,
      searchRegion: Stack.of(of.table).region,
    }),
  ];
}

type Priced = Readonly<Record<string, readonly [metric: IMetric, price: number]>>;

function cost(label: string, parts: Priced): MathExpression {
  const terms = Object.entries(parts).map(([name, [, price]]) => `FILL(${name}, 0) * ${decimal(price)}`);
  const usingMetrics = Object.fromEntries(Object.entries(parts).map(([name, [metric]]) => [name, metric]));
  return new MathExpression({ expression: terms.join(' + '), usingMetrics, label, period });
}

function numbered(
  letter: string,
  { functions }: CostSources,
  part: (exporter: IFunction) => readonly [IMetric, number],
): Priced {
  return Object.fromEntries([...functions.values()].map((each, index) => [`${letter}${index}`, part(each)]));
}

function logBytes({ logGroupName }: ILogGroup): Metric {
  const dimensionsMap = { LogGroupName: logGroupName };
  return new Metric({
    namespace: 'AWS/Logs',
    metricName: 'IncomingBytes',
    dimensionsMap,
    statistic: Stats.SUM,
    period,
  });
}

function storedBytes({ bucketName }: IBucket): Metric {
  const dimensionsMap = { BucketName: bucketName, StorageType: 'StandardStorage' };
  return new Metric({
    namespace: 'AWS/S3',
    metricName: 'BucketSizeBytes',
    dimensionsMap,
    statistic: Stats.AVERAGE,
    period,
  });
}

function named(workgroups: readonly string[]): string {
  return workgroups.map((name) => `"${name}"`).join(' OR ');
}

/** Metric math has no exponents. */
function decimal(price: number): string {
  return price.toFixed(18).replace(/0+$/, '');
}
