import type { Batch } from '../domain/batch';
import type { StoredDictionary } from '../domain/fields';
import { fieldsKey, stagingPrefix } from '../domain/keys';
import { type ManifestObject, sha256, toJsonBytes } from '../domain/manifest';
import { openEvents } from '../domain/quarantine';
import type { CommittedState, Lanes, PartialRead, RetryEntry } from '../domain/state';
import type { CountersSnapshot } from '../run/counters';
import { now, type PartialReadTimes, progressOf, type Run } from '../run/run';

/** Partly read cases that STATE holds at most; what is beyond starts again from its first page. */
export const MAX_PARTIAL_READS = 16;

/** One object of a commit, before it is staged. */
export interface Staged {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly facts?: Pick<ManifestObject, 'rows' | 'firstPerformedTime' | 'lastPerformedTime'>;
}

/** Everything that varies, decided once: from here on the commit is bytes. */
export interface CommitPlan {
  readonly seq: number;
  readonly exportDate: string;
  readonly exportedAt: Date;
  readonly prefix: string;
  readonly batch: Batch;
  readonly retries: readonly RetryEntry[];
  readonly openRetries: ReadonlyMap<string, RetryEntry>;
  readonly dictionary: Staged | null;
  readonly state: CommittedState;
  readonly livePassFinished: boolean;
  readonly changedUpstream: readonly string[];
  readonly counters: CountersSnapshot;
}

/** What the next commit will say. The caller holds the batch lock, and the batch does not change until the commit is made. */
export function planCommit(run: Run): CommitPlan {
  const seq = (run.state.head?.seq ?? 0) + 1;
  const exportedAt = new Date(now(run));
  const exportDate = laterDate(exportedAt.toISOString().slice(0, 10), run.state.lastExportDate);
  const retries = [...run.batch.retries.values()].map((entry) => ({ ...entry, seq }));
  const openRetries = new Map(run.openRetries);
  for (const entry of retries) {
    if (entry.closed) openRetries.delete(entry.caseId);
    else openRetries.set(entry.caseId, entry);
  }
  const halfRead = toSave(run);
  const dictionary = changedDictionary(run, seq);
  return {
    seq,
    exportedAt,
    exportDate,
    prefix: stagingPrefix(run.domainId, seq, run.fence, ++run.stagings),
    batch: run.batch,
    retries,
    openRetries,
    dictionary: dictionary?.object ?? null,
    livePassFinished: run.livePassesFinished > run.livePassesCommitted,
    changedUpstream: [...run.changedUpstream],
    counters: run.counters.snapshot(),
    state: {
      lanes: lanesNow(run, halfRead),
      halfRead,
      lastExportDate: exportDate,
      fields: dictionary ? { seq, sha256: dictionary.sha256 } : run.state.fields,
      openRetries: openRetries.size,
      openQuarantine: run.state.openQuarantine + openEvents(run.batch.quarantine) - run.batch.replayed.length,
      history: run.history,
      waiting: run.waiting.list,
      notShown: run.notShown,
      touches: run.touches,
      canaries: run.watch.canaries,
      idsHaveRecords: run.state.idsHaveRecords,
    },
  };
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

/** The field dictionary, if this run has asked for it and it is not the one written last. */
function changedDictionary(run: Run, seq: number): { object: Staged; sha256: string } | null {
  if (!run.fieldNames.isWhole) return null;
  const fields = [...run.fieldNames.dictionary.values()].sort((a, b) => (a.fieldId < b.fieldId ? -1 : 1));
  const labels = run.labels.stored;
  const hasLabels = Object.keys(labels).length > 0;
  const hash = sha256(toJsonBytes(hasLabels ? { fields, ...labels } : fields));
  if (hash === run.state.fields?.sha256) return null;
  const stored: StoredDictionary = { version: 1, domainId: run.domainId, seq, fields, ...labels };
  const bytes = toJsonBytes(stored);
  return { object: { key: fieldsKey(run.domainId, seq), bytes }, sha256: hash };
}

/** Whether a commit now would say anything new. */
export function hasSomethingToCommit(run: Run): boolean {
  if (!run.batch.isEmpty || run.livePassesFinished > run.livePassesCommitted) return true;
  return !sameLanes(run);
}

function sameLanes(run: Run): boolean {
  const halfRead = toSave(run);
  const before = progressOf(run.state.lanes);
  const none = new Map<string, number>();
  const stored = { live: before.live(none), related: before.related(none), sweep: before.sweep(none) };
  return JSON.stringify([lanesNow(run, halfRead), halfRead]) === JSON.stringify([stored, run.state.halfRead]);
}
