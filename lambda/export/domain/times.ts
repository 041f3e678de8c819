/** Times in epoch milliseconds, null where unknown. */

/** The earlier of two times, where null precedes everything. */
export function earlier(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.min(a, b);
}

/** The later of two times; if one is unknown, the other. */
export function latest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

/** A `Date` header has whole seconds: the service's time lies within this much above it. */
const HEADER_RESOLUTION_MS = 1000;

/** Beyond this the clocks differ enough for a person to look (docs/architecture.md). */
const ALARMING_DIFFERENCE_MS = 60_000;

/**
 * The time for settle, readAt, pass starts and watermarks: the earlier of our clock and the service's. So a clock of
 * ours that runs ahead can never put a watermark past a change that the service has yet to show.
 */
export class ServiceTime {
  #leadMs = 0;
  #differenceMs = 0;

  /** Takes the `Date` header of an answer that arrived at `clockNow` by our clock; null changes nothing. */
  observe(serviceTime: number | null, clockNow: number): void {
    if (serviceTime === null) return;
    this.#differenceMs = clockNow - serviceTime;
    this.#leadMs = this.#differenceMs >= HEADER_RESOLUTION_MS ? this.#differenceMs : 0;
  }

  /** Corrects a time of our clock by its lead over the service's clock. Never later than `clockTime`. */
  correct(clockTime: number): number {
    return clockTime - this.#leadMs;
  }

  get isAlarming(): boolean {
    return Math.abs(this.#differenceMs) > ALARMING_DIFFERENCE_MS;
  }

  /** Our clock minus the last header, in milliseconds. */
  get differenceMs(): number {
    return this.#differenceMs;
  }
}
