/** What doctor asks of an account, one call each. It belongs to doctor; `aws.ts` implements it, and tests give their own. */

/** What a function is deployed with. */
export interface DeployedFunction {
  readonly arn: string;
  /** `Active` once it can be invoked. */
  readonly state: string;
  /** `Successful`, `InProgress` or `Failed`. */
  readonly lastUpdate: string;
  /** Epoch ms of the last change of code or configuration; NaN where Lambda does not say. */
  readonly changedAt: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface FoundSchedule {
  readonly name: string;
  readonly isEnabled: boolean;
  readonly expression: string;
  /** Of its input; null where that holds none, or could not be asked. */
  readonly domainId: string | null;
}

/** What a synchronous invocation came to. */
export interface Invocation {
  /** The message of an error that the function threw; null if it answered. */
  readonly error: string | null;
  /** `status` of an exporter's answer, `verdict` of the daily check's; null for another answer. */
  readonly word: string | null;
}

export interface Execution {
  /** `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT`, `ABORTED`. */
  readonly status: string;
  /** Why it failed, as Step Functions says. */
  readonly cause: string | null;
}

/**
 * Calls reject with the service's own error. None changes anything, except `invoke` and `startRefresh`, which do what their schedules
 * do, and `query`, which leaves its result in the work bucket. Nothing of a case leaves this port but one id.
 */
export interface Account {
  /** Where the clients look; null where no Region is set. */
  region(): Promise<string | null>;
  identity(): Promise<{ readonly account: string; readonly arn: string }>;
  outputs(stack: string): Promise<ReadonlyMap<string, string>>;
  /**
   * Difference of the newest answer's Date header and the clock of this machine, ms (positive: this machine is behind); null where no
   * answer told the time. Asks the bucket where nothing has answered yet.
   */
  clockDifference(bucket: string | null): Promise<number | null>;
  /** Deletes the version `null` of a key; see `self-test.ts` for why that changes nothing. */
  deleteNullVersion(bucket: string, key: string): Promise<void>;
  /** Id of some case; null if there is none. */
  someCase(domainId: string): Promise<string | null>;
  /** False if there is no such case. */
  auditEvents(domainId: string, caseId: string): Promise<boolean>;
  listFields(domainId: string): Promise<void>;
  functionNamed(name: string): Promise<DeployedFunction>;
  concurrentExecutions(): Promise<number>;
  schedulesOf(functionArn: string): Promise<readonly FoundSchedule[]>;
  /** S3 URL below which the table's files lie. */
  tableLocation(database: string, table: string): Promise<string>;
  /** `ENABLED` or `DISABLED`; null where Athena does not say. */
  workgroupState(name: string): Promise<string | null>;
  /** Rows of the answer as text, without the head. Rejects with QueryFailedError if Athena refuses the query or it fails. */
  query(workgroup: string, database: string, sql: string): Promise<readonly (readonly string[])[]>;
  /** Applied quotas of Cases by name, requests per second. */
  casesQuotas(): Promise<ReadonlyMap<string, number>>;
  /** SubjectPublicKeyInfo in DER. */
  publicKey(keyArn: string): Promise<Uint8Array>;
  /** Waits for the answer, 15 minutes at most. The run goes on if the signal fires. */
  invoke(name: string, event: object, signal: AbortSignal): Promise<Invocation>;
  /** The ARN of an execution: of the one that is under way, or of a new one. */
  startRefresh(stateMachineArn: string): Promise<string>;
  execution(arn: string): Promise<Execution>;
}

/** Athena took the query, and it did not succeed. */
export class QueryFailedError extends Error {
  override readonly name = 'QueryFailedError';
}
