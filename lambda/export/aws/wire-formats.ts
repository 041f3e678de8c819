import { isUtf8 } from 'node:buffer';
import { ExactDecimal } from '../domain/audit-event';

/**
 * Parses the JSON of an answer without the silent changes of JSON.parse and UTF-8 decoders. A number whose digits no
 * double keeps becomes an ExactDecimal; a byte that is not UTF-8 becomes the lone surrogate U+DC00 + byte. The last of
 * two equal member names counts. A member named `__proto__` is a member like any other.
 * @throws SyntaxError, which quotes the text, for anything that is not JSON.
 */
export function parseWireJson(bytes: Uint8Array): unknown {
  const text = textOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const value: unknown = JSON.parse(text);
  return mayChange(text) ? parseExactly(text, value) : value;
}

/** Matches numbers that a double may change: 16 digits or more, or an exponent of three digits. */
const LONG_NUMBER = /(?:^|[:[,\s])(-?(?:\d[\d.]{15,}(?:[eE][+-]?\d+)?|\d[\d.]*[eE][+-]?\d{3,}))(?=[,\]}\s]|$)/g;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Whether a double changes a number of the text; sometimes true for digits inside a string. */
function mayChange(text: string): boolean {
  for (const [, number = ''] of text.matchAll(LONG_NUMBER)) if (!isDoubleText(number)) return true;
  return false;
}

/** Parses again, with the numbers that a double changes marked in the text. `value` is the result without the marks. */
function parseExactly(text: string, value: unknown): unknown {
  const strings = JSON.stringify(value);
  let mark = '$decimal';
  while (strings.includes(mark)) mark += '$';
  const marked = mapOutsideStrings(text, (part) =>
    part.replace(NUMBER, (number) => (isDoubleText(number) ? number : JSON.stringify({ [mark]: number }))),
  );
  return JSON.parse(marked, (_key, member: unknown) => {
    const digits =
      typeof member === 'object' && member !== null ? (member as Record<string, unknown>)[mark] : undefined;
    return typeof digits === 'string' ? new ExactDecimal(digits) : member;
  });
}

/** Expects text that is JSON. */
function mapOutsideStrings(text: string, map: (part: string) => string): string {
  const parts: string[] = [];
  let at = 0;
  for (let quote = text.indexOf('"'); quote >= 0; quote = text.indexOf('"', at)) {
    const end = endOfString(text, quote);
    parts.push(map(text.slice(at, quote)), text.slice(quote, end));
    at = end;
  }
  return parts.join('') + map(text.slice(at));
}

function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); ; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
  }
}

function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  // The decoder writes U+FFFD for a byte that is not UTF-8; the text may also hold that character itself.
  return text.includes('\ufffd') && !isUtf8(bytes) ? textOfBrokenUtf8(bytes) : text;
}

function textOfBrokenUtf8(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = characterLength(bytes, at);
    text += length === 0 ? String.fromCharCode(0xdc00 + (bytes[at] ?? 0)) : bytes.toString('utf8', at, at + length);
    at += Math.max(length, 1);
  }
  return text;
}

/** Number of bytes of the character that begins here; 0 if none begins. */
function characterLength(bytes: Buffer, at: number): number {
  const lengths = [1, 2, 3, 4].filter((length) => at + length <= bytes.length);
  return lengths.find((length) => isUtf8(bytes.subarray(at, at + length))) ?? 0;
}

/** `toExponential` gives at most this many digits after the first; no double prints with more. */
const MAX_FRACTION_DIGITS = 100;

/**
 * Whether the double of a JSON number loses nothing: it prints as the text does, at the same number of digits or in its
 * shortest form.
 */
export function isDoubleText(text: string): boolean {
  const { digits, exponent } = normalized(text);
  if (digits === '') return true;
  const double = Number(text);
  if (!Number.isFinite(double) || double === 0 || digits.length - 1 > MAX_FRACTION_DIGITS) return false;
  // The shortest text that a double reads back from is not always the nearest one of its length.
  return [double.toExponential(digits.length - 1), double.toExponential()].some((shown) => {
    const { digits: shownDigits, exponent: shownExponent } = normalized(shown);
    return shownDigits === digits && shownExponent === exponent;
  });
}

/** Splits a number into `d.ddd × 10^exponent`, without point, sign and meaningless zeros; zero has no digits. */
function normalized(text: string): { readonly digits: string; readonly exponent: number } {
  const [, whole = '', fraction = '', exponent = '0'] = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const all = whole + fraction;
  const leadingZeros = all.length - all.replace(/^0+/, '').length;
  return {
    digits: all.slice(leadingZeros).replace(/0+$/, ''),
    exponent: whole.length - 1 - leadingZeros + Number(exponent),
  };
}

const ISO_TIME = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2})(?::(\d{2})(?:\.(\d+))?)?([Zz]|[+-](?:[01]\d|2[0-3]):?[0-5]\d)$/;
const LEAP_SECOND = '60';
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Parses an ISO 8601 date-time with offset (RFC 3339, from year 0 on) to epoch milliseconds. Seconds and fraction may
 * be missing, digits finer than a millisecond are cut off, and a leap second counts as the second after it. Returns
 * null for everything else, including days and hours that do not exist.
 */
export function parseIsoTime(text: unknown): number | null {
  const parts = typeof text === 'string' ? ISO_TIME.exec(text) : null;
  if (parts === null) {
    return null;
  }
  const [, day, hourMinute, second = '00', fraction = '', offset = 'Z'] = parts;
  const isLeap = second === LEAP_SECOND;
  const local = `${day}T${hourMinute}:${isLeap ? '59' : second}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
  const localMs = Date.parse(local);
  // JavaScript reads 30 February as 1 March.
  if (Number.isNaN(localMs) || new Date(localMs).toISOString() !== local) {
    return null;
  }
  return localMs + (isLeap ? 1000 : 0) - offsetMs(offset);
}

/** Whether `parseIsoTime` returns the very instant of the text: no leap second, nothing finer than a millisecond. */
export function isExactTime(text: string): boolean {
  const [, , , second, fraction = ''] = ISO_TIME.exec(text) ?? [];
  return second !== LEAP_SECOND && !/[1-9]/.test(fraction.slice(3));
}

/** Parses a `Date` header (RFC 9110, IMF-fixdate) to epoch milliseconds; null if it is missing or malformed. */
export function parseHttpDate(text: string | undefined): number | null {
  const ms = text !== undefined && HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

/**
 * Parses a `Retry-After` header, in seconds or as a date, to milliseconds to wait; null if it is missing or malformed.
 */
export function parseRetryAfter(text: string | undefined, now: number): number | null {
  if (text !== undefined && /^\d+$/.test(text)) {
    return Math.min(Number(text) * 1000, Number.MAX_SAFE_INTEGER);
  }
  const until = parseHttpDate(text);
  return until === null ? null : Math.max(until - now, 0);
}

function offsetMs(offset: string): number {
  if (offset === 'Z' || offset === 'z') {
    return 0;
  }
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  return (offset.startsWith('-') ? -minutes : minutes) * 60_000;
}
