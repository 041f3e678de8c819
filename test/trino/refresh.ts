/**
 * The refresh of the curated table: its state machine is run as it is deployed, with Trino in place of Athena and a folder in
 * place of the archive bucket.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { refreshDefinition } from '../../lib/curated/refresh-definition';
import type { SUBSTITUTIONS } from '../../lib/curated/refresh-states';
import { type Ended, execute, type Service, TaskError } from '../lib/curated/states-interpreter';
import { type Trino, TrinoError } from './client';
import { trinoStatements } from './dialect';

interface RefreshOptions {
  readonly database: string;
  /** One folder a bucket. */
  readonly buckets: string;
  readonly archiveBucket: string;
  /** `s3://<bucket>/<prefix>/` */
  readonly location: string;
  readonly domains: readonly string[];
  readonly firstExportDate: string;
}

interface RefreshInput {
  readonly rebuild?: boolean;
  readonly maintain?: boolean;
}

interface Refreshed extends Ended {
  /** What was asked, in Athena's words, in order. */
  readonly statements: readonly string[];
  /** Names of the errors that Trino answered, for example ICEBERG_COMMIT_ERROR. */
  readonly failures: readonly string[];
}

/** One execution. It never fails by itself: `status` says how it ended. `rowsPerMerge` as in the definition. */
export type Refresh = (input?: RefreshInput, rowsPerMerge?: number) => Promise<Refreshed>;

const MACHINE = 'arn:aws:states:us-east-1:111122223333:stateMachine:case-audit-curated';

export function refreshOf(client: Trino, options: RefreshOptions): Refresh {
  let executions = 0;
  return async (input = {}, rowsPerMerge) => {
    const { domains, firstExportDate } = options;
    const definition = refreshDefinition({
      domains,
      firstExportDate,
      ...(rowsPerMerge !== undefined && { rowsPerMerge }),
    });
    const id = `${MACHINE}:${++executions}`;
    const statements: string[] = [];
    const failures: string[] = [];
    const service = services(client, { ...options, id, statements, failures });
    const ended = await execute(filled(definition, options), { id, stateMachineId: MACHINE, input }, service);
    return { ...ended, statements, failures };
  };
}

interface Execution extends RefreshOptions {
  readonly id: string;
  readonly statements: string[];
  readonly failures: string[];
}

function services(client: Trino, execution: Execution): Service {
  const answers = new Map<string, readonly (readonly unknown[])[]>();
  const handlers: Readonly<Record<string, (args: Readonly<Record<string, unknown>>) => unknown>> = {
    async 'athena:startQueryExecution.sync'({ QueryString }) {
      const id = `query-${execution.statements.push(String(QueryString))}`;
      answers.set(id, await run(client, String(QueryString), execution));
      return { QueryExecution: { QueryExecutionId: id, Status: { State: 'SUCCEEDED' } } };
    },
    'athena:getQueryResults': ({ QueryExecutionId, MaxResults }) => ({
      ResultSet: {
        Rows: (answers.get(String(QueryExecutionId)) ?? [])
          .slice(0, Number(MaxResults))
          .map((row) => ({ Data: row.map((value) => ({ VarCharValue: String(value) })) })),
      },
    }),
    'aws-sdk:s3:listObjectsV2': ({ Prefix, StartAfter = '', MaxKeys }) => {
      const prefix = String(Prefix);
      const folder = join(execution.buckets, execution.archiveBucket, prefix);
      const keys = existsSync(folder) ? readdirSync(folder).map((name) => `${prefix}${name}`) : [];
      const after = keys.filter((key) => key > String(StartAfter)).sort();
      const page = after.slice(0, Number(MaxKeys));
      return {
        IsTruncated: after.length > page.length,
        KeyCount: page.length,
        ...(page.length > 0 && { Contents: page.map((Key) => ({ Key })) }),
      };
    },
    async 'aws-sdk:glue:getTable'({ DatabaseName, Name }) {
      const columns = `SELECT column_name FROM information_schema.columns WHERE table_schema = '${DatabaseName}' AND table_name = '${Name}'`;
      const { rows } = await client.query(columns);
      if (rows.length === 0) throw new TaskError('Glue.EntityNotFoundException', `Entity Not Found: ${Name}`);
      return { Table: { StorageDescriptor: { Columns: rows.map(([column]) => ({ Name: column })) } } };
    },
    // Each thinks itself alone: what several at once do to the table is for Iceberg to settle.
    'aws-sdk:sfn:listExecutions': () => ({
      Executions: [{ ExecutionArn: execution.id, StartDate: '2026-01-01T00:00:00.000Z', Status: 'RUNNING' }],
    }),
  };
  return (resource, args) => {
    const handler = handlers[resource.replace('arn:aws:states:::', '')];
    if (handler === undefined) throw new Error(`The refresh calls ${resource}, which is not known here`);
    return handler(args);
  };
}

/** Rows as Athena gives them: those of a SELECT after one with the names of its columns. */
async function run(client: Trino, sql: string, execution: Execution): Promise<readonly (readonly unknown[])[]> {
  try {
    const rows: (readonly unknown[])[] = [];
    for (const statement of trinoStatements(sql, execution)) {
      const result = await client.query(statement);
      if (/^(SELECT|WITH)\b/.test(sql))
        rows.push(
          result.columns.map(({ name }) => name),
          ...result.rows,
        );
    }
    return rows;
  } catch (error) {
    if (!(error instanceof TrinoError)) throw error;
    execution.failures.push(error.errorName);
    throw new TaskError('States.TaskFailed', error.message);
  }
}

/** As CloudFormation does it. */
function filled(definition: object, options: RefreshOptions): Record<string, unknown> {
  const values: Readonly<Record<(typeof SUBSTITUTIONS)[number], string>> = {
    Partition: 'aws',
    ArchiveBucket: options.archiveBucket,
    CuratedLocation: options.location,
    CommitsLocation: options.location.replace(/\/$/, '-commits/'),
    Database: options.database,
    Workgroup: 'refresh',
  };
  const text = JSON.stringify(definition).replace(/\$\{(\w+)\}/g, (_, name: keyof typeof values) => values[name]);
  return JSON.parse(text) as Record<string, unknown>;
}
