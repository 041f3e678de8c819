/** The part of parquetjs-lite 0.8.7 that is used; the package ships no types. */
declare module 'parquetjs-lite' {
  import type { Writable } from 'node:stream';

  export interface ColumnOptions {
    readonly type: 'UTF8' | 'TIMESTAMP_MILLIS' | 'INT32' | 'INT64' | 'DOUBLE' | 'BOOLEAN';
    readonly optional?: boolean;
    readonly compression?: 'UNCOMPRESSED' | 'GZIP' | 'SNAPPY';
    /** On unless false. */
    readonly statistics?: boolean;
  }

  export interface WriterOptions {
    /** On unless false. */
    readonly pageIndex?: boolean;
    /** On unless false. */
    readonly useDataPageV2?: boolean;
    /** Rows. */
    readonly rowGroupSize?: number;
    /** Rows, not bytes. */
    readonly pageSize?: number;
  }

  export class ParquetSchema {
    constructor(columns: Readonly<Record<string, ColumnOptions>>);
  }

  /** Values of one column in the open page, in the form that `lib/shred.js` of the package documents. */
  export interface ColumnBuffer {
    /** Of those that are not null. Strings may stand for their UTF-8. */
    readonly values: unknown[];
    /** One a row: 1 for a value in an optional column, else 0. */
    readonly dlevels: number[];
    /** What min, max and distinct count are made of. */
    readonly distinct_values: Set<unknown>;
    /** Rows. */
    count: number;
  }

  /** Rows of the open row group. */
  export interface RowBuffer {
    rowCount: number;
    pageRowCount: number;
    readonly columnData: Readonly<Record<string, ColumnBuffer>>;
  }

  /** Rejects with strings as well as with Errors. */
  export class ParquetWriter {
    static openStream(schema: ParquetSchema, stream: Writable, options: WriterOptions): Promise<ParquetWriter>;
    /** Complete after the first `appendRow` of a row group; an empty object before. */
    readonly rowBuffer: RowBuffer;
    setMetadata(key: string, value: string): void;
    /** Must be awaited before the next call. Closes the page and the row group that the row fills. */
    appendRow(row: Readonly<Record<string, unknown>>): Promise<void>;
    close(): Promise<void>;
  }
}
