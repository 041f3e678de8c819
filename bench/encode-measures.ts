/** The two things that `encode.ts` compares, each over the same batches. Making the events is in neither time. */
import { type ParquetSchema, ParquetWriter } from 'parquetjs-lite';
import { caseDigests } from '../lambda/export/domain/case-slice';
import type { CommitColumns, FieldChange } from '../lambda/export/domain/columns';
import type { FieldDictionary } from '../lambda/export/domain/fields';
import { flattenEvent, sortChanges } from '../lambda/export/domain/flatten';
import { ByteSink, encodeRows, parquetSchema, soundStatistics, WRITER_OPTIONS } from '../lambda/export/parquet/encode';
import { checkRows } from '../lambda/export/parquet/guards';
import { type CaseEvent, caseEvents, fieldDictionary } from './rows';

interface Plan {
  readonly rows: number;
  /** Rows a file. */
  readonly batch: number;
  readonly seed: number;
}

export interface Measured {
  readonly rows: number;
  readonly bytes: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  /** Of the whole process, making the events included. */
  readonly peakRssMb: number;
}

const METADATA = { domain_id: 'f0b6a1de-5d4e-4b7a-9c3a-2d1c9e8f7a60', export_date: '2026-01-31' };
/** As GetCaseAuditEvents answers. */
const EVENTS_A_PAGE = 25;

const SEED = Buffer.alloc(32, 7);

/** Flatten, sort, slice by case, guard, write, read back and compare. */
export async function measureExporter(plan: Plan): Promise<Measured> {
  const stopwatch = new Stopwatch();
  for (const [index, rows] of batches(plan, stopwatch)) {
    const stop = stopwatch.start();
    const changes = sortChanges(rows);
    // As a commit does: each case of it is bound by a digest of its own.
    caseDigests({ domainId: METADATA.domain_id, seq: index + 1, seed: SEED }, changes);
    const bytes = await encodeRows(changes, commit(index), METADATA);
    stop();
    stopwatch.count(rows.length, bytes.length);
  }
  return stopwatch.result();
}

/** The rows, already flat, sorted and complete, appended to the bare writer. */
export async function measureBare(plan: Plan): Promise<Measured> {
  const stopwatch = new Stopwatch();
  for (const [index, unsorted] of batches(plan, new Stopwatch())) {
    const changes = sortChanges(unsorted);
    const schema = parquetSchema(soundStatistics(checkRows(changes, commit(index)).asciiColumns));
    const rows = changes.map((change) => ({ ...change, ...commit(index) }));
    const stop = stopwatch.start();
    const bytes = await writeBare(schema, rows);
    stop();
    stopwatch.count(rows.length, bytes.length);
  }
  return stopwatch.result();
}

async function writeBare(schema: ParquetSchema, rows: readonly (FieldChange & CommitColumns)[]): Promise<Uint8Array> {
  const sink = new ByteSink();
  const writer = await ParquetWriter.openStream(schema, sink, WRITER_OPTIONS);
  for (const row of rows) await writer.appendRow(row);
  await writer.close();
  return sink.bytes();
}

/** Rows of one file after the other. Of the events one page at a time is held, as in an export; only flattening is timed. */
function* batches({ rows, batch, seed }: Plan, stopwatch: Stopwatch): Generator<[number, FieldChange[]]> {
  const dictionary = fieldDictionary(seed);
  const events = caseEvents(seed);
  let left = rows;
  for (let index = 0; left > 0; index += 1) {
    const changes: FieldChange[] = [];
    const wanted = Math.min(batch, left);
    while (changes.length < wanted) {
      const page = Array.from({ length: EVENTS_A_PAGE }, () => events.next().value);
      const stop = stopwatch.start();
      for (const event of page) changes.push(...flatten(event, dictionary));
      stop();
    }
    left -= changes.length;
    yield [index, changes];
  }
}

function flatten({ event, caseId, templateId }: CaseEvent, dictionary: FieldDictionary): readonly FieldChange[] {
  const flattened = flattenEvent(event, caseId, templateId, dictionary);
  if (flattened.kind !== 'rows') throw new Error(`the generator made an event that is ${flattened.kind}`);
  return flattened.rows;
}

function commit(index: number): CommitColumns {
  return {
    exported_at: new Date(Date.UTC(2026, 0, 31, 12, index)),
    run_id: '8c5b7f1e-90b1-4a5e-8f57-0f8c1f0b9f11',
    commit_seq: index + 1,
  };
}

class Stopwatch {
  private rows = 0;
  private bytes = 0;
  private wallNs = 0n;
  private cpuUs = 0;

  /** Call what it returns to stop. */
  start(): () => void {
    const wall = process.hrtime.bigint();
    const cpu = process.cpuUsage();
    return () => {
      const { user, system } = process.cpuUsage(cpu);
      this.wallNs += process.hrtime.bigint() - wall;
      this.cpuUs += user + system;
    };
  }

  count(rows: number, bytes: number): void {
    this.rows += rows;
    this.bytes += bytes;
  }

  result(): Measured {
    return {
      rows: this.rows,
      bytes: this.bytes,
      wallSeconds: Number(this.wallNs) / 1e9,
      cpuSeconds: this.cpuUs / 1e6,
      peakRssMb: process.resourceUsage().maxRSS / 1024,
    };
  }
}
