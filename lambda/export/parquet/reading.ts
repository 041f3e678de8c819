/** Reads bytes of a Parquet file back, so that every reader of an archive's rows gets the same texts. */
import { gunzipSync } from 'node:zlib';
import type { AsyncBuffer, Compressors, ParquetParsers } from 'hyparquet';

export const COMPRESSORS: Compressors = {
  GZIP: (input, outputLength) => gunzipSync(input, { maxOutputLength: Math.max(1, outputLength) }),
};

/** The reader's own parser would drop a leading byte order mark, which is part of an id or a value. */
export const TEXT_AS_STORED: Partial<ParquetParsers> = {
  stringFromBytes: (bytes) => Buffer.from(bytes).toString('utf8'),
};

export function inMemory(bytes: Uint8Array): AsyncBuffer {
  return {
    byteLength: bytes.byteLength,
    slice: (start, end) => new Uint8Array(bytes.subarray(start, end)).buffer,
  };
}
