/**
 * The checkpoint table's items about a case, as schemas for writing and reading. Members that came later have defaults.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { count, id, type Stored, seq, timeMs } from './stored-form';

/** A case to be read, as its finder saw it. */
export type TriedCase = Stored<typeof triedCase>;
export const triedCase = z.object({
  caseId: id,
  templateId: z.string().nullable(),
  touched: timeMs,
});

/** The ledger's head of a case: how much has been read, and when. */
export type CaseRecord = Stored<typeof caseRecord>;
export const caseRecord = z.object({
  caseId: id,
  /** Latest of last_updated and association time that led to a complete read; null before the first. */
  touched: timeMs.nullable(),
  /** Time before the first page of that read. */
  readAt: timeMs.nullable(),
  /** Start of the wait, while the case is found but too fresh to be read; a hint. */
  waitingSince: timeMs.nullable(),
  templateId: z.string().nullable(),
  /** Distinct events exported or quarantined. */
  eventCount: count,
  /** Commit that wrote this. */
  seq,
  /** Time at which the case was found gone: two 404s, and no search that still shows it. */
  goneAt: timeMs.nullable(),
  /** `missingFrom` of its debt since it began to wait. */
  owedFrom: timeMs.nullable().default(null),
  /** Order-free digest of the content of all its events at the last whole read, hex; null if unknown. */
  content: z.string().nullable().default(null),
  /** Its newest touch was accepted though no event explains it. */
  unexplained: z.boolean().default(false),
});

/**
 * `incomplete`: a null event, or one without its fields, at every asking · `null-field`: a field that came as null at
 * every asking
 * `no-progress`: tokens or pages that lead nowhere · `unexplained`: a touch that is newer than every event
 * `waited`: found too fresh to be read, and not found again by the lanes, or one of too many
 * `fatal`: the process died while it read the case · `voided`: an operator voided the commit that spoke of its last
 * pages
 */
export const RETRY_CAUSES = [
  'not-found',
  'malformed',
  'incomplete',
  'null-field',
  'no-progress',
  'unavailable',
  'refused',
  'denied',
  'throttled',
  'unexplained',
  'waited',
  'fatal',
  'voided',
] as const;
export type RetryCause = (typeof RETRY_CAUSES)[number];

/** An event of which some fields were null at every asking: rows hold the other fields, quarantine the whole. */
export type PendingEvent = Stored<typeof pendingEvent>;
const pendingEvent = z.object({
  eventKey: id,
  /** Positions of the nulls in the event's list, and the length of the list. */
  positions: z.array(count),
  length: count,
});

/** A case that could not be read to its end. A closed entry is kept, because it guards against late writers. */
export type RetryEntry = Stored<typeof retryEntry>;
export const retryEntry = z.object({
  caseId: id,
  templateId: z.string().nullable(),
  touched: timeMs,
  cause: z.enum(RETRY_CAUSES),
  attempts: count,
  /** Start of the time in which the case has been incomplete, whatever the cause. */
  firstSeen: timeMs,
  /** Time of the first 404 of this entry, null if there was none: a second one is measured from it. */
  notFoundSince: timeMs.nullable(),
  notBefore: timeMs,
  seq,
  closed: z.boolean(),
  missingFrom: timeMs.nullable().default(null),
  neverRead: z.boolean().default(true),
  /** Time of the last try; null before the first. */
  triedAt: timeMs.nullable().default(null),
  /** `last_updated_datetime` of the last search that showed the case; null if none did. */
  lastUpdated: timeMs.nullable().default(null),
  /** Time of the last sweep that showed the case; null if none did. */
  sweptAt: timeMs.nullable().default(null),
  /** Time since which a search at its place does not show it; null while searches do. */
  lostAt: timeMs.nullable().default(null),
  pending: z.array(pendingEvent).default([]),
});

/**
 * Length of an event's id in the ledger: 16 bytes of the SHA-256 of the id. An event is new iff its id is not yet
 * known; time and order play no part. At 128 bits, a collision inside one case of a million events has a probability
 * below 10⁻²⁶.
 */
export const EVENT_ID_BYTES = 16;

/** Number of ids that a stored part may hold: 160 kB, well under DynamoDB's limit of 400 kB per item. */
const EVENT_IDS_PER_PART = 10_000;

/**
 * Ids of exported events of one case in one commit: 16 bytes of SHA-256 each, at most 10,000 per part. Never rewritten.
 */
export type EventIdsPart = Stored<typeof eventIdsPart>;
export const eventIdsPart = z.object({
  caseId: id,
  seq,
  part: count,
  ids: z.custom<Uint8Array>(isIdBytes, `expected 1 to ${EVENT_IDS_PER_PART} times ${EVENT_ID_BYTES} bytes of binary`),
});

/** Whether these are whole ids, no more than a part may hold. */
export function isIdBytes(value: unknown): boolean {
  return (
    value instanceof Uint8Array &&
    value.length > 0 &&
    value.length % EVENT_ID_BYTES === 0 &&
    value.length <= EVENT_ID_BYTES * EVENT_IDS_PER_PART
  );
}

/**
 * Returns the id as the ledger knows it: 16 bytes, one character per byte, so that it can be a key of a Set. UTF-8 has
 * no lone surrogates, so an id that holds one is hashed as its JSON text, which keeps such ids apart.
 */
export function ledgerId(eventKey: string): string {
  const text = eventKey.isWellFormed() ? eventKey : JSON.stringify(eventKey);
  return createHash('sha256').update(text).digest().toString('latin1', 0, EVENT_ID_BYTES);
}

/** Yields the ledger ids in the bytes that `readEventIds` returned. */
export function* storedIds(stored: Uint8Array): Generator<string, void> {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  for (let at = 0; at < bytes.length; at += EVENT_ID_BYTES) yield bytes.toString('latin1', at, at + EVENT_ID_BYTES);
}

/** Cuts ledger ids into parts as stored. */
export function storedParts(ids: readonly string[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < ids.length; at += EVENT_IDS_PER_PART) {
    parts.push(Buffer.from(ids.slice(at, at + EVENT_IDS_PER_PART).join(''), 'latin1'));
  }
  return parts;
}
