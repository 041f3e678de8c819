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

  /** Rejects with strings as well as with Errors. */
  export class ParquetWriter {
    static openStream(schema: ParquetSchema, stream: Writable, options: WriterOptions): Promise<ParquetWriter>;
    setMetadata(key: string, value: string): void;
    /** Must be awaited before the next call. */
    appendRow(row: Readonly<Record<string, unknown>>): Promise<void>;
    close(): Promise<void>;
  }
}
