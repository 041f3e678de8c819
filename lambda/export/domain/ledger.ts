/**
 * What the ledger keeps of an event: 16 bytes of the SHA-256 of its id. An event is new iff its id is not yet known; time and
 * order play no part. 128 bits: a collision inside one case of a million events has a probability below 10⁻²⁶.
 */
import { createHash } from 'node:crypto';

export const EVENT_ID_BYTES = 16;

/** Ids a stored part may hold: 160 kB, well under DynamoDB's limit of 400 kB an item. */
export const EVENT_IDS_PER_PART = 10_000;

/**
 * The id as the ledger knows it: 16 bytes, one character a byte, so that it can be a key of a Set. UTF-8 knows no lone
 * surrogates, so an id that has one is hashed as its JSON text, which tells them apart.
 */
export function ledgerId(eventKey: string): string {
  const text = eventKey.isWellFormed() ? eventKey : JSON.stringify(eventKey);
  return createHash('sha256').update(text).digest().toString('latin1', 0, EVENT_ID_BYTES);
}

/** The ledger ids in what `readEventIds` gave. */
export function* storedIds(stored: Uint8Array): Generator<string, void> {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  for (let at = 0; at < bytes.length; at += EVENT_ID_BYTES) yield bytes.toString('latin1', at, at + EVENT_ID_BYTES);
}

/** Ledger ids as stored, cut into parts. */
export function storedParts(ids: readonly string[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < ids.length; at += EVENT_IDS_PER_PART) {
    parts.push(Buffer.from(ids.slice(at, at + EVENT_IDS_PER_PART).join(''), 'latin1'));
  }
  return parts;
}
