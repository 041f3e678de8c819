/** Stages a commit with its note, and publishes the note, which never holds a commit back. */
import { type RetryEntry, storedParts } from '../domain/case-items';
import { noteText, parseNote, signatureLine, signedNote } from '../domain/commit-note';
import { accountOf } from '../domain/debts';
import { SigningError } from '../domain/errors';
import { manifestKey, noteKey, redoLogKey, stagedKey } from '../domain/keys';
import {
  gapsOf,
  MANIFEST,
  MANIFEST_VERSION,
  type Manifest,
  type ManifestCounts,
  type ManifestObject,
  REDO_LOG,
  REDO_VERSION,
  type RedoLog,
} from '../domain/manifest';
import { digestOfText, isSignedBy } from '../domain/note-keys';
import type { CommitHead, CommittedState } from '../domain/state';
import { sha256, storedBytes } from '../domain/stored-form';
import type { NoteSigner, ObjectStore } from '../ports';
import type { Run } from '../run/run';

/** One object of a commit, before it is staged. */
export interface Staged {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly facts?: Pick<ManifestObject, 'rows' | 'firstPerformedTime' | 'lastPerformedTime'>;
}

/** The objects of a commit, and the digest that binds each of its cases. */
interface CommitContent {
  readonly objects: readonly Staged[];
  /** Undefined only for a void commit that keeps the rows of an earlier build. */
  readonly cases: Manifest['cases'];
}

/** The staged commit: COMMIT has to make its head true. */
interface StagedCommit {
  readonly head: CommitHead;
  /** The note carries a signature. */
  readonly isSigned: boolean;
}

/**
 * A commit of any kind with everything that varies decided. Staging asks no clock, so it makes the same bytes every
 * time.
 */
export interface PlannedCommit {
  readonly seq: number;
  /** SHA-256 of the manifest before; null for the first. */
  readonly previousSha256: string | null;
  /** Run and time of the rows; for a void commit, those of the rows that it keeps. */
  readonly runId: string;
  readonly exportedAt: string;
  readonly exportDate: string;
  /** Called once. The bytes are not kept, so that publishing has the memory for itself. */
  readonly makeContent: () => Promise<CommitContent>;
  readonly redo: RedoLog;
  /** The retry list once this commit is made. */
  readonly openRetries: ReadonlyMap<string, RetryEntry>;
  readonly state: CommittedState;
  readonly livePassFinished: boolean;
  readonly counts: ManifestCounts;
  readonly changedUpstream: readonly string[];
  readonly gone: readonly string[];
  readonly voids: Manifest['voids'];
}

/**
 * Builds the ledger and retry changes of a commit. `newIds`: ledger ids by case, in parts numbered from `firstPart`.
 */
export function newRedoLog(
  { seq, heads, retries }: Pick<RedoLog, 'seq' | 'heads' | 'retries'>,
  newIds: Iterable<readonly [string, readonly string[]]>,
  firstPart = 0,
): RedoLog {
  const eventIds = [...newIds].flatMap(([caseId, ids]) =>
    storedParts(ids).map((bytes, index) => ({
      caseId,
      part: firstPart + index,
      base64: Buffer.from(bytes).toString('base64'),
    })),
  );
  return { version: REDO_VERSION, seq, eventIds, heads, retries };
}

/** Writes every byte of the commit to the staging prefix, which no reader looks at; the manifest and its note last. */
export async function stageCommit(run: Run, commit: PlannedCommit): Promise<StagedCommit> {
  const { domainId, deps, published } = run;
  const { seq } = commit;
  const prefix = published.newStagingPrefix(seq);
  const content = await commit.makeContent();
  const redoAt = redoLogKey(prefix);
  const manifestAt = stagedKey(prefix, manifestKey(domainId, seq));
  // Checks here what a publish or the table would refuse: after COMMIT there is no way back.
  const redo = storedBytes(REDO_LOG, redoAt, commit.redo);
  const manifest = manifestOf(run, commit, content, redo);
  const manifestBytes = storedBytes(MANIFEST, manifestAt, manifest);
  const head = { seq, manifestKey: manifestAt, sha256: sha256(manifestBytes) };
  for (const { key, bytes } of content.objects) await deps.objects.put('work', stagedKey(prefix, key), bytes);
  await deps.objects.put('work', redoAt, redo);
  await deps.objects.put('work', manifestAt, manifestBytes);
  const note = await signNote(run, manifest, head.sha256);
  if (note !== null) await deps.objects.put('work', stagedKey(prefix, noteKey(domainId, seq)), note);
  return { head, isSigned: note !== null };
}

/** The one builder of manifests; live, replay and void differ in the planned commit. */
function manifestOf(
  { domainId, fence, deps }: Run,
  commit: PlannedCommit,
  { objects, cases }: CommitContent,
  redo: Uint8Array,
): Manifest {
  const { state, openRetries } = commit;
  const signingKeys = deps.signers.map(({ key }) => key.sha256);
  return {
    version: MANIFEST_VERSION,
    domainId,
    seq: commit.seq,
    previousSha256: commit.previousSha256,
    runId: commit.runId,
    fence,
    exportDate: commit.exportDate,
    exportedAt: commit.exportedAt,
    lanes: state.lanes,
    livePassFinished: commit.livePassFinished,
    counts: commit.counts,
    objects: objects.map(({ key, bytes, facts }) => ({ key, sha256: sha256(bytes), bytes: bytes.length, ...facts })),
    redo: { sha256: sha256(redo), bytes: redo.length },
    gaps: gapsOf(openRetries.values()),
    debts: accountOf(openRetries.values(), state),
    history: state.history,
    unexplainedTouches: state.touches.accepted,
    changedUpstream: commit.changedUpstream,
    halfRead: state.halfRead.map(({ caseId, templateId, touched }) => ({ caseId, templateId, touched })),
    waiting: state.waiting,
    openQuarantine: state.openQuarantine,
    gone: commit.gone,
    voids: commit.voids,
    ...(cases === undefined ? {} : { cases }),
    ...(signingKeys.length === 0 ? {} : { signingKeys }),
    bundleSha256: deps.build.bundleSha256,
    settingsSha256: deps.build.settingsSha256,
  };
}

/** Time limit of a signature. With less time left the note goes out unsigned. */
const SIGNING_MS = 8_000;

/**
 * Builds the commit's note with the signatures of all keys that answered; null if none did. Never rejects: an event
 * that is not exported may be lost for ever, and the next signed note covers this commit, too.
 */
async function signNote(run: Run, manifest: Manifest, manifestSha256: string): Promise<Uint8Array | null> {
  const { signers } = run.deps;
  if (signers.length === 0) return null;
  const text = noteText(manifest, manifestSha256);
  const signed = await Promise.all(signers.map((signer) => signatureOf(run, signer, text)));
  const lines = signed.filter((line) => line !== null);
  return lines.length === 0 ? null : signedNote(text, lines);
}

async function signatureOf(
  { budget, counters }: Run,
  { name, key, sign }: NoteSigner,
  text: string,
): Promise<string | null> {
  const unsigned = (reason: string) => {
    counters.anomaly('note-unsigned', { keyId: key.id, reason });
    return null;
  };
  if (budget.remainingMs() < SIGNING_MS) return unsigned('no time left');
  try {
    const signature = await sign(digestOfText(text));
    // A signature of another key than the configured one would look like a forgery to a verifier.
    return isSignedBy(key, text, signature)
      ? signatureLine(name, key.id, signature)
      : unsigned('another key has signed');
  } catch (error) {
    return unsigned(error instanceof SigningError ? error.failure : 'failed');
  }
}

/**
 * Writes the note where none exists: the staged one, if it remains and matches the manifest, else an unsigned one,
 * whose text follows from the manifest. A different text at that key is left to whoever verifies the archive: the
 * export does not depend on notes, and a locked object could not be removed.
 * @param prefix staging prefix of the commit; null if nothing staged is left.
 */
export async function publishNote(
  { domainId, deps: { objects }, counters }: Pick<Run, 'domainId' | 'counters'> & { deps: { objects: ObjectStore } },
  prefix: string | null,
  { manifest, sha256 }: { readonly manifest: Manifest; readonly sha256: string },
): Promise<void> {
  const key = noteKey(domainId, manifest.seq);
  const text = noteText(manifest, sha256);
  const isSignedOne = prefix !== null && (manifest.signingKeys ?? []).length > 0;
  const staged = isSignedOne ? await objects.get('work', stagedKey(prefix, key)) : null;
  const note = staged !== null && textOf(staged) === text ? staged : signedNote(text, []);
  if ((await objects.putIfAbsent('archive', key, note)) === 'created') return;
  const found = await objects.get('archive', key);
  if (found === null || textOf(found) !== text) counters.anomaly('note-differs', { seq: manifest.seq });
}

/** Returns null if the bytes are not a note. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return parseNote(bytes).text;
  } catch {
    return null;
  }
}
