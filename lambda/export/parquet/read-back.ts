/** Reads Parquet files back, by a library that shares no code with the one that writes them. */
import { gunzipSync } from 'node:zlib';
import {
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  type ParquetParsers,
  parquetMetadata,
  parquetRead,
  parquetReadObjects,
} from 'hyparquet';
import { COLUMNS, type Column, type ColumnType, type CommitColumns, type FieldChange } from '../domain/columns';
import { ParquetError } from '../domain/errors';
import type { FileMetadata } from '../ports';

/** Physical type and annotation of each kind of column, as a reader names them. */
const STORED_AS: Readonly<Record<ColumnType, string>> = {
  string: 'BYTE_ARRAY UTF8',
  timestamp: 'INT64 TIMESTAMP_MILLIS',
  int: 'INT32',
  bigint: 'INT64',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
};

/** Values stay as stored: decoding would hide bytes that are not UTF-8, and drop a leading byte order mark. */
const PARSERS: Partial<ParquetParsers> = {
  stringFromBytes: (bytes) => bytes,
  timestampFromMilliseconds: (millis) => millis,
};

/**
 * Resolves if the bytes hold exactly these rows: columns and their types, row count, metadata, every value, and no page
 * index. Rejects with ParquetError otherwise, naming row and column, never a value.
 */
export async function verifyFile(
  bytes: Uint8Array,
  rows: readonly FieldChange[],
  commit: CommitColumns,
  metadata: FileMetadata,
): Promise<void> {
  try {
    const footer = parquetMetadata(bytes);
    verifyFooter(footer, rows.length, metadata);
    const file = inMemory(bytes);
    let rowStart = 0;
    for (const group of footer.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows);
      for (const column of COLUMNS) {
        let seen = 0;
        await parquetRead({
          file,
          metadata: footer,
          columns: [column.name],
          rowStart,
          rowEnd,
          compressors: COMPRESSORS,
          parsers: PARSERS,
          onPage: (page) => {
            if (page.rowStart !== rowStart + seen) fail(`column ${column.name} skips from row ${rowStart + seen}`);
            verifyValues(page.columnData, column, page.rowStart, rows, commit);
            seen += page.columnData.length;
          },
        });
        if (seen !== rowEnd - rowStart) fail(`column ${column.name} has ${seen} of ${rowEnd - rowStart} values`);
      }
      rowStart = rowEnd;
    }
    if (rowStart !== rows.length) fail(`the row groups hold ${rowStart} rows instead of ${rows.length}`);
  } catch (thrown) {
    if (thrown instanceof ParquetError) throw thrown;
    // A reader's message about damaged bytes may quote them.
    throw new ParquetError(`the file cannot be read back (${thrown instanceof Error ? thrown.name : typeof thrown})`);
  }
}

function verifyFooter(footer: FileMetaData, rowCount: number, metadata: FileMetadata): void {
  if (Number(footer.num_rows) !== rowCount) fail(`the footer counts ${footer.num_rows} rows instead of ${rowCount}`);
  const [, ...elements] = footer.schema;
  const stored = elements.map(
    ({ name, type, converted_type, repetition_type }) => `${name} ${type} ${converted_type ?? ''} ${repetition_type}`,
  );
  const expected = COLUMNS.map(({ name, type, nullable }) => {
    const [physical, annotation = ''] = STORED_AS[type].split(' ');
    return `${name} ${physical} ${annotation} ${nullable ? 'OPTIONAL' : 'REQUIRED'}`;
  });
  for (const [index, column] of expected.entries()) {
    if (stored[index] !== column) fail(`column ${index} is "${stored[index]}" instead of "${column}"`);
  }
  if (stored.length !== expected.length) fail(`there are ${stored.length} columns instead of ${expected.length}`);
  if (footer.row_groups.some((group) => group.columns.some((chunk) => chunk.column_index_offset !== undefined))) {
    fail('there is a page index, which this writer makes wrongly');
  }
  const pairs = new Map(footer.key_value_metadata?.map(({ key, value }) => [key, value]));
  for (const key of ['domain_id', 'export_date', 'case_salt'] as const) {
    if (pairs.get(key) !== metadata[key]) fail(`the metadata lack the right ${key}`);
  }
}

function verifyValues(
  stored: ArrayLike<unknown>,
  { name, type }: Column,
  rowStart: number,
  rows: readonly FieldChange[],
  commit: CommitColumns,
): void {
  const same = SAME[type];
  const constant = name in commit ? commit[name as keyof CommitColumns] : undefined;
  for (let index = 0; index < stored.length; index += 1) {
    const row = rows[rowStart + index];
    if (row === undefined) fail(`column ${name} has more than ${rows.length} values`);
    const expected = constant ?? row[name as keyof FieldChange];
    const value = stored[index] ?? null;
    if (expected === null ? value !== null : value === null || !same(value, expected)) {
      fail(`row ${rowStart + index}, column ${name} reads back differently`);
    }
  }
}

const SAME: Readonly<Record<ColumnType, (stored: unknown, expected: unknown) => boolean>> = {
  string: (stored, expected) => sameText(stored as Uint8Array, expected as string),
  timestamp: (stored, expected) => Number(stored) === (expected as Date).getTime(),
  int: Object.is,
  bigint: (stored, expected) => stored === BigInt(expected as number),
  double: Object.is,
  boolean: Object.is,
};

/** Most text is short and ASCII, where a loop beats encoding it; everything else is compared as UTF-8, byte by byte. */
function sameText(stored: Uint8Array, expected: string): boolean {
  const { length } = stored;
  if (length === expected.length) {
    let index = 0;
    while (index < length) {
      const byte = stored[index] as number;
      if (byte >= 0x80 || byte !== expected.charCodeAt(index)) break;
      index += 1;
    }
    if (index === length) return true;
  }
  return Buffer.from(expected).equals(stored);
}

function fail(problem: string): never {
  throw new ParquetError(`the file is not what was written: ${problem}`);
}

/**
 * Reads rows, so that every reader of an archive gets the same texts. Without `columns` it reads all of them; a footer
 * that the caller has parsed is not parsed again. Rejects for bytes that are not Parquet, with an error that may quote
 * them.
 */
export async function readRows<Row = Record<string, unknown>>(
  bytes: Uint8Array,
  options: { readonly columns?: string[]; readonly metadata?: FileMetaData } = {},
): Promise<Row[]> {
  const file = inMemory(bytes);
  return (await parquetReadObjects({ ...options, file, compressors: COMPRESSORS, parsers: TEXT_AS_STORED })) as Row[];
}

const COMPRESSORS: Compressors = {
  GZIP: (input, outputLength) => gunzipSync(input, { maxOutputLength: Math.max(1, outputLength) }),
};

/** The reader's own parser would drop a leading byte order mark, which is part of an id or a value. */
const TEXT_AS_STORED: Partial<ParquetParsers> = {
  stringFromBytes: (bytes) => Buffer.from(bytes).toString('utf8'),
};

function inMemory(bytes: Uint8Array): AsyncBuffer {
  return {
    byteLength: bytes.byteLength,
    slice: (start, end) => new Uint8Array(bytes.subarray(start, end)).buffer,
  };
}
