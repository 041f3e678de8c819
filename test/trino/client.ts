/** Trino's REST protocol, as far as a test needs it. https://trino.io/docs/current/develop/client-protocol.html */
import { setTimeout as sleep } from 'node:timers/promises';

/** A cell as JSON has it: integers, doubles and booleans as such, every other type as text, rows and arrays as arrays. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value };

export interface TrinoResult {
  /** By it the server tells what the statement read: `/v1/query/<id>`. */
  readonly queryId: string;
  /** Types as Trino names them, for example `timestamp(3)`. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly Value[])[];
}

/** Trino refused or failed a statement. */
export class TrinoError extends Error {
  override readonly name = 'TrinoError';
  constructor(
    message: string,
    /** For example `ICEBERG_COMMIT_ERROR`. */
    readonly errorName: string,
  ) {
    super(message);
  }
}

interface Session {
  readonly catalog?: string;
  readonly schema?: string;
  /** The session's time zone; Athena's is UTC. */
  readonly timeZone?: string;
  /** `<catalog>.<name>` or `<name>`. */
  readonly properties?: Readonly<Record<string, string>>;
}

interface Answer {
  readonly id: string;
  readonly nextUri?: string;
  readonly columns?: TrinoResult['columns'];
  readonly data?: readonly (readonly Value[])[];
  readonly error?: { readonly message: string; readonly errorName: string };
}

/** A client of one server, with the same session for each statement. */
export class Trino {
  constructor(
    private readonly url: string,
    private readonly session: Session = {},
  ) {}

  /** The same server, with these changes to the session. */
  with(session: Session): Trino {
    const properties = { ...this.session.properties, ...session.properties };
    return new Trino(this.url, { ...this.session, ...session, properties });
  }

  /** All rows. Rejects with TrinoError. Parameters stand for `?`, in their order, as quoted text: so Athena puts them in. */
  async query(sql: string, parameters: readonly string[] = []): Promise<TrinoResult> {
    const isPrepared = parameters.length > 0;
    const body = isPrepared ? `EXECUTE statement USING ${parameters.map(quoted).join(', ')}` : sql;
    const headers = {
      ...this.headers(),
      ...(isPrepared && { 'X-Trino-Prepared-Statement': `statement=${encodeURIComponent(sql)}` }),
    };
    let answer = await call(`${this.url}/v1/statement`, { method: 'POST', headers, body });
    let columns: TrinoResult['columns'] = [];
    const rows: (readonly Value[])[] = [];
    for (;;) {
      if (answer.error) throw new TrinoError(answer.error.message, answer.error.errorName);
      columns = answer.columns ?? columns;
      for (const row of answer.data ?? []) rows.push(row);
      if (answer.nextUri === undefined) return { queryId: answer.id, columns, rows };
      answer = await call(answer.nextUri, { headers });
    }
  }

  /** The one cell that a statement gives. */
  async value(sql: string, parameters: readonly string[] = []): Promise<Value> {
    const { rows } = await this.query(sql, parameters);
    const [row] = rows;
    if (rows.length !== 1 || row?.length !== 1) throw new Error(`got ${rows.length} rows, expected one cell`);
    return row[0] ?? null;
  }

  private headers(): Record<string, string> {
    const { catalog, schema, timeZone = 'UTC', properties = {} } = this.session;
    const session = Object.entries(properties).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    return {
      'X-Trino-User': 'test',
      // Without it timestamps come with milliseconds, whatever they have.
      'X-Trino-Client-Capabilities': 'PARAMETRIC_DATETIME',
      'X-Trino-Time-Zone': timeZone,
      ...(catalog !== undefined && { 'X-Trino-Catalog': catalog }),
      ...(schema !== undefined && { 'X-Trino-Schema': schema }),
      ...(session.length > 0 && { 'X-Trino-Session': session.join(',') }),
    };
  }
}

/** Text as a literal of SQL. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** 503 is the server's word for "again, please". */
async function call(url: string, request: RequestInit): Promise<Answer> {
  for (;;) {
    const response = await fetch(url, request);
    if (response.ok) return (await response.json()) as Answer;
    if (response.status !== 503) throw new Error(`Trino answered ${response.status}: ${await response.text()}`);
    await sleep(100);
  }
}
