/** How bytes of a Parquet file are read back: everybody who reads an archive's rows gets the same texts. */
import { gunzipSync } from 'node:zlib';
import type { AsyncBuffer, Compressors, ParquetParsers } from 'hyparquet';

export const COMPRESSORS: Compressors = {
  GZIP: (input, outputLength) => gunzipSync(input, { maxOutputLength: Math.max(1, outputLength) }),
};

/** The reader's own would drop a leading byte order mark, which is part of an id or a value. */
export const TEXT_AS_STORED: Partial<ParquetParsers> = {
  stringFromBytes: (bytes) => Buffer.from(bytes).toString('utf8'),
};

export function inMemory(bytes: Uint8Array): AsyncBuffer {
  return {
    byteLength: bytes.byteLength,
    slice: (start, end) => new Uint8Array(bytes.subarray(start, end)).buffer,
  };
}
