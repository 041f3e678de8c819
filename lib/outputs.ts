import { CfnOutput } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { AnalystPolicy } from './athena/analyst-policy';
import type { Catalog } from './athena/catalog';
import { RAW_TABLE } from './athena/raw-table';
import type { Workgroup } from './athena/workgroup';
import { CURATED_TABLE } from './curated/curated-statements';
import type { CuratedTable } from './curated/curated-table';
import type { AuditorPolicy } from './evidence/auditor-policy';
import type { Replication } from './evidence/replication';
import type { ScheduledVerify } from './evidence/scheduled-verify';
import type { Exporter } from './function/exporter';
import type { OperatorPolicy } from './function/operator-policy';
import type { Schedules } from './function/schedules';
import type { Dashboard } from './monitoring/dashboard';
import type { Monitoring } from './monitoring/monitoring';
import type { AccessLogs } from './storage/access-logs';
import type { Archive } from './storage/archive';
import type { CheckpointTable } from './storage/checkpoint-table';
import type { WorkArea } from './storage/work-area';

/** Parts of the export. */
interface Parts {
  readonly encryptionKey: IKey | undefined;
  readonly accessLogs: AccessLogs;
  readonly archive: Archive;
  readonly workArea: WorkArea;
  readonly checkpoints: CheckpointTable;
  readonly exporter: Exporter;
  readonly schedules: Schedules;
  readonly catalog: Catalog;
  readonly workgroup: Workgroup;
  readonly analysts: AnalystPolicy;
  readonly operators: OperatorPolicy;
  readonly curated: CuratedTable | undefined;
  readonly monitoring: Monitoring;
  readonly dashboard: Dashboard | undefined;
  readonly signingKeyArns: readonly string[];
  readonly replication: Replication | undefined;
  readonly auditors: AuditorPolicy;
  readonly verify: ScheduledVerify | undefined;
}

/** Values for the `<angle brackets>` in the runbook's commands, by their names. */
function outputValues(audit: Parts): ReadonlyMap<string, string> {
  const { archive, workArea, accessLogs, checkpoints, exporter, schedules, catalog, curated } = audit;
  const values: Readonly<Record<string, string | undefined>> = {
    ArchiveBucket: archive.bucket.bucketName,
    WorkBucket: workArea.bucket.bucketName,
    AccessLogBucket: accessLogs.bucket.bucketName,
    CheckpointTable: checkpoints.table.tableName,
    ...Object.fromEntries(
      [...exporter.functions].map(([domainId, { functionName }]) => [
        `ExporterFunction${lettersAndDigits(domainId)}`,
        functionName,
      ]),
    ),
    ExporterLogGroup: exporter.logGroup.logGroupName,
    FailureQueue: exporter.failures.queueUrl,
    UndeliveredQueue: schedules.undelivered.queueUrl,
    Database: catalog.databaseName,
    RawTable: RAW_TABLE,
    CuratedTable: curated && CURATED_TABLE,
    CuratedRefresh: curated?.stateMachine.ref,
    Workgroup: audit.workgroup.workgroup.name,
    AnalystPolicy: audit.analysts.policy.managedPolicyArn,
    OperatorPolicy: audit.operators.policy.managedPolicyArn,
    AlarmTopic: audit.monitoring.topic.topicArn,
    Dashboard: audit.dashboard?.dashboard.dashboardName,
    EncryptionKey: audit.encryptionKey?.keyArn,
    ...Object.fromEntries(audit.signingKeyArns.map((arn, index) => [`SigningKey${index + 1}`, arn])),
    ReplicationRole: audit.replication?.role.roleArn,
    AuditorPolicy: audit.auditors.policy.managedPolicyArn,
    VerifyFunction: audit.verify?.function.functionName,
  };
  return new Map(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** Writes the outputs of the stack, their names after the prefix: two exports in one stack need two prefixes. */
export function writeOutputs(audit: Construct & Parts, prefix: string): void {
  for (const [name, value] of outputValues(audit)) {
    // Below the construct the name would get a hash; the runbook's commands need it unchanged.
    new CfnOutput(audit, `Output${name}`, { value }).overrideLogicalId(`${lettersAndDigits(prefix)}${name}`);
  }
}

/** Keeps the characters that the name of an output may have. */
function lettersAndDigits(text: string): string {
  return text.replace(/[^A-Za-z0-9]/g, '');
}
