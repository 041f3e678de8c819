import type { RetryEntry } from '../domain/case-items';
import { IntegrityError } from '../domain/errors';
import {
  fieldChangesKey,
  fieldsKey,
  manifestKey,
  noteKey,
  prefixOfStaged,
  quarantineKey,
  redoLogKey,
  stagedKey,
} from '../domain/keys';
import { type Manifest, parseManifest, parseRedoLog, type RedoLog } from '../domain/manifest';
import type { CommitHead, DomainState } from '../domain/state';
import { sha256 } from '../domain/stored-form';
import type { ObjectStore } from '../ports';
import { type Dependencies, now, type Run } from '../run/run';
import { publishNote } from './stage';

/** Number of concurrent item writes. */
const TABLE_WRITES_AT_ONCE = 16;

/** The parts of a run that publish. */
type Publisher = Pick<Run, 'domainId' | 'counters'> & {
  readonly deps: Pick<Dependencies, 'objects' | 'checkpoints'>;
};

/** Thrown where a staged object is missing: perhaps another run has published the commit and tidied up. */
class StagedObjectMissing extends Error {}

/**
 * Publishes a commit that was made: objects, ledger, manifest, its note, then `applied`. The live run and redo share
 * this path: any number of writers may follow it at the same time, or again, and the outcome is the same bytes.
 * @throws IntegrityError if a final key holds other bytes, or a staged object is missing that nobody has published.
 */
export async function publish(publisher: Publisher, head: CommitHead): Promise<void> {
  try {
    await publishStaged(publisher, head);
  } catch (error) {
    if (!(error instanceof StagedObjectMissing)) throw error;
    if (await isWhollyPublished(publisher, head)) return;
    const state = await publisher.deps.checkpoints.readState(publisher.domainId);
    if (state !== null && state.applied >= head.seq) return;
    throw new IntegrityError(
      `Commit ${head.seq} of domain ${publisher.domainId} was made but cannot be published: ${error.message} is not in the work bucket, and applied is ${state?.applied ?? 'unknown'}. Nothing further is exported. Restore the object from a backup of the work bucket (runbook, "unpublished-commit").`,
    );
  }
}

/**
 * The manifest is staged last but for the note, whose text follows from it. So once the manifest is published only
 * those two can be missing, and nothing staged is needed any more. The exception is a table restored to a moment inside
 * the publish: it lacks part of the ledger, and its `redone` does not name this commit.
 */
async function isWhollyPublished(publisher: Publisher, head: CommitHead): Promise<boolean> {
  const { domainId, deps } = publisher;
  const { objects, checkpoints } = deps;
  const manifest = await objects.get('archive', manifestKey(domainId, head.seq));
  if (manifest === null || sha256(manifest) !== head.sha256) return false;
  const state = await checkpoints.readState(domainId);
  if (state !== null && state.applied < head.seq && state.redone !== head.sha256) throw restoredInside(domainId, head);
  const parsed = parseManifest(manifest, { domainId, seq: head.seq });
  await publishNote(publisher, null, { manifest: parsed, sha256: head.sha256 });
  return checkpoints.markApplied(domainId, head.seq);
}

function restoredInside(domainId: string, head: CommitHead): IntegrityError {
  return new IntegrityError(
    `Commit ${head.seq} of domain ${domainId} is published and its staged objects are gone, but the table does not say that its ledger entries were all written: the table was restored to a moment while that commit was published. Nothing was exported, as its rows would come twice. Restore the table to a later moment (runbook, "Table and archive disagree").`,
  );
}

async function publishStaged(publisher: Publisher, head: CommitHead): Promise<void> {
  const { domainId, deps } = publisher;
  const { objects, checkpoints } = deps;
  const prefix = prefixOfStaged(head.manifestKey, manifestKey(domainId, head.seq));
  const manifestBytes = await readStaged(objects, head.manifestKey, head.sha256);
  const manifest = parseManifest(manifestBytes, { domainId, seq: head.seq }, head.manifestKey);
  await checkPrevious(publisher, manifest);

  for (const object of manifest.objects) {
    await putFinal(objects, object.key, await readStaged(objects, stagedKey(prefix, object.key), object.sha256));
  }
  const redoAt = redoLogKey(prefix);
  await applyRedoLog(publisher, parseRedoLog(await readStaged(objects, redoAt, manifest.redo.sha256), redoAt));
  if (!(await checkpoints.markRedone(domainId, head))) await checkAppliedBySomebody(publisher, head);
  await putFinal(objects, manifestKey(domainId, head.seq), manifestBytes);
  await publishNote(publisher, prefix, { manifest, sha256: head.sha256 });
  if (!(await checkpoints.markApplied(domainId, head.seq))) await checkAppliedBySomebody(publisher, head);
  await tidyUp(publisher, prefix, head, manifest);
}

/** The archive has to hold the commit before this one; otherwise it is not the archive of this chain. */
async function checkPrevious(
  { domainId, deps: { objects } }: Publisher,
  { seq, previousSha256 }: Manifest,
): Promise<void> {
  if (previousSha256 === null) return;
  const previous = await objects.get('archive', manifestKey(domainId, seq - 1));
  if (previous !== null && sha256(previous) === previousSha256) return;
  throw new IntegrityError(
    `Commit ${seq} of domain ${domainId} follows a manifest with SHA-256 ${previousSha256}, but the archive ${previous === null ? 'has no manifest' : 'holds another manifest'} ${manifestKey(domainId, seq - 1)}. Nothing was published. Was the bucket switched? (runbook, "Table and archive disagree")`,
  );
}

async function checkAppliedBySomebody({ domainId, deps: { checkpoints } }: Publisher, head: CommitHead): Promise<void> {
  const state = await checkpoints.readState(domainId);
  if (state !== null && state.applied >= head.seq) return;
  throw new IntegrityError(
    `Commit ${head.seq} of domain ${domainId} is published, but the table does not know it any more (head ${state?.head?.seq ?? 'none'}, applied ${state?.applied ?? 'unknown'}). Was the table restored meanwhile? (runbook, "Table and archive disagree")`,
  );
}

async function readStaged(objects: ObjectStore, key: string, expectedSha256: string): Promise<Uint8Array> {
  const bytes = await objects.get('work', key);
  if (bytes === null) throw new StagedObjectMissing(key);
  const found = sha256(bytes);
  if (found === expectedSha256) return bytes;
  throw new IntegrityError(
    `The staged object ${key} has SHA-256 ${found}, but the commit was made with ${expectedSha256}. Nothing further is exported. Find out who wrote to the staging prefix.`,
  );
}

/** Writes where nothing is stored. Existing bytes have to be equal: then another run has published before. */
async function putFinal(objects: ObjectStore, key: string, bytes: Uint8Array): Promise<void> {
  if ((await objects.putIfAbsent('archive', key, bytes)) === 'created') return;
  const found = await objects.get('archive', key);
  if (found !== null && sha256(found) === sha256(bytes)) return;
  throw new IntegrityError(
    `Other bytes stand at ${key} (SHA-256 ${found === null ? 'unknown' : sha256(found)}, expected ${sha256(bytes)}). They were left alone and nothing further is exported. Final keys are written once: find out who wrote there.`,
  );
}

async function applyRedoLog({ domainId, deps: { checkpoints } }: Publisher, redo: RedoLog): Promise<void> {
  const ids = redo.eventIds.map(({ caseId, part, base64 }) => ({
    caseId,
    seq: redo.seq,
    part,
    ids: Buffer.from(base64, 'base64'),
  }));
  await allOf([
    () => checkpoints.putEventIds(domainId, ids),
    ...redo.retries.map((entry: RetryEntry) => () => checkpoints.putRetry(domainId, entry)),
  ]);
  // A record says "completely read", so it follows the ids that it speaks for. Each write has its condition, even for a
  // case that the table did not have: a late publisher must not put the first record over one that says since when the
  // case waits, or that it is gone. The proof of a period rests on it.
  await allOf(redo.heads.map((record) => () => checkpoints.putCaseRecord(domainId, record)));
}

async function allOf(writes: readonly (() => Promise<unknown>)[]): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let write = writes[next++]; write !== undefined; write = writes[next++]) await write();
  };
  const settled = await Promise.allSettled(Array.from({ length: TABLE_WRITES_AT_ONCE }, worker));
  const failed = settled.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

async function tidyUp(
  { deps: { objects }, counters }: Publisher,
  prefix: string,
  head: CommitHead,
  manifest: Manifest,
): Promise<void> {
  const objectKeys = manifest.objects.map(({ key }) => stagedKey(prefix, key));
  const notes = manifest.signingKeys === undefined ? [] : [stagedKey(prefix, noteKey(manifest.domainId, manifest.seq))];
  const staged = [...objectKeys, redoLogKey(prefix), ...notes, head.manifestKey];
  const settled = await Promise.allSettled(staged.map((key) => objects.delete('work', key)));
  for (const result of settled) {
    // Lifecycle removes the object after 90 days; the commit itself is whole.
    if (result.status === 'rejected') counters.anomaly('staged-object-left', { seq: head.seq });
  }
}

/** Publishes a commit that was made but not wholly published; nothing else starts before that. */
export async function recoverLastCommit(run: Run): Promise<void> {
  const { domainId, deps, published } = run;
  const { state } = published;
  await publishLastCommit(run);
  if (state.openRetries === 0) return;
  published.learnRetries(await deps.checkpoints.readOpenRetries(domainId));
  // Tables of earlier builds, and of a voided commit, may hold entries that the count does not include.
  const isCounted = state.idsHaveRecords;
  if (isCounted && published.openRetries.size !== state.openRetries) throw otherRetries(run, state.openRetries);
}

/** Runs `recover` for a run, which continues from the state returned. Adopts nothing if it throws. */
export async function publishLastCommit(run: Run): Promise<void> {
  run.published.recovered(await recover(run, run.published.state, now(run)));
}

/**
 * Publishes a commit that was made but not wholly published, then checks that archive and table end at the same commit.
 * The state returned has `applied = head.seq`.
 * @throws IntegrityError if the table was restored to an earlier day, or another bucket has the same name.
 */
export async function recover(publisher: Publisher, state: DomainState, now: number): Promise<DomainState> {
  const { head } = state;
  const isWhole = head === null || state.applied >= head.seq;
  if (!isWhole) await publish(publisher, head);
  const recovered = isWhole ? state : { ...state, applied: head.seq };
  await checkEndOfChain(publisher, recovered, now);
  return recovered;
}

async function checkEndOfChain(
  { domainId, deps: { objects } }: Publisher,
  state: DomainState,
  now: number,
): Promise<void> {
  const { head } = state;
  const seq = head?.seq ?? 0;
  const next = seq + 1;
  const objectKeys = [fieldsKey(domainId, next), quarantineKey(domainId, next), ...rowKeysBeyond(domainId, state, now)];
  const keysBeyond = [manifestKey(domainId, next), ...objectKeys];
  const [last, ...beyond] = await Promise.all([
    head === null ? null : objects.get('archive', manifestKey(domainId, seq)),
    ...keysBeyond.map((key) => objects.get('archive', key)),
  ]);
  if (head !== null && (last == null || sha256(last) !== head.sha256)) {
    throw new IntegrityError(
      `The table says that commit ${seq} is the last of domain ${domainId}, but the archive ${last == null ? 'has no manifest of that number' : 'holds another manifest of that number'} (${manifestKey(domainId, seq)}). Nothing was exported. Was the bucket switched? (runbook, "Table and archive disagree")`,
    );
  }
  const found = keysBeyond.filter((_, index) => beyond[index] !== null);
  if (found.length > 0) {
    throw new IntegrityError(
      `The table says that commit ${seq} is the last of domain ${domainId}, but the archive already holds ${beyond[0] == null ? 'an object' : 'a manifest'} of commit ${next} (${found[0]}). Nothing was exported. Was the table restored to an earlier day, or made anew? (runbook, "Table and archive disagree")`,
    );
  }
}

/**
 * Days on which a commit after the last one may have begun to publish its rows before the table was restored: after a
 * long silence, the days after the last commit; for a domain without commits, whose table may be new, the days before
 * today.
 */
const MAX_DAYS_BEYOND = 31;
const DAY_MS = 86_400_000;

/**
 * Returns the keys where the next commit's rows would be, had it been made and the table restored during its publish.
 */
function rowKeysBeyond(domainId: string, { head, lastExportDate }: DomainState, now: number): string[] {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const first = lastExportDate === null ? today - (MAX_DAYS_BEYOND - 1) * DAY_MS : Date.parse(lastExportDate);
  const days = Math.min(MAX_DAYS_BEYOND, Math.max(1, Math.floor((now - first) / DAY_MS) + 1));
  return Array.from({ length: days }, (_, day) =>
    fieldChangesKey(domainId, new Date(first + day * DAY_MS).toISOString().slice(0, 10), (head?.seq ?? 0) + 1),
  );
}

function otherRetries({ domainId, published: { openRetries } }: Run, expected: number): IntegrityError {
  return new IntegrityError(
    `The table holds ${openRetries.size} open entries of the retry list of domain ${domainId}, but its STATE counts ${expected}. Nothing was exported, as a case that is owed may be forgotten. Was part of the table restored or deleted? (runbook, "Table and archive disagree")`,
  );
}
