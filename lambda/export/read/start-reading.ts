import { storedIds } from '../domain/ledger';
import type { PartialRead } from '../domain/state';
import type { Run } from '../run/run';
import { type Reading, type ReadTask, UNSEEN } from './reading';

/** Begins to read a case, or goes on where an earlier run stopped if its token is still good for this task. */
export async function startReading(run: Run, asked: ReadTask): Promise<Reading> {
  const { caseId } = asked;
  const stored = run.batch.partialReads.get(caseId);
  const partial = stored !== undefined && isGoodFor(asked, stored) ? stored : undefined;
  const task = partial === undefined ? asked : withPartial(asked, partial);
  const known = await knownIds(run, task, stored !== undefined);
  return {
    task,
    known,
    knownBefore: known.size,
    pending: new Map(run.batch.retryOf(caseId)?.pending.map((event) => [event.eventKey, event])),
    token: partial?.token,
    tokensSeen: new Set(partial ? [partial.token] : []),
    firstPageAt: partial?.firstPageAt ?? null,
    isWhole: partial === undefined,
    restarts: partial?.restarts ?? 0,
    newSinceRestart: partial?.newSinceRestart ?? false,
    incomplete: partial?.incomplete ?? false,
    // Of one that an earlier build began nothing is known, so it counts as explained.
    newest: partial ? (partial.newest ?? Number.POSITIVE_INFINITY) : null,
    successesBefore: run.watch.successes,
    pages: 0,
    barrenPages: 0,
    content: { seen: 0, all: 0n, knownBefore: 0n, seenOfKnown: 0 },
  };
}

/** The read goes on for the later touch that led to it, and what may be missing is what was missing when it began. */
function withPartial(task: ReadTask, { touched, missingFrom, neverRead }: PartialRead): ReadTask {
  return { ...task, touched: Math.max(task.touched, touched), missingFrom, neverRead };
}

/** The open batch first: what a commit moves from there into the table meanwhile is then seen twice, never missed. */
async function knownIds(run: Run, { caseId, record }: ReadTask, isPartlyRead: boolean): Promise<Map<string, number>> {
  const known = new Map<string, number>();
  for (const id of run.batch.newIds.get(caseId) ?? []) known.set(id, UNSEEN);
  const mayHaveIds =
    !run.published.state.idsHaveRecords || record !== undefined || run.batch.hasRecorded(caseId) || isPartlyRead;
  if (!mayHaveIds) return known;
  for (const id of storedIds(await run.deps.checkpoints.readEventIds(run.domainId, caseId))) known.set(id, UNSEEN);
  return known;
}

/** A token is good for the touch, and the sweep, that led to it: after a later one the pages before it may hold something new. */
function isGoodFor({ touched, readSince }: ReadTask, partial: PartialRead): boolean {
  return partial.touched >= touched && partial.firstPageAt >= (readSince ?? Number.NEGATIVE_INFINITY);
}

/** The read as STATE keeps it, to go on from `token`. */
export function partialRead(reading: Reading, token: string): PartialRead {
  const { task, firstPageAt, restarts, newSinceRestart, incomplete, newest } = reading;
  const { caseId, templateId, touched, missingFrom, neverRead } = task;
  const progress = { token, firstPageAt: firstPageAt ?? 0, restarts, newSinceRestart, incomplete, newest: newest ?? 0 };
  return { caseId, templateId, touched, ...progress, missingFrom, neverRead };
}
