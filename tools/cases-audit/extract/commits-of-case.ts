/**
 * What each commit of an archive says of one case, as text that proves itself without the other cases: slice, list,
 * note.
 */

import { caseDigests, caseSalt, digestList, parseSeed, sliceOf } from '../../../lambda/export/domain/case-slice';
import { noteText, parseNote, signedNote } from '../../../lambda/export/domain/commit-note';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import { parseQuarantine, type Quarantine } from '../../../lambda/export/domain/quarantine';
import { sha256 as sha256Of } from '../../../lambda/export/domain/stored-form';
import type { DomainCommit } from '../../timeline/evidence';
import type { Archive } from '../archive/archive';
import { noteKeyIn } from '../archive/archive-keys';
import { readStoredManifest } from '../archive/manifests';
import type { AnsweredCase, AnswerRequest } from '../case/answer';
import { InterruptedError } from '../outcome';
import { placedKinds } from '../verify/object-check';
import { type FileRow, readRowFile } from '../verify/row-file';

/** A commit that says something of the case, bound or not. */
export interface CommitOfCase {
  readonly commit: DomainCommit;
  readonly rows: number;
  readonly quarantined: number;
  /** Null where the case cannot be bound to the commit's note: `why` says it. */
  readonly bound: BoundSlice | null;
  readonly why: string | null;
}

interface BoundSlice {
  readonly slice: Uint8Array;
  readonly sliceSha256: string;
  /** The list of digests of all cases of the commit, and how many they are. */
  readonly list: string;
  readonly digests: number;
  readonly note: Uint8Array;
  readonly manifest: Manifest;
}

type SliceRequest = Pick<AnsweredCase, 'archive' | 'found'> & Pick<AnswerRequest, 'caseId' | 'signal'>;

/** By number. Rejects with InterruptedError, and with ArchiveError where the store refuses or fails. */
export async function commitsOfCase(request: SliceRequest): Promise<CommitOfCase[]> {
  const { found, signal } = request;
  const withRows = new Set(found.rows.map(({ commitSeq }) => commitSeq));
  const commits: CommitOfCase[] = [];
  for (const commit of found.commits) {
    if (signal.aborted) throw new InterruptedError();
    if (!withRows.has(commit.seq) && !commit.objects.some(({ key }) => key.startsWith('quarantine/'))) continue;
    const read = await commitOfCase(request, commit);
    if (read !== null) commits.push(read);
  }
  return commits;
}

/** Null where the commit says nothing of the case. */
async function commitOfCase(request: SliceRequest, commit: DomainCommit): Promise<CommitOfCase | null> {
  const { archive, caseId, found } = request;
  const stored = await archive.get(commit.key);
  const manifest = stored === null ? null : readStoredManifest(commit.key, stored.bytes);
  if (manifest === null || 'problem' in manifest) return null;
  const data = await dataOf(archive, found.partition, manifest);
  const rows = data.rows.filter(({ case_id }) => case_id === caseId);
  const events = (data.quarantine?.events ?? []).filter((event) => event.caseId.toWellFormed() === caseId);
  if (rows.length + events.length === 0) return null;
  const counts = { commit, rows: rows.length, quarantined: events.length };
  if (data.why !== null) return { ...counts, bound: null, why: data.why };
  const raw = events.map(({ event }) => event);
  const bound = bind(manifest, data, caseId, rows, raw);
  if (typeof bound === 'string') return { ...counts, bound: null, why: bound };
  const note = await noteOf(archive, found.partition, commit, manifest);
  if (typeof note === 'string') return { ...counts, bound: null, why: note };
  return { ...counts, bound: { ...bound, note, manifest }, why: null };
}

interface SlicedData {
  readonly rows: readonly FileRow[];
  readonly quarantine: Quarantine | null;
  readonly seeds: ReadonlySet<string>;
  /** Why nothing of it can be bound; else null. */
  readonly why: string | null;
}

/** All rows and quarantined events of a commit: a list is made of all cases. */
async function dataOf(archive: Archive, partition: string, manifest: Manifest): Promise<SlicedData> {
  const seeds = new Set<string>();
  let [rows, quarantine, why]: [readonly FileRow[], Quarantine | null, string | null] = [[], null, null];
  for (const [kind, object] of placedKinds(manifest, partition)) {
    if (kind === 'fields') continue;
    const stored = await archive.get(object.key);
    if (stored === null || sha256Of(stored.bytes) !== object.sha256) {
      why = `${object.key} is missing, or not what its manifest lists`;
    } else if (kind === 'quarantine') {
      quarantine = quarantineIn(stored.bytes, manifest);
      if (quarantine === null) why = `${object.key} cannot be read`;
      if (quarantine?.caseSalt !== undefined) seeds.add(quarantine.caseSalt);
    } else {
      const file = await readRowFile(stored.bytes, manifest, object);
      rows = file.rows;
      if (file.seed !== undefined) seeds.add(file.seed);
      if (file.problems.length > 0) why = `${object.key} is not what its manifest says of it`;
    }
  }
  return { rows, quarantine, seeds, why };
}

function quarantineIn(bytes: Uint8Array, { domainId, seq }: Manifest): Quarantine | null {
  try {
    return parseQuarantine(bytes, { domainId, seq });
  } catch {
    return null;
  }
}

/** The slice and the list that holds its digest; or why there is none that the manifest vouches for. */
function bind(
  { domainId, seq, cases }: Manifest,
  { rows, quarantine, seeds }: SlicedData,
  caseId: string,
  ofCase: readonly FileRow[],
  raw: readonly unknown[],
): Omit<BoundSlice, 'note' | 'manifest'> | string {
  if (cases === undefined) return 'a build that kept no list of cases made it';
  const [seed, other] = seeds;
  if (seed === undefined || other !== undefined) return 'the seed of its list of cases is missing, or there are two';
  try {
    const bytes = parseSeed(seed);
    const list = digestList(caseDigests({ domainId, seq, seed: bytes }, rows, quarantine?.events).values());
    if (list.sha256 !== cases.sha256) return 'its rows do not make the list of cases that its manifest names';
    const slice = sliceOf({ domainId, commitSeq: seq, caseId, salt: caseSalt(bytes, caseId) }, ofCase, raw);
    return { slice, sliceSha256: sha256Of(slice), list: list.text, digests: list.count };
  } catch {
    return 'its rows are none of which a list of cases can be made';
  }
}

/**
 * The note as it is stored; where none is, its text without a signature, as the exporter would write it. A text says
 * why not.
 */
async function noteOf(
  archive: Archive,
  partition: string,
  { seq, sha256 }: DomainCommit,
  manifest: Manifest,
): Promise<Uint8Array | string> {
  const text = noteText(manifest, sha256);
  const stored = await archive.get(noteKeyIn(partition, seq));
  if (stored === null) return signedNote(text, []);
  try {
    if (parseNote(stored.bytes).text === text) return stored.bytes;
  } catch {
    // As wrong as the note of another commit.
  }
  return 'its note is not the note of its manifest';
}
