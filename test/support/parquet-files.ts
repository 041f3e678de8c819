/** Reading Parquet bytes by the two readers that tests trust: DuckDB and hyparquet. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { type AsyncBuffer, type Compressors, parquetReadObjects } from 'hyparquet';
import { COLUMNS, type ColumnType, type CommitColumns, type FieldChange } from '../../lambda/export/domain/columns';
import { COMMIT } from './rows';

export const COMPRESSORS: Compressors = { GZIP: (input) => gunzipSync(input) };

/** A DuckDB with a folder for files; `close` removes both. */
export class Duck {
  private files = 0;
  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
    private readonly folder: string,
  ) {}

  static async open(): Promise<Duck> {
    const instance = await DuckDBInstance.create();
    return new Duck(instance, await instance.connect(), await mkdtemp(join(tmpdir(), 'parquet-test-')));
  }

  /** A table expression that reads the bytes. */
  async file(bytes: Uint8Array): Promise<string> {
    this.files += 1;
    const path = join(this.folder, `${this.files}.parquet`);
    await writeFile(path, bytes);
    return `read_parquet('${path}')`;
  }

  async query(sql: string): Promise<Record<string, unknown>[]> {
    return (await this.connection.runAndReadAll(sql)).getRowObjectsJS();
  }

  /**
   * All rows in the file's order, timestamps as epoch milliseconds. Strings travel as hex: the binding for JavaScript drops a
   * leading byte order mark.
   */
  async rows(bytes: Uint8Array): Promise<Record<string, unknown>[]> {
    const columns = COLUMNS.map(({ name, type }) => `${AS_JS[type](name)} AS ${name}`);
    const rows = await this.query(`SELECT ${columns.join(', ')} FROM ${await this.file(bytes)}`);
    return rows.map((row) => Object.fromEntries(COLUMNS.map(({ name, type }) => [name, fromJs(type, row[name])])));
  }

  async close(): Promise<void> {
    this.connection.closeSync();
    this.instance.closeSync();
    await rm(this.folder, { recursive: true, force: true });
  }
}

const AS_JS: Readonly<Record<ColumnType, (name: string) => string>> = {
  string: (name) => `hex(${name})`,
  timestamp: (name) => `epoch_ms(${name})`,
  int: (name) => name,
  bigint: (name) => name,
  double: (name) => name,
  boolean: (name) => name,
};

function fromJs(type: ColumnType, value: unknown): unknown {
  return type === 'string' && typeof value === 'string' ? Buffer.from(value, 'hex').toString() : value;
}

/** What `Duck.rows` must give for these rows. */
export function asDuckRows(rows: readonly FieldChange[], commit: CommitColumns): Record<string, unknown>[] {
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries({ ...row, ...commit, commit_seq: BigInt(commit.commit_seq) }).map(([name, value]) => [
        name,
        value instanceof Date ? BigInt(value.getTime()) : value,
      ]),
    ),
  );
}

export function inMemory(bytes: Uint8Array): AsyncBuffer {
  return { byteLength: bytes.byteLength, slice: (start, end) => new Uint8Array(bytes.subarray(start, end)).buffer };
}

/** The file's rows are these, read by DuckDB and by hyparquet. Made with `COMMIT`. */
export async function expectBothReadersSee(duck: Duck, rows: readonly FieldChange[], bytes: Uint8Array): Promise<void> {
  expect(await duck.rows(bytes)).toEqual(asDuckRows(rows, COMMIT));
  const text = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
  const parsers = { stringFromBytes: (stored: Uint8Array) => text.decode(stored) };
  const read = await parquetReadObjects({ file: inMemory(bytes), compressors: COMPRESSORS, parsers });
  expect(read).toEqual(rows.map((each) => ({ ...each, ...COMMIT, commit_seq: BigInt(COMMIT.commit_seq) })));
}
