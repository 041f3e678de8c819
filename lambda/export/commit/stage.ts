import { accountOf } from '../domain/debts';
import { sortChanges } from '../domain/flatten';
import { fieldChangesKey, manifestKey, quarantineKey, redoLogKey, stagedKey } from '../domain/keys';
import { storedParts } from '../domain/ledger';
import {
  gapsOf,
  MANIFEST,
  MANIFEST_VERSION,
  type Manifest,
  type ManifestCounts,
  REDO_LOG,
  REDO_VERSION,
  type RedoLog,
  sha256,
} from '../domain/manifest';
import { newQuarantine, QUARANTINE } from '../domain/quarantine';
import type { CommitHead } from '../domain/state';
import { storedBytes } from '../domain/stored-form';
import { difference } from '../run/counters';
import type { Run } from '../run/run';
import type { CommitPlan, Staged } from './plan';

/** Puts every byte of the commit where nobody looks; the manifest last. What is returned is all that COMMIT has to make true. */
export async function stageCommit(run: Run, plan: CommitPlan): Promise<CommitHead> {
  const { objects } = run.deps;
  const staged = [await encodeChanges(run, plan), encodeQuarantine(run, plan), plan.dictionary].filter(
    (object) => object !== null,
  );
  const redoAt = redoLogKey(plan.prefix);
  const manifestAt = stagedKey(plan.prefix, manifestKey(run.domainId, plan.seq));
  // What a publish, or the table, would refuse is found out before COMMIT: after it there is no way back.
  const redo = storedBytes(REDO_LOG, redoAt, redoLog(plan));
  const manifest = storedBytes(MANIFEST, manifestAt, buildManifest(run, plan, staged, redo));
  for (const { key, bytes } of staged) await objects.put('work', stagedKey(plan.prefix, key), bytes);
  await objects.put('work', redoAt, redo);
  await objects.put('work', manifestAt, manifest);
  return { seq: plan.seq, manifestKey: manifestAt, sha256: sha256(manifest) };
}

async function encodeChanges(run: Run, { batch, seq, exportDate, exportedAt }: CommitPlan): Promise<Staged | null> {
  if (batch.changes.length === 0) return null;
  const changes = sortChanges(batch.changes);
  const commitColumns = { exported_at: exportedAt, run_id: run.runId, commit_seq: seq };
  const bytes = await run.deps.encodeRows(changes, commitColumns, { domain_id: run.domainId, export_date: exportDate });
  const facts = {
    rows: changes.length,
    firstPerformedTime: changes[0]?.performed_time.toISOString() ?? '',
    lastPerformedTime: changes.at(-1)?.performed_time.toISOString() ?? '',
  };
  batch.dropRows();
  return { key: fieldChangesKey(run.domainId, exportDate, seq), bytes, facts };
}

function encodeQuarantine(run: Run, { batch, seq }: CommitPlan): Staged | null {
  if (batch.quarantine.length === 0 && batch.replayed.length === 0) return null;
  const key = quarantineKey(run.domainId, seq);
  const quarantine = newQuarantine(run.domainId, seq, batch.quarantine, batch.replayed);
  return { key, bytes: storedBytes(QUARANTINE, key, quarantine) };
}

function redoLog({ batch, seq, retries }: CommitPlan): RedoLog {
  return {
    version: REDO_VERSION,
    seq,
    eventIds: [...batch.newIds].flatMap(([caseId, ids]) =>
      storedParts(ids).map((part, index) => ({ caseId, part: index, base64: Buffer.from(part).toString('base64') })),
    ),
    heads: [...batch.records.values()].map((head) => ({ ...head, seq })),
    retries,
  };
}

function buildManifest(run: Run, plan: CommitPlan, staged: readonly Staged[], redo: Uint8Array): Manifest {
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
    gaps: gapsOf(plan.openRetries.values()),
    debts: accountOf(plan.openRetries.values(), state),
    history: state.history,
    unexplainedTouches: state.touches.accepted,
    changedUpstream: plan.changedUpstream,
    halfRead: state.halfRead.map(({ caseId, templateId, touched }) => ({ caseId, templateId, touched })),
    waiting: state.waiting,
    openQuarantine: state.openQuarantine,
    gone: [...batch.gone],
    voids: null,
    bundleSha256: run.deps.build.bundleSha256,
    settingsSha256: run.deps.build.settingsSha256,
  };
}

function countsOf(run: Run, { batch, counters }: CommitPlan): ManifestCounts {
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
