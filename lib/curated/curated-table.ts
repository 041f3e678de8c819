import { Stack } from 'aws-cdk-lib';
import type { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { internalWorkgroup } from '../athena/workgroup';
import type { CheckedOptions } from '../config/config';
import { scheduleOf, starterRole } from '../function/schedules';
import { acknowledge, serviceRole } from '../policies';
import { CURATED_PREFIX, CURATED_RESULTS_PREFIX } from '../storage/work-area';
import { COMMITS_TABLE, CURATED_TABLE } from './curated-statements';
import { refreshDefinition } from './refresh-definition';
import { acknowledgeWildcards, type RefreshResources, refreshPermissions } from './refresh-permissions';
import { type Substitution, substituted } from './refresh-states';

/** How often new rows arrive. */
type RefreshEvery = Exclude<CheckedOptions['curatedTable'], 'off'>;

/** Inputs of the curated table. */
interface CuratedTableProps
  extends Pick<CheckedOptions, 'prefix' | 'domains' | 'retiredDomains' | 'firstExportDate'>,
    RefreshResources {
  readonly every: RefreshEvery;
  /** Receives starts that could not be delivered. */
  readonly undelivered: IQueue;
  /** Encrypts that queue; undefined = SQS's own keys. */
  readonly serviceKey: IKey | undefined;
}

/** UTC. OPTIMIZE and VACUUM run once a week, while most people sleep. */
const TIMES: Readonly<Record<RefreshEvery, string>> = {
  daily: 'cron(10 3 * * ? *)',
  hourly: 'cron(10 * * * ? *)',
};
const WEEKLY = 'cron(40 3 ? * SUN *)';

const STARTS = 'Starts the refresh of the curated table.';

const HOURS: Readonly<Record<RefreshEvery, number>> = { daily: 24, hourly: 1 };

/** The refresh as monitoring sees it. */
export interface WatchedRefresh {
  readonly stateMachineArn: string;
  readonly everyHours: number;
}

/**
 * The curated table: Athena creates and keeps it by its own statements, which a state machine starts. It is not a
 * resource of the stack, because CloudFormation would replace or break an Iceberg table that has changed. It can be
 * rebuilt from the raw table at any time.
 */
export class CuratedTable extends Construct {
  /** Name of the state machine and of its workgroup. */
  readonly name: string;
  /** Its `ref` is its ARN. */
  readonly stateMachine: CfnStateMachine;
  readonly refresh: WatchedRefresh;
  /** Separate from the analysts' workgroup, whose limits would stop a large merge. */
  readonly workgroup: CfnWorkGroup;

  constructor(scope: Construct, id: string, props: CuratedTableProps) {
    super(scope, id);
    const { prefix, catalog, archive, work } = props;
    // The name is needed early, because the machine's role may list the executions of this machine and of no other.
    const name = `${prefix}-curated`;
    this.name = name;
    const results = { ...props, queryResults: CURATED_RESULTS_PREFIX };
    this.workgroup = internalWorkgroup(this, name, 'Statements that keep the curated table.', results);
    const role = this.role(name, props);
    const substitutions: Record<Exclude<Substitution, 'Partition'>, string> = {
      ArchiveBucket: archive.bucketName,
      CuratedLocation: `s3://${work.bucketName}/${CURATED_PREFIX}${CURATED_TABLE}/`,
      CommitsLocation: `s3://${work.bucketName}/${CURATED_PREFIX}${COMMITS_TABLE}/`,
      Database: catalog.databaseName,
      Workgroup: name,
    };
    this.stateMachine = new CfnStateMachine(this, 'Refresh', {
      stateMachineName: name,
      stateMachineType: 'STANDARD',
      roleArn: role.roleArn,
      definitionString: this.definition(props),
      definitionSubstitutions: substitutions,
    });
    this.refresh = { stateMachineArn: this.stateMachine.ref, everyHours: HOURS[props.every] };
    acknowledge(
      this.stateMachine,
      'Step Functions keeps the whole history of an execution for 90 days. A copy in a log would need permission for the log deliveries of the whole account.',
      ['AwsSolutions-SF1'],
    );
    acknowledge(this.stateMachine, 'It calls AWS services and nothing else: its history has the times.', [
      'AwsSolutions-SF2',
      'Serverless-StepFunctionStateMachineXray',
    ]);
    this.startByTime(props);
    this.startWhenDeployed();
  }

  private definition({ domains, retiredDomains, firstExportDate }: CuratedTableProps): string {
    const definition = refreshDefinition({ domains: [...domains, ...retiredDomains], firstExportDate });
    // Replaced by its name where the Region is known: then the definition is plain JSON, which cfn-lint checks.
    return JSON.stringify(definition).replaceAll(substituted('Partition'), Stack.of(this).partition);
  }

  private role(name: string, props: CuratedTableProps): Role {
    const role = serviceRole(this, 'Role', {
      service: 'states.amazonaws.com',
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      description: 'Lets Athena keep the curated table of the audit export.',
      policy: 'refresh',
      statements: refreshPermissions(this, { ...props, name }),
    });
    acknowledgeWildcards(role, props);
    return role;
  }

  private startByTime({ every, undelivered, serviceKey }: CuratedTableProps): void {
    const group = new CfnScheduleGroup(this, 'Schedules');
    const role = starterRole(this, 'ScheduleRole', group, {
      description: STARTS,
      policy: 'start',
      starts: { action: 'states:StartExecution', resources: [this.stateMachine.ref] },
      undelivered,
      serviceKey,
    });
    const schedule = (id: string, description: string, expression: string, input: object) =>
      scheduleOf(this, id, group, {
        description,
        expression,
        arn: this.stateMachine.ref,
        role,
        input,
        retries: { attempts: 5, seconds: 3600 },
        undelivered,
      });
    schedule('EveryTime', 'Brings new rows into the curated table', TIMES[every], {});
    schedule('Weekly', 'Optimizes the curated table', WEEKLY, { maintain: true });
  }

  /** Creates the table minutes after the first deployment, and changes it minutes after a later one. */
  private startWhenDeployed(): void {
    const rule = new CfnRule(this, 'Deployed', {
      description: 'Refreshes the curated table when the stack was deployed',
      eventPattern: {
        source: ['aws.cloudformation'],
        'detail-type': ['CloudFormation Stack Status Change'],
        detail: {
          'stack-id': [Stack.of(this).stackId],
          'status-details': { status: ['CREATE_COMPLETE', 'UPDATE_COMPLETE'] },
        },
      },
    });
    acknowledge(rule, 'What is not started by it, the schedule starts; an alarm tells if neither does.', [
      'Serverless-EventBusDLQ',
    ]);
    const role = serviceRole(this, 'DeployedRole', {
      service: 'events.amazonaws.com',
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      description: STARTS,
      policy: 'start',
      statements: [new PolicyStatement({ actions: ['states:StartExecution'], resources: [this.stateMachine.ref] })],
    });
    rule.targets = [{ id: 'Refresh', arn: this.stateMachine.ref, roleArn: role.roleArn, input: '{}' }];
  }
}
