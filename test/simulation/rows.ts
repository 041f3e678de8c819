/** Rows as they stand in a published object. */

import { gunzipSync } from 'node:zlib';
import type { AsyncBuffer } from 'hyparquet';
import { parquetReadObjects } from 'hyparquet';
import { sha256 } from '../../lambda/export/domain/manifest';
import { encoderWith, WRITER_OPTIONS } from '../../lambda/export/parquet/encode';
import type { EncodeRows } from '../../lambda/export/ports';
import type { JsonRow } from './truth';

/** How rows become bytes in a world, and bytes rows again at the moment they are published. */
export interface RowFormat {
  readonly encode: EncodeRows;
  rowsOf(bytes: Uint8Array): readonly JsonRow[];
}

/**
 * JSON lines: exact, fast, and made at once. `version` stands for that of the code: another one makes other bytes of the same
 * rows, as a newer encoder would.
 */
export function jsonLines(version: () => number): RowFormat {
  return {
    encode: async (rows, commit) => {
      const prefix = `${' '.repeat(version())}`;
      return Buffer.from(rows.map((row) => prefix + JSON.stringify({ ...row, ...commit })).join('\n'));
    },
    rowsOf: (bytes) =>
      Buffer.from(bytes)
        .toString()
        .split('\n')
        .map((line) => JSON.parse(line) as JsonRow),
  };
}

/** The deployed encoder. What it made is read back by another library, before time goes on. */
export function parquet(outside: <T>(work: () => Promise<T>) => Promise<T>, version: () => number): RowFormat {
  const readBack = new Map<string, readonly JsonRow[]>();
  return {
    encode: (rows, commit, metadata) =>
      outside(async () => {
        const rowGroupSize = version() === 0 ? WRITER_OPTIONS.rowGroupSize : version();
        const bytes = await encoderWith({ ...WRITER_OPTIONS, rowGroupSize })(rows, commit, metadata);
        readBack.set(sha256(bytes), await rowsOfParquet(bytes));
        return bytes;
      }),
    rowsOf: (bytes) => readBack.get(sha256(bytes)) ?? [],
  };
}

async function rowsOfParquet(bytes: Uint8Array): Promise<readonly JsonRow[]> {
  const file: AsyncBuffer = {
    byteLength: bytes.byteLength,
    slice: (start, end) => new Uint8Array(bytes.subarray(start, end)).buffer,
  };
  const rows = await parquetReadObjects({
    file,
    compressors: { GZIP: (input) => gunzipSync(input) },
    // The default drops a leading byte order mark.
    parsers: { stringFromBytes: (text) => Buffer.from(text ?? []).toString() },
  });
  return rows.map((row) => JSON.parse(JSON.stringify(row, fromBigInt)) as JsonRow);
}

function fromBigInt(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}
