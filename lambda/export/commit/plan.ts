import type { StoredDictionary } from '../domain/fields';
import { sortChanges } from '../domain/flatten';
import { fieldChangesKey, fieldsKey, quarantineKey } from '../domain/keys';
import { type ManifestCounts, sha256, toJsonBytes } from '../domain/manifest';
import { newQuarantine, openEvents, QUARANTINE } from '../domain/quarantine';
import type { CommittedState, RetryEntry } from '../domain/state';
import { storedBytes } from '../domain/stored-form';
import type { CountersSnapshot, RunCounters } from '../run/counters';
import type { HeldBatch } from '../run/open-batch';
import { timesOf } from '../run/partial-reads';
import { now, type Run } from '../run/run';
import { newRedoLog, type PlannedCommit, type Staged } from './stage';

/** The commit of an open batch, and the counters up to which its manifest tells. */
export interface PlannedBatch extends PlannedCommit {
  readonly counters: CountersSnapshot;
}

/**
 * What the next commit will say. Whoever holds the batch keeps it until the commit is made. How far lanes and counters have come is
 * decided here: others go on reading meanwhile.
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
  return {
    seq,
    previousSha256: state.head?.sha256 ?? null,
    runId: run.runId,
    exportedAt: exportedAt.toISOString(),
    exportDate,
    makeObjects: async () =>
      [
        await encodeChanges(run, batch, { seq, exportDate, exportedAt }),
        encodeQuarantine(run.domainId, batch, seq),
        dictionary?.object ?? null,
      ].filter((object) => object !== null),
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
  const halfRead = run.batch.partialReads.toSave;
  return {
    lanes: run.progress.lanes(timesOf(halfRead)),
    halfRead,
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

/** The rows of the batch as one file; afterwards the batch holds them no more. */
async function encodeChanges(
  { deps, domainId, runId }: Run,
  batch: HeldBatch,
  { seq, exportDate, exportedAt }: { seq: number; exportDate: string; exportedAt: Date },
): Promise<Staged | null> {
  if (batch.changes.length === 0) return null;
  const changes = sortChanges(batch.changes);
  const commitColumns = { exported_at: exportedAt, run_id: runId, commit_seq: seq };
  const bytes = await deps.encodeRows(changes, commitColumns, { domain_id: domainId, export_date: exportDate });
  const facts = {
    rows: changes.length,
    firstPerformedTime: changes[0]?.performed_time.toISOString() ?? '',
    lastPerformedTime: changes.at(-1)?.performed_time.toISOString() ?? '',
  };
  batch.dropRows();
  return { key: fieldChangesKey(domainId, exportDate, seq), bytes, facts };
}

function encodeQuarantine(domainId: string, batch: HeldBatch, seq: number): Staged | null {
  if (batch.quarantine.length === 0 && batch.replayed.length === 0) return null;
  const key = quarantineKey(domainId, seq);
  const quarantine = newQuarantine(domainId, seq, batch.quarantine, batch.replayed);
  return { key, bytes: storedBytes(QUARANTINE, key, quarantine) };
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
  if (!run.batch.isEmpty || run.progress.isLivePassToTell) return true;
  return !sameLanes(run);
}

function sameLanes(run: Run): boolean {
  const { lanes, halfRead } = run.published.state;
  const saved = run.batch.partialReads.toSave;
  const { live, related, sweep } = run.progress.lanes(timesOf(saved));
  return (
    JSON.stringify([live, related, sweep, saved]) === JSON.stringify([lanes.live, lanes.related, lanes.sweep, halfRead])
  );
}
