import { commitBatch, commitWhatIsNew } from '../commit/commit';
import { recoverLastCommit } from '../commit/publish';
import { IntegrityError } from '../domain/errors';
import { flattenEvent, restoreEvent } from '../domain/flatten';
import { manifestKey, quarantineKey } from '../domain/keys';
import { parseManifest } from '../domain/manifest';
import { parseQuarantine, type Quarantine, type QuarantinedEvent } from '../domain/quarantine';
import { bytesOf, fieldIdsOf } from '../read/ingest-page';
import { type ExportAnswer, withLease } from '../run/invocation';
import type { Dependencies, Reader, Run } from '../run/run';

/**
 * Gives rows to quarantined events that an older version could not flatten, each exactly once however often this is
 * repeated. An operator asks for it after deploying a new version. `complete` means that all were looked at; the
 * manifest counts those that are still open.
 */
export function replayDomain(deps: Dependencies, domainId: string, remainingMs: () => number): Promise<ExportAnswer> {
  return withLease(deps, domainId, remainingMs, async (run) => {
    await recoverLastCommit(run);
    const isDone = await replayQuarantine(run);
    await commitWhatIsNew(run);
    return isDone;
  });
}

/** Number of manifests read concurrently on the way back through the chain. */
const MANIFESTS_AT_ONCE = 16;

/**
 * Emits the rows of quarantined events that this version can flatten, each in exactly one commit: the commit's own
 * quarantine object is part of it and names the replayed events. Other events stay. Goes back through the chain only as
 * far as events are open. True if all were looked at; false if time ran out first.
 */
async function replayQuarantine(run: Run): Promise<boolean> {
  const end = (run.published.state.head?.seq ?? 0) + 1;
  for await (const { quarantinedIn, event } of openEventsBefore(run, end)) {
    if (run.budget.isReadingOver) return false;
    await replayEvent(run, quarantinedIn, event);
  }
  return true;
}

/** Yields quarantined events that no row of a commit before `end` holds, newest commit first. */
export async function* openEventsBefore(
  run: Reader,
  end: number,
): AsyncGenerator<{ readonly quarantinedIn: number; readonly event: QuarantinedEvent }, void> {
  const replayed = new Set<string>();
  for await (const { seq, events, replayed: later } of openQuarantines(run, end - 1)) {
    for (const event of later) replayed.add(identity(event.quarantinedIn, event));
    for (const event of events) {
      if (!event.emitted && !replayed.has(identity(seq, event))) yield { quarantinedIn: seq, event };
    }
  }
}

function identity(seq: number, { caseId, eventKey }: { caseId: string; eventKey: string }): string {
  return JSON.stringify([seq, caseId, eventKey]);
}

/**
 * Yields newest first, so that a replay is known before the event that it replayed. Ends where no event is open any
 * more.
 */
async function* openQuarantines(run: Reader, last: number): AsyncGenerator<Quarantine, void> {
  for (let highest = last; highest >= 1; highest -= MANIFESTS_AT_ONCE) {
    const seqs = Array.from({ length: Math.min(MANIFESTS_AT_ONCE, highest) }, (_, index) => highest - index);
    for (const manifest of await Promise.all(seqs.map((seq) => readManifest(run, seq)))) {
      if (manifest.openQuarantine === 0) return;
      const key = quarantineKey(run.domainId, manifest.seq);
      if (manifest.objects.some((object) => object.key === key)) yield await readQuarantine(run, manifest.seq);
    }
  }
}

async function readManifest(run: Reader, seq: number) {
  const bytes = await readArchive(run, manifestKey(run.domainId, seq));
  return parseManifest(bytes, { domainId: run.domainId, seq });
}

async function readQuarantine(run: Reader, seq: number): Promise<Quarantine> {
  const bytes = await readArchive(run, quarantineKey(run.domainId, seq));
  return parseQuarantine(bytes, { domainId: run.domainId, seq });
}

async function readArchive({ deps, domainId }: Reader, key: string): Promise<Uint8Array> {
  const bytes = await deps.objects.get('archive', key);
  if (bytes !== null) return bytes;
  throw new IntegrityError(
    `The archive lacks ${key} of domain ${domainId}, which the chain of manifests needs. Nothing was replayed from there on. Was it deleted?`,
  );
}

async function replayEvent(
  run: Run,
  quarantinedIn: number,
  { caseId, eventKey, event: raw }: QuarantinedEvent,
): Promise<void> {
  const event = restoreEvent(raw);
  await run.fieldNames.ensure(fieldIdsOf(event));
  const head = (await run.deps.checkpoints.readCaseRecords(run.domainId, [caseId])).get(caseId);
  const flattened = flattenEvent(event, caseId, head?.templateId ?? null, run.fieldNames.dictionary);
  if (flattened.kind !== 'rows') return;
  const emitted = { changes: flattened.rows, bytes: bytesOf(flattened.rows, null) };
  await run.batch.locked(async (open) => {
    if (!open.fits(emitted)) await commitBatch(run, open);
    open.addReplayed(emitted, { quarantinedIn, caseId, eventKey });
  });
}
