/** What the manifests of a domain say, and which of the files that they name are there. Reads manifests and listings, never a row. */
import type { Manifest, ManifestObject } from '../../../lambda/export/domain/manifest';
import type { Archive } from '../archive/archive';
import { commitsBelow, isUnread, manifestsIn, type UnreadManifest } from '../archive/manifests';
import { InterruptedError } from '../outcome';
import type { Period } from './period';

export interface DomainRecord {
  /** In the order of their numbers. All but the newest lack what only the newest is asked for: gaps, objects and lists of cases. */
  readonly manifests: readonly Manifest[];
  readonly newest: Manifest | null;
  readonly unread: readonly UnreadManifest[];
  /** Rows by commit as manifests count them, of row files that are there with the size that they have to have. */
  readonly rowsByCommit: ReadonlyMap<number, number>;
  readonly rowFiles: RowFiles;
}

export interface RowFiles {
  /** Files that a manifest names, and that are missing or of another size. */
  readonly missing: number;
  /** Row files that no manifest names. */
  readonly unnamed: number;
  /** Files that hold a change of the period, by the times that their manifests name. */
  readonly ofPeriod: number;
  /** Rows of those files, of which some may be of other times. */
  readonly rowsAtMost: number;
}

export interface GatherRequest {
  readonly archive: Archive;
  readonly partition: string;
  readonly period: Period;
  readonly signal: AbortSignal;
  readonly onCommit: (partition: string, seq: number) => void;
}

/** Rejects with ArchiveError where the store refuses or fails, with InterruptedError once the signal fires. */
export async function gather(request: GatherRequest): Promise<DomainRecord> {
  const { archive, partition, period, signal, onCommit } = request;
  const manifests: Manifest[] = [];
  const unread: UnreadManifest[] = [];
  const named = new Map<string, NamedFile>();
  let newest: Manifest | null = null;
  for await (const found of manifestsIn(archive, partition)) {
    if (signal.aborted) throw new InterruptedError();
    onCommit(partition, found.seq);
    if (isUnread(found)) {
      unread.push(found);
      continue;
    }
    newest = found;
    manifests.push(slim(found));
    for (const object of found.objects) {
      if (object.rows !== undefined) named.set(object.key, namedFile(object, found.seq, period));
    }
  }
  // After the manifests: rows are published before theirs, so that what is named was there when it was named.
  return { manifests, newest, unread, ...(await compare(request, named)) };
}

interface NamedFile {
  readonly seq: number;
  readonly rows: number;
  readonly bytes: number;
  readonly isOfPeriod: boolean;
}

function namedFile(object: ManifestObject, seq: number, { from, until }: Period): NamedFile {
  const { rows = 0, bytes, firstPerformedTime, lastPerformedTime } = object;
  const first = firstPerformedTime === undefined ? Number.NEGATIVE_INFINITY : Date.parse(firstPerformedTime);
  const last = lastPerformedTime === undefined ? Number.POSITIVE_INFINITY : Date.parse(lastPerformedTime);
  return { seq, rows, bytes, isOfPeriod: first < until && (from === null || last >= from) };
}

async function compare(
  { archive, partition, signal }: GatherRequest,
  named: Map<string, NamedFile>,
): Promise<Pick<DomainRecord, 'rowsByCommit' | 'rowFiles'>> {
  const rowsByCommit = new Map<number, number>();
  const add = (seq: number, rows: number) => rowsByCommit.set(seq, (rowsByCommit.get(seq) ?? 0) + rows);
  const counts = { unnamed: 0, ofPeriod: 0, rowsAtMost: 0 };
  let found = 0;
  for await (const { seq, key, size } of commitsBelow(archive, `field_changes/domain_id=${partition}/`)) {
    if (signal.aborted) throw new InterruptedError();
    const file = named.get(key);
    if (file === undefined) {
      counts.unnamed += 1;
      // How many rows it holds only a reader would know; none is what no row file holds.
      add(seq, 1);
    } else if (file.bytes === size) {
      found += 1;
      add(file.seq, file.rows);
      if (file.isOfPeriod) {
        counts.ofPeriod += 1;
        counts.rowsAtMost += file.rows;
      }
    }
  }
  return { rowsByCommit, rowFiles: { ...counts, missing: named.size - found } };
}

/** Without what grows with the domain: a chain of years must fit into memory. */
function slim({ waiting: _, halfRead: __, changedUpstream: ___, ...manifest }: Manifest): Manifest {
  return {
    ...manifest,
    counts: { ...manifest.counts, calls: {} },
    objects: [],
    gaps: [],
    gone: [],
  };
}
