import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { ManagedPolicy, type PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge, allow, wildcard } from '../policies';
import { keyForServices } from '../storage/stored-data';

/** Inputs of the policy. */
interface OperatorPolicyProps {
  readonly prefix: string;
  /** Functions that a person may start: exporters, and the check of the archive. */
  readonly functions: readonly IFunction[];
  readonly queues: readonly IQueue[];
  readonly table: ITable;
  readonly logGroups: readonly ILogGroup[];
  /** Name of the state machine that refreshes the curated table; undefined without one. */
  readonly refreshName: string | undefined;
  /** Encrypts table and queues; undefined = AWS's own keys. */
  readonly serviceKey: IKey | undefined;
}

/**
 * For the roles of people who answer alarms: every manual step of the runbook, so that none needs an administrator. It
 * starts runs, replays and voids commits, starts the refresh, and reads state, log and queues, which hold ids and
 * counts. It reads no case data, and changes neither data nor the stack.
 */
export class OperatorPolicy extends Construct {
  readonly policy: ManagedPolicy;

  constructor(scope: Construct, id: string, props: OperatorPolicyProps) {
    super(scope, id);
    const executions = props.refreshName && this.states('execution', `${props.refreshName}:*`);
    this.policy = new ManagedPolicy(this, 'Policy', {
      description: `Operate the audit export ${props.prefix} by its runbook.`,
      statements: [...this.runs(props), ...this.refresh(props.refreshName, executions), ...this.sight(props)],
    });
    acknowledge(
      this.policy,
      'Alarms, metrics, schedules and results of log queries: looked at by lists, which have no narrower resource.',
      ['AwsSolutions-IAM5[Resource::*]'],
    );
    if (executions) {
      acknowledge(this.policy, 'The executions of one state machine: their names are not known beforehand.', [
        wildcard(this, executions),
      ]);
    }
  }

  private runs({ functions, queues, table, serviceKey }: OperatorPolicyProps): PolicyStatement[] {
    return [
      allow(
        'RunFunctions',
        ['lambda:GetFunctionConcurrency', 'lambda:GetFunctionConfiguration', 'lambda:InvokeFunction'],
        functions.map(({ functionArn }) => functionArn),
      ),
      allow(
        'EmptyQueues',
        ['sqs:GetQueueAttributes', 'sqs:PurgeQueue', 'sqs:ReceiveMessage'],
        queues.map(({ queueArn }) => queueArn),
      ),
      allow('ReadState', ['dynamodb:GetItem', 'dynamodb:Query'], [table.tableArn]),
      ...keyForServices(this, serviceKey, ['dynamodb', 'sqs']),
    ];
  }

  private refresh(name: string | undefined, executions: string | undefined): PolicyStatement[] {
    if (name === undefined || executions === undefined) return [];
    return [
      allow('StartRefresh', ['states:ListExecutions', 'states:StartExecution'], [this.states('stateMachine', name)]),
      allow(
        'FollowRefresh',
        ['states:DescribeExecution', 'states:GetExecutionHistory', 'states:StopExecution'],
        [executions],
      ),
    ];
  }

  private sight({ prefix, logGroups }: OperatorPolicyProps): PolicyStatement[] {
    return [
      allow(
        'ReadLog',
        ['logs:FilterLogEvents', 'logs:GetLogEvents', 'logs:StartQuery'],
        logGroups.map(({ logGroupArn }) => logGroupArn),
      ),
      allow(
        'SeeStack',
        ['cloudformation:DescribeStackResources', 'cloudformation:DescribeStacks'],
        [Stack.of(this).stackId],
      ),
      allow(
        'SeeDashboard',
        ['cloudwatch:GetDashboard'],
        [Stack.of(this).formatArn({ service: 'cloudwatch', region: '', resource: 'dashboard', resourceName: prefix })],
      ),
      allow(
        'SeeAlarms',
        [
          'cloudwatch:DescribeAlarmHistory',
          'cloudwatch:DescribeAlarms',
          'cloudwatch:GetMetricData',
          'cloudwatch:ListMetrics',
          'logs:GetQueryResults',
          'logs:StopQuery',
          'scheduler:ListSchedules',
        ],
        ['*'],
      ),
    ];
  }

  private states(resource: string, resourceName: string): string {
    return Stack.of(this).formatArn({
      service: 'states',
      resource,
      resourceName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }
}
