/**
 * Turns the unions of an audit event into text and typed columns, and into JSON that keeps what plain JSON would lose.
 * Reasons name members of the service model, never values.
 */
import { types } from 'node:util';
import { ExactDecimal, type FieldValueUnion, type UserUnion } from './audit-event';

/** A value that no row can hold; the event that carries it goes to quarantine. The message names the member only. */
export class Unrepresentable extends Error {
  override readonly name = 'Unrepresentable';
}

/** One side of a change as `field_changes` holds it: `type` null = side absent; `text` null = absent or `empty`. */
export interface ValueColumns {
  readonly type: string | null;
  readonly text: string | null;
  readonly double: number | null;
  readonly boolean: boolean | null;
}

/** The author of the change; all null when the event names nobody. */
interface UserColumns {
  readonly userArn: string | null;
  readonly customEntity: string | null;
  /** JSON `{name: value}` of a member that this version does not know. */
  readonly other: string | null;
}

/** A side that the event does not have. */
export const ABSENT: ValueColumns = { type: null, text: null, double: null, boolean: null };
const NOBODY: UserColumns = { userArn: null, customEntity: null, other: null };
const KNOWN_TYPES: ReadonlySet<string> = new Set(['string', 'double', 'boolean', 'userArn', 'empty']);

/**
 * Numbers become their shortest round-trip text (also `NaN`, `Infinity`, `-Infinity`, `-0`); numbers that no double
 * keeps stay as their received text. Only finite numbers fill `double`, where -0 is 0. An unknown member becomes
 * `losslessJson` text under its own name. Throws Unrepresentable unless exactly one member is present and has its type.
 */
export function valueColumns(union: FieldValueUnion | null | undefined, where: string): ValueColumns {
  if (union === undefined || union === null) return ABSENT;
  const [name, value] = onlyMember(union, where);
  switch (name) {
    case 'stringValue':
      return { ...ABSENT, type: 'string', text: asString(value, `${where}.${name}`) };
    case 'userArnValue':
      return { ...ABSENT, type: 'userArn', text: asString(value, `${where}.${name}`) };
    case 'doubleValue':
      return { ...ABSENT, type: 'double', ...numberColumns(value, `${where}.${name}`) };
    case 'booleanValue':
      if (typeof value !== 'boolean') throw new Unrepresentable(`${where}.${name} is not a boolean`);
      return { ...ABSENT, type: 'boolean', text: String(value), boolean: value };
    case 'emptyValue':
      if (!isMembers(value)) throw new Unrepresentable(`${where}.${name} is not an object`);
      return { ...ABSENT, type: 'empty' };
    default:
      if (KNOWN_TYPES.has(name)) throw new Unrepresentable(`${where} has an unknown member named like a known type`);
      return { ...ABSENT, type: name, text: losslessJson(value) };
  }
}

/** Throws Unrepresentable unless exactly one member is present and has its type. */
export function userColumns(union: UserUnion | null | undefined, where: string): UserColumns {
  if (union === undefined || union === null) return NOBODY;
  const [name, value] = onlyMember(union, where);
  switch (name) {
    case 'userArn':
      return { ...NOBODY, userArn: asString(value, `${where}.${name}`) };
    case 'customEntity':
      return { ...NOBODY, customEntity: asString(value, `${where}.${name}`) };
    default:
      return { ...NOBODY, other: losslessJson(Object.fromEntries([[name, value]])) };
  }
}

function numberColumns(value: unknown, where: string): Pick<ValueColumns, 'text' | 'double'> {
  if (value instanceof ExactDecimal) return { text: value.text, double: finiteOrNull(value.nearest) };
  if (typeof value !== 'number') throw new Unrepresentable(`${where} is not a number`);
  return { text: numberText(value), double: finiteOrNull(value) };
}

/** Adding 0 turns -0 into 0: its sign lives in the text. */
function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value + 0 : null;
}

/** Shortest text that reads back as the same number, -0 included. */
function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/**
 * JSON text of `toJsonValue`: plain JSON for values that arrived as JSON. Lone surrogates are escaped, so it is
 * well-formed.
 */
export function losslessJson(value: unknown): string {
  return JSON.stringify(toJsonValue(value));
}

const TAGS: ReadonlySet<string> = new Set([
  '$date',
  '$number',
  '$decimal',
  '$bigint',
  '$bytes',
  '$undefined',
  '$literal',
]);

/**
 * A JSON value that `fromJsonValue` turns back. What JSON lacks is tagged: `{"$date": "<ISO>" | "Invalid Date"}`,
 * `{"$number": "NaN" | "Infinity" | "-Infinity" | "-0"}`, `{"$decimal": "<digits as they came>"}`, `{"$bigint": "…"}`,
 * `{"$bytes": "<base64>"}`, `{"$undefined": true}` in lists; an object that merely looks like a tag is wrapped in
 * `{"$literal": …}`. Members that are undefined are left out. Data only: functions and symbols count as undefined.
 */
export function toJsonValue(value: unknown): unknown {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : { $number: numberText(value) };
    case 'bigint':
      return { $bigint: String(value) };
    case 'string':
    case 'boolean':
      return value;
    case 'object':
      return value === null ? null : objectToJson(value);
    default:
      return { $undefined: true };
  }
}

/** Inverts `toJsonValue`. */
export function fromJsonValue(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(fromJsonValue);
  if (typeof json !== 'object' || json === null) return json;
  const entries: [string, unknown][] = Object.entries(json);
  const [tag, tagged] = entries.length === 1 ? (entries[0] ?? ['', null]) : ['', null];
  switch (tag) {
    case '$date':
      return new Date(tagged === 'Invalid Date' ? Number.NaN : String(tagged));
    case '$number':
      return Number(tagged);
    case '$decimal':
      return new ExactDecimal(String(tagged));
    case '$bigint':
      return BigInt(String(tagged));
    case '$bytes':
      return new Uint8Array(Buffer.from(String(tagged), 'base64'));
    case '$undefined':
      return undefined;
    case '$literal':
      return mapMembers(Object.entries(tagged as object), fromJsonValue);
    default:
      return mapMembers(entries, fromJsonValue);
  }
}

function objectToJson(value: object): unknown {
  if (Array.isArray(value)) return Array.from(value, toJsonValue);
  if (types.isDate(value)) return { $date: Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString() };
  if (value instanceof ExactDecimal) return { $decimal: value.text };
  if (types.isUint8Array(value)) return { $bytes: Buffer.from(value).toString('base64') };
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  const json = mapMembers(members, toJsonValue);
  return members.length === 1 && TAGS.has(members[0]?.[0] ?? '') ? { $literal: json } : json;
}

/** `fromEntries` defines members, so a key like `__proto__` stays a key. */
function mapMembers(entries: readonly [string, unknown][], map: (value: unknown) => unknown): object {
  return Object.fromEntries(entries.map(([key, value]) => [key, map(value)]));
}

/** The SDK leaves a null member out of a known union, so null and undefined are no members here either. */
function onlyMember(union: object, where: string): [string, unknown] {
  if (!isMembers(union)) throw new Unrepresentable(`${where} is not a union`);
  const members = Object.entries(union).filter(([, value]) => value !== undefined && value !== null);
  const [member] = members;
  if (members.length !== 1 || member === undefined) {
    throw new Unrepresentable(`${where} has ${members.length} members instead of one`);
  }
  return member[0] === '$unknown' ? unknownMember(member[1], where) : member;
}

function unknownMember(member: unknown, where: string): [string, unknown] {
  if (!Array.isArray(member) || typeof member[0] !== 'string') {
    throw new Unrepresentable(`${where}.$unknown is not a pair of name and value`);
  }
  return [member[0], member[1]];
}

/** JSON text with the names of members in order, at every depth; of a JSON value. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    isMembers(member) ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => compareCodeUnits(a, b))) : member,
  );
}

/** Sorts alike on every machine. */
export function compareCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether the value is an object of JSON: no list, and no number that is kept by its text. */
export function isMembers(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactDecimal);
}

function asString(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new Unrepresentable(`${where} is not a string`);
  return value;
}
