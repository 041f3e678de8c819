/** What happened, in order: as a hash that two runs can be compared by, and as lines for a person who looks for a bug. */

export interface TraceOptions {
  /** Told every step. */
  readonly print?: (line: string) => void;
}

/** FNV-1a, 2 × 32 bits. */
export class Trace {
  #low = 0x811c9dc5;
  #high = 0x9dc5811c;

  constructor(
    private readonly time: () => number,
    private readonly print: ((line: string) => void) | null,
  ) {}

  /** Part of the hash; ids and counts only. */
  note(what: string): void {
    this.#mix(`${this.time()} ${what}`);
  }

  /** Part of the hash, and shown to whoever reads along. */
  tell(what: () => string): void {
    const text = what();
    this.note(text);
    this.print?.(`${new Date(this.time()).toISOString().slice(5, 23)}  ${text}`);
  }

  get hash(): string {
    return [this.#high, this.#low].map((part) => (part >>> 0).toString(16).padStart(8, '0')).join('');
  }

  #mix(text: string): void {
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      this.#low = Math.imul(this.#low ^ code, 0x01000193);
      this.#high = Math.imul(this.#high ^ (code + 31), 0x01000193) ^ (this.#low >>> 13);
    }
  }
}
