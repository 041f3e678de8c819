/**
 * An order-free digest of the content of a case's events: the sum, modulo 2^128, of 16 bytes of SHA-256 of each. Two
 * whole reads of a case with the same content have the same digest, in whatever order events, members or changed fields
 * arrive. Later versions compare stored digests, so the hashed form never changes: members that later versions know
 * still count as unknown ones.
 */
import { hash } from 'node:crypto';
import { types } from 'node:util';
import type { AuditEvent, AuditEventField } from './audit-event';
import { canonicalJson, isMembers, toJsonValue } from './values';

const EVENT = new Set(['eventId', 'type', 'relatedItemType', 'performedTime', 'fields', 'performedBy']);
const FIELD = new Set(['eventFieldId', 'oldValue', 'newValue']);
const PERFORMED_BY = new Set(['user', 'iamPrincipalArn']);

/** Hex digits of 16 bytes. */
const DIGITS = 32;

/** Digest of one event; below 2^128. */
export function contentDigest(event: AuditEvent): bigint {
  const { eventId, type, relatedItemType, performedTime, performedBy, fields } = event;
  const content = [
    plain(eventId),
    plain(type),
    plain(relatedItemType),
    types.isDate(performedTime) ? [performedTime.getTime()] : plain(performedTime),
    performerOf(performedBy),
    fieldsOf(fields),
    othersOf(event, EVENT),
  ];
  return BigInt(`0x${hash('sha256', JSON.stringify(content)).slice(0, DIGITS)}`);
}

/** Digest of the events of both, none of which may be counted twice. */
export function addDigests(a: bigint, b: bigint): bigint {
  return BigInt.asUintN(4 * DIGITS, a + b);
}

/** Formats the digest as a case's record has it. */
export function digestText(digest: bigint): string {
  return digest.toString(16).padStart(DIGITS, '0');
}

function performerOf(performedBy: unknown): unknown {
  if (!isMembers(performedBy)) return plain(performedBy);
  return [plain(performedBy['iamPrincipalArn']), unionOf(performedBy['user']), othersOf(performedBy, PERFORMED_BY)];
}

/** The service promises no order of changed fields, as it promises none of events. */
function fieldsOf(fields: unknown): unknown {
  if (!Array.isArray(fields)) return plain(fields);
  const [first] = fields;
  if (fields.length === 1) return [fieldOf(first)];
  return [fields.map((field) => JSON.stringify(fieldOf(field))).sort()];
}

function fieldOf(field: unknown): unknown {
  if (!isMembers(field)) return plain(field);
  const { eventFieldId, oldValue, newValue } = field as AuditEventField;
  return [plain(eventFieldId), unionOf(oldValue), unionOf(newValue), othersOf(field, FIELD)];
}

/** Name and value of the one member, in a list of its own; anything else as received. */
function unionOf(union: unknown): unknown {
  if (!isMembers(union)) return plain(union);
  const names = Object.keys(union);
  const [name = ''] = names;
  const value = union[name];
  if (names.length !== 1 || (name === '$unknown' && !Array.isArray(value))) return plain(union);
  return name === '$unknown' ? [[...(value as unknown[])].map(plain)] : [[name, plain(value)]];
}

const NONE: readonly string[] = [];

/**
 * Names and values of the members besides these, including those of `other`. Usually there are none, which costs little
 * to see.
 */
function othersOf(members: object, known: ReadonlySet<string>): readonly string[] {
  for (const name in members) if (!known.has(name)) return listOthers(members, known);
  return NONE;
}

function listOthers(members: object, known: ReadonlySet<string>): string[] {
  return Object.entries(members)
    .filter(([name, value]) => !known.has(name) && value !== undefined)
    .flatMap(([name, value]) =>
      name === 'other' && isMembers(value) ? Object.entries(value) : [[name, value] as const],
    )
    .map(([name, value]) => JSON.stringify([name, plain(value)]))
    .sort();
}

/** Returns values without inner order as they are, and everything else in a list, as canonical JSON. Absent is null. */
function plain(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : [canonicalJson(toJsonValue(value))];
    default:
      return value === undefined || value === null ? null : [canonicalJson(toJsonValue(value))];
  }
}
