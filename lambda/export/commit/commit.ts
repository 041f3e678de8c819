import type { RetryEntry } from '../domain/case-items';
import { caseList, SEED_METADATA_KEY } from '../domain/case-slice';
import type { FieldChange } from '../domain/columns';
import { FencedOutError } from '../domain/errors';
import type { StoredDictionary } from '../domain/fields';
import { sortChanges } from '../domain/flatten';
import { fieldChangesKey, fieldsKey, quarantineKey } from '../domain/keys';
import type { ManifestCounts } from '../domain/manifest';
import { newQuarantine, openEvents, QUARANTINE } from '../domain/quarantine';
import type { CommitHead, CommittedState } from '../domain/state';
import { sha256, storedBytes, toJsonBytes } from '../domain/stored-form';
import type { RunCounters } from '../run/counters';
import type { HeldBatch } from '../run/open-batch';
import { now, type Run } from '../run/run';
import { publish } from './publish';
import { newRedoLog, type PlannedCommit, type Staged, stageCommit } from './stage';

/**
 * Number of heads and retry entries after which a commit is due, so that the limit of rows bounds them too. Bounds
 * memory and the redo log.
 */
const MIN_CASES_TO_COMMIT = 1_000;
const MAX_CASES_PER_COMMIT = 10_000;

/**
 * Commits the batch and the progress of the lanes.
 * @throws FencedOutError if another invocation has taken over: then nothing of this batch became visible.
 */
export async function commitBatch(run: Run, open: HeldBatch): Promise<void> {
  // A failed commit leaves stored state unknown, so later commits of this run rethrow its error.
  if (open.commitFailure !== null) throw open.commitFailure.reason;
  try {
    const startedAt = run.deps.clock.monotonic();
    const plan = planCommit(run, open);
    await makeCommit(run, plan);
    beginNextBatch(run, open, plan);
    run.budget.commitTook(run.deps.clock.monotonic() - startedAt);
  } catch (reason) {
    open.commitFailure = { reason };
    throw reason;
  }
}

/** Commits if the batch speaks of so many cases that it should not grow further. */
export async function commitIfFull(run: Run, open: HeldBatch): Promise<void> {
  const most = Math.min(MAX_CASES_PER_COMMIT, Math.max(MIN_CASES_TO_COMMIT, open.limits.maxRows));
  if (open.cases >= most) await commitBatch(run, open);
}

/** Commits the batch and the progress of the lanes, if either holds something new. */
export async function commitWhatIsNew(run: Run): Promise<void> {
  await run.batch.locked(async (open) => {
    if (hasSomethingToCommit(run)) await commitBatch(run, open);
  });
}

/**
 * Makes a commit of any kind: stage → COMMIT → publish → adopt. A crash before COMMIT leaves only staged objects; the
 * next run's recovery finishes a commit that a later crash interrupted.
 * @param voided the last commit, made and not published, if this one takes its place.
 * @throws FencedOutError if another invocation has taken over: then nothing of the commit became visible.
 */
export async function makeCommit(run: Run, commit: PlannedCommit, voided?: CommitHead): Promise<void> {
  const { domainId, fence, deps, published } = run;
  const { head, isSigned } = await stageCommit(run, commit);
  const signedAt = isSigned ? Date.parse(commit.exportedAt) : commit.state.signedAt;
  const state = { ...commit.state, signedAt };
  const answer = await deps.checkpoints.commit({ domainId, fence, head, state, replaces: voided?.manifestKey }); // COMMIT
  if (answer === 'refused') throw refused(run, commit.seq, voided !== undefined);
  published.committed();
  await publish(run, head);
  published.adopt({ ...commit, state }, head);
  run.counters.commits += 1;
}

function refused({ domainId, fence }: Run, seq: number, isVoid: boolean): FencedOutError {
  return new FencedOutError(
    isVoid
      ? `Commit ${seq} of domain ${domainId} was not voided: another invocation has taken the lease, or published it. Look at the table's STATE item again.`
      : `Commit ${seq} of domain ${domainId} was refused: another invocation has taken the lease (our fence is ${fence}). Nothing of it is visible; that invocation goes on.`,
  );
}

function beginNextBatch(run: Run, open: HeldBatch, { counts, counters }: PlannedBatch): void {
  run.counters.committed(counters);
  run.counters.add('events', counts.events);
  run.counters.add('rows', counts.rows);
  run.counters.add('quarantined', counts.quarantined);
  open.clear();
  run.progress.committed();
}

type CountersSnapshot = ReturnType<RunCounters['snapshot']>;

/** The commit of an open batch, and the counters that its manifest covers. */
interface PlannedBatch extends PlannedCommit {
  readonly counters: CountersSnapshot;
}

/**
 * Decides the content of the next commit. The caller holds the batch until the commit is made. The progress of lanes
 * and counters is fixed here, because other readers go on meanwhile.
 */
export function planCommit(run: Run, batch: HeldBatch): PlannedBatch {
  const { counters } = run;
  const { state } = run.published;
  const seq = (state.head?.seq ?? 0) + 1;
  const exportedAt = new Date(now(run));
  const exportDate = laterDate(exportedAt.toISOString().slice(0, 10), state.lastExportDate);
  const heads = [...batch.records.values()].map((head) => ({ ...head, seq }));
  const retries = [...batch.retries.values()].map((entry) => ({ ...entry, seq }));
  const openRetries = openRetriesAfter(run, retries);
  const dictionary = changedDictionary(run, seq);
  const snapshot = counters.snapshot();
  const seed = run.deps.newSeed();
  return {
    seq,
    previousSha256: state.head?.sha256 ?? null,
    runId: run.runId,
    exportedAt: exportedAt.toISOString(),
    exportDate,
    makeContent: () =>
      contentOf(run, batch, { seq, exportDate, exportedAt, seed, dictionary: dictionary?.object ?? null }),
    redo: newRedoLog({ seq, heads, retries }, batch.newIds),
    openRetries,
    state: stateAfter(run, batch, { exportDate, dictionary, openRetries: openRetries.size }),
    livePassFinished: run.progress.isLivePassToTell,
    counts: countsOf(counters, batch, snapshot),
    changedUpstream: [...batch.changedUpstream],
    gone: [...batch.gone],
    voids: null,
    counters: snapshot,
  };
}

function openRetriesAfter(run: Run, changes: readonly RetryEntry[]): Map<string, RetryEntry> {
  const openRetries = new Map(run.published.openRetries);
  for (const entry of changes) {
    if (entry.closed) openRetries.delete(entry.caseId);
    else openRetries.set(entry.caseId, entry);
  }
  return openRetries;
}

function stateAfter(
  run: Run,
  batch: HeldBatch,
  { exportDate, dictionary, openRetries }: { exportDate: string; dictionary: Dictionary | null; openRetries: number },
): CommittedState {
  const { state } = run.published;
  const { toSave, timesToSave } = run.batch.partialReads;
  return {
    lanes: run.progress.lanes(timesToSave),
    halfRead: toSave,
    lastExportDate: exportDate,
    fields: dictionary ? dictionary.fields : state.fields,
    openRetries,
    openQuarantine: state.openQuarantine + openEvents(batch.quarantine) - batch.replayed.length,
    history: run.progress.history,
    waiting: batch.waiting.list,
    notShown: run.progress.notShown,
    touches: batch.touches,
    canaries: run.watch.canaries,
    idsHaveRecords: state.idsHaveRecords,
    signedAt: state.signedAt,
  };
}

function countsOf(counters: RunCounters, batch: HeldBatch, snapshot: CountersSnapshot): ManifestCounts {
  const { calls, counts, casesFound } = counters.sinceCommit(snapshot);
  return {
    calls,
    casesFound,
    casesRead: counts.casesRead,
    pages: counts.pages,
    events: batch.events,
    rows: batch.rows,
    quarantined: batch.quarantine.length,
    replayed: batch.replayed.length,
    nullElements: counts.nullElements,
    anomalies: counts.anomalies,
    totalCount: counters.totalCount,
  };
}

/** The varying parts of a commit's content. */
interface ContentPlan {
  readonly seq: number;
  readonly exportDate: string;
  readonly exportedAt: Date;
  readonly seed: Uint8Array;
  readonly dictionary: Staged | null;
}

/** Turns the batch into objects and the digest of each of its cases; afterwards the batch holds no rows. */
async function contentOf(
  run: Run,
  batch: HeldBatch,
  plan: ContentPlan,
): Promise<Awaited<ReturnType<PlannedCommit['makeContent']>>> {
  const { domainId } = run;
  const changes = sortChanges(batch.changes);
  const cases = caseList({ domainId, seq: plan.seq, seed: plan.seed }, changes, batch.quarantine);
  const objects = [await encodeChanges(run, changes, plan), encodeQuarantine(domainId, batch, plan), plan.dictionary];
  batch.dropRows();
  return { objects: objects.filter((object) => object !== null), cases };
}

/** Encodes the rows as one file, which also keeps the seed of the case digests. */
async function encodeChanges(
  { deps, domainId, runId }: Run,
  changes: readonly FieldChange[],
  { seq, exportDate, exportedAt, seed }: ContentPlan,
): Promise<Staged | null> {
  if (changes.length === 0) return null;
  const commitColumns = { exported_at: exportedAt, run_id: runId, commit_seq: seq };
  const metadata = { domain_id: domainId, export_date: exportDate, [SEED_METADATA_KEY]: hexOf(seed) };
  const bytes = await deps.encodeRows(changes, commitColumns, metadata);
  const facts = {
    rows: changes.length,
    firstPerformedTime: changes[0]?.performed_time.toISOString() ?? '',
    lastPerformedTime: changes.at(-1)?.performed_time.toISOString() ?? '',
  };
  return { key: fieldChangesKey(domainId, exportDate, seq), bytes, facts };
}

function encodeQuarantine(domainId: string, batch: HeldBatch, { seq, seed }: ContentPlan): Staged | null {
  if (batch.quarantine.length === 0 && batch.replayed.length === 0) return null;
  const key = quarantineKey(domainId, seq);
  const quarantine = newQuarantine(domainId, seq, batch.quarantine, batch.replayed, hexOf(seed));
  return { key, bytes: storedBytes(QUARANTINE, key, quarantine) };
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function laterDate(today: string, last: string | null): string {
  return last !== null && last > today ? last : today;
}

/** The field dictionary to be written, and its entry in STATE. */
interface Dictionary {
  readonly object: Staged;
  readonly fields: NonNullable<CommittedState['fields']>;
}

/** Returns the field dictionary if this run has asked for it and it differs from the one written last. */
function changedDictionary(run: Run, seq: number): Dictionary | null {
  if (!run.fieldNames.isWhole) return null;
  const fields = [...run.fieldNames.dictionary.values()].sort((a, b) => (a.fieldId < b.fieldId ? -1 : 1));
  const labels = run.labels.stored;
  const hasLabels = Object.keys(labels).length > 0;
  const hash = sha256(toJsonBytes(hasLabels ? { fields, ...labels } : fields));
  if (hash === run.published.state.fields?.sha256) return null;
  const stored: StoredDictionary = { version: 1, domainId: run.domainId, seq, fields, ...labels };
  const bytes = toJsonBytes(stored);
  return { object: { key: fieldsKey(run.domainId, seq), bytes }, fields: { seq, sha256: hash } };
}

/** Whether a commit now would hold anything new. */
function hasSomethingToCommit(run: Run): boolean {
  if (!run.batch.isEmpty || run.progress.isLivePassToTell) return true;
  return !sameLanes(run);
}

function sameLanes(run: Run): boolean {
  const { lanes, halfRead } = run.published.state;
  const { toSave: saved, timesToSave } = run.batch.partialReads;
  const { live, related, sweep } = run.progress.lanes(timesToSave);
  return (
    JSON.stringify([live, related, sweep, saved]) === JSON.stringify([lanes.live, lanes.related, lanes.sweep, halfRead])
  );
}
