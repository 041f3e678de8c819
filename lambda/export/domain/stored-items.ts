/**
 * Translates between the checkpoint table's items and the values that they hold: the one place that knows the stored
 * form. Items are plain objects as the document form of DynamoDB has them (strings, numbers, booleans, null, lists,
 * maps, Uint8Array). `decode` of this and of every later version inverts `encode`.
 */
import type * as z from 'zod';
import { caseRecord, eventIdsPart, retryEntry, type TriedCase, triedCase } from './case-items';
import { IntegrityError } from './errors';
import { caseKey, eventIdsKey, retryKey, stateKey, type TableKey } from './keys';
import {
  type CommitHead,
  type CommittedState,
  commitHead,
  committedState,
  type DomainState,
  domainState,
} from './state';
import { misfits, type Stored, shown } from './stored-form';

/** Version of the stored form that this code writes. It reads this version and refuses any newer one. */
export const SCHEMA_VERSION = 1;

/** An item with its key, its version and its attributes. */
export interface StoredItem extends TableKey {
  readonly schemaVersion: number;
  readonly [attribute: string]: unknown;
}

/** How values of one kind are stored. */
interface ItemForm<Value> {
  /** IntegrityError for a value that `decode` would refuse. */
  encode(domainId: string, value: Value): StoredItem;
  /** IntegrityError if the item is malformed, of a newer version, or stands under the key of another. */
  decode(domainId: string, stored: Record<string, unknown>): Value;
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
    live: { watermark: null, passStartedAt: null, anchor: null, provenUntil: null, heldPasses: 0 },
    related: { watermark: null, walk: null, ticksWithoutBottom: 0, heldPasses: 0 },
    sweep: null,
  },
  halfRead: [],
  lastExportDate: null,
  fields: null,
  openRetries: 0,
  openQuarantine: 0,
  history: null,
  waiting: [],
  notShown: null,
  touches: { explained: 0, unexplained: 0, accepted: 0 },
  canaries: [],
  idsHaveRecords: false,
  signedAt: null,
  redone: null,
};

/** Before the first commit there is no `head` attribute; every other value that is null is stored as null. */
export const stateItem: ItemForm<DomainState> = {
  encode(domainId, state) {
    const { head, ...rest } = checked(domainState, stateKey(domainId), state);
    return item(stateKey(domainId), head === null ? rest : { head, ...rest });
  },
  decode: (domainId, stored) => decoded(domainState, stored, () => stateKey(domainId), { head: null, ...stored }),
};

export const caseItem = itemForm(caseRecord, (domainId, { caseId }) => caseKey(domainId, caseId));
export const retryItem = itemForm(retryEntry, (domainId, { caseId }) => retryKey(domainId, caseId));
export const eventIdsItem = itemForm(eventIdsPart, (domainId, { caseId, seq, part }) =>
  eventIdsKey(domainId, caseId, seq, part),
);

/** Encodes what a commit changes in STATE, attribute by attribute. */
export function encodeCommit(
  domainId: string,
  { head, state }: { readonly head: CommitHead; readonly state: CommittedState },
): CommittedState & { readonly head: CommitHead } {
  const key = stateKey(domainId);
  return { ...checked(committedState, key, state), head: checked(commitHead, key, head) };
}

/** The case that is about to be read, as STATE holds it. */
export function encodeTrying(domainId: string, tried: TriedCase | null): TriedCase | null {
  return tried && checked(triedCase, stateKey(domainId), tried);
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

function itemForm<Schema extends z.ZodType>(
  schema: Schema,
  keyOf: (domainId: string, value: Stored<Schema>) => TableKey,
): ItemForm<Stored<Schema>> {
  return {
    encode(domainId, value) {
      const key = keyOf(domainId, value);
      return item(key, checked(schema, key, value) as object);
    },
    decode: (domainId, stored) => decoded(schema, stored, (value) => keyOf(domainId, value)),
  };
}

function item(key: TableKey, attributes: object): StoredItem {
  return { ...key, schemaVersion: SCHEMA_VERSION, ...attributes };
}

/** Refuses a value that `decode` would refuse, before it is stored. */
function checked<Schema extends z.ZodType>(schema: Schema, key: TableKey, value: Stored<Schema>): Stored<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data as Stored<Schema>;
  throw new IntegrityError(`${named({ ...key })} would be written malformed: ${misfits(result.error, value)}`);
}

function decoded<Schema extends z.ZodType>(
  schema: Schema,
  stored: Record<string, unknown>,
  keyOf: (value: Stored<Schema>) => TableKey,
  attributes: Record<string, unknown> = stored,
): Stored<Schema> {
  checkSchemaVersion(stored);
  const result = schema.safeParse(attributes);
  if (!result.success) {
    throw new IntegrityError(`${named(stored)} is malformed: ${misfits(result.error, attributes)}`);
  }
  const value = result.data as Stored<Schema>;
  const key = keyOf(value);
  if (key.pk !== stored['pk'] || key.sk !== stored['sk']) {
    throw new IntegrityError(`${named(stored)} holds what belongs under ${named({ ...key })}`);
  }
  return value;
}

function named(stored: Record<string, unknown>): string {
  return `Checkpoint item ${shown(stored['pk'])} / ${shown(stored['sk'])}`;
}
