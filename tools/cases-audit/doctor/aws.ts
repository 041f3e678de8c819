/** What doctor asks, asked of AWS. Loaded only by doctor: its clients are most of the command line's bytes. */
import { setTimeout as wait } from 'node:timers/promises';
import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  GetWorkGroupCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import {
  ConnectCasesClient,
  GetCaseAuditEventsCommand,
  ListFieldsCommand,
  SearchCasesCommand,
} from '@aws-sdk/client-connectcases';
import { GetTableCommand, GlueClient } from '@aws-sdk/client-glue';
import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  GetAccountSettingsCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { DeleteObjectCommand, HeadBucketCommand } from '@aws-sdk/client-s3';
import { GetScheduleCommand, paginateListSchedules, SchedulerClient } from '@aws-sdk/client-scheduler';
import { paginateListServiceQuotas, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { errorName } from '../../../lambda/export/aws/store-failures';
import { type AwsPlaces, clientSettings, outputsOf, s3ClientOf } from '../archive/aws';
import type { Console } from '../console';
import { type Account, type FoundSchedule, type Invocation, QueryFailedError } from './account';

const QUERY_POLL_MS = 1_000;
const MAX_QUERY_MS = 5 * 60_000;
/** A run takes 15 minutes at most. */
const MAX_RUN_MS = 16 * 60_000;
const QUOTAS_OF_CASES = 'cases';

/** What a client lets a middleware see of an answer. */
interface Observable {
  readonly middlewareStack: {
    add(
      middleware: (next: (args: never) => Promise<{ response: unknown }>) => (args: never) => Promise<never>,
      options: { readonly step: 'deserialize'; readonly name: string; readonly priority: 'low' },
    ): void;
  };
}

/** Clients as the SDK's settings make them; the first call of each is its first word to AWS. */
export function accountOf(
  places: Pick<AwsPlaces, 'region'>,
  env: Console['env'],
  on: { readonly signal: AbortSignal; readonly now: () => number },
): Account {
  return new AwsAccount(clientsOf(clientSettings(places), env), on);
}

function clientsOf(settings: ReturnType<typeof clientSettings>, env: Console['env']) {
  return {
    settings,
    s3: s3ClientOf(settings, env),
    sts: new STSClient(settings),
    lambda: new LambdaClient(settings),
    // An invocation is never repeated: the second would run beside the first.
    runs: new LambdaClient({ ...settings, maxAttempts: 1, requestHandler: { requestTimeout: MAX_RUN_MS } }),
    cases: new ConnectCasesClient(settings),
    athena: new AthenaClient(settings),
    glue: new GlueClient(settings),
    kms: new KMSClient(settings),
    scheduler: new SchedulerClient(settings),
    quotas: new ServiceQuotasClient(settings),
    states: new SFNClient(settings),
  };
}

class AwsAccount implements Account {
  #difference: number | null = null;
  readonly #abort: { readonly abortSignal: AbortSignal };

  constructor(
    private readonly aws: ReturnType<typeof clientsOf>,
    private readonly on: { readonly signal: AbortSignal; readonly now: () => number },
  ) {
    this.#abort = { abortSignal: on.signal };
    for (const client of [aws.s3, aws.sts, aws.lambda, aws.kms]) this.#observe(client as unknown as Observable);
  }

  #observe(client: Observable): void {
    const middleware = (next: (args: never) => Promise<{ response: unknown }>) => async (args: never) => {
      const answer = await next(args);
      this.#tellTime((answer.response as { headers?: Record<string, string> }).headers?.['date']);
      return answer as never;
    };
    // Below the step that turns an answer into an output, or a refusal into an error.
    client.middlewareStack.add(middleware, { step: 'deserialize', name: 'doctorTellsTime', priority: 'low' });
  }

  #tellTime(date: string | undefined): void {
    const time = Date.parse(date ?? '');
    if (!Number.isNaN(time)) this.#difference = time - this.on.now();
  }

  async clockDifference(bucket: string | null): Promise<number | null> {
    if (this.#difference === null && bucket !== null) {
      // Any answer tells the time, also a refusal; only the middleware sees it.
      await this.aws.s3.send(new HeadBucketCommand({ Bucket: bucket }), this.#abort).catch(() => undefined);
    }
    return this.#difference;
  }

  async region(): Promise<string | null> {
    return (await this.aws.sts.config.region()) || null;
  }

  async identity() {
    const { Account: account = '', Arn = '' } = await this.aws.sts.send(new GetCallerIdentityCommand({}), this.#abort);
    return { account, arn: Arn };
  }

  outputs(stack: string): Promise<ReadonlyMap<string, string>> {
    return outputsOf(stack, this.aws.settings);
  }

  async deleteNullVersion(Bucket: string, Key: string): Promise<void> {
    await this.aws.s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId: 'null' }), this.#abort);
  }

  async someCase(domainId: string): Promise<string | null> {
    const { cases } = await this.aws.cases.send(new SearchCasesCommand({ domainId, maxResults: 1 }), this.#abort);
    return cases?.[0]?.caseId ?? null;
  }

  async auditEvents(domainId: string, caseId: string): Promise<boolean> {
    try {
      await this.aws.cases.send(new GetCaseAuditEventsCommand({ domainId, caseId, maxResults: 1 }), this.#abort);
      return true;
    } catch (error) {
      // A domain that is not there would have failed the search before.
      if (errorName(error) === 'ResourceNotFoundException') return false;
      throw error;
    }
  }

  async listFields(domainId: string): Promise<void> {
    await this.aws.cases.send(new ListFieldsCommand({ domainId, maxResults: 1 }), this.#abort);
  }

  async functionNamed(FunctionName: string) {
    const found = await this.aws.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }), this.#abort);
    return {
      arn: found.FunctionArn ?? '',
      state: found.State ?? 'of no known state',
      lastUpdate: found.LastUpdateStatus ?? '',
      changedAt: Date.parse(found.LastModified ?? ''),
      environment: found.Environment?.Variables ?? {},
    };
  }

  async concurrentExecutions(): Promise<number> {
    const { AccountLimit } = await this.aws.lambda.send(new GetAccountSettingsCommand({}), this.#abort);
    return AccountLimit?.UnreservedConcurrentExecutions ?? AccountLimit?.ConcurrentExecutions ?? 0;
  }

  async schedulesOf(functionArn: string): Promise<FoundSchedule[]> {
    const found: FoundSchedule[] = [];
    for await (const page of paginateListSchedules({ client: this.aws.scheduler }, {}, this.#abort)) {
      for (const { Name = '', GroupName, Target } of page.Schedules ?? []) {
        if (Target?.Arn !== functionArn) continue;
        const named = { Name, ...(GroupName !== undefined && { GroupName }) };
        const schedule = await this.aws.scheduler.send(new GetScheduleCommand(named), this.#abort);
        found.push({
          name: Name,
          isEnabled: schedule.State === 'ENABLED',
          expression: schedule.ScheduleExpression ?? '',
          domainId: domainIn(schedule.Target?.Input),
        });
      }
    }
    return found;
  }

  async tableLocation(DatabaseName: string, Name: string): Promise<string> {
    const { Table } = await this.aws.glue.send(new GetTableCommand({ DatabaseName, Name }), this.#abort);
    return Table?.StorageDescriptor?.Location ?? '';
  }

  async workgroupState(name: string): Promise<string | null> {
    const { WorkGroup } = await this.aws.athena.send(new GetWorkGroupCommand({ WorkGroup: name }), this.#abort);
    return WorkGroup?.State ?? null;
  }

  async query(WorkGroup: string, Database: string, QueryString: string): Promise<string[][]> {
    const start = new StartQueryExecutionCommand({ WorkGroup, QueryString, QueryExecutionContext: { Database } });
    const { QueryExecutionId } = await this.aws.athena.send(start, this.#abort);
    const until = performance.now() + MAX_QUERY_MS;
    for (;;) {
      const asked = new GetQueryExecutionCommand({ QueryExecutionId });
      const { QueryExecution } = await this.aws.athena.send(asked, this.#abort);
      const { State = '', StateChangeReason } = QueryExecution?.Status ?? {};
      if (State === 'SUCCEEDED') break;
      if (State === 'FAILED' || State === 'CANCELLED')
        throw new QueryFailedError(`Athena's query ended as ${State}: ${StateChangeReason ?? 'no reason is given'}`);
      if (performance.now() > until) {
        await this.aws.athena.send(new StopQueryExecutionCommand({ QueryExecutionId }));
        throw new Error(`Athena's query has not ended in ${MAX_QUERY_MS / 60_000} minutes, and was stopped`);
      }
      await pause(QUERY_POLL_MS, this.on.signal);
    }
    const results = await this.aws.athena.send(new GetQueryResultsCommand({ QueryExecutionId }), this.#abort);
    const [, ...rows] = results.ResultSet?.Rows ?? [];
    return rows.map(({ Data }) => (Data ?? []).map(({ VarCharValue }) => VarCharValue ?? ''));
  }

  async casesQuotas(): Promise<ReadonlyMap<string, number>> {
    const quotas = new Map<string, number>();
    const input = { ServiceCode: QUOTAS_OF_CASES };
    for await (const page of paginateListServiceQuotas({ client: this.aws.quotas }, input, this.#abort)) {
      for (const { QuotaName, Value } of page.Quotas ?? [])
        if (QuotaName !== undefined && Value !== undefined) quotas.set(QuotaName, Value);
    }
    return quotas;
  }

  async publicKey(KeyId: string): Promise<Uint8Array> {
    const { PublicKey } = await this.aws.kms.send(new GetPublicKeyCommand({ KeyId }), this.#abort);
    return PublicKey ?? new Uint8Array();
  }

  async invoke(FunctionName: string, event: object, abortSignal: AbortSignal): Promise<Invocation> {
    const Payload = Buffer.from(JSON.stringify(event));
    const answer = await this.aws.runs.send(new InvokeCommand({ FunctionName, Payload }), { abortSignal });
    const text = Buffer.from(answer.Payload ?? new Uint8Array()).toString();
    return invocationOf(text, answer.FunctionError);
  }

  async startRefresh(stateMachineArn: string): Promise<string> {
    const running = new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING', maxResults: 1 });
    const { executions } = await this.aws.states.send(running, this.#abort);
    // Two at once would only meet in the same table.
    const underWay = executions?.[0]?.executionArn;
    if (underWay !== undefined) return underWay;
    const start = new StartExecutionCommand({ stateMachineArn, input: '{}' });
    return (await this.aws.states.send(start, this.#abort)).executionArn ?? '';
  }

  async execution(executionArn: string) {
    const found = await this.aws.states.send(new DescribeExecutionCommand({ executionArn }), this.#abort);
    return { status: found.status ?? '', cause: found.cause ?? found.error ?? null };
  }
}

/** What a function answered, by its text. Pure. */
function invocationOf(text: string, functionError: string | undefined): Invocation {
  const answer = objectIn(text);
  if (functionError !== undefined) {
    return { error: String(answer['errorMessage'] ?? functionError), word: null };
  }
  const word = answer['status'] ?? answer['verdict'];
  return { error: null, word: typeof word === 'string' ? word : null };
}

function domainIn(input: string | undefined): string | null {
  const { domainId } = objectIn(input ?? '');
  return typeof domainId === 'string' ? domainId : null;
}

function objectIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Waits, or until the signal fires. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return wait(ms, undefined, { signal }).catch(() => undefined);
}
