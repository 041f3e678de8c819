/**
 * Events that a commit keeps raw because no row can hold them, and events of earlier quarantines that its rows hold:
 * `quarantine/domain_id=<id>/<seq>.json`.
 */
import * as z from 'zod';
import { IntegrityError } from './errors';
import { quarantineKey } from './keys';
import { readStored, type Stored, seq, version } from './stored-form';

/** Raw JSON (`rawEvent`) of an event that could not be flattened, or (emitted) whose text had to be altered. */
export type QuarantinedEvent = Stored<typeof quarantinedEvent>;
const quarantinedEvent = z.object({
  caseId: z.string(),
  eventKey: z.string(),
  /** Names the faulty member, never its value. */
  reason: z.string(),
  /** Rows hold the event all the same, with U+FFFD for every lone surrogate. */
  emitted: z.boolean(),
  event: z.unknown(),
});

/** An event of an earlier quarantine, whose rows are in this commit. */
export type ReplayedEvent = Stored<typeof replayedEvent>;
const replayedEvent = z.object({ quarantinedIn: seq, caseId: z.string(), eventKey: z.string() });

export type Quarantine = Stored<typeof quarantine>;
const quarantine = z.object({
  version,
  domainId: z.string(),
  seq,
  events: z.array(quarantinedEvent),
  /** Builds without replay lack it. */
  replayed: z.array(replayedEvent).default([]),
  /** Seed of the commit's case digests, 64 hex digits (`case-slice.ts`). The first builds wrote none. */
  caseSalt: z.string().optional().catch(undefined),
});

/** The form of a quarantine. */
export const QUARANTINE = { what: 'quarantine', version: 1, schema: quarantine, isPrivate: true };

export function newQuarantine(
  domainId: string,
  seq: number,
  events: readonly QuarantinedEvent[],
  replayed: readonly ReplayedEvent[],
  caseSalt?: string,
): Quarantine {
  return { version: 1, domainId, seq, events, replayed, ...(caseSalt === undefined ? {} : { caseSalt }) };
}

/**
 * Parses a quarantine.
 * @throws IntegrityError with key and reason if the bytes are not the quarantine of this domain and commit, in a
 * version that this one reads.
 */
export function parseQuarantine(
  bytes: Uint8Array,
  expected: { readonly domainId: string; readonly seq: number },
): Quarantine {
  const key = quarantineKey(expected.domainId, expected.seq);
  const found = readStored(QUARANTINE, key, bytes);
  if (found.domainId === expected.domainId && found.seq === expected.seq) return found;
  throw new IntegrityError(
    `The quarantine ${key} of commit ${expected.seq} of domain ${expected.domainId} calls itself commit ${found.seq} of domain ${found.domainId}. Nothing was taken from it. Find out who wrote it.`,
  );
}

/** Number of events that no row holds. */
export function openEvents(events: readonly QuarantinedEvent[]): number {
  return events.filter(({ emitted }) => !emitted).length;
}
