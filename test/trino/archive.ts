/** An archive whose commits a test makes one by one: the exporter's Parquet, and manifests and dictionaries as far as a refresh asks for them. */
import type { FieldChange } from '../../lambda/export/domain/columns';
import { sortChanges } from '../../lambda/export/domain/flatten';
import { encodeRows } from '../../lambda/export/parquet/encode';
import { row } from '../support/rows';
import { saveFiles } from '../support/scratch';

export interface TestArchive {
  readonly folder: string;
  /** The next commit of the domain: so many rows, over several months, the first of them at an edge of one. */
  commit(
    domainId: string,
    of: {
      readonly rows: number;
      readonly published?: boolean;
      readonly daysLater?: number;
      /** The column of each row. */
      readonly other?: string;
    },
  ): Promise<void>;
  publish(domainId: string, seq: number): void;
  isPublished(domainId: string, seq: number): boolean;
}

const DAY = 86_400_000;

/** Export dates begin at `firstDate` and go on as commits say. */
export function createArchive(folder: string, firstDate: string): TestArchive {
  const heads = new Map<string, { readonly seq: number; readonly dateMs: number }>();
  const published = new Set<string>();
  const write = (key: string, bytes: Uint8Array | string) => saveFiles(folder, [[key, bytes]]);
  const nameOf = (seq: number) => String(seq).padStart(12, '0');

  const archive: TestArchive = {
    folder,
    async commit(domainId, { rows, published: isPublished = true, daysLater = 0, other = null }) {
      const { seq, dateMs } = heads.get(domainId) ?? { seq: 0, dateMs: Date.parse(firstDate) };
      const next = { seq: seq + 1, dateMs: dateMs + daysLater * DAY };
      heads.set(domainId, next);
      const export_date = new Date(next.dateMs).toISOString().slice(0, 10);
      const commit = { exported_at: new Date(next.dateMs + 1), run_id: `run-${next.seq}`, commit_seq: next.seq };
      const bytes = await encodeRows(rowsOf(next.seq, rows, other), commit, { domain_id: domainId, export_date });
      write(`field_changes/domain_id=${domainId}/export_date=${export_date}/${nameOf(next.seq)}.parquet`, bytes);
      if (isPublished) archive.publish(domainId, next.seq);
    },
    publish(domainId, seq) {
      published.add(`${domainId} ${seq}`);
      const debts = seq % 3 === 0 ? undefined : [{ cause: 'denied', cases: seq, neverRead: 0, since: seq }];
      const manifest = {
        version: 1,
        domainId,
        seq,
        previousSha256: seq === 1 ? null : 'of the one before',
        runId: `run-${seq}`,
        exportedAt: '2026-06-01T00:00:00.000Z',
        debts,
      };
      const counts = { calls: { SearchCases: seq }, rows: seq };
      write(`manifests/domain_id=${domainId}/${nameOf(seq)}.json`, `${JSON.stringify({ ...manifest, counts })}\n`);
      if (seq % 2 === 1) {
        const dictionary = { version: 1, domainId, seq, fields: [{ fieldId: 'status', name: `Status ${seq}` }] };
        write(`fields/domain_id=${domainId}/${nameOf(seq)}.json`, `${JSON.stringify(dictionary)}\n`);
      }
    },
    isPublished: (domainId, seq) => published.has(`${domainId} ${seq}`),
  };
  return archive;
}

/** Both domains have the same cases and events: ids are unique within a domain only. */
function rowsOf(seq: number, count: number, other: string | null): FieldChange[] {
  const rows = Array.from({ length: count }, (_, index) =>
    row({
      case_id: `case-${index % 7}`,
      event_id: `event-${seq}-${Math.floor(index / 2)}`,
      field_index: index % 2,
      // The end of a month, its beginning, and on from there.
      performed_time: new Date(
        Date.UTC(2026, 0, 31, 23, 59, 59, 999) + index * 3 * DAY * (index > 1 ? 1 : 0) + (index & 1),
      ),
      old_value: index % 3 === 0 ? null : `😀 ${index}`,
      new_value: `é'"\\ ${index}`,
      new_value_double: index / 3,
      new_value_boolean: index % 2 === 0,
      other,
    }),
  );
  return sortChanges(rows);
}
