/** Rows of one commit into the bytes of one Parquet file, by parquetjs-lite: `docs/decisions/0003-parquet-writer.md`. */
import { Writable } from 'node:stream';
import { type ColumnOptions, ParquetSchema, ParquetWriter, type WriterOptions } from 'parquetjs-lite';
import { COLUMNS, type ColumnType, type CommitColumns, type FieldChange } from '../domain/columns';
import type { EncodeRows } from '../ports';
import { checkRows } from './guards';
import { ParquetError, withoutValues } from './parquet-error';
import { type FileMetadata, verifyFile } from './verify';

/** The page index of this writer is malformed, and Trino reads page indexes: a WHERE would fail. Sizes are rows. */
export const WRITER_OPTIONS = {
  pageIndex: false,
  useDataPageV2: false,
  rowGroupSize: 50_000,
  pageSize: 20_000,
} as const satisfies WriterOptions;

const PARQUET_TYPES: Readonly<Record<ColumnType, ColumnOptions['type']>> = {
  string: 'UTF8',
  timestamp: 'TIMESTAMP_MILLIS',
  int: 'INT32',
  bigint: 'INT64',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
};

/**
 * The same rows and metadata give the same bytes. They were read back by another library and compared value by value.
 * Rejects with ParquetError, which names rows and columns and holds no value; nothing is returned then.
 */
export const encodeRows: EncodeRows = async (rows, commit, metadata) => {
  if (rows.length === 0) throw new ParquetError('a Parquet file needs at least one row');
  const asciiColumns = checkRows(rows, commit);
  const bytes = await writeFile(rows, commit, metadata, asciiColumns);
  await verifyFile(bytes, rows, commit, metadata);
  return bytes;
};

/**
 * The writer compares strings by UTF-16 code unit, Parquet by UTF-8 byte: min/max of a column with other than ASCII
 * would make engines skip rows that match.
 */
export function parquetSchema(asciiColumns: ReadonlySet<string>): ParquetSchema {
  return new ParquetSchema(
    Object.fromEntries(
      COLUMNS.map(({ name, type, nullable }) => [
        name,
        {
          type: PARQUET_TYPES[type],
          optional: nullable,
          compression: 'GZIP',
          statistics: type !== 'string' || asciiColumns.has(name),
        },
      ]),
    ),
  );
}

async function writeFile(
  rows: readonly FieldChange[],
  commit: CommitColumns,
  metadata: FileMetadata,
  asciiColumns: ReadonlySet<string>,
): Promise<Uint8Array> {
  const sink = new ByteSink();
  try {
    const writer = await ParquetWriter.openStream(parquetSchema(asciiColumns), sink, WRITER_OPTIONS);
    writer.setMetadata('domain_id', metadata.domain_id);
    writer.setMetadata('export_date', metadata.export_date);
    const times = new SharedDates();
    for (const row of rows) {
      // One at a time: an append that is not awaited writes rows several times.
      await writer.appendRow({ ...row, performed_time: times.share(row.performed_time), ...commit });
    }
    await writer.close();
  } catch (thrown) {
    throw withoutValues('writing', thrown);
  }
  return sink.bytes();
}

/** Gives equal times of neighbouring rows one Date, as the writer counts distinct values by identity. */
class SharedDates {
  private last = new Date(Number.NaN);

  share(date: Date): Date {
    if (date.getTime() !== this.last.getTime()) this.last = date;
    return this.last;
  }
}

class ByteSink extends Writable {
  private readonly chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.chunks.push(chunk);
    done();
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.chunks);
  }
}
