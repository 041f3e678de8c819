import { CfnOutput, Tags } from 'aws-cdk-lib';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import { AnalystPolicy, OtherAccounts } from './athena/analysts';
import { Catalog } from './athena/catalog';
import { RAW_TABLE } from './athena/raw-table';
import { Workgroup } from './athena/workgroup';
import type { CheckedOptions } from './config/config';
import { CURATED_TABLE } from './curated/curated-statements';
import { CuratedTable } from './curated/curated-table';
import { AuditorPolicy, ScheduledVerify } from './evidence/auditors';
import { PublicKeys } from './evidence/public-keys';
import { Replication } from './evidence/replication';
import { SigningKeys } from './evidence/signing-keys';
import { type CaseAuditExportProps, checkProps, vpcOf } from './export-props';
import { BUNDLE_DIRECTORY } from './function/bundled-function';
import { Exporter } from './function/exporter';
import { OperatorPolicy } from './function/operator-policy';
import { Schedules } from './function/schedules';
import { Dashboard } from './monitoring/dashboard';
import { Monitoring } from './monitoring/monitoring';
import { Archive } from './storage/archive';
import { CheckpointTable } from './storage/checkpoint-table';
import { AccessLogs } from './storage/closed-bucket';
import { EncryptionKey } from './storage/encryption-key';
import { WorkArea } from './storage/work-area';

/**
 * The whole export, for a stack of any app. The order below follows the data.
 * @throws ConfigError that lists every problem of the options.
 */
export class CaseAuditExport extends Construct {
  /** Undefined = S3's own keys. */
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
  /** Undefined where the options turn it off. */
  readonly curated: CuratedTable | undefined;
  /** ARNs of the keys that sign notes; none = notes are unsigned. */
  readonly signingKeyArns: readonly string[];
  /** Undefined where the options name none. */
  readonly replication: Replication | undefined;
  readonly auditors: AuditorPolicy;
  /** Undefined where the options turn it off. */
  readonly verify: ScheduledVerify | undefined;
  readonly monitoring: Monitoring;
  /** Undefined where the options turn it off. */
  readonly dashboard: Dashboard | undefined;

  constructor(scope: Construct, id: string, props: CaseAuditExportProps) {
    super(scope, id);
    // Buckets that only the account owns need it, and the surrounding app may not have set it.
    this.node.setContext(S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY, true);
    const options = checkProps(this, props);
    const { prefix, prefixes } = options;
    const deleteData = options.whenStackIsDeleted === 'delete-data' && props.deleteData === true;
    const encryptionKey = props.encryptionKey ?? this.keyOf(options, deleteData);
    this.encryptionKey = encryptionKey;
    const serviceKey = options.encryptAllWithKey ? encryptionKey : undefined;

    const { accessLogRetentionDays: retentionDays, breakGlassRoleArn } = options;
    this.accessLogs = new AccessLogs(this, 'AccessLogs', { retentionDays, breakGlassRoleArn, deleteData });
    const accessLogs = this.accessLogs.bucket;
    const storage = { encryptionKey, accessLogs, prefixes, deleteData };
    this.archive = new Archive(this, 'Archive', { ...options, ...storage });
    this.workArea = new WorkArea(this, 'WorkArea', { ...options, ...storage });
    const archive = this.archive.bucket;
    const work = this.workArea.bucket;
    this.checkpoints = new CheckpointTable(this, 'Checkpoints', { ...options, serviceKey, deleteData });
    const { table } = this.checkpoints;

    const bundleDirectory = props.bundleDirectory ?? BUNDLE_DIRECTORY;
    const vpc = vpcOf(props);
    this.exporter = new Exporter(this, 'Exporter', {
      ...options,
      archive,
      work,
      table,
      encryptionKey,
      serviceKey,
      vpc,
      bundleDirectory,
      deleteData,
    });
    const { functions, failures, logGroup } = this.exporter;
    const bundles = { bundleDirectory, deleteData, serviceKey };
    this.schedules = new Schedules(this, 'Schedules', { ...options, functions, serviceKey });
    const { undelivered } = this.schedules;

    const exporterRoleArns = this.exporter.roleArns;
    const stored = { ...options, archive, table, work, encryptionKey };
    const { keys: signingKeys } = new SigningKeys(this, 'SigningKeys', { ...options, exporterRoleArns });
    this.signingKeyArns = signingKeys.map(({ arn }) => arn);
    const published =
      signingKeys.length === 0
        ? undefined
        : new PublicKeys(this, 'PublicKeys', { ...stored, ...bundles, keys: signingKeys });
    if (published) this.exporter.signWith(published.setting);
    this.archive.admitOnly([...exporterRoleArns, ...(published ? [published.role.roleArn] : [])]);
    const isCopied = options.notesMirror !== undefined || options.archiveCopy !== undefined;
    this.replication = isCopied ? new Replication(this, 'Replication', stored) : undefined;
    const audited = { ...stored, signingKeys, serviceKey };
    this.auditors = new AuditorPolicy(this, 'Auditors', audited);
    const checked = { ...audited, ...bundles, vpc, signingSetting: published?.setting, undelivered, failures };
    this.verify = options.scheduledVerify === 'off' ? undefined : new ScheduledVerify(this, 'Verify', checked);

    const every = options.curatedTable;
    const flavour = every === 'off' ? 'raw' : 'curated';
    this.catalog = new Catalog(this, 'Catalog', { ...options, archive, work, flavour });
    const { catalog } = this;
    const { queryResults } = prefixes;
    this.workgroup = new Workgroup(this, 'Workgroup', { ...options, catalog, work, encryptionKey, queryResults });
    const tables = { ...options, archive, work, catalog, encryptionKey };
    this.analysts = new AnalystPolicy(this, 'Analysts', { ...tables, queryResults });
    if (options.analystAccounts.length > 0) new OtherAccounts(this, 'OtherAccounts', tables);
    this.curated =
      every === 'off' ? undefined : new CuratedTable(this, 'Curated', { ...tables, every, undelivered, serviceKey });

    this.operators = new OperatorPolicy(this, 'Operators', {
      prefix,
      functions: [...functions.values(), ...(this.verify ? [this.verify.function] : [])],
      queues: [this.exporter.failures, undelivered],
      table,
      logGroups: [logGroup, ...(this.verify ? [this.verify.logGroup] : [])],
      refreshName: this.curated?.name,
      serviceKey,
    });

    this.monitoring = new Monitoring(this, 'Monitoring', {
      ...options,
      functions,
      undelivered,
      copies: this.replication?.watched ?? [],
      refresh: this.curated?.refresh,
      verify: this.verify?.watched,
      alarmTopic: props.alarmTopic,
      serviceKey,
    });
    const { alarms: alarmsOfStack, alarmMetrics } = this.monitoring;
    const workgroups = [prefix, ...(this.curated ? [this.curated.workgroup.name] : [])];
    const watched = { functions, table, logGroup, archive, work, alarmsOfStack, alarmMetrics, workgroups };
    this.dashboard = options.dashboard ? new Dashboard(this, 'Dashboard', { ...options, ...watched }) : undefined;

    for (const [name, value] of Object.entries(options.tags)) Tags.of(this).add(name, value);
    writeOutputs(this, props.outputPrefix ?? id);
  }

  private keyOf(options: CheckedOptions, deleteData: boolean) {
    const { prefix, kmsKeyArn, createKmsKey, breakGlassRoleArn, encryptAllWithKey: forAll } = options;
    if (kmsKeyArn !== undefined) return Key.fromKeyArn(this, 'Key', kmsKeyArn);
    if (!createKmsKey) return undefined;
    return new EncryptionKey(this, 'EncryptionKey', { prefix, breakGlassRoleArn, forAll, deleteData }).key;
  }
}

/** Writes the outputs of the stack, their names after the prefix: two exports in one stack need two prefixes. */
function writeOutputs(audit: CaseAuditExport, prefix: string): void {
  for (const [name, value] of Object.entries(outputsOf(audit))) {
    if (value === undefined) continue;
    // Below the construct the name would get a hash; the runbook's commands need it unchanged.
    new CfnOutput(audit, `Output${name}`, { value }).overrideLogicalId(`${lettersAndDigits(prefix)}${name}`);
  }
}

/** Keeps the characters that the name of an output may have. */
function lettersAndDigits(text: string): string {
  return text.replace(/[^A-Za-z0-9]/g, '');
}

/** Values for the `<angle brackets>` in the runbook's commands, by their names; undefined = there is no such thing. */
function outputsOf(audit: CaseAuditExport): Readonly<Record<string, string | undefined>> {
  const { archive, workArea, accessLogs, checkpoints, exporter, schedules, catalog, curated } = audit;
  return {
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
}
