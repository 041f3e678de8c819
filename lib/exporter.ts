import { Duration } from 'aws-cdk-lib';
import { PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge, wildcard } from './acknowledgements';
import { bundledCode } from './bundle';
import type { ExporterSettings } from './config';
import { type DataRemoval, removalPolicy } from './data-removal';
import { exporterEnvironment, pacedRate } from './exporter-environment';
import { domainArn, type ExporterResources, exporterPermissions } from './exporter-permissions';
import { ARCHIVE_PREFIXES, WORK_PREFIXES } from './storage-keys';

/** What the exporter needs to know. */
export interface ExporterProps extends DataRemoval, Omit<ExporterResources, 'failures' | 'logGroup'> {
  /** Holds the bundle's `index.js`. */
  readonly bundleDirectory: string;
  readonly settings: ExporterSettings;
  /** The account's quota, of which 75 % is divided among the domains. */
  readonly quotaRequestsPerSecond: number;
  readonly memoryMb: number;
  readonly logRetentionDays: number;
}

/** The function, its role, its log, and the queue of ticks that failed. */
export class Exporter extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;
  readonly logGroup: LogGroup;
  /** Ticks that could not be delivered, and runs that failed: evidence only, as the next tick does the same work. */
  readonly failures: Queue;

  constructor(scope: Construct, id: string, props: ExporterProps) {
    super(scope, id);
    this.failures = new Queue(this, 'Failures', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(4),
    });
    this.logGroup = new LogGroup(this, 'Logs', {
      retention: props.logRetentionDays,
      removalPolicy: removalPolicy(props),
    });
    // No AWSLambdaBasicExecutionRole: it may write to every log group of the account.
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: 'Reads Amazon Connect Cases, writes the audit export.',
      inlinePolicies: {
        export: new PolicyDocument({
          statements: exporterPermissions(this, { ...props, failures: this.failures, logGroup: this.logGroup }),
        }),
      },
    });
    this.function = new LambdaFunction(this, 'Function', {
      description: 'Exports the audit history of Amazon Connect cases to Parquet.',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: bundledCode(props.bundleDirectory),
      // A batch of the default size peaks below 320 MB; the rest is for the runtime. The function mostly waits.
      memorySize: props.memoryMb,
      // The longest there is. No reserved concurrency: accounts with a limit of 10 refuse it; the lease is the guard.
      timeout: Duration.minutes(15),
      role: this.role,
      logGroup: this.logGroup,
      environment: {
        NODE_OPTIONS: oldSpaceLimit(props.memoryMb),
        ...exporterEnvironment({
          archiveBucket: props.archive.bucketName,
          workBucket: props.work.bucketName,
          table: props.table.tableName,
          requestsPerSecond: pacedRate(props.quotaRequestsPerSecond, props.domains.length),
          settings: props.settings,
        }),
      },
      // The next tick is the retry.
      retryAttempts: 0,
      maxEventAge: Duration.minutes(5),
      // Not SqsDestination, which would add wider permissions to the role.
      onFailure: { bind: () => ({ destination: this.failures.queueArn }) },
    });
    this.acknowledgeFindings(props);
  }

  private acknowledgeFindings({ archive, work, domains }: ExporterProps): void {
    acknowledge(this.failures, 'It is the dead-letter queue. An alarm watches it.', [
      'AwsSolutions-SQS3',
      'Serverless-SQSRedrivePolicy',
    ]);
    acknowledge(this.function, 'Failed runs go to the onFailure destination, which tells more than a DLQ.', [
      'Serverless-LambdaDLQ',
    ]);
    acknowledge(
      this.function,
      'One function that calls AWS services and nothing else: its log has the times and counts.',
      ['Serverless-LambdaTracing'],
    );
    acknowledge(this.role, 'The keys below one prefix of one bucket: the narrowest that holds objects of any name.', [
      ...ARCHIVE_PREFIXES.map((prefix) => wildcard(this, archive.arnForObjects(`${prefix}*`))),
      wildcard(this, work.arnForObjects(`${WORK_PREFIXES.staging}*`)),
    ]);
    acknowledge(
      this.role,
      'Any case and any field of one domain: their ids are not known beforehand.',
      domains.flatMap((id) => [
        wildcard(this, domainArn(this, `${id}/case/*`)),
        wildcard(this, domainArn(this, `${id}/field/*`)),
      ]),
    );
  }
}

/**
 * V8 collects late where nothing presses it: without a limit a batch of the default size peaks above 320 MB, with one below
 * (`bench/RESULTS.md`, Memory). Buffers live outside of it, hence half.
 */
function oldSpaceLimit(memoryMb: number): string {
  return `--max-old-space-size=${Math.floor(memoryMb / 2)}`;
}
