/** What happened, in order: as a hash that two runs can be compared by, and as lines for a person who looks for a bug. */
import { createHash } from 'node:crypto';

export interface TraceOptions {
  /** Told every step. */
  readonly print?: (line: string) => void;
}

export class Trace {
  readonly #hash = createHash('sha256');

  constructor(
    private readonly time: () => number,
    private readonly print: ((line: string) => void) | null,
  ) {}

  /** Part of the hash; ids and counts only. */
  note(what: string): void {
    this.#hash.update(`${this.time()} ${what}\n`);
  }

  /** Part of the hash, and shown to whoever reads along. */
  tell(what: () => string): void {
    const text = what();
    this.note(text);
    this.print?.(`${new Date(this.time()).toISOString().slice(5, 23)}  ${text}`);
  }

  get hash(): string {
    return this.#hash.copy().digest('hex').slice(0, 16);
  }
}
