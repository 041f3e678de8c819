import { type RetryEntry, storedParts } from '../domain/case-items';
import { accountOf } from '../domain/debts';
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
import type { CommitHead, CommittedState } from '../domain/state';
import { sha256, storedBytes } from '../domain/stored-form';
import type { Run } from '../run/run';
import { signNote } from './note';

/** One object of a commit, before it is staged. */
export interface Staged {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly facts?: Pick<ManifestObject, 'rows' | 'firstPerformedTime' | 'lastPerformedTime'>;
}

/** The objects of a commit, and the digest that binds each of its cases. */
export interface CommitContent {
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
