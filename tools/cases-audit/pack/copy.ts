/** Copies files of an archive into a bag, under their own keys, so that the copy can be checked as an archive. */
import type { Manifest } from '../../../lambda/export/domain/manifest';
import type { Archive } from '../archive/archive';
import { commitsBelow, isUnread, manifestsIn } from '../archive/manifests';
import type { AddFile } from '../bag/bag';
import { InterruptedError } from '../outcome';
import type { Period } from '../period/period';
import { mapInOrder } from '../verify/in-order';
import { placedKinds } from '../verify/object-check';

const FETCHES_AT_ONCE = 8;

interface CopyRequest {
  readonly archive: Archive;
  /** As keys name the domain. */
  readonly partition: string;
  /** The newest commit that was checked; later ones are left out. */
  readonly last: number;
  /**
   * Files of rows, quarantine and field dictionaries, too; of rows those that may hold a change of the period, all
   * where it is null.
   */
  readonly rows: { readonly period: Period | null } | null;
  readonly signal: AbortSignal;
  readonly add: AddFile;
  /** Told of each file. */
  readonly onFile: () => void;
}

export interface CopiedDomain {
  readonly domain: string;
  readonly commits: number;
  readonly notes: number;
  readonly rowFiles: number;
  /** Row files that manifests list and that were not copied: left out by the period, or not there. */
  readonly rowFilesLeftOut: number;
  /** Which code and which settings made its commits, by period: hashes, as the manifests have them. */
  readonly builds: readonly BuildRun[];
}

/**
 * Manifests and notes go in from the first commit on, as a chain is proven from its beginning. Bytes are copied as they
 * are, also those that are not what a manifest lists. Rejects with InterruptedError, and with ArchiveError where the
 * store refuses or fails.
 */
export async function copyDomain(request: CopyRequest): Promise<CopiedDomain> {
  const { archive, partition, last } = request;
  const commits = await copyAll(request, keysBelow(request, `manifests/domain_id=${partition}/`));
  const notes = await copyAll(request, keysBelow(request, `notes/domain_id=${partition}/`));
  let builds: readonly BuildRun[] = [];
  let [domain, rowFiles, left] = [partition, 0, 0];
  for await (const manifest of manifestsIn(archive, partition)) {
    if (request.signal.aborted) throw new InterruptedError();
    if (isUnread(manifest) || manifest.seq > last) continue;
    domain = manifest.domainId;
    builds = withCommit(builds, manifest);
    const listed = placedKinds(manifest, partition).filter(([kind]) => kind === 'field_changes').length;
    const copied = await copyObjects(request, manifest);
    rowFiles += copied;
    left += listed - copied;
  }
  return { domain, commits, notes, rowFiles, rowFilesLeftOut: left, builds };
}

/** How many files of rows were copied. */
async function copyObjects(request: CopyRequest, manifest: Manifest): Promise<number> {
  const { partition, rows } = request;
  if (rows === null) return 0;
  const isOf = isOfPeriod(manifest, rows.period);
  const keys = placedKinds(manifest, partition).filter(([kind]) => kind === 'fields' || isOf);
  let count = 0;
  for (const [kind, { key }] of keys) {
    const copied = await copyAll(request, [key]);
    if (kind === 'field_changes') count += copied;
  }
  return count;
}

function isOfPeriod({ objects, exportedAt }: Manifest, period: Period | null): boolean {
  if (period === null) return true;
  const file = objects.find(({ rows }) => rows !== undefined);
  // A quarantine alone names no times of its events.
  const first = Date.parse(file?.firstPerformedTime ?? exportedAt);
  const last = Date.parse(file?.lastPerformedTime ?? exportedAt);
  return first < period.until && (period.from === null || last >= period.from);
}

async function* keysBelow({ archive, last }: CopyRequest, prefix: string): AsyncGenerator<string, void> {
  for await (const { key, seq } of commitsBelow(archive, prefix)) if (seq <= last) yield key;
}

/** How many of them are there. */
async function copyAll(
  { archive, add, onFile }: CopyRequest,
  keys: AsyncIterable<string> | Iterable<string>,
): Promise<number> {
  let count = 0;
  const found = mapInOrder(keys, FETCHES_AT_ONCE, async (key) => ({ key, stored: await archive.get(key) }));
  for await (const { key, stored } of found) {
    if (stored === null) continue;
    add(`archive/${key}`, stored.bytes);
    onFile();
    count += 1;
  }
  return count;
}

export const BUILDS_FORMAT = 'cases-audit-builds/v1';

/** Commits in a row of one bundle and one set of settings. */
interface BuildRun {
  readonly bundleSha256: string;
  readonly settingsSha256: string;
  readonly firstCommit: number;
  readonly lastCommit: number;
  /** `exportedAt` of the first and the last, ISO 8601, UTC. */
  readonly from: string;
  readonly until: string;
}

/** `builds.json`. Members are added, never renamed or removed, within a version. */
export interface Builds {
  readonly format: typeof BUILDS_FORMAT;
  readonly domains: readonly { readonly domain: string; readonly runs: readonly BuildRun[] }[];
}

/** The runs with one commit more: the next one that could be read. */
function withCommit(
  runs: readonly BuildRun[],
  { seq, bundleSha256, settingsSha256, exportedAt }: Manifest,
): readonly BuildRun[] {
  const last = runs.at(-1);
  if (last !== undefined && last.bundleSha256 === bundleSha256 && last.settingsSha256 === settingsSha256) {
    return [...runs.slice(0, -1), { ...last, lastCommit: seq, until: exportedAt }];
  }
  const ends = { firstCommit: seq, lastCommit: seq, from: exportedAt, until: exportedAt };
  return [...runs, { bundleSha256, settingsSha256, ...ends }];
}
