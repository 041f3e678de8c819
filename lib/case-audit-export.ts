import { Stack, Tags, Token } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import { AnalystPolicy } from './athena/analyst-policy';
import { Catalog } from './athena/catalog';
import { OtherAccounts } from './athena/other-accounts';
import { Workgroup } from './athena/workgroup';
import type { CheckedOptions } from './config/config';
import { checkOptions } from './config/config-file';
import type { ExportOptions } from './config/export-options';
import { CuratedTable } from './curated/curated-table';
import { AuditorPolicy } from './evidence/auditor-policy';
import { PublicKeys } from './evidence/public-keys';
import { Replication } from './evidence/replication';
import { ScheduledVerify } from './evidence/scheduled-verify';
import { SigningKeys } from './evidence/signing-keys';
import { BUNDLE_DIRECTORY } from './function/bundle';
import { Exporter } from './function/exporter';
import { OperatorPolicy } from './function/operator-policy';
import { Schedules } from './function/schedules';
import type { VpcPlace } from './function/vpc';
import { Dashboard } from './monitoring/dashboard';
import { Monitoring } from './monitoring/monitoring';
import { writeOutputs } from './outputs';
import { AccessLogs } from './storage/access-logs';
import { Archive } from './storage/archive';
import { CheckpointTable } from './storage/checkpoint-table';
import { EncryptionKey } from './storage/encryption-key';
import { WorkArea } from './storage/work-area';

/**
 * The options of a configuration file except account and Region, which belong to the stack, plus options that only code
 * can give.
 */
export interface CaseAuditExportProps extends Omit<ExportOptions, 'alarms'> {
  /**
   * Receivers of alarms; needed unless `alarmTopic` is given.
   * @default thresholds as in a file that leaves them out
   */
  readonly alarms?: ExportOptions['alarms'] | undefined;
  /**
   * Receives the alarms, in place of `alarms.email` and `alarms.topicArn`. CloudWatch must be allowed to publish to it.
   * @default the topic in `alarms`, or a new one for its e-mail address
   */
  readonly alarmTopic?: ITopic | undefined;
  /**
   * Encrypts case data, in place of `kmsKeyArn` and `createKmsKey`.
   * @default the key of those options, or S3's own keys
   */
  readonly encryptionKey?: IKey | undefined;
  /**
   * The only role that may delete from the archive, in place of `breakGlassRoleArn`.
   * @default the role in that option, or nobody
   */
  readonly breakGlassRole?: IRole | undefined;
  /**
   * The VPC of the functions, in place of `vpcConfig`. It needs the interface endpoint `com.amazonaws.<region>.cases`
   * and the gateway endpoints of S3 and DynamoDB, or another way to them.
   * @default the one in `vpcConfig`, or none
   */
  readonly vpc?: IVpc | undefined;
  /**
   * Subnets of `vpc`.
   * @default the private ones
   */
  readonly vpcSubnets?: SubnetSelection | undefined;
  /**
   * Security groups of the functions in `vpc`; they must let 443 out.
   * @default one per function that lets everything out
   */
  readonly securityGroups?: readonly ISecurityGroup[] | undefined;
  /**
   * The second switch: the data is deleted with the stack only if `whenStackIsDeleted` allows it, too.
   * @default false
   */
  readonly deleteData?: boolean | undefined;
  /**
   * Prefix of the names of the stack's outputs, which the commands of the runbook need.
   * @default the id of the construct
   */
  readonly outputPrefix?: string | undefined;
  /**
   * Folder of the bundles: `export/index.js`, `verify/index.js` and `keys/index.js`.
   * @default the folder of this package's `npm run build`
   */
  readonly bundleDirectory?: string | undefined;
}

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
    const options = this.check(props);
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
    const vpc = placeOf(props);
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

  private check(props: CaseAuditExportProps): CheckedOptions {
    const { alarmTopic, encryptionKey, breakGlassRole, vpc, ...more } = props;
    const {
      deleteData: _,
      bundleDirectory: __,
      outputPrefix: ___,
      vpcSubnets: ____,
      securityGroups: _____,
      ...given
    } = more;
    const { account, region } = Stack.of(this);
    const options = checkOptions({ ...given, alarms: given.alarms ?? {} }, this.node.path, {
      now: new Date(),
      account: known(account),
      region: known(region),
      brings: { topic: alarmTopic !== undefined, key: encryptionKey !== undefined, vpc: vpc !== undefined },
    });
    return breakGlassRole ? { ...options, breakGlassRoleArn: breakGlassRole.roleArn } : options;
  }

  private keyOf(options: CheckedOptions, deleteData: boolean) {
    const { prefix, kmsKeyArn, createKmsKey, breakGlassRoleArn, encryptAllWithKey: forAll } = options;
    if (kmsKeyArn !== undefined) return Key.fromKeyArn(this, 'Key', kmsKeyArn);
    if (!createKmsKey) return undefined;
    return new EncryptionKey(this, 'EncryptionKey', { prefix, breakGlassRoleArn, forAll, deleteData }).key;
  }
}

function placeOf({ vpc, vpcSubnets, securityGroups }: CaseAuditExportProps): VpcPlace | undefined {
  if (vpc === undefined) return undefined;
  return { vpc, ...(vpcSubnets && { vpcSubnets }), ...(securityGroups && { securityGroups: [...securityGroups] }) };
}

/** An account or Region that is known only at deployment is not compared. */
function known(value: string): string | undefined {
  return Token.isUnresolved(value) ? undefined : value;
}
