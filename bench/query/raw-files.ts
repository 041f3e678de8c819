/** The raw table after a year of five-minute commits, made by the exporter's own encoder. */
import { join } from 'node:path';
import type { FieldChange } from '../../lambda/export/domain/columns';
import { flattenEvent, sortChanges } from '../../lambda/export/domain/flatten';
import { fieldChangesKey, manifestKey } from '../../lambda/export/domain/keys';
import { encodeRows } from '../../lambda/export/parquet/encode';
import { writeBelow } from '../harness';
import { caseEvents, fieldDictionary } from '../rows';

const COMMITS_A_DAY = 288;
export const COMMITS_A_YEAR = 365 * COMMITS_A_DAY;
const DAY = 86_400_000;

export interface RawFiles {
  readonly rows: number;
  readonly files: number;
  readonly bytes: number;
  /** YYYY-MM-DD, of the first and of the last commit. */
  readonly firstDate: string;
  readonly lastDate: string;
}

interface RawPlan {
  readonly archive: string;
  readonly domainId: string;
  readonly rows: number;
  readonly rowsACommit: number;
  readonly seed: number;
}

/**
 * Writes the files and the manifests of the commits. Rows come in the order of time, as ticks find them; a commit is made five
 * minutes after the one before, and no change later than its commit.
 */
export async function writeRawFiles(plan: RawPlan, onProgress: (rows: number) => void): Promise<RawFiles> {
  const { archive, domainId, rowsACommit } = plan;
  let seq = 0;
  let rows = 0;
  let bytes = 0;
  const dates: string[] = [];
  for (const batch of batches(rowsInOrderOfTime(plan.seed, plan.rows), rowsACommit)) {
    seq += 1;
    const lastChange = batch.reduce((latest, { performed_time }) => Math.max(latest, performed_time.getTime()), 0);
    const exported_at = new Date(lastChange + 60_000);
    const date = exported_at.toISOString().slice(0, 10);
    const commit = { exported_at, run_id: `run-${seq}`, commit_seq: seq };
    const file = await encodeRows(sortChanges(batch), commit, { domain_id: domainId, export_date: date });
    writeBelow(join(archive, fieldChangesKey(domainId, date, seq)), file);
    // The least that the refresh asks of a manifest: that there is one.
    const manifest = `${JSON.stringify({ version: 1, domainId, seq })}\n`;
    writeBelow(join(archive, manifestKey(domainId, seq)), manifest);
    rows += batch.length;
    bytes += file.length;
    if (dates.at(-1) !== date) dates.push(date);
    if (seq % 1_000 === 0) onProgress(rows);
  }
  return { rows, files: seq, bytes, firstDate: dates[0] ?? '', lastDate: dates.at(-1) ?? '' };
}

/** Cases begin in the order of time, so what lies before the beginning of the next one is complete. */
function* rowsInOrderOfTime(seed: number, most: number): Generator<FieldChange> {
  const fields = fieldDictionary(seed);
  let waiting: FieldChange[] = [];
  let given = 0;
  let lastCase = '';
  let sinceSort = 0;
  for (const { caseId, templateId, event } of caseEvents(seed)) {
    const flattened = flattenEvent(event, caseId, templateId, fields);
    if (flattened.kind !== 'rows') throw new Error(`an event of the generator is ${flattened.kind}`);
    const [first] = flattened.rows;
    // Seldom, as it sorts.
    if (caseId !== lastCase && first !== undefined) {
      sinceSort += 1;
      if (sinceSort === CASES_A_SORT) {
        sinceSort = 0;
        waiting.sort((a, b) => a.performed_time.getTime() - b.performed_time.getTime());
        const end = waiting.findIndex(({ performed_time }) => performed_time >= first.performed_time);
        const ready = end === -1 ? waiting : waiting.slice(0, end);
        waiting = end === -1 ? [] : waiting.slice(end);
        for (const row of ready) {
          yield row;
          given += 1;
          if (given === most) return;
        }
      }
    }
    lastCase = caseId;
    waiting.push(...flattened.rows);
  }
}

const CASES_A_SORT = 2_000;

/** The days that so many commits take are those of the rows: the generator's year has no quiet hours. */
function* batches(rows: Iterable<FieldChange>, size: number): Generator<FieldChange[]> {
  let batch: FieldChange[] = [];
  for (const row of rows) {
    batch.push(row);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

/** Days from one to the other, both included. */
export function daysBetween(first: string, last: string): number {
  return (Date.parse(last) - Date.parse(first)) / DAY + 1;
}
