import type { AuditEvent } from '../domain/audit-event';
import { type CaseRecord, type PendingEvent, storedIds } from '../domain/case-items';
import type { UnreadCase } from '../domain/debts';
import type { PartialRead } from '../domain/state';
import type { Run } from '../run/run';

/**
 * Receives the results of a case's read for its finder, while the batch is locked, so that its counts belong to the
 * same commit.
 */
export interface ReadObserver {
  newEvent(event: AuditEvent): void;
  caseRead(): void;
}

/** A case to be read to its end. The record takes over `touched` from the finder. */
export interface ReadTask extends UnreadCase {
  readonly record: CaseRecord | undefined;
  /** False where neither search nor related item gave a time: then no event has to explain it. */
  readonly isTouchKnown?: boolean;
  readonly observer?: ReadObserver | undefined;
  /** A sweep reads the whole case since the sweep began: pages before an older token may have changed since. */
  readonly readSince?: number | undefined;
  /** Time at which a sweep showed the case, if one led to this read; no earlier than the sweep began. */
  readonly sweptAt?: number | undefined;
  /** Called after each page but the last: false leaves the case partly read. */
  readonly mayGoOn?: () => boolean;
  /** The read will probably fail again: one attempt per call. */
  readonly oneTry?: boolean;
}

/** Marks an event that this read has not seen so far. */
export const UNSEEN = -1;

/** One read in progress: the knowledge of the case, which only grows, and the present attempt. */
export interface Reading {
  readonly task: ReadTask;
  /** Ledger ids of the case's known events, each with a mark of the content that this read has seen, or UNSEEN. */
  readonly known: Map<string, number>;
  /** Ids that the ledger held when the read began. */
  readonly knownBefore: number;
  /** Events with fields that were null, which rows of earlier commits lack. */
  readonly pending: Map<string, PendingEvent>;
  /** Attempts before this one. */
  restarts: number;
  attempt: Attempt;
  /** Answers to reads of any case before the last call of this one. */
  successesBefore: number;
}

/** The way from a first page to the last: everything that is forgotten where a read starts again. */
interface Attempt {
  token: string | undefined;
  readonly tokensSeen: Set<string>;
  /** Time before the first page; null until its answer arrived, because that shows how far to trust our clock. */
  firstPageAt: number | null;
  /** It began at page 1 in this run, so it sees the whole case. */
  readonly isWhole: boolean;
  /** An event was new. */
  showedNew: boolean;
  /** A null event, or one without its fields, was seen and stayed so. */
  incomplete: boolean;
  /** The latest `performedTime` seen. */
  newest: number | null;
  readonly content: ContentDigest;
}

/** Order-free digests of the content seen so far: of all events, and of those that were known before the read. */
interface ContentDigest {
  seen: number;
  all: bigint;
  knownBefore: bigint;
  seenOfKnown: number;
}

/** A case to read, and the function to call when it is done. */
export interface PlannedRead {
  readonly task: ReadTask;
  readonly done: () => void;
}

/** The record of a case that was never read whole. */
export function unreadRecord(caseId: string, templateId: string | null) {
  return {
    caseId,
    touched: null,
    readAt: null,
    waitingSince: null,
    owedFrom: null,
    templateId,
    eventCount: 0,
    goneAt: null,
    content: null,
    unexplained: false,
  };
}

/** Begins to read a case, or continues where an earlier run stopped if its token is still good for this task. */
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
    restarts: partial?.restarts ?? 0,
    attempt: newAttempt(partial),
    successesBefore: run.watch.successes,
  };
}

function newAttempt(partial?: PartialRead): Attempt {
  return {
    token: partial?.token,
    tokensSeen: new Set(partial ? [partial.token] : []),
    firstPageAt: partial?.firstPageAt ?? null,
    isWhole: partial === undefined,
    showedNew: partial?.newSinceRestart ?? false,
    incomplete: partial?.incomplete ?? false,
    // A read that an earlier build began has no known times, so its touch counts as explained.
    newest: partial ? (partial.newest ?? Number.POSITIVE_INFINITY) : null,
    content: { seen: 0, all: 0n, knownBefore: 0n, seenOfKnown: 0 },
  };
}

/** Begins a new attempt at page 1, which sees every event of the case again. */
export function startAgain(reading: Reading): void {
  reading.restarts += 1;
  reading.attempt = newAttempt();
  for (const id of reading.known.keys()) reading.known.set(id, UNSEEN);
}

/** The read continues for the later of the two touches; the part that may be missing is the one from its beginning. */
function withPartial(task: ReadTask, { touched, missingFrom, neverRead }: PartialRead): ReadTask {
  return { ...task, touched: Math.max(task.touched, touched), missingFrom, neverRead };
}

/**
 * Looks at the open batch first: an id that a commit moves into the table meanwhile is then seen twice, never missed.
 */
async function knownIds(run: Run, { caseId, record }: ReadTask, isPartlyRead: boolean): Promise<Map<string, number>> {
  const known = new Map<string, number>();
  for (const id of run.batch.newIds.get(caseId) ?? []) known.set(id, UNSEEN);
  const mayHaveIds =
    !run.published.state.idsHaveRecords || record !== undefined || run.batch.hasRecorded(caseId) || isPartlyRead;
  if (!mayHaveIds) return known;
  for (const id of storedIds(await run.deps.checkpoints.readEventIds(run.domainId, caseId))) known.set(id, UNSEEN);
  return known;
}

/**
 * A token is good for the touch, and the sweep, that led to it: after a later one the pages before it may have changed.
 */
function isGoodFor({ touched, readSince }: ReadTask, partial: PartialRead): boolean {
  return partial.touched >= touched && partial.firstPageAt >= (readSince ?? Number.NEGATIVE_INFINITY);
}

/** Returns the read as STATE keeps it, to continue from `token`. */
export function partialRead({ task, restarts, attempt }: Reading, token: string): PartialRead {
  const { caseId, templateId, touched, missingFrom, neverRead } = task;
  const { firstPageAt, showedNew: newSinceRestart, incomplete, newest } = attempt;
  const progress = { token, firstPageAt: firstPageAt ?? 0, restarts, newSinceRestart, incomplete, newest: newest ?? 0 };
  return { caseId, templateId, touched, ...progress, missingFrom, neverRead };
}
