import { Key } from 'aws-cdk-lib/aws-kms';
import { S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import { AccessLogs } from './access-logs';
import { Archive } from './archive';
import { BUNDLE_DIRECTORY } from './bundle';
import { Catalog } from './catalog';
import { CheckpointTable } from './checkpoint-table';
import type { DeployConfig } from './config';
import type { DataRemoval } from './data-removal';
import { Exporter } from './exporter';
import { Monitoring } from './monitoring';
import { Schedules } from './schedules';
import { WorkArea } from './work-area';
import { Workgroup } from './workgroup';

/** The configuration without where it goes, which is the stack's. */
export interface CaseAuditExportProps extends DataRemoval {
  readonly config: Omit<DeployConfig, 'account' | 'region' | 'whenStackIsDeleted'>;
  /** Holds the function's `index.js`. Default: where `npm run build` leaves it. */
  readonly bundleDirectory?: string | undefined;
}

/** The whole export, for a stack of any app. The order below is the way of the data. */
export class CaseAuditExport extends Construct {
  readonly accessLogs: AccessLogs;
  readonly archive: Archive;
  readonly workArea: WorkArea;
  readonly checkpoints: CheckpointTable;
  readonly exporter: Exporter;
  readonly schedules: Schedules;
  readonly catalog: Catalog;
  readonly workgroup: Workgroup;
  readonly monitoring: Monitoring;

  constructor(scope: Construct, id: string, { config, deleteData, bundleDirectory }: CaseAuditExportProps) {
    super(scope, id);
    // Buckets that are owned by the account alone need it, and the app that this is put into may not have set it.
    this.node.setContext(S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY, true);
    const { prefix, domains, pausedDomains, kmsKeyArn, scheduleMinutes: everyMinutes } = config;
    const encryptionKey = kmsKeyArn === undefined ? undefined : Key.fromKeyArn(this, 'Key', kmsKeyArn);

    this.accessLogs = new AccessLogs(this, 'AccessLogs', { deleteData });
    const accessLogs = this.accessLogs.bucket;
    this.archive = new Archive(this, 'Archive', {
      objectLock: config.objectLock,
      breakGlassRoleArn: config.breakGlassRoleArn,
      encryptionKey,
      accessLogs,
      deleteData,
    });
    this.workArea = new WorkArea(this, 'WorkArea', { encryptionKey, accessLogs, deleteData });
    const archive = this.archive.bucket;
    const work = this.workArea.bucket;
    this.checkpoints = new CheckpointTable(this, 'Checkpoints', { deleteData });

    this.exporter = new Exporter(this, 'Exporter', {
      ...config,
      archive,
      work,
      table: this.checkpoints.table,
      encryptionKey,
      bundleDirectory: bundleDirectory ?? BUNDLE_DIRECTORY,
      deleteData,
    });
    const { function: exporter, failures } = this.exporter;
    this.schedules = new Schedules(this, 'Schedules', {
      domains,
      pausedDomains,
      everyMinutes,
      function: exporter,
      failures,
    });

    this.catalog = new Catalog(this, 'Catalog', { ...config, archive });
    const { catalog } = this;
    this.workgroup = new Workgroup(this, 'Workgroup', { ...config, catalog, work, encryptionKey });

    this.monitoring = new Monitoring(this, 'Monitoring', {
      prefix,
      alarms: config.alarms,
      function: exporter,
      failures,
      scheduleGroups: this.schedules.groups,
      pausedDomains,
      everyMinutes,
    });
  }
}
