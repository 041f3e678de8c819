/** Values as DynamoDB has them: equal, ordered, weighed and copied as the service does it. Sets are not simulated. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** An item in the service's own form. Never changed once it is stored: a write makes a new one. */
export type Item = Readonly<Record<string, AttributeValue>>;

type ValueType = 'S' | 'N' | 'B' | 'BOOL' | 'NULL' | 'L' | 'M';

/** Throws for sets and for what is no value at all. */
export function typeOf(value: AttributeValue): ValueType {
  if (value.S !== undefined) return 'S';
  if (value.N !== undefined) return 'N';
  if (value.M !== undefined) return 'M';
  if (value.L !== undefined) return 'L';
  if (value.BOOL !== undefined) return 'BOOL';
  if (value.NULL !== undefined) return 'NULL';
  if (value.B !== undefined) return 'B';
  throw new TypeError(`An attribute value of type ${Object.keys(value).join()} is not simulated`);
}

/** Exactly; numbers that a double cannot hold exactly are refused. */
export function numberOf(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
    throw new TypeError(`The number "${text}" is not simulated`);
  }
  return value;
}

export function areEqual(a: AttributeValue, b: AttributeValue): boolean {
  const type = typeOf(a);
  if (type !== typeOf(b)) return false;
  if (type === 'L') return areEqualLists(a.L ?? [], b.L ?? []);
  if (type === 'M') return areEqualMaps(a.M ?? {}, b.M ?? {});
  if (type === 'N') return numberOf(a.N ?? '') === numberOf(b.N ?? '');
  if (type === 'B') return Buffer.compare(a.B ?? new Uint8Array(), b.B ?? new Uint8Array()) === 0;
  return a.S === b.S && a.BOOL === b.BOOL && a.NULL === b.NULL;
}

/** Below, at or above 0; undefined where the two cannot be ordered. */
export function orderOf(a: AttributeValue, b: AttributeValue): number | undefined {
  if (a.N !== undefined && b.N !== undefined) return numberOf(a.N) - numberOf(b.N);
  if (a.S !== undefined && b.S !== undefined) return compareUtf8(a.S, b.S);
  if (a.B !== undefined && b.B !== undefined) return Buffer.compare(a.B, b.B);
  return undefined;
}

/** As the bytes of their UTF-8 compare, which is not the order of `<` where surrogates are. */
export function compareUtf8(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let n = 0; n < shorter; n++) {
    const [left, right] = [a.charCodeAt(n), b.charCodeAt(n)];
    if (left !== right) return byCodePoint(left) - byCodePoint(right);
  }
  return a.length - b.length;
}

/** Of all attributes with their names, as the limits of 400 KB an item and 1 MB a page count them (numbers nearly so). */
export function sizeOf(item: Item): number {
  let bytes = 0;
  for (const name in item) bytes += Buffer.byteLength(name) + sizeOfValue(item[name] as AttributeValue);
  return bytes;
}

/** Nothing of the copy is shared with the original. */
export function copyOf(item: Item): Item {
  const copy: Record<string, AttributeValue> = {};
  for (const name in item) copy[name] = copyOfValue(item[name] as AttributeValue);
  return copy;
}

/** The same item with bytes of its own at its top level; no other attribute can be changed by who unmarshalls it. */
export function withOwnBytes(item: Item): Record<string, AttributeValue> {
  const own: Record<string, AttributeValue> = { ...item };
  for (const name in item) {
    const bytes = item[name]?.B;
    if (bytes !== undefined) own[name] = { B: new Uint8Array(bytes) };
  }
  return own;
}

/** Surrogates stand for code points above all others of one unit. */
function byCodePoint(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

function areEqualLists(a: readonly AttributeValue[], b: readonly AttributeValue[]): boolean {
  return a.length === b.length && a.every((element, n) => areEqual(element, b[n] as AttributeValue));
}

function areEqualMaps(a: Item, b: Item): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => b[name] !== undefined && areEqual(a[name] as AttributeValue, b[name]))
  );
}

function sizeOfValue(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return (value.N.length >> 1) + 1;
  if (value.B !== undefined) return value.B.length;
  if (value.L !== undefined) return value.L.reduce((bytes, element) => bytes + 1 + sizeOfValue(element), 3);
  if (value.M !== undefined) return 3 + Object.keys(value.M).length + sizeOf(value.M);
  return 1;
}

function copyOfValue(value: AttributeValue): AttributeValue {
  const type = typeOf(value);
  if (type === 'M') return { M: copyOf(value.M ?? {}) };
  if (type === 'L') return { L: (value.L ?? []).map(copyOfValue) };
  if (type === 'B') return { B: new Uint8Array(value.B ?? []) };
  return { ...value };
}
