/** Rows as they stand in a published object. */

import { gunzipSync } from 'node:zlib';
import type { AsyncBuffer } from 'hyparquet';
import { parquetReadObjects } from 'hyparquet';
import { sha256 } from '../../lambda/export/domain/stored-form';
import { encoderWith, WRITER_OPTIONS } from '../../lambda/export/parquet/encode';
import { rowFiles } from '../../lambda/export/parquet/row-files';
import type { EncodeRows, FileEvents, RowFiles } from '../../lambda/export/ports';
import type { JsonRow } from './truth';

/** How rows become bytes in a world, and bytes rows again at the moment they are published. */
export interface RowFormat {
  readonly encode: EncodeRows;
  readonly files: RowFiles;
  /** None for the empty file that seals the key of a voided commit. */
  rowsOf(bytes: Uint8Array): readonly JsonRow[];
}

/**
 * JSON lines: exact, fast, and made at once. `version` stands for that of the code: another one makes other bytes of the same
 * rows, as a newer encoder would.
 */
export function jsonLines(version: () => number): RowFormat {
  return {
    encode: async (rows, commit, metadata) => {
      const prefix = `${' '.repeat(version())}`;
      const lines = rows.map((row) => prefix + JSON.stringify({ ...row, ...commit }));
      return Buffer.from([`#${metadata.case_salt ?? ''}`, ...lines].join('\n'));
    },
    files: {
      empty: async () => Buffer.from(''),
      eventsOf: async (bytes) => {
        const rows = jsonRows(bytes);
        const [first] = rows;
        const run = first ? { runId: String(first['run_id']), exportedAt: String(first['exported_at']) } : null;
        return { rows: rows.length, events: eventsOf(rows), run };
      },
      slicesOf: async (bytes) => ({ rows: jsonRows(bytes), seed: jsonSeed(bytes) }),
    },
    rowsOf: jsonRows,
  };
}

function jsonRows(bytes: Uint8Array): readonly JsonRow[] {
  const lines = Buffer.from(bytes).toString().split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => JSON.parse(line) as JsonRow);
}

/** From the first line, which stands for the metadata of a file. */
function jsonSeed(bytes: Uint8Array): Uint8Array | null {
  const [, seed] = /^#([0-9a-f]{64})\n/.exec(Buffer.from(bytes).toString()) ?? [];
  return seed === undefined ? null : Buffer.from(seed, 'hex');
}

function eventsOf(rows: readonly JsonRow[]): FileEvents['events'] {
  const events = new Map<string, FileEvents['events'][number]>();
  for (const row of rows) {
    const ref = { caseId: String(row['case_id']), eventKey: String(row['event_id']) };
    const key = JSON.stringify(ref);
    const lastFieldIndex = Math.max(Number(row['field_index']), events.get(key)?.lastFieldIndex ?? 0);
    events.set(key, { ...ref, lastFieldIndex });
  }
  return [...events.values()];
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
    files: {
      empty: (metadata) => outside(() => rowFiles.empty(metadata)),
      eventsOf: (bytes, seq) => outside(() => rowFiles.eventsOf(bytes, seq)),
      slicesOf: (bytes) => outside(() => rowFiles.slicesOf(bytes)),
    },
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
