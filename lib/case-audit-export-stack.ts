import { Annotations, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { RAW_TABLE } from './athena/raw-table';
import { CaseAuditExport } from './case-audit-export';
import type { DeployConfig } from './config/config';
import { CURATED_TABLE } from './curated/curated-statements';

/** What the stack needs to know. */
export interface CaseAuditExportStackProps extends StackProps {
  readonly config: DeployConfig;
  /** The second switch: data goes with the stack only if the configuration says so too. */
  readonly deleteData?: boolean | undefined;
  readonly bundleDirectory?: string | undefined;
}

/** The export as a stack of its own, in the account and Region of the configuration, with outputs for people and scripts. */
export class CaseAuditExportStack extends Stack {
  readonly export: CaseAuditExport;

  constructor(
    scope: Construct,
    id: string,
    { config, deleteData, bundleDirectory, ...props }: CaseAuditExportStackProps,
  ) {
    super(scope, id, {
      description: 'Exports the audit history of Amazon Connect cases to Parquet.',
      ...props,
      env: { account: config.account, region: config.region },
      // The data is kept either way; this keeps the export running.
      terminationProtection: config.whenStackIsDeleted === 'keep-data',
    });
    if (config.whenStackIsDeleted === 'delete-data' && deleteData === true) {
      Annotations.of(this).addWarningV2('audit-export:delete-data', 'Deleting this stack deletes all exported data.');
    }
    const { account: _account, region: _region, ...options } = config;
    this.export = new CaseAuditExport(this, 'Export', { ...options, deleteData, bundleDirectory });
    this.output();
  }

  private output(): void {
    const {
      archive,
      workArea,
      accessLogs,
      checkpoints,
      exporter,
      schedules,
      catalog,
      workgroup,
      analysts,
      curated,
      monitoring,
      dashboard,
    } = this.export;
    const outputs: Record<string, string | undefined> = {
      ArchiveBucket: archive.bucket.bucketName,
      WorkBucket: workArea.bucket.bucketName,
      AccessLogBucket: accessLogs.bucket.bucketName,
      CheckpointTable: checkpoints.table.tableName,
      ...Object.fromEntries(
        [...exporter.functions].map(([domainId, { functionName }]) => [
          `ExporterFunction${outputId(domainId)}`,
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
      Workgroup: workgroup.workgroup.name,
      AnalystPolicy: analysts.policy.managedPolicyArn,
      AlarmTopic: monitoring.topic.topicArn,
      Dashboard: dashboard?.dashboard.dashboardName,
      EncryptionKey: this.export.encryptionKey?.keyArn,
    };
    for (const [name, value] of Object.entries(outputs)) {
      if (value !== undefined) new CfnOutput(this, name, { value });
    }
  }
}

/** Names of outputs have letters and digits only. */
function outputId(domainId: string): string {
  return domainId.replaceAll('-', '');
}
