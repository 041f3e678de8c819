/** Encodes the rows of one commit as one Parquet file, by parquetjs-lite: `docs/decisions/0003-parquet-writer.md`. */
import { Writable } from 'node:stream';
import { type ColumnOptions, ParquetSchema, ParquetWriter, type WriterOptions } from 'parquetjs-lite';
import { COLUMNS, type ColumnType, type CommitColumns, type FieldChange } from '../domain/columns';
import { ParquetError } from '../domain/errors';
import type { EncodeRows, FileMetadata } from '../ports';
import { appendRows, type PageLayout } from './append-rows';
import { checkRows } from './guards';
import { verifyFile } from './verify';

/** The page index of this writer is malformed, and Trino reads page indexes: a WHERE would fail. Sizes in rows. */
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
 * Equal rows and metadata give equal bytes. Another library has read them back and compared every value. Rejects with
 * ParquetError, which names rows and columns and holds no value; nothing is returned then.
 */
export const encodeRows: EncodeRows = (rows, commit, metadata) => encoderWith(layoutOf(rows))(rows, commit, metadata);

/** With more characters in the possibly long columns, a page or a row group takes fewer rows. */
const PAGE_CHARACTERS = 1_048_576;
const GROUP_CHARACTERS = 16_777_216;

/**
 * Puts rows of long texts into smaller pages and row groups, because the writer holds a whole page several times: as
 * values, as plain bytes and compressed (21,000 rows with texts at the length limit: 410 MB without,
 * `bench/RESULTS.md`).
 */
function layoutOf(rows: readonly FieldChange[]): PageLayout {
  let characters = 0;
  for (const { old_value, new_value, other } of rows) {
    characters += (old_value?.length ?? 0) + (new_value?.length ?? 0) + (other?.length ?? 0);
  }
  const rowsIn = (limit: number, most: number) =>
    Math.min(most, Math.max(1, Math.floor((limit * rows.length) / Math.max(1, characters))));
  return {
    pageSize: rowsIn(PAGE_CHARACTERS, WRITER_OPTIONS.pageSize),
    rowGroupSize: rowsIn(GROUP_CHARACTERS, WRITER_OPTIONS.rowGroupSize),
  };
}

/** Creates `encodeRows` with row groups and pages of other sizes. */
export function encoderWith(layout: PageLayout): EncodeRows {
  return async (rows, commit, metadata) => {
    if (rows.length === 0) throw new ParquetError('a Parquet file needs at least one row');
    const withStatistics = soundStatistics(checkRows(rows, commit).asciiColumns);
    const bytes = await writeFile(rows, commit, metadata, withStatistics, { ...WRITER_OPTIONS, ...layout });
    await verifyFile(bytes, rows, commit, metadata);
    return bytes;
  };
}

/**
 * Columns whose min and max the writer gets right. It compares strings by UTF-16 code unit, Parquet by UTF-8 byte, so
 * where a string column holds anything but ASCII, engines would skip matching rows.
 */
export function soundStatistics(asciiColumns: ReadonlySet<string>): ReadonlySet<string> {
  return new Set(
    COLUMNS.filter(({ name, type }) => type !== 'string' || asciiColumns.has(name)).map(({ name }) => name),
  );
}

export function parquetSchema(withStatistics: ReadonlySet<string>): ParquetSchema {
  const columns = COLUMNS.map(({ name, type, nullable }): [string, ColumnOptions] => [
    name,
    { type: PARQUET_TYPES[type], optional: nullable, compression: 'GZIP', statistics: withStatistics.has(name) },
  ]);
  return new ParquetSchema(Object.fromEntries(columns));
}

async function writeFile(
  rows: readonly FieldChange[],
  commit: CommitColumns,
  metadata: FileMetadata,
  withStatistics: ReadonlySet<string>,
  options: WriterOptions & PageLayout,
): Promise<Uint8Array> {
  const sink = new ByteSink();
  try {
    const writer = await ParquetWriter.openStream(parquetSchema(withStatistics), sink, options);
    setMetadata(writer, metadata);
    await appendRows(writer, rows, commit, options, withStatistics);
    await writer.close();
  } catch (thrown) {
    throw withoutValues('writing', thrown);
  }
  return sink.bytes();
}

/** Writes the partition, which is not among the columns, and the seed of the case digests. */
export function setMetadata(writer: ParquetWriter, { domain_id, export_date, case_salt }: FileMetadata): void {
  writer.setMetadata('domain_id', domain_id);
  writer.setMetadata('export_date', export_date);
  if (case_salt !== undefined) writer.setMetadata('case_salt', case_salt);
}

/** Collects the written bytes. */
export class ByteSink extends Writable {
  private readonly chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.chunks.push(chunk);
    done();
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.chunks);
  }
}

/**
 * Turns anything that the library threw into an Error. Its strings, and perhaps the text of its Errors, end in the
 * refused value: only the part before the value is kept, and no `cause`, which a logger would print.
 */
function withoutValues(doing: string, thrown: unknown): ParquetError {
  if (thrown instanceof ParquetError) return thrown;
  const what =
    typeof thrown === 'string' ? thrown.split(':')[0] : thrown instanceof Error ? thrown.name : typeof thrown;
  return new ParquetError(`parquetjs-lite failed while ${doing}: ${what}`);
}
