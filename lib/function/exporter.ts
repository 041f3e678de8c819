import { Duration } from 'aws-cdk-lib';
import type { Role } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ARCHIVE_PREFIXES, archivePrefixOf, stagingPrefixOf } from '../../lambda/export/domain/keys';
import type { CheckedOptions } from '../config/config';
import { acknowledge, serviceRole, wildcard } from '../policies';
import { acknowledgeVpc, bundledFunction, type FunctionPlace, functionLog, vpcPermissions } from './bundled-function';
import { exporterEnvironment, type Pace, pacedRate, SIGNING_KEYS_VARIABLE } from './exporter-environment';
import { domainArn, type ExporterResources, exporterPermissions } from './exporter-permissions';
import { evidenceQueue } from './schedules';

/** Inputs of the exporter. */
interface ExporterProps
  extends Omit<FunctionPlace, 'failures'>,
    Pace,
    Pick<CheckedOptions, 'settings' | 'memoryMb'>,
    Omit<ExporterResources, 'failures' | 'logGroup'> {}

/**
 * A function and a role for each domain, their log, and the queue of failed ticks. Each domain has its own function,
 * because pace, settings, permissions and alarms differ by domain.
 */
export class Exporter extends Construct {
  /** By domain id. */
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  readonly logGroup: LogGroup;
  /** Failed runs and ticks that Lambda gave up: evidence only, because the next tick does the same work. */
  readonly failures: Queue;

  /** Roles of the functions, the only ones that write to the archive. */
  readonly roleArns: readonly string[];

  constructor(scope: Construct, id: string, props: ExporterProps) {
    super(scope, id);
    this.failures = evidenceQueue(this, 'Failures', props.serviceKey);
    this.logGroup = functionLog(this, props);
    const roles = new Map(props.domains.map((domainId) => [domainId, this.role(domainId, props)]));
    this.roleArns = [...roles.values()].map(({ roleArn }) => roleArn);
    this.functions = new Map([...roles].map(([domainId, role]) => [domainId, this.function(domainId, role, props)]));
  }

  /** Lets every function sign the notes of its commits with these keys: `<ARN>=<public key>`, as it reads them. */
  signWith(signingKeys: string): void {
    for (const exporter of this.functions.values()) exporter.addEnvironment(SIGNING_KEYS_VARIABLE, signingKeys);
  }

  private function(domainId: string, role: Role, props: ExporterProps): LambdaFunction {
    const on = { ...props, failures: this.failures };
    return bundledFunction(this, `Function-${domainId}`, on, {
      description: `Exports the audit history of Amazon Connect cases to Parquet: domain ${domainId}.`,
      bundle: 'export',
      // A batch of the default size peaks below 320 MB; the rest is for the runtime. The function mostly waits.
      memorySize: props.memoryMb,
      // The maximum. No reserved concurrency: accounts with a limit of 10 refuse it; the lease is the guard.
      timeout: Duration.minutes(15),
      role,
      logGroup: this.logGroup,
      environment: {
        NODE_OPTIONS: heapLimits(props.memoryMb),
        ...exporterEnvironment({
          archiveBucket: props.archive.bucketName,
          workBucket: props.work.bucketName,
          table: props.table.tableName,
          requestsPerSecond: pacedRate(props, domainId),
          settings: { ...props.settings, ...props.perDomain[domainId]?.settings },
        }),
      },
      // The next tick is the retry.
      retryAttempts: 0,
      maxEventAge: Duration.minutes(5),
    });
  }

  private role(domainId: string, props: ExporterProps): Role {
    const { failures, logGroup } = this;
    // No AWSLambdaBasicExecutionRole: it may write to every log group of the account.
    const role = serviceRole(this, `Role-${domainId}`, {
      service: 'lambda.amazonaws.com',
      description: `Reads Amazon Connect Cases domain ${domainId}, writes its audit export.`,
      policy: 'export',
      statements: [
        ...exporterPermissions(this, domainId, { ...props, failures, logGroup }),
        ...vpcPermissions(this, props),
      ],
    });
    acknowledge(
      role,
      'The keys below one domain’s prefix of one bucket: the narrowest that holds objects of any name.',
      [
        ...ARCHIVE_PREFIXES.map((prefix) =>
          wildcard(this, props.archive.arnForObjects(`${archivePrefixOf(domainId, prefix)}*`)),
        ),
        wildcard(this, props.work.arnForObjects(`${stagingPrefixOf(domainId)}*`)),
      ],
    );
    acknowledge(role, 'Any case and any field of one domain: their ids are not known beforehand.', [
      wildcard(this, domainArn(this, `${domainId}/case/*`)),
      wildcard(this, domainArn(this, `${domainId}/field/*`)),
    ]);
    acknowledgeVpc(role, props);
    return role;
  }
}

/**
 * V8 collects garbage late unless pressed: without limits a batch of the default size peaks above 320 MB, with these
 * below (`bench/RESULTS.md`, Memory). Half of the memory is for long-lived objects; buffers lie outside. The young
 * generation of Node 24 grows to three times its semi-space, which without a limit costs 130 MB more than in Node 20.
 */
export function heapLimits(memoryMb: number): string {
  const semiSpaceMb = Math.min(Math.floor(memoryMb / 64), 16);
  return `--max-old-space-size=${Math.floor(memoryMb / 2)} --max-semi-space-size=${semiSpaceMb}`;
}
