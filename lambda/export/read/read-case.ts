/** Reads cases, several side by side, each to its last page. */
import { commitBatch, commitIfFull } from '../commit/commit';
import type { AuditEvent } from '../domain/audit-event';
import { MAX_HALVINGS } from '../domain/batch';
import type { TriedCase } from '../domain/case-items';
import { NOTHING_KNOWN } from '../domain/debts';
import { CasesCallError, FencedOutError } from '../domain/errors';
import { isNotFoundTwice, park } from '../domain/retry-list';
import { latest } from '../domain/times';
import type { AuditPage } from '../ports';
import { ReadingOver } from '../run/budget';
import { countNulls, isTokenRefused, noteNulls } from '../run/counters';
import { type Asker, now, type Run } from '../run/run';
import { hasNewNullFields, ingestPage, soundestFirst } from './ingest-page';
import { type PlannedRead, partialRead, type Reading, type ReadTask, startAgain, startReading } from './reading';
import { type Outcome, recordOutcome } from './record-outcome';

/** Number of cases read concurrently. The pacer sets the pace; this many hide the latency of answers. */
const READERS = 8;

/** Cases being read now, each with its read. */
type ReadsUnderWay = Map<string, Promise<unknown>>;

/**
 * Reads the cases as they are found. True if each was read, or had its share; false if time ran out first.
 * @throws the first error, after all readers have come to rest.
 */
export async function readAll(run: Run, tasks: AsyncGenerator<PlannedRead, void>, readers = READERS): Promise<boolean> {
  const errors: unknown[] = [];
  const reads: ReadsUnderWay = new Map();
  // With several at the floor, the deadly case could not be identified.
  const length = isAtFloor(run) ? 1 : readers;
  await Promise.all(Array.from({ length }, () => readUntilDone(run, tasks, reads, errors)));
  await tasks.return();
  const failures = errors.filter((error) => !(error instanceof ReadingOver));
  if (failures.length > 0) throw failures[0];
  return errors.length === 0;
}

/** Never rejects: it adds errors to `errors`, in the order of time. */
async function readUntilDone(
  run: Run,
  tasks: AsyncGenerator<PlannedRead, void>,
  reads: ReadsUnderWay,
  errors: unknown[],
): Promise<void> {
  try {
    for (let next = await tasks.next(); !next.done; next = await tasks.next()) await readAlone(run, next.value, reads);
  } catch (error) {
    errors.push(error);
    // The run ends, so the other readers need not wait for their turn.
    run.budget.endReading();
  }
}

/** Reads no case twice at once: the second read would not know the events that the first has found. */
async function readAlone(run: Run, { task, done }: PlannedRead, reads: ReadsUnderWay): Promise<void> {
  const before = reads.get(task.caseId);
  const mine = Promise.resolve(before?.catch(() => undefined)).then(() => readCase(run, task));
  reads.set(task.caseId, mine);
  try {
    if ((await mine) === 'done') done();
  } finally {
    if (reads.get(task.caseId) === mine) reads.delete(task.caseId);
  }
}

/** Number of pages in a row that may show no unseen event: a service without further events says so sooner. */
const MAX_BARREN_PAGES = 50;

/** The tokens or pages of a case make no progress. */
class NoProgress extends Error {}

/** The case has had its share of calls in this run: it stays partly read. */
class Paused extends Error {}

/**
 * Reads a case to its last page; the events of each page enter the batch at once, whatever follows. Afterwards the case
 * is done: its record says that it is read, or it is on the retry list, or gone. `paused`: it has had its share, and
 * continues in a later run.
 * @throws ReadingOver when time is up (the case is partly read, its token kept), SystemicError when the service fails
 * and not the case.
 */
export async function readCase(run: Run, task: ReadTask): Promise<'done' | 'paused'> {
  await noteIfPoison(run, task);
  const reading = await startReading(run, task);
  const outcome = await outcomeOf(run, reading);
  if (outcome === 'paused' && run.batch.partialReads.keepsItsPlace(task.caseId)) return pause(run, reading);
  const recorded = await withFate(run, task, outcome === 'paused' ? { kind: 'failed', cause: 'no-progress' } : outcome);
  await run.batch.locked(async (open) => {
    recordOutcome(run, open, reading, recorded);
    run.batch.partialReads.delete(task.caseId);
    await commitIfFull(run, open);
  });
  return 'done';
}

async function withFate(run: Run, task: ReadTask, outcome: Outcome): Promise<Outcome> {
  if (outcome.kind !== 'failed' || outcome.cause !== 'not-found') return outcome;
  const fate = await fateOf(run, task);
  return fate === 'gone' ? { kind: 'gone' } : { ...outcome, isLost: fate === 'lost' };
}

/**
 * A case of the retry list that showed nothing new waits longer each time, because others are due as well. It keeps its
 * place.
 */
async function pause(run: Run, reading: Reading): Promise<'paused'> {
  const retry = run.batch.retryOf(reading.task.caseId);
  if (retry === undefined || reading.known.size > reading.knownBefore) return 'paused';
  const cause = retry.cause === 'unexplained' || retry.cause === 'fatal' ? 'no-progress' : retry.cause;
  await run.batch.locked(async (open) => recordOutcome(run, open, reading, { kind: 'failed', cause }));
  return 'paused';
}

async function outcomeOf(run: Run, reading: Reading): Promise<Outcome | 'paused'> {
  const { caseId } = reading.task;
  try {
    await readPages(run, reading);
    return reading.attempt.incomplete ? { kind: 'failed', cause: 'incomplete' } : { kind: 'read' };
  } catch (error) {
    if (error instanceof NoProgress) return { kind: 'failed', cause: 'no-progress' };
    if (error instanceof Paused) return 'paused';
    if (!(error instanceof CasesCallError)) throw error;
    await run.watch.failed(caseId, error, reading.successesBefore, run.batch.retryOf(caseId) !== undefined);
    return { kind: 'failed', cause: error.failure, retryAfterMs: error.details.retryAfterMs };
  }
}

async function readPages(run: Run, reading: Reading): Promise<void> {
  for (let pages = 0, barrenPages = 0; ; ) {
    const page = await readPage(run, reading);
    if (page === 'token-lost') {
      restart(run, reading);
      continue;
    }
    const showsMore = await run.batch.locked((open) => ingestPage(run, open, reading, page.events));
    barrenPages = showsMore ? 0 : barrenPages + 1;
    run.counters.add('pages');
    pages += 1;
    if (page.nextToken === undefined) return;
    if (barrenPages >= MAX_BARREN_PAGES) throw new NoProgress();
    if (reading.attempt.tokensSeen.has(page.nextToken)) restart(run, reading);
    else advance(run, reading, page.nextToken);
    if (pages >= run.maxPagesPerCase || reading.task.mayGoOn?.() === false) throw new Paused();
  }
}

type Page = Pick<AuditPage, 'nextToken'> & { readonly events: readonly (AuditEvent | null)[] };

async function readPage(run: Run, reading: Reading): Promise<Page | 'token-lost'> {
  const askedAt = run.deps.clock.now();
  try {
    const page = await askPage(run, reading);
    reading.attempt.firstPageAt ??= run.time.correct(askedAt);
    const nulls = noteNulls(run.counters, 'GetCaseAuditEvents', page.events, { caseId: reading.task.caseId });
    return nulls === 0 && !hasNewNullFields(reading, page.events) ? page : await askAgain(run, reading, page);
  } catch (error) {
    if (isTokenRefused(error, reading.attempt.token)) return 'token-lost';
    throw error;
  }
}

async function askPage(run: Run, reading: Reading): Promise<Page> {
  const { caseId, oneTry = false } = reading.task;
  reading.successesBefore = run.watch.successes;
  const page = await run.calls.getCaseAuditEvents({
    domainId: run.domainId,
    caseId,
    nextToken: reading.attempt.token,
    oneTry,
  });
  run.watch.succeeded(caseId);
  return page;
}

/**
 * Requests a page with nulls once more, and no further in this read if that does not help. The most complete version of
 * each event counts.
 */
async function askAgain(run: Run, reading: Reading, page: Page): Promise<Page> {
  const { attempt } = reading;
  if (attempt.incomplete) return page;
  try {
    const again = await askPage(run, reading);
    attempt.incomplete = countNulls(again.events) > 0;
    return { events: soundestFirst([...page.events, ...again.events]), nextToken: again.nextToken };
  } catch (error) {
    if (!(error instanceof CasesCallError)) throw error;
    attempt.incomplete = true;
    return page;
  }
}

/**
 * Starts again from page 1, where known ids cost only calls; parks the case if the last restart brought nothing new.
 * The entry among the partial reads stays until there is another token, so that running out of time here does not lose
 * the case.
 */
function restart(run: Run, reading: Reading): void {
  const { caseId } = reading.task;
  run.counters.anomaly('audit-token', { caseId, restarts: reading.restarts });
  if (reading.restarts > 0 && !reading.attempt.showedNew) throw new NoProgress();
  startAgain(reading);
}

function advance(run: Run, reading: Reading, token: string): void {
  reading.attempt.token = token;
  reading.attempt.tokensSeen.add(token);
  run.batch.partialReads.set(reading.task.caseId, partialRead(reading, token));
}

/**
 * The fate of a case that has just answered 404. `owed`: a search shows it, or may show it; histories lag, and
 * incidents pass. `lost`: it is not at its place, and may be further up. `gone`: no search shows it.
 */
type Fate = 'owed' | 'lost' | 'gone';

/** Makes at most one call of SearchCases, and only after two 404s at least settle apart. */
export async function fateOf(run: Run, { caseId, lastUpdated }: ReadTask): Promise<Fate> {
  const retry = run.batch.retryOf(caseId);
  if (!isNotFoundTwice(retry, now(run), run.deps.settings.settleMs)) return 'owed';
  // Since the case was missing at its place, a live pass has reached the end of the list, where an updated case would
  // be.
  if (retry?.lostAt != null && retry.lostAt < (run.progress.provenUntil ?? Number.NEGATIVE_INFINITY)) return 'gone';
  const place = latest(lastUpdated, retry?.lastUpdated ?? null);
  return place === null ? 'owed' : lookFor(run, caseId, place);
}

async function lookFor(run: Asker, caseId: string, place: number): Promise<Fate> {
  const from = Math.floor(place / 1000) * 1000;
  try {
    const page = await run.calls.searchCases({ domainId: run.domainId, by: 'last_updated_datetime', from });
    if (page.cases.some((found) => found === null || found.caseId === caseId)) return 'owed';
    if (page.nextToken === undefined) return (page.totalCount ?? 0) > page.cases.length ? 'owed' : 'gone';
    const goesBeyond = page.cases.some((found) => found?.lastUpdated != null && found.lastUpdated >= from + 1000);
    return goesBeyond ? 'lost' : 'owed';
  } catch (error) {
    if (error instanceof CasesCallError) return 'owed';
    throw error;
  }
}

/**
 * Whether so many invocations in a row died that one of the cases must be the cause: then each is noted before it is
 * read.
 */
function isAtFloor(run: Run): boolean {
  return run.deaths >= MAX_HALVINGS;
}

/**
 * Notes a case that may kill the process, so that the next run knows which one it was. The caller reads no other case
 * meanwhile.
 * @throws FencedOutError if another invocation has taken over.
 */
async function noteIfPoison(run: Run, { caseId, templateId, touched }: TriedCase): Promise<void> {
  if (!isAtFloor(run) && run.batch.retryOf(caseId)?.cause !== 'fatal') return;
  const { domainId, fence } = run;
  const noted = await run.deps.checkpoints.noteTrying({ domainId, fence, tried: { caseId, templateId, touched } });
  if (noted) return;
  throw new FencedOutError(
    `Another invocation has taken the lease of domain ${domainId} (our fence is ${fence}). Nothing further is read; that invocation goes on.`,
  );
}

/**
 * Puts the case that was being read when the last run died on the retry list, in a commit of its own before anything is
 * tried.
 */
export async function parkPoisonCase(run: Run): Promise<void> {
  const tried = run.published.state.trying;
  if (tried === null || run.deaths === 0) return;
  const { caseId } = tried;
  await run.batch.locked(async (open) => {
    const failed = { ...tried, cause: 'fatal' as const, ...NOTHING_KNOWN };
    open.putRetry(park(open.retryOf(caseId), failed, now(run), run.deps.settings.settleMs));
    run.counters.anomaly('case-parked', { caseId, cause: 'fatal' });
    await commitBatch(run, open);
  });
  await run.deps.checkpoints.noteTrying({ domainId: run.domainId, fence: run.fence, tried: null });
}
