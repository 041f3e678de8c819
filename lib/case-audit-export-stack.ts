import { Annotations, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { CaseAuditExport } from './case-audit-export';
import type { DeployConfig } from './config';
import { RAW_TABLE } from './raw-table';

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
    const bothAgree = config.whenStackIsDeleted === 'delete-data' && deleteData === true;
    if (bothAgree) {
      Annotations.of(this).addWarningV2('audit-export:delete-data', 'Deleting this stack deletes all exported data.');
    }
    this.export = new CaseAuditExport(this, 'Export', { config, deleteData: bothAgree, bundleDirectory });
    this.output();
  }

  private output(): void {
    const { archive, workArea, accessLogs, checkpoints, exporter, catalog, workgroup, monitoring } = this.export;
    const outputs: Record<string, string> = {
      ArchiveBucket: archive.bucket.bucketName,
      WorkBucket: workArea.bucket.bucketName,
      AccessLogBucket: accessLogs.bucket.bucketName,
      CheckpointTable: checkpoints.table.tableName,
      ExporterFunction: exporter.function.functionName,
      ExporterLogGroup: exporter.logGroup.logGroupName,
      FailureQueue: exporter.failures.queueUrl,
      Database: catalog.databaseName,
      RawTable: RAW_TABLE,
      Workgroup: workgroup.workgroup.name,
      AlarmTopic: monitoring.topic.topicArn,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}
