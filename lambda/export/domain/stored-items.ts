/**
 * The checkpoint table's items and the values they stand for: the one place where the stored form is known. Items are plain
 * objects as the document form of DynamoDB has them (strings, numbers, booleans, null, lists, maps, Uint8Array).
 * Whatever `encode…` gives, `decode…` of this and of every later version gives back.
 */
import * as z from 'zod';
import { IntegrityError } from './errors';
import { caseKey, eventIdsKey, retryKey, stateKey, type TableKey } from './keys';
import { EVENT_ID_BYTES, EVENT_IDS_PER_PART } from './ledger';
import type { CaseRecord, CommitHead, CommittedState, DomainState, EventIdsPart, RetryEntry, TriedCase } from './state';

/** Version of the stored form that this code writes. It reads this one and refuses any newer one. */
export const SCHEMA_VERSION = 1;

/** An item with its key, its version and its attributes. */
export interface StoredItem extends TableKey {
  readonly schemaVersion: number;
  readonly [attribute: string]: unknown;
}

/** STATE of a domain that was never exported. */
export const NEW_DOMAIN: DomainState = {
  fence: 0,
  leaseOwner: null,
  leaseExpiresAt: 0,
  startsSinceCommit: 0,
  trying: null,
  head: null,
  applied: 0,
  lanes: {
    live: { watermark: null, passStartedAt: null, anchor: null },
    related: { watermark: null, walk: null, ticksWithoutBottom: 0 },
    sweep: null,
  },
  halfRead: [],
  lastExportDate: null,
  fields: null,
  openRetries: 0,
  openQuarantine: 0,
};

const id = z.string().min(1);
const timeMs = z.int();
const count = z.int().min(0);
const seq = z.int().min(1);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits');

const commitHead = z.object({ seq, manifestKey: id, sha256 }) satisfies z.ZodType<CommitHead>;

const committed = z.object({
  lanes: z.object({
    live: z.object({
      watermark: timeMs.nullable(),
      passStartedAt: timeMs.nullable(),
      anchor: timeMs.nullable(),
    }),
    related: z.object({
      watermark: timeMs.nullable(),
      walk: z.object({ startedAt: timeMs, lowest: timeMs, token: id }).nullable(),
      ticksWithoutBottom: count,
    }),
    sweep: z
      .object({
        number: z.int().min(1),
        startedAt: timeMs,
        anchor: timeMs.nullable(),
        finishedAt: timeMs.nullable(),
        exportFrom: timeMs.nullable(),
        // Before there were checks, every sweep was for history.
        purpose: z.enum(['history', 'check']).default('history'),
        paidUntil: timeMs.nullable().default(null),
        casesRead: count.default(0),
        eventsMissed: count.default(0),
      })
      .nullable(),
  }),
  halfRead: z.array(
    z.object({
      caseId: id,
      templateId: z.string().nullable(),
      touched: timeMs,
      token: id,
      firstPageAt: timeMs,
      restarts: count,
      newSinceRestart: z.boolean(),
      incomplete: z.boolean(),
    }),
  ),
  lastExportDate: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, 'expected YYYY-MM-DD')
    .nullable(),
  fields: z.object({ seq, sha256 }).nullable(),
  openRetries: count,
  openQuarantine: count,
}) satisfies z.ZodType<CommittedState>;

const triedCase = z.object({
  caseId: id,
  templateId: z.string().nullable(),
  touched: timeMs,
}) satisfies z.ZodType<TriedCase>;

const domainState = committed.extend({
  fence: count,
  leaseOwner: id.nullable(),
  leaseExpiresAt: timeMs,
  startsSinceCommit: count,
  trying: triedCase.nullable().default(null),
  head: commitHead.nullable(),
  applied: count,
}) satisfies z.ZodType<DomainState>;

const caseHead = z.object({
  caseId: id,
  touched: timeMs.nullable(),
  readAt: timeMs.nullable(),
  waitingSince: timeMs.nullable(),
  templateId: z.string().nullable(),
  eventCount: count,
  seq,
  goneAt: timeMs.nullable(),
}) satisfies z.ZodType<CaseRecord>;

const retryEntry = z.object({
  caseId: id,
  templateId: z.string().nullable(),
  touched: timeMs,
  cause: z.enum(['not-found', 'malformed', 'incomplete', 'no-progress', 'unavailable', 'refused', 'fatal', 'voided']),
  attempts: count,
  firstSeen: timeMs,
  notFoundSince: timeMs.nullable(),
  notBefore: timeMs,
  seq,
  closed: z.boolean(),
}) satisfies z.ZodType<RetryEntry>;

const eventIdsPart = z.object({
  caseId: id,
  seq,
  part: count,
  ids: z.custom<Uint8Array>(isIdBytes, `expected 1 to ${EVENT_IDS_PER_PART} times ${EVENT_ID_BYTES} bytes of binary`),
}) satisfies z.ZodType<EventIdsPart>;

/** Before the first commit there is no `head` attribute; every other value that is null is stored as null. */
export function encodeState(domainId: string, state: DomainState): StoredItem {
  const { head, ...rest } = checked(domainState, stateKey(domainId), state);
  return item(stateKey(domainId), head === null ? rest : { head, ...rest });
}

/** The STATE of this domain. IntegrityError if the item is malformed or of a newer version. */
export function decodeState(domainId: string, stored: Record<string, unknown>): DomainState {
  return decoded(domainState, stored, () => stateKey(domainId), { head: null, ...stored });
}

/** What a commit changes in STATE besides `head`, attribute by attribute. */
export function encodeCommittedState(domainId: string, state: CommittedState): CommittedState {
  return checked(committed, stateKey(domainId), state);
}

/** The case that is about to be read, as STATE holds it. */
export function encodeTrying(domainId: string, tried: TriedCase | null): TriedCase | null {
  return tried && checked(triedCase, stateKey(domainId), tried);
}

/** `head` as a commit stores it. */
export function encodeCommitHead(domainId: string, head: CommitHead): CommitHead {
  return checked(commitHead, stateKey(domainId), head);
}

export function encodeCaseRecord(domainId: string, head: CaseRecord): StoredItem {
  const key = caseKey(domainId, head.caseId);
  return item(key, checked(caseHead, key, head));
}

/** IntegrityError also if the item stands under the key of another case. */
export function decodeCaseRecord(domainId: string, stored: Record<string, unknown>): CaseRecord {
  return decoded(caseHead, stored, (head) => caseKey(domainId, head.caseId));
}

export function encodeRetry(domainId: string, entry: RetryEntry): StoredItem {
  const key = retryKey(domainId, entry.caseId);
  return item(key, checked(retryEntry, key, entry));
}

/** IntegrityError also if the item stands under the key of another case. */
export function decodeRetry(domainId: string, stored: Record<string, unknown>): RetryEntry {
  return decoded(retryEntry, stored, (entry) => retryKey(domainId, entry.caseId));
}

export function encodeEventIds(domainId: string, part: EventIdsPart): StoredItem {
  const key = eventIdsKey(domainId, part.caseId, part.seq, part.part);
  return item(key, checked(eventIdsPart, key, part));
}

/** IntegrityError also if the item stands under the key of another part. */
export function decodeEventIds(domainId: string, stored: Record<string, unknown>): EventIdsPart {
  return decoded(eventIdsPart, stored, (part) => eventIdsKey(domainId, part.caseId, part.seq, part.part));
}

/** IntegrityError iff the item was written by a newer version, or carries no version at all. */
export function checkSchemaVersion(stored: Record<string, unknown>): void {
  const version = stored['schemaVersion'];
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    throw new IntegrityError(
      `${named(stored)} has schemaVersion ${shown(version)}, expected ${SCHEMA_VERSION}: it is not an item of this exporter, or was changed by hand. Nothing was changed.`,
    );
  }
  if (version > SCHEMA_VERSION) {
    throw new IntegrityError(
      `${named(stored)} has schemaVersion ${version}, but this version of the exporter reads up to ${SCHEMA_VERSION}: deploy the version that wrote it, or a newer one. Nothing was changed.`,
    );
  }
}

function item(key: TableKey, attributes: object): StoredItem {
  return { ...key, schemaVersion: SCHEMA_VERSION, ...attributes };
}

/** What is written must be readable: a value that `decode…` would refuse is refused here, before it is stored. */
function checked<T>(schema: z.ZodType<T>, key: TableKey, value: T): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new IntegrityError(`${named({ ...key })} would be written malformed: ${problems(result.error, value)}`);
}

function decoded<T>(
  schema: z.ZodType<T>,
  stored: Record<string, unknown>,
  keyOf: (value: T) => TableKey,
  attributes: Record<string, unknown> = stored,
): T {
  checkSchemaVersion(stored);
  const result = schema.safeParse(attributes);
  if (!result.success) {
    throw new IntegrityError(`${named(stored)} is malformed: ${problems(result.error, attributes)}`);
  }
  const key = keyOf(result.data);
  if (key.pk !== stored['pk'] || key.sk !== stored['sk']) {
    throw new IntegrityError(`${named(stored)} holds what belongs under ${named({ ...key })}`);
  }
  return result.data;
}

function isIdBytes(value: unknown): boolean {
  return (
    value instanceof Uint8Array &&
    value.length > 0 &&
    value.length % EVENT_ID_BYTES === 0 &&
    value.length <= EVENT_ID_BYTES * EVENT_IDS_PER_PART
  );
}

function named(stored: Record<string, unknown>): string {
  return `Checkpoint item ${shown(stored['pk'])} / ${shown(stored['sk'])}`;
}

function problems(error: z.ZodError, value: unknown): string {
  return error.issues
    .map((issue) => `${issue.path.join('.') || 'item'}: ${issue.message}, got ${shown(at(value, issue.path))}`)
    .join('; ');
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((within, step) => (within as Record<PropertyKey, unknown> | undefined)?.[step], value);
}

/** Short, and only what an item of the ledger can hold: ids, numbers, names. */
function shown(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'a map';
  return String(value);
}
