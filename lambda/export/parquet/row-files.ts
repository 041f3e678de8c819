/** Files of rows for a void commit: one without rows, and the events in an existing one. */
import { parquetMetadata } from 'hyparquet';
import { ParquetWriter } from 'parquetjs-lite';
import { parseSeed, SEED_METADATA_KEY } from '../domain/case-slice';
import { IntegrityError } from '../domain/errors';
import type { FileEvents, RowFiles } from '../ports';
import { ByteSink, parquetSchema, setMetadata, WRITER_OPTIONS } from './encode';
import { readRows } from './read-back';

export const rowFiles: RowFiles = {
  async empty(metadata) {
    const sink = new ByteSink();
    const writer = await ParquetWriter.openStream(parquetSchema(new Set()), sink, WRITER_OPTIONS);
    setMetadata(writer, metadata);
    await writer.close();
    return sink.bytes();
  },

  async eventsOf(bytes, seq) {
    const rows = await readKeys(bytes, seq);
    const events = new Map<string, FileEvents['events'][number]>();
    for (const { case_id, event_id, field_index, commit_seq } of rows) {
      if (Number(commit_seq) !== seq) throw notOf(seq);
      const key = JSON.stringify([case_id, event_id]);
      const lastFieldIndex = Math.max(field_index, events.get(key)?.lastFieldIndex ?? 0);
      events.set(key, { caseId: case_id, eventKey: event_id, lastFieldIndex });
    }
    return { rows: rows.length, events: [...events.values()], run: runOf(rows[0]) };
  },

  async slicesOf(bytes) {
    const metadata = parquetMetadata(bytes);
    const seed = metadata.key_value_metadata?.find(({ key }) => key === SEED_METADATA_KEY)?.value;
    return { rows: await readRows(bytes, { metadata }), seed: seed === undefined ? null : parseSeed(seed) };
  },
};

interface RowKey {
  readonly case_id: string;
  readonly event_id: string;
  readonly field_index: number;
  readonly commit_seq: bigint;
  readonly run_id: string;
  readonly exported_at: Date;
}

function runOf(row: RowKey | undefined): FileEvents['run'] {
  return row ? { runId: row.run_id, exportedAt: row.exported_at.toISOString() } : null;
}

async function readKeys(bytes: Uint8Array, seq: number): Promise<RowKey[]> {
  const columns = ['case_id', 'event_id', 'field_index', 'commit_seq', 'run_id', 'exported_at'];
  try {
    return await readRows<RowKey>(bytes, { columns });
  } catch {
    // A reader's message about damaged bytes may quote them.
    throw notOf(seq);
  }
}

function notOf(seq: number): IntegrityError {
  return new IntegrityError(
    `The file of rows of commit ${seq} cannot be read, or its rows name another commit. Nothing was voided. Find out who wrote it.`,
  );
}
