import { commitBatch } from '../commit/commit';
import type { AuditEvent } from '../domain/audit-event';
import type { NewEvent } from '../domain/batch';
import { ledgerId, type PendingEvent } from '../domain/case-items';
import type { FieldChange } from '../domain/columns';
import { addDigests, contentDigest } from '../domain/content-digest';
import { unreadCase } from '../domain/debts';
import { selectValues } from '../domain/fields';
import { completeEvent, estimateBytes, eventKey, flattenEvent, rawEvent } from '../domain/flatten';
import type { QuarantinedEvent } from '../domain/quarantine';
import type { RunCounters } from '../run/counters';
import type { HeldBatch } from '../run/open-batch';
import { now, type Run, type Timed } from '../run/run';
import { type Reading, UNSEEN, unreadRecord } from './reading';

/** Number of null fields tracked per case, because its entry has to fit an item. A case with more is read again. */
const MAX_PENDING_FIELDS = 1_000;

type Flattened = ReturnType<typeof flattenEvent>;

/** An event as this page shows it. */
interface Shown {
  readonly event: AuditEvent;
  readonly key: string;
  readonly id: string;
}

/**
 * Puts the new events of a page into the batch; a full batch is committed first. True if the page shows an event that
 * this attempt has not seen.
 */
export async function ingestPage(
  run: Run,
  open: HeldBatch,
  reading: Reading,
  events: readonly (AuditEvent | null)[],
): Promise<boolean> {
  const shown = events.filter((event) => event !== null).map(asShown);
  const wanted = shown
    .filter(({ id, key }) => !reading.known.has(id) || reading.pending.has(key))
    .map(({ event }) => event);
  if (wanted.length > 0) {
    await run.fieldNames.ensure(wanted.flatMap(fieldIdsOf));
    await run.labels.ensure(selectValues(wanted, run.fieldNames.dictionary), reading.task.templateId);
  }
  let showsMore = false;
  for (const one of shown) {
    const mark = reading.known.get(one.id);
    const isNew =
      mark === undefined ? await addNew(run, open, reading, one) : see(run.counters, open, reading, one, mark);
    showsMore ||= isNew;
    if (mark !== undefined && reading.pending.has(one.key)) await complete(run, open, reading, one);
  }
  return showsMore;
}

/** Sorts answers to the same request, the most complete first. */
export function soundestFirst(events: readonly (AuditEvent | null)[]): (AuditEvent | null)[] {
  return events.toSorted((a, b) => lackOf(a) - lackOf(b));
}

function lackOf(event: AuditEvent | null): number {
  if (event === null || !Array.isArray(event.fields)) return Number.MAX_SAFE_INTEGER;
  return nullFields(event);
}

function nullFields({ fields }: AuditEvent): number {
  return Array.isArray(fields) ? fields.filter((field) => field === null).length : 0;
}

/** Whether an event that rows do not hold yet, or not wholly, has fields that were null. */
export function hasNewNullFields(reading: Reading, events: readonly (AuditEvent | null)[]): boolean {
  return events.some(
    (event) => event !== null && nullFields(event) > 0 && !reading.known.has(ledgerId(eventKey(event))),
  );
}

export function fieldIdsOf(event: AuditEvent): string[] {
  if (!Array.isArray(event.fields)) return [];
  return event.fields.flatMap((field: { eventFieldId?: unknown } | null) =>
    typeof field?.eventFieldId === 'string' ? field.eventFieldId : [],
  );
}

function asShown(event: AuditEvent): Shown {
  const key = eventKey(event);
  return { event, key, id: ledgerId(key) };
}

/** Notes a known event. True if this read has not seen it before. */
function see(counters: RunCounters, open: HeldBatch, reading: Reading, { event }: Shown, mark: number): boolean {
  noteNewest(reading.attempt, event);
  if (mark === UNSEEN) {
    const digest = noteContent(reading, event);
    const { content } = reading.attempt;
    content.knownBefore = addDigests(content.knownBefore, digest);
    content.seenOfKnown += 1;
    return true;
  }
  const isSame = nullFields(event) > 0 || !Array.isArray(event.fields) || mark === markOf(contentDigest(event));
  if (!isSame) noteTwoContents(counters, open, reading);
  return false;
}

function noteTwoContents(counters: RunCounters, open: HeldBatch, { task }: Reading): void {
  open.changedUpstream.add(task.caseId);
  counters.anomaly('changed-upstream', { caseId: task.caseId });
}

/** Adds the event to the open batch, unless it lacks its list of fields and so does not count as seen. */
async function addNew(run: Run, open: HeldBatch, reading: Reading, one: Shown): Promise<boolean> {
  const { caseId, templateId } = reading.task;
  const flattened = flattenEvent(one.event, caseId, templateId, run.fieldNames.dictionary);
  if (flattened.kind === 'incomplete' || !hasRoomFor(reading, flattened)) {
    reading.attempt.incomplete = true;
    return false;
  }
  const added = toNewEvent(run.counters, reading, one, flattened);
  if (!open.fits(added)) await commitBatch(run, open);
  open.add(added);
  if (isPending(flattened)) owePending(run, open, reading, one.key, flattened);
  keepRecord(open, reading);
  noteNewest(reading.attempt, one.event);
  noteContent(reading, one.event);
  reading.task.observer?.newEvent(one.event);
  reading.attempt.showedNew = true;
  return true;
}

function isPending(flattened: Flattened): flattened is Extract<Flattened, { kind: 'rows' }> {
  return flattened.kind === 'rows' && flattened.nullPositions.length > 0;
}

function hasRoomFor({ pending }: Reading, flattened: Flattened): boolean {
  if (!isPending(flattened)) return true;
  const kept = [...pending.values()].reduce((sum, { positions }) => sum + positions.length + 1, 0);
  return kept + flattened.nullPositions.length < MAX_PENDING_FIELDS;
}

/** Gives every case with ids in the ledger a record, so that a case without one needs no look at the ledger. */
function keepRecord(open: HeldBatch, { task }: Reading): void {
  const { caseId, templateId, record } = task;
  if (record !== undefined || open.hasRecorded(caseId)) return;
  open.putRecord(open.records.get(caseId) ?? unreadRecord(caseId, templateId));
}

/** Marks the event as seen in this read, and adds it to the digest of the case. */
function noteContent(reading: Reading, event: AuditEvent): bigint {
  const digest = contentDigest(event);
  const { content } = reading.attempt;
  content.all = addDigests(content.all, digest);
  content.seen += 1;
  reading.known.set(ledgerId(eventKey(event)), markOf(digest));
  return digest;
}

/** 30 bits: a small number costs no memory of its own. */
function markOf(digest: bigint): number {
  return Number(digest & 0x3fff_ffffn);
}

function noteNewest(attempt: Reading['attempt'], { performedTime }: AuditEvent): void {
  const time = performedTime instanceof Date ? performedTime.getTime() : Number.NaN;
  if (!Number.isNaN(time)) attempt.newest = Math.max(attempt.newest ?? time, time);
}

/** Notes the missing fields in the same commit as the rows: a crash between the two would forget them. */
function owePending(
  run: Timed,
  open: HeldBatch,
  reading: Reading,
  eventKey: string,
  { nullPositions, length }: { nullPositions: readonly number[]; length: number },
): void {
  reading.pending.set(eventKey, { eventKey, positions: nullPositions, length });
  storePending(run, open, reading);
}

function storePending(run: Timed, open: HeldBatch, { task, pending }: Reading): void {
  const { caseId } = task;
  const time = now(run);
  const first = {
    ...unreadCase(task),
    cause: 'null-field' as const,
    attempts: 0,
    firstSeen: time,
    notFoundSince: null,
    notBefore: time,
    triedAt: time,
    sweptAt: null,
    lostAt: null,
    closed: false,
  };
  open.putRetry({ ...(open.retryOf(caseId) ?? first), pending: [...pending.values()] });
}

/** Adds rows for the fields that have arrived at last. */
async function complete(run: Run, open: HeldBatch, reading: Reading, { event, key }: Shown): Promise<void> {
  const { caseId, templateId } = reading.task;
  const pending = reading.pending.get(key) as PendingEvent;
  const flattened = completeEvent(event, caseId, templateId, run.fieldNames.dictionary, pending);
  if (flattened?.kind !== 'rows') return;
  const quarantined = quarantine(run.counters, caseId, key, event, flattened);
  const completed = { changes: flattened.rows, quarantined, bytes: bytesOf(flattened.rows, quarantined) };
  if (!open.fits(completed)) await commitBatch(run, open);
  open.addCompleted(completed);
  reading.pending.delete(key);
  storePending(run, open, reading);
}

function toNewEvent(
  counters: RunCounters,
  { task }: Reading,
  { event, key, id }: Shown,
  flattened: Flattened,
): NewEvent {
  const { caseId } = task;
  const quarantined = quarantine(counters, caseId, key, event, flattened);
  const changes = flattened.kind === 'rows' ? flattened.rows : [];
  if (flattened.kind === 'rows') {
    counters.add('nullElements', flattened.nullPositions.length);
    if (flattened.unknownMembers > 0)
      counters.anomaly('unknown-members', { caseId, members: flattened.unknownMembers });
  }
  return { caseId, ledgerId: id, changes, quarantined, bytes: bytesOf(changes, quarantined) };
}

function quarantine(
  counters: RunCounters,
  caseId: string,
  key: string,
  event: AuditEvent,
  flattened: Flattened,
): QuarantinedEvent | null {
  const emitted = flattened.kind === 'rows';
  const reason = reasonOf(flattened);
  if (reason === null) return null;
  counters.anomaly(emitted ? 'text-altered' : 'event-quarantined', { caseId, reason });
  return { caseId, eventKey: key, reason, emitted, event: rawEvent(event) };
}

/** Null where the rows hold the whole event. */
function reasonOf(flattened: Flattened): string | null {
  if (flattened.kind !== 'rows') return flattened.reason;
  if (flattened.nullPositions.length > 0) return 'fields that came as null at every asking';
  return flattened.altered ? 'a string with a lone surrogate, written as U+FFFD' : null;
}

export function bytesOf(changes: readonly FieldChange[], quarantined: QuarantinedEvent | null): number {
  let bytes = quarantined === null ? 0 : Buffer.byteLength(JSON.stringify(quarantined));
  for (const change of changes) bytes += estimateBytes(change);
  return bytes;
}
