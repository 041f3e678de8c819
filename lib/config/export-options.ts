// biome-ignore-all format: written by `npm run docs` from `lib/config/config.ts`.

/** Options of the export, as `lib/config/config.ts` checks them. */
export interface ExportOptions {
  /** Prefix of the names of stack, Glue database, workgroup, dashboard and alarms. One per account and Region. */
  readonly prefix: string;
  /** The Cases domains to export, by id or ARN. Each has its own function and schedule. The account and Region of an ARN are checked. */
  readonly domains: ReadonlyArray<string>;
  /** Athena reads partitions from this day on: the day of the first deployment (UTC), never moved later. */
  readonly firstExportDate: string;
  /** Receivers of alarms. */
  readonly alarms: {
    /** The stack creates a topic for this address. */
    readonly email?: string | undefined;
    /** An existing topic, in place of `email`. */
    readonly topicArn?: string | undefined;
    /**
     * Largest age of the live watermark at the end of a run.
     * @default 3600
     */
    readonly watermarkAgeSeconds?: number | undefined;
    /**
     * Address of the runbook in alarms, for example that of your copy.
     * @default docs/runbook.md
     */
    readonly runbookUrl?: string | undefined;
  };
  /**
   * Domains that are no longer exported; their rows stay readable in Athena.
   * @default []
   */
  readonly retiredDomains?: ReadonlyArray<string> | undefined;
  /**
   * Some of `domains`: their schedule is off, their alarms are silent.
   * @default []
   */
  readonly pausedDomains?: ReadonlyArray<string> | undefined;
  /**
   * Differences of single domains, by id or ARN.
   * @default {}
   */
  readonly perDomain?: Readonly<Record<string, {
    /** Its part of `requestsPerSecond`. Domains without a share divide the rest evenly. */
    readonly share?: number | undefined;
    /** Replaces the `scheduleMinutes` of all domains. */
    readonly scheduleMinutes?: number | undefined;
    /** Its settings that differ from `settings`. */
    readonly settings?: {
      /** The first sweep leaves out cases last updated before it, ISO 8601. Left out: all history. */
      readonly exportFrom?: string | undefined;
      /** A change is read once it is this old, because the audit history may lag behind the search. */
      readonly settleSeconds?: number | undefined;
      /** Each pass begins this long before the watermark. */
      readonly overlapSeconds?: number | undefined;
      /** A case that keeps changing is read after this long all the same. */
      readonly maxLagSeconds?: number | undefined;
      /** Days between two scans over all cases; 0 = only the first one. */
      readonly sweepDays?: number | undefined;
      /** Largest number of rows in a commit. */
      readonly maxRowsPerCommit?: number | undefined;
      /** Largest size of a commit in bytes; one larger event is a commit of its own. */
      readonly maxBytesPerCommit?: number | undefined;
      /** Reading stops when less than this is left of a run. */
      readonly commitReserveSeconds?: number | undefined;
      /** The lease ends this long after the run’s own deadline. */
      readonly leaseMarginSeconds?: number | undefined;
    } | undefined;
  }>> | undefined;
  /**
   * Minutes between two ticks of a domain, 1 to 60.
   * @default 5
   */
  readonly scheduleMinutes?: number | undefined;
  /**
   * Quota of the account in this Region for SearchCases and GetCaseAuditEvents, the lower of the two, in calls per second.
   * @default 2
   */
  readonly quotaRequestsPerSecond?: number | undefined;
  /** Calls per second of all domains of this stack, at most the quota. Left out: 75 % of the quota. */
  readonly requestsPerSecond?: number | undefined;
  /** An existing table, in place of the stack’s own: a restored one (runbook). */
  readonly checkpointTableName?: string | undefined;
  /**
   * Memory of each function; its share of a CPU grows with it. New accounts may have a lower quota than 10,240: a deployment beyond it fails and rolls back.
   * @default 512
   */
  readonly memoryMb?: number | undefined;
  /**
   * Retention of the functions’ log in days (ids and counts, no case data).
   * @default 90
   */
  readonly logRetentionDays?: 1 | 3 | 5 | 7 | 14 | 30 | 60 | 90 | 120 | 150 | 180 | 365 | 400 | 545 | 731 | 1096 | 1827 | 2192 | 2557 | 2922 | 3288 | 3653 | undefined;
  /**
   * Retention of the log of bucket requests in days.
   * @default 400
   */
  readonly accessLogRetentionDays?: number | undefined;
  /**
   * Retention of query results in days: they hold case data.
   * @default 30
   */
  readonly queryResultRetentionDays?: number | undefined;
  /**
   * The archive’s default retention: mode `none`, `GOVERNANCE` or `COMPLIANCE` with `days`; `COMPLIANCE` also needs `acknowledgeNobodyCanDelete: true`. The bucket always has Object Lock, so a retention can be set later.
   * @default {"mode":"none"}
   */
  readonly objectLock?: {
    readonly mode: 'none';
  } | {
    readonly mode: 'GOVERNANCE';
    readonly days: number;
  } | {
    readonly mode: 'COMPLIANCE';
    readonly days: number;
    readonly acknowledgeNobodyCanDelete: true;
  } | undefined;
  /** Days after which S3 deletes rows, manifests and quarantine from the archive, at least those of `objectLock`; dictionaries stay. The curated table keeps its rows until it is rebuilt. Left out: nothing expires. */
  readonly archiveExpirationDays?: number | undefined;
  /** The only role that may delete from the archive. Left out: nobody may. */
  readonly breakGlassRoleArn?: string | undefined;
  /** An existing key that encrypts archive, work bucket and query results. Left out: S3’s own keys, which nobody can lose. */
  readonly kmsKeyArn?: string | undefined;
  /**
   * In place of `kmsKeyArn`: the stack creates the key, with yearly rotation, kept and protected from deletion. When you turn this off again, put its key into `formerKmsKeyArns`.
   * @default false
   */
  readonly createKmsKey?: boolean | undefined;
  /**
   * Keys that encrypted the buckets before a change of key: older objects are read with them. Without them the export stops, and nobody can read the history.
   * @default []
   */
  readonly formerKmsKeyArns?: ReadonlyArray<string> | undefined;
  /**
   * The key also encrypts the functions’ log, the checkpoint table, the queues and the stack’s own topic, which hold ids and counts. Your own key must let CloudWatch Logs and CloudWatch use it (runbook).
   * @default false
   */
  readonly encryptAllWithKey?: boolean | undefined;
  /** The key that encrypts the metadata of the account’s Glue Data Catalog (`aws glue get-data-catalog-encryption-settings`). Left out: it is not encrypted. */
  readonly catalogKmsKeyArn?: string | undefined;
  /**
   * True where Lake Formation grants access to the buckets (their locations are registered): refresh and analysts may ask it for access. Its grants are a separate step (runbook).
   * @default false
   */
  readonly lakeFormation?: boolean | undefined;
  /** Subnets and security groups of the functions, where a rule requires a VPC. They need the interface endpoint `com.amazonaws.<region>.cases` and the gateway endpoints of S3 and DynamoDB. */
  readonly vpcConfig?: {
    /** Subnets in different zones, with a way to the endpoints. */
    readonly subnetIds: ReadonlyArray<string>;
    /** Security groups that allow outbound 443; inbound traffic is not needed. */
    readonly securityGroupIds: ReadonlyArray<string>;
  } | undefined;
  /**
   * Analysts read rows through Athena only, within the limits and the history of the workgroup; they cannot copy files, so `timeline` needs another role.
   * @default false
   */
  readonly analystsOnlyThroughAthena?: boolean | undefined;
  /**
   * Other accounts whose analysts may query: buckets, the key that the stack makes and, with `lakeFormation`, its grants let them in. What their side and the catalog’s policy need: runbook.
   * @default []
   */
  readonly analystAccounts?: ReadonlyArray<string> | undefined;
  /**
   * The keys that sign the notes of commits: one, or two during a rotation, each `{"create": "<name>"}` or `{"arn": "…", "publicKey": "…"}`. Left out: notes are unsigned.
   * @default []
   */
  readonly signingKeys?: ReadonlyArray<{
    /** The stack creates a key under this name, for example the year. Another name is another key. A key whose name is removed no longer signs and is deleted 30 days later. */
    readonly create: string;
  } | {
    /** An existing key of this Region, for example of another account: kind ECC_NIST_P256, for signing. */
    readonly arn: string;
    /** Its public half. Left out: the deployment asks KMS for it. */
    readonly publicKey?: string | undefined;
  }> | undefined;
  /** Bucket of another account to which S3 copies the notes, and nothing else. Left out: only this account holds them. */
  readonly notesMirror?: {
    /** A bucket with versions and Object Lock, for example that of `examples/mirror/`. */
    readonly bucketArn: string;
    /** The account of that bucket, as text. */
    readonly account: string;
    /** The key for the copies, of the Region of their bucket. Needed if the archive has a customer’s key, and only then. */
    readonly kmsKeyArn?: string | undefined;
  } | undefined;
  /** S3 copies all objects of the archive to this bucket of another Region or account: for the loss of the bucket, or of the account. The copies hold case data. Left out: the archive is the only one. */
  readonly archiveCopy?: {
    /** A bucket with versions and Object Lock, for example that of `examples/mirror/`. */
    readonly bucketArn: string;
    /** The account of that bucket, as text. */
    readonly account: string;
    /** The key for the copies, of the Region of their bucket. Needed if the archive has a customer’s key, and only then. */
    readonly kmsKeyArn?: string | undefined;
  } | undefined;
  /**
   * A separate function checks the archive once a day with the rights of an auditor. `off`: no check runs unless you run `cases-audit verify`.
   * @default daily
   */
  readonly scheduledVerify?: 'daily' | 'off' | undefined;
  /** Key prefixes; none may lie within another one of the same bucket. */
  readonly prefixes?: {
    /**
     * Query results, in the work bucket. Choose it before the first deployment: results below a former prefix hold case data and never expire, so delete them by hand after a change.
     * @default athena/
     */
    readonly queryResults?: string | undefined;
    /**
     * Requests to the archive, in the bucket of access logs.
     * @default archive/
     */
    readonly archiveAccessLogs?: string | undefined;
    /**
     * Requests to the work bucket, likewise.
     * @default work/
     */
    readonly workAccessLogs?: string | undefined;
  } | undefined;
  /**
   * How often Athena brings new rows into the curated table, which the views read: `daily` or `hourly`. `off`: there is none, and every query of a view reads the whole raw table. That suits archives of a year or of a few domains, because a query lists each day of each domain (15 domains × 10 years: 54,787 lists, 0.27 $ and minutes each).
   * @default daily
   */
  readonly curatedTable?: 'daily' | 'hourly' | 'off' | undefined;
  /**
   * A CloudWatch dashboard; the first three of an account are free.
   * @default true
   */
  readonly dashboard?: boolean | undefined;
  /**
   * Athena stops a query that reads more gigabytes.
   * @default 100
   */
  readonly queryScanLimitGb?: number | undefined;
  /**
   * Tags of every resource that takes tags.
   * @default {}
   */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /**
   * One of two switches: the data is deleted with the stack only if this is `delete-data` and `-c deleteData=yes` is given.
   * @default keep-data
   */
  readonly whenStackIsDeleted?: 'keep-data' | 'delete-data' | undefined;
  /** Settings of the functions, for all domains. */
  readonly settings?: {
    /** The first sweep leaves out cases last updated before it, ISO 8601. Left out: all history. */
    readonly exportFrom?: string | undefined;
    /** A change is read once it is this old, because the audit history may lag behind the search. */
    readonly settleSeconds?: number | undefined;
    /** Each pass begins this long before the watermark. */
    readonly overlapSeconds?: number | undefined;
    /** A case that keeps changing is read after this long all the same. */
    readonly maxLagSeconds?: number | undefined;
    /** Days between two scans over all cases; 0 = only the first one. */
    readonly sweepDays?: number | undefined;
    /** Largest number of rows in a commit. */
    readonly maxRowsPerCommit?: number | undefined;
    /** Largest size of a commit in bytes; one larger event is a commit of its own. */
    readonly maxBytesPerCommit?: number | undefined;
    /**
     * Reading stops when less than this is left of a run.
     * @default 60
     */
    readonly commitReserveSeconds?: number | undefined;
    /** The lease ends this long after the run’s own deadline. */
    readonly leaseMarginSeconds?: number | undefined;
  } | undefined;
}
