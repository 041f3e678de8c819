import type { AuditEvent } from '../domain/audit-event';
import type { NewEvent, QuarantinedEvent } from '../domain/batch';
import type { FieldChange } from '../domain/columns';
import { CasesCallError, type CasesFailure } from '../domain/errors';
import { estimateBytes, eventKey, type Flattened, flattenEvent, rawEvent } from '../domain/flatten';
import { addStoredIds, ledgerId } from '../domain/ledger';
import { isGone, park } from '../domain/retry-list';
import type { CaseHead, HalfReadCase, RetryCause, RetryEntry } from '../domain/state';
import type { AuditPage } from '../ports';
import { isSystemic } from './calls';
import { commitBatch, commitIfFull } from './commit';
import { now, type Run } from './run';

const RETRY_CAUSES: Partial<Record<CasesFailure, RetryCause>> = {
  'not-found': 'not-found',
  refused: 'refused',
  malformed: 'malformed',
};

/** The tokens of a case lead nowhere. */
class NoProgress extends Error {}

/** The case has had its share of calls in this run: it stays where it is, half-read. */
class Paused extends Error {}

/** A case to be read to its end. */
export interface ReadTask {
  readonly caseId: string;
  readonly templateId: string | null;
  /** What the finder saw: becomes the head's `touched`. */
  readonly touched: number;
  readonly head: CaseHead | undefined;
  /** Asked after each page that is not the last: false leaves the case half-read. */
  readonly mayGoOn?: () => boolean;
}

/** One read in progress: what is known of the case, and how far the pages have come. */
interface Reading {
  readonly task: ReadTask;
  readonly known: Set<string>;
  token: string | undefined;
  readonly tokensSeen: Set<string>;
  /** Time before the first page; null until its answer came, as that tells how far our clock can be trusted. */
  firstPageAt: number | null;
  restarts: number;
  newSinceRestart: boolean;
  /** A null event, or one that lacks its fields, was seen and did not come right. */
  incomplete: boolean;
}

/**
 * Reads a case to its last page; the events of each page enter the batch at once, whatever follows. Afterwards the case is
 * settled: its head says that it is read, or it is on the retry list, or gone.
 * @throws ReadingOver when time is up (the case is half-read, its token kept), CasesCallError when the failure is systemic.
 */
export async function readCase(run: Run, task: ReadTask): Promise<void> {
  const reading = await startReading(run, task);
  const outcome = await outcomeOf(run, reading);
  if (outcome === 'paused') return;
  await run.batchLock.run(async () => {
    settle(run, reading, outcome);
    run.halfRead.delete(task.caseId);
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
  // A token is good for the touch that led to it: after a later one the pages before it may hold something new.
  const stored = run.halfRead.get(task.caseId);
  const half = stored !== undefined && stored.touched >= task.touched ? stored : undefined;
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

async function readPages(run: Run, reading: Reading): Promise<void> {
  for (;;) {
    const page = await readPage(run, reading);
    if (page === 'token-lost') {
      restart(run, reading);
      continue;
    }
    await run.batchLock.run(() => takeEvents(run, reading, page.events));
    run.tally.add('pages');
    if (page.nextToken === undefined) return;
    if (reading.tokensSeen.has(page.nextToken)) restart(run, reading);
    else goOn(run, reading, page.nextToken);
    if (reading.task.mayGoOn?.() === false) throw new Paused();
  }
}

type Page = Pick<AuditPage, 'nextToken'> & { readonly events: readonly (AuditEvent | null)[] };

async function readPage(run: Run, reading: Reading): Promise<Page | 'token-lost'> {
  const askedAt = run.deps.clock.now();
  try {
    const page = await askPage(run, reading);
    reading.firstPageAt ??= run.time.correct(askedAt);
    return countNulls(page.events) === 0 ? page : await askAgain(run, reading, page);
  } catch (error) {
    if (isTokenRefused(error, reading)) return 'token-lost';
    throw error;
  }
}

function askPage(run: Run, { task, token }: Reading): Promise<Page> {
  return run.calls.getCaseAuditEvents({ domainId: run.domainId, caseId: task.caseId, nextToken: token });
}

function isTokenRefused(error: unknown, reading: Reading): boolean {
  return error instanceof CasesCallError && error.failure === 'refused' && reading.token !== undefined;
}

/** A page with null events is asked for once more; no more in this read if that does not help. What came is kept anyway. */
async function askAgain(run: Run, reading: Reading, page: Page): Promise<Page> {
  const nulls = countNulls(page.events);
  run.tally.add('nullElements', nulls);
  run.tally.anomaly('null-elements', { operation: 'GetCaseAuditEvents', caseId: reading.task.caseId, nulls });
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

function countNulls(events: readonly (AuditEvent | null)[]): number {
  return events.filter((event) => event === null).length;
}

/**
 * From page 1 again, where known ids cost nothing but calls; parked if the last restart brought nothing new. The entry among
 * the half-read cases stays as it is until there is another token: should time run out here, the case is not forgotten.
 */
function restart(run: Run, reading: Reading): void {
  const { caseId } = reading.task;
  run.tally.anomaly('audit-token', { caseId, restarts: reading.restarts });
  if (reading.restarts > 0 && !reading.newSinceRestart) throw new NoProgress();
  reading.restarts += 1;
  reading.newSinceRestart = false;
  reading.incomplete = false;
  reading.token = undefined;
  reading.tokensSeen.clear();
  reading.firstPageAt = null;
}

function goOn(run: Run, reading: Reading, token: string): void {
  reading.token = token;
  reading.tokensSeen.add(token);
  run.halfRead.set(reading.task.caseId, halfReadCase(reading, token));
}

function halfReadCase(reading: Reading, token: string): HalfReadCase {
  const { task, firstPageAt, restarts, newSinceRestart, incomplete } = reading;
  const { caseId, templateId, touched } = task;
  return { caseId, templateId, touched, token, firstPageAt: firstPageAt ?? 0, restarts, newSinceRestart, incomplete };
}

async function takeEvents(run: Run, reading: Reading, events: readonly (AuditEvent | null)[]): Promise<void> {
  const fresh = events
    .filter((event) => event !== null)
    .filter((event) => !reading.known.has(ledgerId(eventKey(event))));
  if (fresh.length === 0) return;
  await run.fieldNames.ensure(fresh.flatMap(fieldIdsOf));
  for (const event of fresh) {
    const added = toNewEvent(run, reading, event);
    if (added === null) continue;
    if (!run.batch.fits(added)) await commitBatch(run);
    run.batch.add(added);
    reading.known.add(added.ledgerId);
    reading.newSinceRestart = true;
  }
}

function fieldIdsOf(event: AuditEvent): string[] {
  if (!Array.isArray(event.fields)) return [];
  return event.fields.flatMap((field: { eventFieldId?: unknown } | null) =>
    typeof field?.eventFieldId === 'string' ? field.eventFieldId : [],
  );
}

/** Null where the event came twice on the page, or lacks the list that it must have and so does not count as seen. */
function toNewEvent(run: Run, reading: Reading, event: AuditEvent): NewEvent | null {
  const key = eventKey(event);
  const id = ledgerId(key);
  if (reading.known.has(id)) return null;
  const { caseId, templateId } = reading.task;
  const flattened = flattenEvent(event, caseId, templateId, run.fieldNames.dictionary);
  if (flattened.kind === 'incomplete') {
    reading.incomplete = true;
    return null;
  }
  const quarantined = quarantine(run, caseId, key, event, flattened);
  const changes = flattened.kind === 'rows' ? flattened.rows : [];
  if (flattened.kind === 'rows') run.tally.add('nullElements', flattened.nullFields);
  return { caseId, ledgerId: id, changes, quarantined, bytes: bytesOf(changes, quarantined) };
}

function quarantine(
  run: Run,
  caseId: string,
  key: string,
  event: AuditEvent,
  flattened: Flattened,
): QuarantinedEvent | null {
  const emitted = flattened.kind === 'rows';
  if (emitted && !flattened.altered) return null;
  const reason = flattened.kind === 'rows' ? 'a string with a lone surrogate, written as U+FFFD' : flattened.reason;
  run.tally.anomaly(emitted ? 'text-altered' : 'event-quarantined', { caseId, reason });
  return { caseId, eventKey: key, reason, emitted, event: rawEvent(event) };
}

function bytesOf(changes: readonly FieldChange[], quarantined: QuarantinedEvent | null): number {
  let bytes = quarantined === null ? 0 : Buffer.byteLength(JSON.stringify(quarantined));
  for (const change of changes) bytes += estimateBytes(change);
  return bytes;
}

/** The open entry of a case on the retry list, what the batch changes included. */
export function openRetry(run: Run, caseId: string): RetryEntry | undefined {
  const changed = run.batch.retries.get(caseId);
  if (changed) return changed.closed ? undefined : { ...changed, seq: 0 };
  return run.openRetries.get(caseId);
}

/** What is said of the case at the end of its read. The caller holds the batch lock. */
function settle(run: Run, reading: Reading, outcome: RetryCause | 'read'): void {
  const { caseId } = reading.task;
  const retry = openRetry(run, caseId);
  const isGoneNow = outcome === 'not-found' && isGone(retry, now(run), run.deps.settings.settleMs);
  if (outcome !== 'read' && !isGoneNow) {
    const { templateId, touched } = reading.task;
    run.batch.retries.set(
      caseId,
      park(retry, { caseId, templateId, touched, cause: outcome }, now(run), run.deps.settings.settleMs),
    );
    run.tally.anomaly('case-parked', { caseId, cause: outcome });
    return;
  }
  run.batch.heads.set(caseId, headOf(reading, now(run), isGoneNow));
  if (retry) run.batch.retries.set(caseId, { ...retry, closed: true });
  if (isGoneNow) run.batch.gone.add(caseId);
  else run.tally.add('casesRead');
}

function headOf({ task, known, firstPageAt }: Reading, nowMs: number, gone: boolean): Omit<CaseHead, 'seq'> {
  const { caseId, touched, templateId } = task;
  return {
    caseId,
    touched,
    readAt: firstPageAt ?? nowMs,
    waitingSince: null,
    templateId,
    eventCount: known.size,
    goneAt: gone ? nowMs : null,
  };
}
