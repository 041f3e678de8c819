import { commitIfFull } from '../commit/commit';
import type { AuditEvent } from '../domain/audit-event';
import { CasesCallError, type CasesFailure } from '../domain/errors';
import { addStoredIds } from '../domain/ledger';
import type { PartialRead, RetryCause } from '../domain/state';
import type { AuditPage } from '../ports';
import { countNulls, isTokenRefused, noteNulls } from '../run/answers';
import { isSystemic } from '../run/calls';
import type { Run } from '../run/run';
import { ingestPage } from './ingest-page';
import { noteIfPoison } from './poison-case';
import type { Reading, ReadTask } from './reading';
import { recordOutcome } from './record-outcome';

const RETRY_CAUSES: Partial<Record<CasesFailure, RetryCause>> = {
  'not-found': 'not-found',
  refused: 'refused',
  malformed: 'malformed',
};

/** The tokens of a case lead nowhere. */
class NoProgress extends Error {}

/** The case has had its share of calls in this run: it stays where it is, half-read. */
class Paused extends Error {}

/**
 * Reads a case to its last page; the events of each page enter the batch at once, whatever follows. Afterwards the case is
 * settled: its record says that it is read, or it is on the retry list, or gone.
 * @throws ReadingOver when time is up (the case is half-read, its token kept), CasesCallError when the failure is systemic.
 */
export async function readCase(run: Run, task: ReadTask): Promise<void> {
  await noteIfPoison(run, task);
  const reading = await startReading(run, task);
  const outcome = await outcomeOf(run, reading);
  if (outcome === 'paused') return;
  await run.batchLock.run(async () => {
    recordOutcome(run, reading, outcome);
    run.partialReads.delete(task.caseId);
    await commitIfFull(run);
  });
}

async function outcomeOf(run: Run, reading: Reading): Promise<RetryCause | 'read' | 'paused'> {
  try {
    await readPages(run, reading);
    return reading.incomplete ? 'incomplete' : 'read';
  } catch (error) {
    if (error instanceof NoProgress) return 'no-progress';
    if (error instanceof Paused) return 'paused';
    if (!(error instanceof CasesCallError) || isSystemic(error.failure)) throw error;
    return RETRY_CAUSES[error.failure] ?? 'unavailable';
  }
}

async function startReading(run: Run, task: ReadTask): Promise<Reading> {
  // The overlay first: what a commit moves from there into the table meanwhile is then seen twice, never missed.
  const known = new Set(run.batch.newIds.get(task.caseId));
  addStoredIds(known, await run.deps.checkpoints.readEventIds(run.domainId, task.caseId));
  const stored = run.partialReads.get(task.caseId);
  const half = stored !== undefined && isGoodFor(task, stored) ? stored : undefined;
  return {
    task,
    known,
    token: half?.token,
    tokensSeen: new Set(half ? [half.token] : []),
    firstPageAt: half?.firstPageAt ?? null,
    restarts: half?.restarts ?? 0,
    newSinceRestart: half?.newSinceRestart ?? false,
    incomplete: half?.incomplete ?? false,
  };
}

/** A token is good for the touch, and the sweep, that led to it: after a later one the pages before it may hold something new. */
function isGoodFor({ touched, readSince }: ReadTask, half: PartialRead): boolean {
  return half.touched >= touched && half.firstPageAt >= (readSince ?? half.firstPageAt);
}

async function readPages(run: Run, reading: Reading): Promise<void> {
  for (;;) {
    const page = await readPage(run, reading);
    if (page === 'token-lost') {
      restart(run, reading);
      continue;
    }
    await run.batchLock.run(() => ingestPage(run, reading, page.events));
    run.counters.add('pages');
    if (page.nextToken === undefined) return;
    if (reading.tokensSeen.has(page.nextToken)) restart(run, reading);
    else advance(run, reading, page.nextToken);
    if (reading.task.mayGoOn?.() === false) throw new Paused();
  }
}

type Page = Pick<AuditPage, 'nextToken'> & { readonly events: readonly (AuditEvent | null)[] };

async function readPage(run: Run, reading: Reading): Promise<Page | 'token-lost'> {
  const askedAt = run.deps.clock.now();
  try {
    const page = await askPage(run, reading);
    reading.firstPageAt ??= run.time.correct(askedAt);
    const nulls = noteNulls(run.counters, 'GetCaseAuditEvents', page.events, { caseId: reading.task.caseId });
    return nulls === 0 ? page : await askAgain(run, reading, page);
  } catch (error) {
    if (isTokenRefused(error, reading.token)) return 'token-lost';
    throw error;
  }
}

function askPage(run: Run, { task, token }: Reading): Promise<Page> {
  return run.calls.getCaseAuditEvents({ domainId: run.domainId, caseId: task.caseId, nextToken: token });
}

/** A page with null events is asked for once more; no more in this read if that does not help. What came is kept anyway. */
async function askAgain(run: Run, reading: Reading, page: Page): Promise<Page> {
  if (reading.incomplete) return page;
  try {
    const again = await askPage(run, reading);
    reading.incomplete = countNulls(again.events) > 0;
    return { events: [...page.events, ...again.events], nextToken: again.nextToken };
  } catch (error) {
    if (!(error instanceof CasesCallError) || isSystemic(error.failure)) throw error;
    reading.incomplete = true;
    return page;
  }
}

/**
 * From page 1 again, where known ids cost nothing but calls; parked if the last restart brought nothing new. The entry among
 * the half-read cases stays as it is until there is another token: should time run out here, the case is not forgotten.
 */
function restart(run: Run, reading: Reading): void {
  const { caseId } = reading.task;
  run.counters.anomaly('audit-token', { caseId, restarts: reading.restarts });
  if (reading.restarts > 0 && !reading.newSinceRestart) throw new NoProgress();
  reading.restarts += 1;
  reading.newSinceRestart = false;
  reading.incomplete = false;
  reading.token = undefined;
  reading.tokensSeen.clear();
  reading.firstPageAt = null;
}

function advance(run: Run, reading: Reading, token: string): void {
  reading.token = token;
  reading.tokensSeen.add(token);
  run.partialReads.set(reading.task.caseId, halfReadCase(reading, token));
}

function halfReadCase(reading: Reading, token: string): PartialRead {
  const { task, firstPageAt, restarts, newSinceRestart, incomplete } = reading;
  const { caseId, templateId, touched } = task;
  return { caseId, templateId, touched, token, firstPageAt: firstPageAt ?? 0, restarts, newSinceRestart, incomplete };
}
