import { Annotations, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { CaseAuditExport } from './case-audit-export';
import type { DeployConfig } from './config/config';

/** Inputs of the stack. */
export interface CaseAuditExportStackProps extends StackProps {
  readonly config: DeployConfig;
  /** The second switch: the data is deleted with the stack only if the configuration allows it, too. */
  readonly deleteData?: boolean | undefined;
  readonly bundleDirectory?: string | undefined;
}

/**
 * The export as a stack of its own, in the account and Region of the configuration, with outputs for people and
 * scripts.
 */
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
    this.export = new CaseAuditExport(this, 'Export', { ...options, deleteData, bundleDirectory, outputPrefix: '' });
  }
}
