/** Where an archive holds rows of a case. Only files that a manifest lists, with the bytes that it names, are data. */

import { parquetMetadata } from 'hyparquet';
import { sha256 as sha256Of } from '../../../lambda/export/domain/stored-form';
import { compareCodeUnits } from '../../../lambda/export/domain/values';
import { readRows } from '../../../lambda/export/parquet/read-back';
import { type DomainCommit, readCommits, readQuarantine } from '../../timeline/evidence';
import { type ChangeRow, changeRowOf, compareChanges } from '../../timeline/facts';
import type { Archive } from '../archive/archive';
import { commitKeyOf } from '../archive/archive-keys';
import { partitionsOf } from '../archive/manifests';
import { InterruptedError, WrongCallError } from '../outcome';
import { mapInOrder } from '../verify/in-order';
import { decode } from '../verify/row-file';
import { counted, editDistance, printable } from '../words';

const FILES_AT_ONCE = 8;

export interface CaseRequest {
  readonly archive: Archive;
  readonly caseId: string;
  /** By its id, or as keys name it; undefined for whichever holds the case. */
  readonly domain: string | undefined;
  /** Epoch ms: commits that were exported later are left out; null for all. */
  readonly asOf: number | null;
  readonly signal: AbortSignal;
  readonly onCommit: (domain: string, seq: number) => void;
}

export interface FoundCase {
  readonly partition: string;
  /** Of the domain, by number, none later than asked for. At least one. */
  readonly commits: readonly DomainCommit[];
  /** Commits from this one on are later than asked for; null where none is. */
  readonly endsBefore: number | null;
  /** At least one, in the order of the page. */
  readonly rows: readonly ChangeRow[];
  /** Row files that are missing, not what their manifests list, or no Parquet: rows of the case may be in them. */
  readonly unsound: readonly { readonly seq: number; readonly key: string }[];
}

/** The archive knows of the case, and holds no row of it that could be shown: for people to read. */
export class NoRowsError extends Error {
  override readonly name = 'NoRowsError';

  constructor(
    message: string,
    /**
     * `not-complete`: something is owed or contradicts · `unread`: rows of it may be in what could not be looked at.
     */
    readonly reason: 'not-complete' | 'unread',
  ) {
    super(message);
  }
}

/**
 * Reads the ids of every row that manifests list.
 * @throws WrongCallError for a case that is not there or is in several domains; NoRowsError; InterruptedError once the
 * signal fires. Rejects with ArchiveError where the store refuses or fails.
 */
export async function findCase(request: CaseRequest): Promise<FoundCase> {
  const { archive, caseId, domain } = request;
  const partitions = await partitionsOf(archive, domain);
  const neighbours = new Neighbours();
  const domains: FoundCase[] = [];
  for (const partition of partitions) domains.push(await rowsOf(request, partition, neighbours));
  const found = domains.filter(({ rows }) => rows.length > 0);
  if (found.length > 1) {
    const names = found.map(nameOf).join(', ');
    throw new WrongCallError(
      `The case ${printable(caseId)} is in several domains: expected --domain with one of ${names}.`,
    );
  }
  const [one] = found;
  if (one !== undefined) return one;
  throw await whyNot(request, domains, neighbours);
}

async function rowsOf(request: CaseRequest, partition: string, neighbours: Neighbours): Promise<FoundCase> {
  const { archive, caseId, asOf, signal, onCommit } = request;
  const all = await readCommits(archive, partition);
  // A prefix of the chain: the time of a commit that an operator voided may lie before that of the one before it.
  const end = asOf === null ? all.length : all.findLastIndex(({ exportedAt }) => Date.parse(exportedAt) <= asOf) + 1;
  const [commits, later] = [all.slice(0, end), all[end]];
  const rows: ChangeRow[] = [];
  const unsound: { seq: number; key: string }[] = [];
  const files = mapInOrder(filesOf(partition, commits), FILES_AT_ONCE, async ({ seq, key, sha256 }) => {
    if (signal.aborted) throw new InterruptedError();
    onCommit(partition, seq);
    const stored = await archive.get(key);
    const isSound = stored !== null && sha256Of(stored.bytes) === sha256;
    return { seq, key, found: isSound ? await rowsIn(stored.bytes, caseId, neighbours) : null };
  });
  for await (const { seq, key, found } of files) {
    if (found === null) unsound.push({ seq, key });
    else for (const row of found) rows.push(changeRowOf(row, key));
  }
  return { partition, commits, endsBefore: later?.seq ?? null, rows: rows.sort(compareChanges), unsound };
}

function filesOf(partition: string, commits: readonly DomainCommit[]) {
  const listed = commits.flatMap(({ seq, objects }) => objects.map(({ key, sha256 }) => ({ seq, key, sha256 })));
  return listed.filter(({ seq, key }) => {
    const place = commitKeyOf(key);
    return place?.kind === 'field_changes' && place.partition === partition && place.seq === seq;
  });
}

/** Null for bytes that are no Parquet. */
async function rowsIn(bytes: Uint8Array, caseId: string, neighbours: Neighbours): Promise<object[] | null> {
  try {
    const metadata = parquetMetadata(bytes);
    const ids = (await readRows(bytes, { metadata, columns: ['case_id'] })).map((row) => String(row['case_id']));
    for (const id of ids) if (id !== caseId) neighbours.add(id);
    // Most files hold nothing of the case: their other columns are not decoded.
    return ids.includes(caseId) ? (await decode(bytes, metadata)).filter(({ case_id }) => case_id === caseId) : [];
  } catch {
    return null;
  }
}

async function whyNot(
  { archive, caseId, asOf, domain }: CaseRequest,
  domains: readonly FoundCase[],
  neighbours: Neighbours,
): Promise<Error> {
  const id = printable(caseId);
  for (const each of domains) {
    const words = await owedWords(archive, each, caseId);
    if (words !== null) return new NoRowsError(words, 'not-complete');
  }
  const unsound = domains.flatMap((each) => each.unsound);
  if (unsound.length > 0) {
    return new NoRowsError(
      `No row of the case ${id} was found, and ${counted(unsound.length, 'file')} of rows could not be looked at, as they are missing or not what their manifests list; the first is ${unsound[0]?.key}. Run cases-audit verify.`,
      'unread',
    );
  }
  const unlisted = asOf === null ? domains.filter(lacksManifests) : [];
  if (unlisted.length > 0) {
    return new NoRowsError(
      `No row of the case ${id} was found, and manifests of ${unlisted.map(nameOf).join(', ')} are missing or cannot be read: nothing says what else is there. Run cases-audit verify.`,
      'unread',
    );
  }
  const where = domain === undefined ? archive.name : `domain ${domains.map(nameOf).join(', ')}`;
  const until = asOf === null ? '' : ` as of ${new Date(asOf).toISOString()}`;
  const nearest = neighbours.nearest(caseId).map(printable);
  const hint = nearest.length === 0 ? 'no case at all is there' : `the nearest ids are\n  ${nearest.join('\n  ')}`;
  return new WrongCallError(`There is no case ${id} in ${where}${until}: expected the id of an exported case; ${hint}`);
}

/** What the domain has of the case and no row shows; null if nothing. */
async function owedWords(archive: Archive, { commits }: FoundCase, caseId: string): Promise<string | null> {
  const id = printable(caseId);
  const gap = commits.at(-1)?.gaps.get(caseId);
  if (gap !== undefined) {
    const attempts = `${counted(gap.attempts, 'attempt')} since ${gap.since}`;
    return `No event of the case ${id} could be read yet: ${gap.cause}, ${attempts}. It is an open gap.`;
  }
  const { open, altered } = await readQuarantine(archive, commits, caseId);
  if (open + altered === 0) return null;
  return `The case ${id} has no row: ${counted(open, 'event')} of it could not be turned into rows and wait in quarantine. Replay it (cases-audit replay).`;
}

/** Numbers go from 1 on without a hole. */
function lacksManifests({ commits }: FoundCase): boolean {
  return commits.length === 0 || commits.at(-1)?.seq !== commits.length;
}

function nameOf({ partition, commits }: FoundCase): string {
  return commits.at(-1)?.domainId ?? partition;
}

const SHOWN = 5;
/** Beyond this many ids the hint leaves out the rest: memory is bounded. */
const MAX_IDS = 200_000;

/** Ids that somebody may have meant. */
class Neighbours {
  readonly #ids = new Set<string>();

  add(id: string): void {
    if (this.#ids.size < MAX_IDS) this.#ids.add(id);
  }

  /**
   * Up to five that look most like this one: those that begin with it first, then by the number of letters that differ.
   */
  nearest(id: string): string[] {
    const wanted = id.toLowerCase();
    const ranked = [...this.#ids].map((each) => {
      const lower = each.toLowerCase();
      return { each, rank: lower.startsWith(wanted) ? -1 : editDistance(lower, wanted) };
    });
    ranked.sort((a, b) => a.rank - b.rank || compareCodeUnits(a.each, b.each));
    return ranked.slice(0, SHOWN).map(({ each }) => each);
  }
}
