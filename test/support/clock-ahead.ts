/** Options of Node that move the wall clock of a process ahead, before anything else of it runs. */
export function clockAhead(ms: number): string {
  const code = `
const Real = Date;
const now = () => Real.now() + ${ms};
globalThis.Date = class Date extends Real {
  constructor(...parts) {
    super(...(parts.length === 0 ? [now()] : parts));
  }
  static now() {
    return now();
  }
};`;
  return `--import data:text/javascript,${encodeURIComponent(code)}`;
}

/** A wall clock that a test moves ahead in place of waiting: its own, and that of the processes that it starts. */
export class SkippingClock {
  #aheadMs = 0;

  /** Epoch milliseconds. */
  readonly now = (): number => Date.now() + this.#aheadMs;

  /** Time goes by, in no time. */
  skip(ms: number): void {
    this.#aheadMs += Math.max(0, Math.ceil(ms));
  }

  /** Environment of a process that is to go by this clock, as it is now; `options` of Node that it has besides. */
  env(options = ''): Readonly<Record<string, string>> {
    return this.#aheadMs > 0 ? { NODE_OPTIONS: `${options} ${clockAhead(this.#aheadMs)}`.trim() } : {};
  }
}
