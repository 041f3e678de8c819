import { caseDigests, digestList, SEED_METADATA_KEY } from '../domain/case-slice';
import type { FieldChange } from '../domain/columns';
import type { StoredDictionary } from '../domain/fields';
import { sortChanges } from '../domain/flatten';
import { fieldChangesKey, fieldsKey, quarantineKey } from '../domain/keys';
import { type ManifestCounts, sha256, toJsonBytes } from '../domain/manifest';
import { newQuarantine, openEvents, QUARANTINE } from '../domain/quarantine';
import type { CommittedState, Lanes, PartialRead, RetryEntry } from '../domain/state';
import { storedBytes } from '../domain/stored-form';
import { type CountersSnapshot, difference } from '../run/counters';
import { now, type PartialReadTimes, progressOf, type Run } from '../run/run';
import { type CommitContent, newRedoLog, type PlannedCommit, type Staged } from './stage';

/** Partly read cases that STATE holds at most; what is beyond starts again from its first page. */
export const MAX_PARTIAL_READS = 16;

/** The commit of an open batch, and the counters up to which its manifest tells. */
export interface PlannedBatch extends PlannedCommit {
  readonly counters: CountersSnapshot;
}

/**
 * What the next commit will say. The caller holds the batch lock, and the batch does not change until the commit is made. How far lanes
 * and counters have come is decided here: others go on reading meanwhile.
 */
export function planCommit(run: Run): PlannedBatch {
  const { batch, counters } = run;
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
    makeContent: () => contentOf(run, { seq, exportDate, exportedAt, seed, dictionary: dictionary?.object ?? null }),
    redo: newRedoLog({ seq, heads, retries }, batch.newIds),
    openRetries,
    state: stateAfter(run, { exportDate, dictionary, openRetries: openRetries.size }),
    livePassFinished: run.livePassesFinished > run.livePassesCommitted,
    counts: countsOf(run, snapshot),
    changedUpstream: [...run.changedUpstream],
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
  { exportDate, dictionary, openRetries }: { exportDate: string; dictionary: Dictionary | null; openRetries: number },
): CommittedState {
  const { batch } = run;
  const { state } = run.published;
  const halfRead = toSave(run);
  return {
    lanes: lanesNow(run, halfRead),
    halfRead,
    lastExportDate: exportDate,
    fields: dictionary ? dictionary.fields : state.fields,
    openRetries,
    openQuarantine: state.openQuarantine + openEvents(batch.quarantine) - batch.replayed.length,
    history: run.history,
    waiting: run.waiting.list,
    notShown: run.notShown,
    touches: run.touches,
    canaries: run.watch.canaries,
    idsHaveRecords: state.idsHaveRecords,
    signedAt: state.signedAt,
  };
}

function countsOf(run: Run, counters: CountersSnapshot): ManifestCounts {
  const { batch } = run;
  const { calls, counts, casesFound } = difference(counters, run.committedCounters);
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
    totalCount: run.counters.totalCount,
  };
}

/** What varies in the content of a commit. */
interface ContentPlan {
  readonly seq: number;
  readonly exportDate: string;
  readonly exportedAt: Date;
  readonly seed: Uint8Array;
  readonly dictionary: Staged | null;
}

/** The batch as objects, and the digest of each case in it; afterwards the batch holds no rows any more. */
async function contentOf(run: Run, plan: ContentPlan): Promise<CommitContent> {
  const { batch, domainId } = run;
  const changes = sortChanges(batch.changes);
  const { count, sha256 } = digestList(
    caseDigests({ domainId, seq: plan.seq, seed: plan.seed }, changes, batch.quarantine).values(),
  );
  const objects = [await encodeChanges(run, changes, plan), encodeQuarantine(run, plan), plan.dictionary];
  batch.dropRows();
  return { objects: objects.filter((object) => object !== null), cases: { count, sha256 } };
}

/** The rows as one file, which also keeps the seed of the case digests. */
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

function encodeQuarantine({ batch, domainId }: Run, { seq, seed }: ContentPlan): Staged | null {
  if (batch.quarantine.length === 0 && batch.replayed.length === 0) return null;
  const key = quarantineKey(domainId, seq);
  const quarantine = newQuarantine(domainId, seq, batch.quarantine, batch.replayed, hexOf(seed));
  return { key, bytes: storedBytes(QUARANTINE, key, quarantine) };
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** The cases that the next commit saves partly read, with the time that led to the read of each. */
export function savedPartialReads(run: Run): PartialReadTimes {
  return timesOf(toSave(run));
}

function toSave(run: Run): PartialRead[] {
  return [...run.partialReads.values()].slice(0, MAX_PARTIAL_READS);
}

function timesOf(partialReads: readonly PartialRead[]): PartialReadTimes {
  return new Map(partialReads.map(({ caseId, touched }) => [caseId, touched]));
}

function lanesNow(run: Run, halfRead: readonly PartialRead[]): Lanes {
  const saved = timesOf(halfRead);
  return { live: run.progress.live(saved), related: run.progress.related(saved), sweep: run.progress.sweep(saved) };
}

function laterDate(today: string, last: string | null): string {
  return last !== null && last > today ? last : today;
}

/** The field dictionary, to be written, and what STATE says of it. */
interface Dictionary {
  readonly object: Staged;
  readonly fields: NonNullable<CommittedState['fields']>;
}

/** The field dictionary, if this run has asked for it and it is not the one written last. */
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

/** Whether a commit now would say anything new. */
export function hasSomethingToCommit(run: Run): boolean {
  if (!run.batch.isEmpty || run.livePassesFinished > run.livePassesCommitted) return true;
  return !sameLanes(run);
}

function sameLanes(run: Run): boolean {
  const { state } = run.published;
  const halfRead = toSave(run);
  const before = progressOf(state.lanes);
  const none = new Map<string, number>();
  const stored = { live: before.live(none), related: before.related(none), sweep: before.sweep(none) };
  return JSON.stringify([lanesNow(run, halfRead), halfRead]) === JSON.stringify([stored, state.halfRead]);
}
