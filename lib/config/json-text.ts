/** JSON as people write it: what `JSON.parse` reads, with the line of each value, and with what is wrong named by line. */

export interface JsonText {
  readonly value: unknown;
  /** Keys that an object has twice; JSON.parse drops the first of each in silence. */
  readonly doubled: readonly DoubledKey[];
  /** The line, from 1, of the value at this path, or of what is nearest above it. */
  lineOf(path: readonly PropertyKey[]): number;
}

interface DoubledKey {
  readonly path: readonly PropertyKey[];
  readonly lines: readonly [first: number, second: number];
}

/** The text is no JSON. The message says line and column, what came and what was expected. */
export class JsonTextError extends Error {
  override readonly name = 'JsonTextError';
}

/** Reads what `JSON.parse` reads, and a byte order mark before it. @throws JsonTextError */
export function readJsonText(text: string): JsonText {
  const reader = new Reader(text.startsWith('\uFEFF') ? text.slice(1) : text);
  const value = reader.document();
  const { lines, doubled } = reader;
  return {
    value,
    doubled,
    lineOf(path) {
      for (let length = path.length; length >= 0; length -= 1) {
        const line = lines.get(nameOf(path.slice(0, length)));
        if (line !== undefined) return line;
      }
      return 1;
    },
  };
}

const BLANK = /[ \t\r\n]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON has them escaped alone
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

class Reader {
  readonly lines = new Map<string, number>();
  readonly doubled: DoubledKey[] = [];
  #at = 0;
  readonly #path: PropertyKey[] = [];

  constructor(private readonly text: string) {}

  document(): unknown {
    const value = this.#value();
    this.#skipBlank();
    if (this.#at < this.text.length) throw this.#error('the end of the file');
    return value;
  }

  #value(): unknown {
    this.#skipBlank();
    this.lines.set(nameOf(this.#path), this.#line());
    const next = this.text[this.#at];
    if (next === '{') return this.#object();
    if (next === '[') return this.#array();
    const literal = this.#match(STRING) ?? this.#match(NUMBER) ?? this.#match(WORD);
    if (literal === undefined) throw this.#error('a value');
    return JSON.parse(literal);
  }

  #object(): unknown {
    const entries = new Map<string, unknown>();
    const places = new Map<string, number>();
    this.#members('}', () => {
      this.#skipBlank();
      const line = this.#line();
      const written = this.#match(STRING);
      if (written === undefined) throw this.#error('a key between double quotes');
      const key = String(JSON.parse(written));
      const before = places.get(key);
      if (before !== undefined) this.doubled.push({ path: [...this.#path, key], lines: [before, line] });
      places.set(key, line);
      this.#skipBlank();
      if (this.#match(/:/y) === undefined) throw this.#error(`":" behind the key ${written}`);
      this.#path.push(key);
      entries.set(key, this.#value());
      // A key that is missing is looked for below its object, a value on the line of its key.
      this.lines.set(nameOf(this.#path), line);
      this.#path.pop();
    });
    // As JSON.parse does, also for "__proto__".
    return Object.fromEntries(entries);
  }

  #array(): unknown[] {
    const values: unknown[] = [];
    this.#members(']', () => {
      this.#path.push(values.length);
      values.push(this.#value());
      this.#path.pop();
    });
    return values;
  }

  /** What stands between an opening bracket and `end`, separated by commas. */
  #members(end: string, member: () => void): void {
    this.#at += 1;
    this.#skipBlank();
    if (this.#take(end)) return;
    do {
      this.#skipBlank();
      if (this.text[this.#at] === end) throw this.#error('another value behind the comma, or no comma');
      member();
      this.#skipBlank();
    } while (this.#take(','));
    if (!this.#take(end)) throw this.#error(`"," or "${end}"`);
  }

  #take(char: string): boolean {
    const isThere = this.text[this.#at] === char;
    if (isThere) this.#at += 1;
    return isThere;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #skipBlank(): void {
    this.#match(BLANK);
  }

  #line(): number {
    return lineEnds(this.text.slice(0, this.#at)) + 1;
  }

  #error(expected: string): JsonTextError {
    const rest = this.text.slice(this.#at);
    const column = this.#at - Math.max(this.text.lastIndexOf('\n', this.#at - 1), -1);
    const [came = ''] = /^\s*\S*/.exec(rest) ?? [];
    const got = came.trim() === '' ? 'the end of the file' : JSON.stringify(came.trim().slice(0, 30));
    return new JsonTextError(
      `line ${this.#line()}, column ${column}: got ${got}, expected ${expected}${hintFor(rest)}`,
    );
  }
}

function hintFor(rest: string): string {
  if (/^(\/\/|\/\*|#)/.test(rest)) return '. JSON has no comments: take it out';
  if (/^['‘’“”]/.test(rest)) return '. JSON has texts between straight double quotes';
  return '';
}

function lineEnds(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0;
}

function nameOf(path: readonly PropertyKey[]): string {
  return JSON.stringify(path.map((key) => (typeof key === 'number' ? key : String(key))));
}
