// biome-ignore-all format: written by `npm run docs` from `lib/config/config.ts`.

/** Options of the export, as `lib/config/config.ts` checks them. */
export interface ExportOptions {
  /** Begins the names of the stack, the Glue database, the workgroup, the dashboard and the alarms. One per account and Region. */
  readonly prefix: string;
  /** The Cases domains to export, by id or ARN. Each has a function and a schedule of its own. Given as an ARN, its account and Region are checked. */
  readonly domains: ReadonlyArray<string>;
  /** Athena reads partitions from this day on: the day of the first deployment (UTC), never moved later. */
  readonly firstExportDate: string;
  /** Who hears alarms. */
  readonly alarms: {
    /** A topic is made for it. */
    readonly email?: string | undefined;
    /** A topic that exists, in place of `email`. */
    readonly topicArn?: string | undefined;
    /**
     * How old the live watermark may be at the end of a run.
     * @default 3600
     */
    readonly watermarkAgeSeconds?: number | undefined;
    /**
     * Where the reader of an alarm finds the runbook, for example the address of your copy.
     * @default docs/runbook.md
     */
    readonly runbookUrl?: string | undefined;
  };
  /**
   * No longer exported; what was exported stays readable in Athena.
   * @default []
   */
  readonly retiredDomains?: ReadonlyArray<string> | undefined;
  /**
   * Among `domains`: their schedule is off, their alarms are silent.
   * @default []
   */
  readonly pausedDomains?: ReadonlyArray<string> | undefined;
  /**
   * Where a domain differs from the others, by id or ARN.
   * @default {}
   */
  readonly perDomain?: Readonly<Record<string, {
    /** Its part of `requestsPerSecond`. Domains without one divide evenly what the others leave. */
    readonly share?: number | undefined;
    /** In place of the `scheduleMinutes` of all domains. */
    readonly scheduleMinutes?: number | undefined;
    /** Settings in which it differs from `settings`. */
    readonly settings?: {
      /** The first sweep leaves out cases last updated before it, ISO 8601. Left out: all history. */
      readonly exportFrom?: string | undefined;
      /** A change is read once it is this old, as the audit history may lag behind the search. */
      readonly settleSeconds?: number | undefined;
      /** Each pass begins this long before the watermark. */
      readonly overlapSeconds?: number | undefined;
      /** A case that changes all the time is read after this long all the same. */
      readonly maxLagSeconds?: number | undefined;
      /** A check of all cases begins so often; 0 = only the first sweep. */
      readonly sweepDays?: number | undefined;
      /** A commit holds no more rows. */
      readonly maxRowsPerCommit?: number | undefined;
      /** A commit holds no more bytes, unless one event does. */
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
   * What the account may call SearchCases and GetCaseAuditEvents a second: the lower of the two quotas of this Region.
   * @default 2
   */
  readonly quotaRequestsPerSecond?: number | undefined;
  /** What all domains of this stack together call a second, at most the quota. Left out: 75 % of the quota. */
  readonly requestsPerSecond?: number | undefined;
  /** A table that exists, in place of the stack’s own: one that was restored (runbook). */
  readonly checkpointTableName?: string | undefined;
  /**
   * Memory of each function; its share of a CPU grows with it. New accounts may have a lower quota than 10,240: a deployment beyond it fails and rolls back.
   * @default 512
   */
  readonly memoryMb?: number | undefined;
  /**
   * Days that the functions’ log is kept (ids and counts, no case data).
   * @default 90
   */
  readonly logRetentionDays?: 1 | 3 | 5 | 7 | 14 | 30 | 60 | 90 | 120 | 150 | 180 | 365 | 400 | 545 | 731 | 1096 | 1827 | 2192 | 2557 | 2922 | 3288 | 3653 | undefined;
  /**
   * Days that the log of requests to the buckets is kept.
   * @default 400
   */
  readonly accessLogRetentionDays?: number | undefined;
  /**
   * Days that query results are kept: they hold case data.
   * @default 30
   */
  readonly queryResultRetentionDays?: number | undefined;
  /**
   * The archive’s default retention: mode `none`, `GOVERNANCE` or `COMPLIANCE` with `days`; `COMPLIANCE` also asks for `acknowledgeNobodyCanDelete: true`. The bucket is made with Object Lock in any case, so that a retention can be set later.
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
  /** A key that exists encrypts archive, work bucket and query results. Left out: S3’s own keys, which nobody can lose. */
  readonly kmsKeyArn?: string | undefined;
  /**
   * In place of `kmsKeyArn`: the stack makes the key, with yearly rotation, kept and protected from deletion. Once it was true, its key goes into `formerKmsKeyArns` when it is no longer.
   * @default false
   */
  readonly createKmsKey?: boolean | undefined;
  /**
   * Keys that encrypted the buckets before, from the day of a change of key on: what was written under them is read with them. Without it the export stops, and nobody reads the history.
   * @default []
   */
  readonly formerKmsKeyArns?: ReadonlyArray<string> | undefined;
  /**
   * The key also encrypts the functions’ log, the checkpoint table, the queues and the topic that is made, which hold ids and counts. A key of yours must let CloudWatch Logs and CloudWatch use it (runbook).
   * @default false
   */
  readonly encryptAllWithKey?: boolean | undefined;
  /** The key of the account’s Glue Data Catalog, where its metadata is encrypted (`aws glue get-data-catalog-encryption-settings`). Left out: it is not. */
  readonly catalogKmsKeyArn?: string | undefined;
  /**
   * Where Lake Formation hands out access to the buckets (their locations are registered): refresh and analysts may ask it. Grants are given besides (runbook).
   * @default false
   */
  readonly lakeFormation?: boolean | undefined;
  /** Subnets and security groups that the functions are put into, where a rule asks for it. They need the interface endpoint `com.amazonaws.<region>.cases` and the gateway endpoints of S3 and DynamoDB. */
  readonly vpcConfig?: {
    /** In different zones, with a way to the endpoints. */
    readonly subnetIds: ReadonlyArray<string>;
    /** They must let 443 out; nothing comes in. */
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
    /** The stack makes a key under this name, for example the year. Another name is another key. A key whose name is taken away signs nothing any more and is deleted 30 days later. */
    readonly create: string;
  } | {
    /** A key of this Region, of another account for example: kind ECC_NIST_P256, for signing. */
    readonly arn: string;
    /** Its public half. Left out: the deployment asks KMS for it. */
    readonly publicKey?: string | undefined;
  }> | undefined;
  /** S3 copies the notes, and nothing else, to this bucket of another account. Left out: nobody but this account holds them. */
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
   * A function of its own checks the archive once a day with the rights of an auditor. `off`: nobody does unless you run `cases-audit verify`.
   * @default daily
   */
  readonly scheduledVerify?: 'daily' | 'off' | undefined;
  /** Key prefixes that may be chosen; none may lie within another of its bucket. */
  readonly prefixes?: {
    /**
     * Query results, in the work bucket. Choose it before the first deployment: results below a former prefix hold case data and would never expire, so delete them by hand after a change.
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
   * How often Athena brings new rows into the curated table, which the views read: `daily` or `hourly`. `off`: there is none, and the views read the raw table, every question all of it: for archives of a year or of a few domains, as a query lists each day of each domain (15 domains × 10 years: 54,787 lists, 0.27 $ and minutes each).
   * @default daily
   */
  readonly curatedTable?: 'daily' | 'hourly' | 'off' | undefined;
  /**
   * A CloudWatch dashboard; the first three of an account are free.
   * @default true
   */
  readonly dashboard?: boolean | undefined;
  /**
   * Athena stops a query that reads more.
   * @default 100
   */
  readonly queryScanLimitGb?: number | undefined;
  /**
   * Tags of every resource that takes tags.
   * @default {}
   */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /**
   * One of two switches: data goes with the stack only if this says so and `-c deleteData=yes` is given.
   * @default keep-data
   */
  readonly whenStackIsDeleted?: 'keep-data' | 'delete-data' | undefined;
  /** Settings of the functions, for all domains. */
  readonly settings?: {
    /** The first sweep leaves out cases last updated before it, ISO 8601. Left out: all history. */
    readonly exportFrom?: string | undefined;
    /** A change is read once it is this old, as the audit history may lag behind the search. */
    readonly settleSeconds?: number | undefined;
    /** Each pass begins this long before the watermark. */
    readonly overlapSeconds?: number | undefined;
    /** A case that changes all the time is read after this long all the same. */
    readonly maxLagSeconds?: number | undefined;
    /** A check of all cases begins so often; 0 = only the first sweep. */
    readonly sweepDays?: number | undefined;
    /** A commit holds no more rows. */
    readonly maxRowsPerCommit?: number | undefined;
    /** A commit holds no more bytes, unless one event does. */
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
