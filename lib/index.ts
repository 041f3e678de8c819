/** The public names for other CDK apps. */
export { CaseAuditExport } from './case-audit-export';
export { CaseAuditExportStack, type CaseAuditExportStackProps } from './case-audit-export-stack';
export type { CheckedOptions, DeployConfig } from './config/config';
export { ConfigError, checkConfig, readConfig } from './config/config-file';
export type { ExportOptions } from './config/export-options';
export type { CaseAuditExportProps } from './export-props';
