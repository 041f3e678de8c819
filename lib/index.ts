/** What another CDK app imports. */
export { CaseAuditExport, type CaseAuditExportProps } from './case-audit-export';
export { CaseAuditExportStack, type CaseAuditExportStackProps } from './case-audit-export-stack';
export type { CheckedOptions, DeployConfig } from './config';
export { ConfigError, checkConfig, readConfig } from './config-file';
export type { ExportOptions } from './export-options';
