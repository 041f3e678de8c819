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
