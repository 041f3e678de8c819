/**
 * The forms of stored objects: schemas that check values on writing and reading, and the one reader of JSON objects in
 * the buckets.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { IntegrityError } from './errors';

/** The output of a schema, read-only down to its last member. */
export type Stored<Schema extends z.ZodType> = ReadonlyDeep<z.output<Schema>>;

type ReadonlyDeep<T> = T extends Uint8Array
  ? T
  : T extends readonly (infer Element)[]
    ? readonly ReadonlyDeep<Element>[]
    : T extends object
      ? { readonly [Member in keyof T]: ReadonlyDeep<T[Member]> }
      : T;

export const id = z.string().min(1);
/** Epoch milliseconds, UTC. */
export const timeMs = z.int();
export const count = z.int().min(0);
/** Number of a commit, from 1. */
export const seq = z.int().min(1);
/** Version of a JSON object; its form says which versions can be read. */
export const version = z.int().min(1);
export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits');

/** A kind of JSON object, with the schema for writing and reading it. */
export interface StoredForm<Schema extends z.ZodType> {
  /** Its name in messages. */
  readonly what: string;
  /** The newest version that this code reads; it writes this one. */
  readonly version: number;
  readonly schema: Schema;
  /** It holds customer data, so messages name the place that does not fit and never show its value. */
  readonly isPrivate?: boolean;
}

/**
 * Reads a stored object, with members that the schema does not know, and with defaults for members that earlier builds
 * did not write. An object that lacks nothing is stored again as the same bytes.
 * @throws IntegrityError with key and reason if the bytes are not an object of this form, in a version that this one
 * reads.
 */
export function readStored<Schema extends z.ZodType>(
  form: StoredForm<Schema>,
  key: string,
  bytes: Uint8Array,
): Stored<Schema> {
  const value = parseJson(form.what, key, bytes);
  const version = isObject(value) ? value['version'] : undefined;
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1 || version > form.version) {
    const found =
      version === undefined ? 'no version' : `version ${typeof version === 'number' ? version : kindOf(version)}`;
    throw new IntegrityError(
      `The ${form.what} ${key} has ${found}, expected 1 to ${form.version}. Nothing was taken from it. If another version of the exporter made it, deploy that one, or a newer one; if not, find out who wrote it.`,
    );
  }
  const result = form.schema.safeParse(value);
  if (result.success) return withDefaults(value, result.data) as Stored<Schema>;
  throw new IntegrityError(
    `The ${form.what} ${key} is malformed: ${misfits(result.error, value, form)}. Nothing was taken from it. Find out who wrote it.`,
  );
}

/**
 * Returns the bytes to be stored: one line of JSON.
 * @throws IntegrityError with key and reason if `readStored` would refuse them.
 */
export function storedBytes<Schema extends z.ZodType>(
  form: StoredForm<Schema>,
  key: string,
  value: Stored<Schema>,
): Uint8Array {
  const result = form.schema.safeParse(value);
  if (result.success) return toJsonBytes(value);
  throw new IntegrityError(
    `The ${form.what} ${key} would be written malformed: ${misfits(result.error, value, form)}. It was not written.`,
  );
}

export function toJsonBytes(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

/** Lower-case hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** More would make a message too long to read. */
const MAX_MISFITS = 10;

/** Lists the places that do not fit: each with the expected and the actual value. */
export function misfits(error: z.ZodError, value: unknown, { isPrivate = false } = {}): string {
  const show = isPrivate ? kindOf : shown;
  const places = error.issues
    .slice(0, MAX_MISFITS)
    .map((issue) => `${issue.path.join('.') || 'item'}: ${issue.message}, got ${show(at(value, issue.path))}`);
  const left = error.issues.length - places.length;
  return [...places, ...(left > 0 ? [`and ${left} more`] : [])].join('; ');
}

/** Formats a value briefly. Only for values that hold ids, numbers and names. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : kindOf(value);
}

function kindOf(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return 'a list';
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? 'a map' : `a ${typeof value}`;
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((within, step) => (within as Record<PropertyKey, unknown> | undefined)?.[step], value);
}

/** The members of `stored` in their order, then those that only `parsed` has. */
function withDefaults(stored: unknown, parsed: unknown): unknown {
  if (stored === parsed) return parsed;
  if (Array.isArray(stored) && Array.isArray(parsed)) return stored.map((one, at) => withDefaults(one, parsed[at]));
  if (!isObject(stored) || !isObject(parsed)) return parsed;
  const members = Object.entries(parsed).map(([name, member]) => [name, withDefaults(stored[name], member)]);
  return { ...stored, ...Object.fromEntries(members) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function parseJson(what: string, key: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    throw new IntegrityError(
      `The ${what} ${key} is not JSON (${bytes.length} bytes, SHA-256 ${sha256(bytes)}). Nothing was taken from it. Find out who wrote it.`,
      { cause: error },
    );
  }
}
