/**
 * Athena, S3 and Step Functions around the refresh: its definition is run, and its statements are executed, by DuckDB in place of
 * Athena. DDL is the only thing put in other words. One connection: a statement is atomic, as it is in Iceberg.
 */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { COLUMNS } from '../../../lambda/export/domain/columns';
import { CURATED_TABLE } from '../../../lib/curated/curated-statements';
import { refreshDefinition } from '../../../lib/curated/refresh-definition';
import type { SUBSTITUTIONS } from '../../../lib/curated/refresh-states';
import { type Ended, execute, type Service, TaskError } from './states-interpreter';
import { duckDbType, insertDictionary, insertManifest, makeJsonTables } from './stored-json';

export const FIRST_DATE = '2026-01-01';

/** How the merge of rows begins; that of commits is another. */
export const MERGE_ROWS = `MERGE INTO ${CURATED_TABLE}`;

/** ARN of the state machine; that of its nth execution ends in `:n`. */
export const MACHINE = 'arn:aws:states:eu-central-1:111122223333:stateMachine:case-audit-curated';
/** What CloudFormation would fill in. */
const FILLED: Readonly<Record<(typeof SUBSTITUTIONS)[number], string>> = {
  Partition: 'aws',
  ArchiveBucket: 'archive',
  CuratedLocation: 's3://work/curated/field_changes_curated/',
  CommitsLocation: 's3://work/curated/commits_curated/',
  Database: 'main',
  Workgroup: 'case-audit-curated',
};

/** What a statement meets: an error in place of it, or, with `done`, after it. */
export interface Fault {
  readonly error: string;
  readonly done?: boolean;
}

export interface ServiceCall {
  readonly resource: string;
  readonly args: Readonly<Record<string, unknown>>;
}

interface Refresh extends Ended {
  /** Statements as they were sent, in order. */
  readonly statements: readonly string[];
  /** Lists of manifests. */
  readonly lists: number;
  /** Every call of a service, in order. */
  readonly calls: readonly ServiceCall[];
}

export interface RefreshWorld {
  readonly connection: DuckDBConnection;
  /** Asked before each statement; it may also change the world. Stays until another is set. */
  onStatement: (sql: string) => Fault | undefined | Promise<Fault | undefined>;
  /** Asked before each look into the catalog; the error is its name. */
  onCatalog: () => Fault | undefined;
  /** What Athena answers, in place of what it found. */
  onRows: (rows: readonly (readonly string[])[], sql: string) => readonly (readonly string[])[];
  /** Told of each call of a service, with the answer to come; an error is a `TaskError`. */
  onCall: (call: ServiceCall, answer: Promise<unknown>) => void;
  /** Other executions that run; asked at each look. */
  others: () => readonly { readonly ExecutionArn: string; readonly StartDate: string }[];
  /** A commit with so many rows, visible in the raw table; its manifest too, unless told otherwise. Its number. */
  commit(
    domainId: string,
    of: {
      readonly date?: string;
      readonly rows: number;
      readonly published?: boolean;
      /** Whether it writes a dictionary, which is there before its manifest. */
      readonly dictionary?: boolean;
    },
  ): Promise<number>;
  /** S3 deletes the manifests of the domain's oldest commits; dictionaries stay. */
  expire(domainId: string, until: number): Promise<void>;
  /** The manifest of a commit that had none. */
  publish(domainId: string, seq: number): Promise<void>;
  refresh(input?: object): Promise<Refresh>;
  /** Rows as `domain/seq/index`, sorted. */
  curated(): Promise<string[]>;
  /** The same, of the raw table: of commits whose manifest is published. */
  published(): Promise<string[]>;
}

/** Closed after each test. */
const opened: { readonly instance: DuckDBInstance; readonly connection: DuckDBConnection }[] = [];

afterEach(() => {
  for (const { instance, connection } of opened.splice(0)) {
    connection.closeSync();
    instance.closeSync();
  }
});

export async function refreshWorld(
  domains: readonly string[],
  {
    rowsPerMerge = 1_000,
    commitsPerMerge = 1_000,
    definition = refreshDefinition({ domains, firstExportDate: FIRST_DATE, rowsPerMerge, commitsPerMerge }),
  } = {},
): Promise<RefreshWorld> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  opened.push({ instance, connection });
  const columns = COLUMNS.map(({ name, type }) => `${name} ${type}`).join(', ');
  await connection.run(`CREATE TABLE field_changes (${columns}, domain_id string, export_date string)`);
  for (const statement of makeJsonTables()) await connection.run(statement);
  const manifests = new Set<string>();
  const heads = new Map<string, { readonly seq: number; readonly date: string }>();
  const key = (domainId: string, seq: number) =>
    `manifests/domain_id=${domainId}/${String(seq).padStart(12, '0')}.json`;
  let executions = 0;

  const world: RefreshWorld = {
    connection,
    onStatement: () => undefined,
    onCatalog: () => undefined,
    onRows: (rows) => rows,
    onCall: () => undefined,
    others: () => [],
    async commit(domainId, { date, rows, published = true, dictionary = false }) {
      const head = heads.get(domainId) ?? { seq: 0, date: FIRST_DATE };
      const next = { seq: head.seq + 1, date: date ?? head.date };
      heads.set(domainId, next);
      if (rows > 0) await connection.run(insertRows(domainId, next.seq, next.date, rows));
      if (dictionary) await connection.run(insertDictionary(domainId, next.seq, key(domainId, next.seq)));
      if (published) await world.publish(domainId, next.seq);
      return next.seq;
    },
    async publish(domainId, seq) {
      manifests.add(key(domainId, seq));
      await connection.run(insertManifest(domainId, seq, key(domainId, seq)));
    },
    async expire(domainId, until) {
      for (let seq = 1; seq <= until; seq += 1) manifests.delete(key(domainId, seq));
      await connection.run(`DELETE FROM manifest_files WHERE domain_id = '${domainId}' AND seq <= ${until}`);
    },
    async refresh(input = {}) {
      const own = { ExecutionArn: `${MACHINE}:${++executions}`, StartDate: '2026-06-15T03:10:00.000Z' };
      const services = startServices(world, manifests, own);
      const ended = await execute(
        filled(definition),
        { id: own.ExecutionArn, stateMachineId: MACHINE, input },
        services.service,
      );
      return { ...ended, statements: services.statements, lists: services.lists(), calls: services.calls };
    },
    curated: () => rowsOf(connection, CURATED_TABLE),
    async published() {
      const rows = await rowsOf(connection, 'field_changes');
      return rows.filter((row) => {
        const [domainId = '', seq = ''] = row.split('/');
        return manifests.has(key(domainId, Number(seq)));
      });
    },
  };
  return world;
}

/** Statements of a kind. */
export function ofKind(statements: readonly string[], verb: string): string[] {
  return statements.filter((sql) => sql.startsWith(verb));
}

function insertRows(domainId: string, seq: number, date: string, rows: number): string {
  return `INSERT INTO field_changes (case_id, event_id, event_type, performed_time, field_index, exported_at, run_id, commit_seq,
      domain_id, export_date)
    SELECT 'case-' || (i // 3), 'event-${seq}-' || (i // 2), 'Case.Updated', TIMESTAMP '2025-11-01' + to_days(CAST(i % 90 AS int)),
      i % 2, TIMESTAMP '2026-06-01', 'run', ${seq}, '${domainId}', '${date}'
    FROM range(${rows}) AS r (i)`;
}

async function rowsOf(connection: DuckDBConnection, table: string): Promise<string[]> {
  const sql = `SELECT domain_id || '/' || commit_seq || '/' || event_id || '/' || field_index AS k FROM ${table}`;
  const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson();
  return rows.map(({ k }) => String(k)).sort();
}

/** As CloudFormation does it. */
export function filled(definition: object): Record<string, unknown> {
  const text = JSON.stringify(definition).replace(/\$\{(\w+)\}/g, (_, name: keyof typeof FILLED) => {
    if (!(name in FILLED)) throw new Error(`Nothing is given for ${name}`);
    return FILLED[name];
  });
  return JSON.parse(text);
}

function startServices(
  world: RefreshWorld,
  manifests: ReadonlySet<string>,
  own: { readonly ExecutionArn: string; readonly StartDate: string },
) {
  const statements: string[] = [];
  const calls: ServiceCall[] = [];
  const answers = new Map<string, readonly (readonly string[])[]>();
  let lists = 0;

  async function runStatement({ QueryString, WorkGroup, QueryExecutionContext }: Record<string, unknown>) {
    expect(WorkGroup).toBe(FILLED.Workgroup);
    expect(QueryExecutionContext).toEqual({ Catalog: 'AwsDataCatalog', Database: FILLED.Database });
    const sql = String(QueryString);
    // Athena takes no more, and nothing may be left open.
    expect(Buffer.byteLength(sql)).toBeLessThan(262_144);
    expect(sql).not.toMatch(/\$?\{\w+\}/);
    statements.push(sql);
    const fault = await world.onStatement(sql);
    if (fault !== undefined && fault.done !== true) throw failed(fault.error);
    const id = `query-${statements.length}`;
    answers.set(id, world.onRows(await runInDuckDb(world.connection, sql), sql));
    if (fault !== undefined) throw failed(fault.error);
    return { QueryExecution: { QueryExecutionId: id, Status: { State: 'SUCCEEDED' } } };
  }

  const handlers: Readonly<Record<string, (args: Record<string, unknown>) => unknown>> = {
    'athena:startQueryExecution.sync': runStatement,
    'athena:getQueryResults': ({ QueryExecutionId, MaxResults }) => ({
      ResultSet: {
        Rows: (answers.get(String(QueryExecutionId)) ?? [])
          .slice(0, Number(MaxResults))
          .map((row) => ({ Data: row.map((value) => ({ VarCharValue: value })) })),
      },
    }),
    'aws-sdk:s3:listObjectsV2': (args) => {
      lists += 1;
      return listed(manifests, args);
    },
    'aws-sdk:glue:getTable': async ({ DatabaseName, Name }) => {
      expect(DatabaseName).toBe(FILLED.Database);
      const fault = world.onCatalog();
      if (fault !== undefined) throw new TaskError(fault.error, 'no answer');
      const columns = `SELECT column_name FROM information_schema.columns WHERE table_name = '${Name}'`;
      const rows = (await world.connection.runAndReadAll(columns)).getRowsJson();
      if (rows.length === 0) throw new TaskError('Glue.EntityNotFoundException', `Entity Not Found: ${Name}`);
      return { Table: { Name, DatabaseName, StorageDescriptor: { Columns: rows.map(([name]) => ({ Name: name })) } } };
    },
    'aws-sdk:sfn:listExecutions': ({ StateMachineArn, StatusFilter }) => {
      expect([StateMachineArn, StatusFilter]).toEqual([MACHINE, 'RUNNING']);
      return { Executions: [...world.others(), own].map((each) => ({ ...each, Status: 'RUNNING' })) };
    },
  };
  const service: Service = (resource, args) => {
    calls.push({ resource, args });
    const handler = handlers[resource.replace('arn:aws:states:::', '')];
    if (handler === undefined) throw new Error(`The refresh calls ${resource}, which is not known here`);
    const answer = Promise.resolve(args).then(handler);
    world.onCall({ resource, args }, answer);
    return answer;
  };
  return { service, statements, calls, lists: () => lists };
}

function failed(reason: string): TaskError {
  const Status = { State: 'FAILED', StateChangeReason: reason };
  return new TaskError('States.TaskFailed', JSON.stringify({ QueryExecution: { Status } }));
}

/** An object as S3 lists it, with all that it may say. */
function listed(keys: ReadonlySet<string>, args: Record<string, unknown>): object {
  const { Bucket, Prefix, StartAfter = '', MaxKeys } = args;
  expect(Bucket).toBe(FILLED.ArchiveBucket);
  const after = [...keys].filter((key) => key.startsWith(String(Prefix)) && key > String(StartAfter)).sort();
  const page = after.slice(0, Number(MaxKeys));
  const about = {
    ETag: `"${'e'.repeat(32)}"`,
    ChecksumAlgorithm: ['SHA256'],
    ChecksumType: 'FULL_OBJECT',
    LastModified: '2026-06-15T03:10:00.000Z',
    Size: 1_234_567,
    StorageClass: 'STANDARD',
  };
  return {
    IsTruncated: after.length > page.length,
    KeyCount: page.length,
    ...(page.length > 0 && { Contents: page.map((Key) => ({ Key, ...about })) }),
  };
}

/** Rows as text, those of a SELECT after one with the names of its columns. */
async function runInDuckDb(connection: DuckDBConnection, sql: string): Promise<string[][]> {
  if (/^(OPTIMIZE|VACUUM) /.test(sql)) return [];
  const [, made] = /^CREATE TABLE IF NOT EXISTS (\w+) \(/.exec(sql) ?? [];
  if (made !== undefined) {
    const columns = [...sql.matchAll(/^ {2}(\w+) (\S+) COMMENT /gm)];
    const defined = columns.map(([, name, type = '']) => `${name} ${duckDbType(type)}`);
    await connection.run(`CREATE TABLE IF NOT EXISTS ${made} (${defined.join(', ')})`);
    return [];
  }
  const [, table, column] = /^ALTER TABLE (\w+) ADD COLUMNS \((\w+ \w+)\)$/.exec(sql) ?? [];
  if (column !== undefined) {
    await connection.run(`ALTER TABLE ${table} ADD COLUMN ${column}`);
    return [];
  }
  const result = await connection.runAndReadAll(sql);
  if (!/^(SELECT|WITH) /.test(sql)) return [];
  return [result.columnNames(), ...result.getRowsJson().map((row) => row.map(String))];
}
