/** Encodes the rows of one commit as one Parquet file, by parquetjs-lite: `docs/decisions/0003-parquet-writer.md`. */
import { Writable } from 'node:stream';
import {
  type ColumnBuffer,
  type ColumnOptions,
  ParquetSchema,
  ParquetWriter,
  type WriterOptions,
} from 'parquetjs-lite';
import { COLUMNS, type Column, type ColumnType, type CommitColumns, type FieldChange } from '../domain/columns';
import { ParquetError } from '../domain/errors';
import type { EncodeRows, FileMetadata } from '../ports';
import { checkRows } from './guards';
import { verifyFile } from './read-back';

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

/** Sizes in rows. */
interface PageLayout {
  readonly rowGroupSize: number;
  readonly pageSize: number;
}

/**
 * Appends checked rows to a new writer of this layout, column by column. The writer's `appendRow` builds some hundred
 * small objects per row, three quarters of its time. Here it gets only the first row of each page, to set up its
 * buffers, and the last, to close the page; the rows between go where it would have put them. A test compares the bytes
 * with those of `appendRow` alone. `withStatistics` names the columns with statistics.
 */
export async function appendRows(
  writer: ParquetWriter,
  rows: readonly FieldChange[],
  commit: CommitColumns,
  layout: PageLayout,
  withStatistics: ReadonlySet<string>,
): Promise<void> {
  const dates = new SharedDates();
  // Appends one row at a time: an append that is not awaited writes rows several times.
  const append = (row: FieldChange): Promise<void> =>
    writer.appendRow({ ...row, performed_time: dates.share(row.performed_time), ...commit });
  for (const [start, end] of pages(rows.length, layout)) {
    const page = rows.slice(start, end);
    const first = page.shift();
    const last = page.pop();
    if (first !== undefined) await append(first);
    if (last === undefined) continue;
    for (const column of COLUMNS) {
      appendColumn(bufferOf(writer, column), column, page, commit, dates, withStatistics.has(column.name));
    }
    writer.rowBuffer.rowCount += page.length;
    writer.rowBuffer.pageRowCount += page.length;
    await append(last);
  }
}

/** Yields the first row of each page and the one after its last: a row group ends a page, too. */
function* pages(rowCount: number, { rowGroupSize, pageSize }: PageLayout): Generator<[number, number]> {
  for (let group = 0; group < rowCount; group += rowGroupSize) {
    const groupEnd = Math.min(group + rowGroupSize, rowCount);
    for (let page = group; page < groupEnd; page += pageSize) yield [page, Math.min(page + pageSize, groupEnd)];
  }
}

function appendColumn(
  buffer: ColumnBuffer,
  { name, nullable }: Column,
  page: readonly FieldChange[],
  commit: CommitColumns,
  dates: SharedDates,
  withStatistics: boolean,
): void {
  const present = nullable ? 1 : 0;
  const constant = name in commit ? commit[name as keyof CommitColumns] : undefined;
  for (const row of page) {
    const value = constant ?? row[name as keyof FieldChange];
    if (value === null) {
      buffer.dlevels.push(0);
      continue;
    }
    buffer.dlevels.push(present);
    buffer.values.push(value instanceof Date ? value.getTime() : value);
    if (withStatistics) buffer.distinct_values.add(name === 'performed_time' ? dates.share(row.performed_time) : value);
  }
  buffer.count += page.length;
}

function bufferOf(writer: ParquetWriter, { name }: Column): ColumnBuffer {
  const buffer = writer.rowBuffer.columnData[name];
  if (buffer === undefined) throw new ParquetError(`parquetjs-lite has no buffer for column ${name}: is it 0.8.7?`);
  return buffer;
}

/** Gives equal times of successive rows one Date, because the writer counts distinct values by identity. */
class SharedDates {
  private last = new Date(Number.NaN);

  share(date: Date): Date {
    if (date.getTime() !== this.last.getTime()) this.last = date;
    return this.last;
  }
}
