/** The cases of an archive and what it holds of some of them: one pass over the files that its manifests name. No hash is checked. */
import { parquetMetadata } from 'hyparquet';
import { COLUMNS } from '../../../lambda/export/domain/columns';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import { parseQuarantine } from '../../../lambda/export/domain/quarantine';
import { readRows } from '../../../lambda/export/parquet/read-back';
import { type Archive, ArchiveError } from '../archive/archive';
import { isUnread, manifestsIn } from '../archive/manifests';
import { InterruptedError } from '../outcome';
import { mapInOrder } from '../verify/in-order';
import type { ReadAlong } from './claim';
import type { ArchivedCase } from './compare';
import type { ArchivedRaw, ArchivedRow } from './event-rows';

export interface ArchivedCases extends ReadAlong {
  readonly newest: Manifest | null;
  /** Every case of which the archive has an event. */
  readonly caseIds: ReadonlySet<string>;
  /** Those that were wanted. */
  readonly cases: ReadonlyMap<string, ArchivedCase>;
  /** Cases that some commit found deleted. */
  readonly gone: ReadonlySet<string>;
  /** What could not be read: keys and why. */
  readonly problems: readonly string[];
}

interface GatherRequest {
  readonly archive: Archive;
  readonly partition: string;
  /**
   * Told of each case each time that the archive speaks of it. What is kept of it is dropped again once it is evicted.
   */
  readonly offer: (caseId: string) => { readonly isDrawn: boolean; readonly evicted?: string };
  readonly signal: AbortSignal;
  readonly onCommit: (partition: string, seq: number) => void;
}

const COMMITS_AT_ONCE = 8;

/** Rejects with ArchiveError where the store refuses to list or fails, with InterruptedError once the signal fires. */
export async function gatherCases(request: GatherRequest): Promise<ArchivedCases> {
  const { archive, partition, offer, signal, onCommit } = request;
  const [caseIds, gone, changedUpstream] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const cases = new Map<string, ArchivedCase & { rows: ArchivedRow[]; raw: ArchivedRaw[] }>();
  const problems: string[] = [];
  let newest: Manifest | null = null;
  const keep = (caseId: string) => {
    caseIds.add(caseId);
    const { isDrawn, evicted } = offer(caseId);
    if (evicted !== undefined) cases.delete(evicted);
    if (!isDrawn) return null;
    const kept = cases.get(caseId) ?? { caseId, rows: [], raw: [] };
    cases.set(caseId, kept);
    return kept;
  };
  const wants = (caseId: string) => keep(caseId) !== null;
  const commits = mapInOrder(manifestsIn(archive, partition), COMMITS_AT_ONCE, async (manifest) =>
    isUnread(manifest) ? manifest : { manifest, files: await filesOf(archive, manifest) },
  );
  for await (const commit of commits) {
    if (signal.aborted) throw new InterruptedError();
    if ('problem' in commit) {
      problems.push(`Manifest ${commit.seq} cannot be read: ${commit.problem}`);
      continue;
    }
    const { manifest, files } = commit;
    newest = manifest;
    onCommit(partition, manifest.seq);
    for (const caseId of manifest.gone) gone.add(caseId);
    for (const caseId of manifest.changedUpstream ?? []) changedUpstream.add(caseId);
    problems.push(...files.problems);
    try {
      for (const row of await rowsOf(files.rows, wants)) keep(row.case_id ?? '')?.rows.push(row);
      for (const { caseId, raw } of rawOf(files.quarantine, manifest)) keep(caseId)?.raw.push(raw);
    } catch (error) {
      // What a reader of damaged bytes says may quote them.
      problems.push(
        `A file of commit ${manifest.seq} cannot be read (${error instanceof Error ? error.name : 'error'}).`,
      );
    }
  }
  return { newest, caseIds, cases, gone, changedUpstream, problems, isWhollyRead: problems.length === 0 };
}

interface CommitFiles {
  readonly rows: Uint8Array | null;
  readonly quarantine: Uint8Array | null;
  readonly problems: readonly string[];
}

/** A file that is not there holds nothing: then its events are missing, and that is what the comparison says. */
async function filesOf(archive: Archive, { objects, seq }: Manifest): Promise<CommitFiles> {
  const problems: string[] = [];
  const get = async (prefix: string): Promise<Uint8Array | null> => {
    const key = objects.find((object) => object.key.startsWith(prefix))?.key;
    if (key === undefined) return null;
    try {
      return (await archive.get(key))?.bytes ?? null;
    } catch (error) {
      if (!(error instanceof ArchiveError)) throw error;
      problems.push(`${key} of commit ${seq}: ${error.message}`);
      return null;
    }
  };
  const [rows, quarantine] = await Promise.all([get('field_changes/'), get('quarantine/')]);
  return { rows, quarantine, problems };
}

/** Rows of the cases that are wanted. Ids are read first: most files hold nothing that anybody asks for. */
async function rowsOf(bytes: Uint8Array | null, wants: (caseId: string) => boolean): Promise<ArchivedRow[]> {
  if (bytes === null) return [];
  const metadata = parquetMetadata(bytes);
  const there = new Set(metadata.schema.map(({ name }) => name));
  const read = (columns: string[]) => readRows(bytes, { metadata, columns: columns.filter((name) => there.has(name)) });
  const ids = new Set((await read(['case_id'])).map((row) => String(row['case_id'])));
  const wanted = new Set([...ids].filter(wants));
  if (wanted.size === 0) return [];
  const names = COLUMNS.map(({ name }) => name).filter((name) => there.has(name));
  const rows = await read(names);
  return rows.filter((row) => wanted.has(String(row['case_id']))).map((row) => asArchived(row, names));
}

/** Null is a value; undefined says that the file has no such column. */
function asArchived(row: Record<string, unknown>, names: readonly string[]): ArchivedRow {
  const columns = Object.fromEntries(names.map((name) => [name, row[name] ?? null]));
  return { ...columns, commit_seq: Number(row['commit_seq']) } as unknown as ArchivedRow;
}

function rawOf(bytes: Uint8Array | null, { domainId, seq }: Manifest): { caseId: string; raw: ArchivedRaw }[] {
  if (bytes === null) return [];
  const { events } = parseQuarantine(bytes, { domainId, seq });
  return events.map(({ caseId, eventKey, emitted, event }) => ({
    caseId: caseId.toWellFormed(),
    raw: { commit: seq, eventKey, emitted, event },
  }));
}
