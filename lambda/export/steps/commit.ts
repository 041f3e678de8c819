import type { Batch } from '../domain/batch';
import { FencedOutError } from '../domain/errors';
import type { StoredDictionary } from '../domain/fields';
import { sortChanges } from '../domain/flatten';
import {
  fieldChangesKey,
  fieldsKey,
  manifestKey,
  quarantineKey,
  redoLogKey,
  stagedKey,
  stagingPrefix,
} from '../domain/keys';
import { storedParts } from '../domain/ledger';
import {
  type Gap,
  MANIFEST_VERSION,
  type Manifest,
  type ManifestCounts,
  type ManifestObject,
  REDO_VERSION,
  type RedoLog,
  sha256,
  toJsonBytes,
} from '../domain/manifest';
import type { CommitHead, CommittedState, HalfReadCase, Lanes, RetryEntry } from '../domain/state';
import { encodeCaseHead, encodeEventIds, encodeRetry } from '../domain/stored-items';
import { publish } from './publish';
import { newBatch, now, progressOf, type Run } from './run';
import { difference, type TallySnapshot } from './tally';

/** Heads and retry entries of one commit, within which the limit of rows holds for them too. Bounds memory and the redo log. */
const FEWEST_CASES_TO_COMMIT = 1_000;
const MOST_CASES_A_COMMIT = 10_000;

/** Half-read cases that STATE holds at most; what is beyond starts again from its first page. */
const MOST_HALF_READ = 16;

interface Staged {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly facts?: Pick<ManifestObject, 'rows' | 'firstPerformedTime' | 'lastPerformedTime'>;
}

/**
 * Commits the batch and how far the lanes have come: stage → COMMIT → publish. The caller holds the batch lock.
 * A crash before COMMIT leaves only staged objects; one after it is finished by the next run's recovery.
 * @throws FencedOutError if another invocation has taken over: then nothing of this batch became visible.
 */
export async function commitBatch(run: Run): Promise<void> {
  // After a commit that failed nobody knows what stands: whoever comes next ends for the same reason.
  if (run.commitFailure !== null) throw run.commitFailure.reason;
  try {
    await makeCommit(run);
  } catch (reason) {
    run.commitFailure = { reason };
    throw reason;
  }
}

/** Commits if the batch speaks of so many cases that it should not grow further. The caller holds the batch lock. */
export async function commitIfFull(run: Run): Promise<void> {
  const { maxRowsPerCommit } = run.deps.settings;
  const most = Math.min(MOST_CASES_A_COMMIT, Math.max(FEWEST_CASES_TO_COMMIT, maxRowsPerCommit));
  if (run.batch.cases >= most) await commitBatch(run);
}

async function makeCommit(run: Run): Promise<void> {
  const startedAt = run.deps.clock.monotonic();
  const plan = planCommit(run);
  const head = await stage(run, plan);
  const answer = await run.deps.checkpoints.commit({
    domainId: run.domainId,
    fence: run.fence,
    head,
    state: plan.state,
  }); // COMMIT
  if (answer === 'refused') {
    throw new FencedOutError(
      `Commit ${plan.seq} of domain ${run.domainId} was refused: another invocation has taken the lease (our fence is ${run.fence}). Nothing of it is visible; that invocation goes on.`,
    );
  }
  run.hasUnpublishedCommit = true;
  await publish({ domainId: run.domainId, ...run.deps, tally: run.tally }, head);
  run.hasUnpublishedCommit = false;
  adopt(run, plan, head);
  run.budget.commitTook(run.deps.clock.monotonic() - startedAt);
}

/** Everything that varies, decided once: from here on the commit is bytes. */
interface Plan {
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
  readonly tally: TallySnapshot;
}

function planCommit(run: Run): Plan {
  const seq = (run.state.head?.seq ?? 0) + 1;
  const exportedAt = new Date(now(run));
  const exportDate = laterDate(exportedAt.toISOString().slice(0, 10), run.state.lastExportDate);
  const retries = [...run.batch.retries.values()].map((entry) => ({ ...entry, seq }));
  const openRetries = new Map(run.openRetries);
  for (const entry of retries) {
    if (entry.closed) openRetries.delete(entry.caseId);
    else openRetries.set(entry.caseId, entry);
  }
  const halfRead = [...run.halfRead.values()].slice(0, MOST_HALF_READ);
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
    tally: run.tally.snapshot(),
    state: {
      lanes: lanesNow(run, halfRead),
      halfRead,
      lastExportDate: exportDate,
      fields: dictionary ? { seq, sha256: dictionary.sha256 } : run.state.fields,
      openRetries: openRetries.size,
      openQuarantine: run.state.openQuarantine + run.batch.quarantine.filter(({ emitted }) => !emitted).length,
    },
  };
}

function lanesNow(run: Run, halfRead: readonly HalfReadCase[]): Lanes {
  const saved = new Map(halfRead.map(({ caseId, touched }) => [caseId, touched]));
  return { live: run.progress.live(saved), related: run.progress.related(saved), sweep: run.progress.sweep(saved) };
}

function laterDate(today: string, last: string | null): string {
  return last !== null && last > today ? last : today;
}

/** The field dictionary, if this run has asked for it and it is not the one written last. */
function changedDictionary(run: Run, seq: number): { object: Staged; sha256: string } | null {
  if (!run.fieldNames.isWhole) return null;
  const fields = [...run.fieldNames.dictionary.values()].sort((a, b) => (a.fieldId < b.fieldId ? -1 : 1));
  const hash = sha256(toJsonBytes(fields));
  if (hash === run.state.fields?.sha256) return null;
  const stored: StoredDictionary = { version: 1, domainId: run.domainId, seq, fields };
  const bytes = toJsonBytes(stored);
  return { object: { key: fieldsKey(run.domainId, seq), bytes }, sha256: hash };
}

async function stage(run: Run, plan: Plan): Promise<CommitHead> {
  const { objects } = run.deps;
  const staged = [await encodeChanges(run, plan), encodeQuarantine(run, plan), plan.dictionary].filter(
    (object) => object !== null,
  );
  const redo = toJsonBytes(checkedRedoLog(run.domainId, plan));
  const manifest = toJsonBytes(buildManifest(run, plan, staged, redo));
  const manifestAt = stagedKey(plan.prefix, manifestKey(run.domainId, plan.seq));
  for (const { key, bytes } of staged) await objects.put('work', stagedKey(plan.prefix, key), bytes);
  await objects.put('work', redoLogKey(plan.prefix), redo);
  await objects.put('work', manifestAt, manifest);
  return { seq: plan.seq, manifestKey: manifestAt, sha256: sha256(manifest) };
}

async function encodeChanges(run: Run, { batch, seq, exportDate, exportedAt }: Plan): Promise<Staged | null> {
  if (batch.changes.length === 0) return null;
  const changes = sortChanges(batch.changes);
  const commitColumns = { exported_at: exportedAt, run_id: run.runId, commit_seq: seq };
  const bytes = await run.deps.encodeRows(changes, commitColumns, { domain_id: run.domainId, export_date: exportDate });
  const facts = {
    rows: changes.length,
    firstPerformedTime: changes[0]?.performed_time.toISOString() ?? '',
    lastPerformedTime: changes.at(-1)?.performed_time.toISOString() ?? '',
  };
  return { key: fieldChangesKey(run.domainId, exportDate, seq), bytes, facts };
}

function encodeQuarantine(run: Run, { batch, seq }: Plan): Staged | null {
  if (batch.quarantine.length === 0) return null;
  return {
    key: quarantineKey(run.domainId, seq),
    bytes: toJsonBytes({ version: 1, domainId: run.domainId, seq, events: batch.quarantine }),
  };
}

/** What the table would refuse is found out before COMMIT: after it there is no way back. */
function checkedRedoLog(domainId: string, plan: Plan): RedoLog {
  const redo = redoLog(plan);
  for (const { caseId, part, base64 } of redo.eventIds) {
    encodeEventIds(domainId, { caseId, seq: redo.seq, part, ids: Buffer.from(base64, 'base64') });
  }
  for (const head of redo.heads) encodeCaseHead(domainId, head);
  for (const entry of redo.retries) encodeRetry(domainId, entry);
  return redo;
}

function redoLog({ batch, seq, retries }: Plan): RedoLog {
  return {
    version: REDO_VERSION,
    seq,
    eventIds: [...batch.newIds].flatMap(([caseId, ids]) =>
      storedParts(ids).map((part, index) => ({ caseId, part: index, base64: Buffer.from(part).toString('base64') })),
    ),
    heads: [...batch.heads.values()].map((head) => ({ ...head, seq })),
    retries,
  };
}

function buildManifest(run: Run, plan: Plan, staged: readonly Staged[], redo: Uint8Array): Manifest {
  const { batch, state } = plan;
  return {
    version: MANIFEST_VERSION,
    domainId: run.domainId,
    seq: plan.seq,
    previousSha256: run.state.head?.sha256 ?? null,
    runId: run.runId,
    fence: run.fence,
    exportDate: plan.exportDate,
    exportedAt: plan.exportedAt.toISOString(),
    lanes: state.lanes,
    livePassFinished: plan.livePassFinished,
    counts: countsOf(run, plan),
    objects: staged.map(({ key, bytes, facts }) => ({ key, sha256: sha256(bytes), bytes: bytes.length, ...facts })),
    redo: { sha256: sha256(redo), bytes: redo.length },
    gaps: [...plan.openRetries.values()].map(gapOf),
    openQuarantine: state.openQuarantine,
    gone: [...batch.gone],
    bundleSha256: run.deps.build.bundleSha256,
    settingsSha256: run.deps.build.settingsSha256,
  };
}

function countsOf(run: Run, { batch, tally }: Plan): ManifestCounts {
  const { calls, counts, casesFound } = difference(tally, run.committedTally);
  return {
    calls,
    casesFound,
    casesRead: counts.casesRead,
    pages: counts.pages,
    events: batch.events,
    rows: batch.changes.length,
    quarantined: batch.quarantine.length,
    nullElements: counts.nullElements,
    anomalies: counts.anomalies,
    totalCount: run.tally.totalCount,
  };
}

function gapOf({ caseId, cause, firstSeen, attempts }: RetryEntry): Gap {
  return { caseId, cause, since: new Date(firstSeen).toISOString(), attempts };
}

/** The run goes on from the commit. */
function adopt(run: Run, plan: Plan, head: CommitHead): void {
  run.state = { ...run.state, ...plan.state, head, applied: plan.seq };
  run.openRetries.clear();
  for (const [caseId, entry] of plan.openRetries) run.openRetries.set(caseId, entry);
  run.committedTally = plan.tally;
  run.tally.commits += 1;
  run.tally.add('events', plan.batch.events);
  run.tally.add('rows', plan.batch.changes.length);
  run.tally.add('quarantined', plan.batch.quarantine.length);
  run.batch = newBatch(run.deps.settings);
  run.livePassesCommitted = run.livePassesFinished;
}

/** Whether a commit now would say anything new. */
export function hasSomethingToCommit(run: Run): boolean {
  if (!run.batch.isEmpty || run.livePassesFinished > run.livePassesCommitted) return true;
  return !sameLanes(run);
}

function sameLanes(run: Run): boolean {
  const halfRead = [...run.halfRead.values()].slice(0, MOST_HALF_READ);
  const before = progressOf(run.state.lanes);
  const none = new Map<string, number>();
  const stored = { live: before.live(none), related: before.related(none), sweep: before.sweep(none) };
  return JSON.stringify([lanesNow(run, halfRead), halfRead]) === JSON.stringify([stored, run.state.halfRead]);
}
