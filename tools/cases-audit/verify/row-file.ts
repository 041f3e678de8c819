/** The rows of a commit as its Parquet file holds them, and what contradicts the manifest in them. Its bytes have the right hash. */
import { type FileMetaData, parquetMetadata } from 'hyparquet';
import { SEED_METADATA_KEY, SLICE_COLUMNS } from '../../../lambda/export/domain/case-slice';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import { readRows } from '../../../lambda/export/parquet/read-back';
import type { SenseProblem } from './sense';

/** A row, as far as it is checked and hashed. */
export interface FileRow {
  readonly case_id: string;
  readonly event_id: string;
  readonly field_index: number;
  readonly performed_time: Date;
  readonly commit_seq: bigint;
  readonly run_id: string;
  readonly exported_at: Date;
}

interface RowFile {
  readonly problems: readonly SenseProblem[];
  readonly rows: readonly FileRow[];
  /** `case_salt` of the file; undefined where it has none. */
  readonly seed: string | undefined;
}

const COLUMNS = [...SLICE_COLUMNS, 'commit_seq', 'run_id', 'exported_at'];

/** Never rejects: what cannot be read is a problem. */
export async function readRowFile(
  bytes: Uint8Array,
  manifest: Manifest,
  object: Manifest['objects'][number],
): Promise<RowFile> {
  const differs = (words: string): SenseProblem => ({
    kind: 'rows-differ',
    key: object.key,
    words: `The file of rows of commit ${manifest.seq} ${words}.`,
  });
  try {
    const { problems, ...file } = await readFile(bytes, manifest, object);
    return { ...file, problems: problems.map(differs) };
  } catch (error) {
    // What a reader of damaged bytes says may quote them.
    const name = error instanceof Error ? error.name : typeof error;
    const words = `has the bytes that its manifest names and cannot be read as Parquet (${name})`;
    return { problems: [differs(words)], rows: [], seed: undefined };
  }
}

async function readFile(bytes: Uint8Array, manifest: Manifest, object: Manifest['objects'][number]) {
  const footer = parquetMetadata(bytes);
  const pairs = new Map(footer.key_value_metadata?.map(({ key, value }) => [key, value]));
  const seed = pairs.get(SEED_METADATA_KEY) ?? undefined;
  const counted = Number(footer.num_rows);
  // Before anything is decoded: a file may claim any number.
  if (counted !== object.rows) {
    return { problems: [`holds ${counted} rows, and its manifest says ${object.rows ?? 'nothing'}`], rows: [], seed };
  }
  const rows = await decode(bytes, footer);
  const problems = [
    ...placeProblems(pairs, manifest),
    ...rowProblems(rows, manifest),
    ...timeProblems(rows, object),
    ...statisticsProblems(footer, rows),
  ];
  return { problems, rows, seed };
}

/** Every row, with the columns that are checked and hashed. Rejects for bytes that are no Parquet. */
export function decode(bytes: Uint8Array, metadata: FileMetaData): Promise<FileRow[]> {
  const there = new Set(metadata.schema.map(({ name }) => name));
  // Files of earlier versions lack the columns of later ones.
  return readRows(bytes, { metadata, columns: COLUMNS.filter((name) => there.has(name)) });
}

function placeProblems(pairs: ReadonlyMap<string, string | undefined>, { domainId, exportDate }: Manifest): string[] {
  const [domain, date] = [pairs.get('domain_id'), pairs.get('export_date')];
  return [
    ...(domain === domainId ? [] : [`calls itself one of domain ${domain}`]),
    ...(date === exportDate ? [] : [`calls itself one of ${date}, and its manifest says ${exportDate}`]),
  ];
}

function rowProblems(rows: readonly FileRow[], { seq, runId, exportedAt }: Manifest): string[] {
  const otherSeq = rows.filter(({ commit_seq }) => Number(commit_seq) !== seq).length;
  const otherRun = rows.filter(
    ({ run_id, exported_at }) => run_id !== runId || exported_at.toISOString() !== exportedAt,
  ).length;
  return [
    ...(otherSeq === 0 ? [] : [`holds ${otherSeq} rows that name another commit`]),
    ...(otherRun === 0 ? [] : [`holds ${otherRun} rows of another run or time than ${runId} at ${exportedAt}`]),
  ];
}

function timeProblems(rows: readonly FileRow[], object: Manifest['objects'][number]): string[] {
  const times = rows.map(({ performed_time }) => performed_time.getTime());
  const isSorted = times.every((time, index) => index === 0 || (times[index - 1] as number) <= time);
  const ends = [times[0], times.at(-1)].map((time) => (time === undefined ? '' : new Date(time).toISOString()));
  const [first, last] = [object.firstPerformedTime ?? ends[0], object.lastPerformedTime ?? ends[1]];
  return [
    ...(isSorted ? [] : ['is not sorted by time']),
    ...(ends[0] === first && ends[1] === last
      ? []
      : [`goes from ${ends[0]} to ${ends[1]}, and its manifest says ${first} to ${last}`]),
  ];
}

/** A query engine skips what the statistics rule out: false ones hide rows that are there. */
function statisticsProblems(footer: FileMetaData, rows: readonly FileRow[]): string[] {
  const names = ['performed_time', 'case_id', 'event_id'] as const;
  let at = 0;
  const wrong = new Set<string>();
  for (const group of footer.row_groups) {
    const inGroup = rows.slice(at, at + Number(group.num_rows));
    at += Number(group.num_rows);
    for (const name of names) {
      const chunk = group.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === name);
      const { min_value, max_value } = chunk?.meta_data?.statistics ?? {};
      const [min, max] = [comparable(min_value), comparable(max_value)];
      if (min === null || max === null) continue;
      for (const row of inGroup) {
        const value = comparable(row[name]);
        if (value !== null && (less(value, min) || less(max, value))) wrong.add(name);
      }
    }
  }
  return [...wrong].map((name) => `has statistics of ${name} that its own rows do not fit`);
}

function comparable(value: unknown): number | Buffer | null {
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'string') return Buffer.from(value);
  if (value instanceof Uint8Array) return Buffer.from(value);
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : null;
}

function less(a: number | Buffer, b: number | Buffer): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  return Buffer.isBuffer(a) && Buffer.isBuffer(b) && Buffer.compare(a, b) < 0;
}
