import { setMaxListeners } from 'node:events';
import type { Clock } from '../ports';

/** Thrown by a call that would begin, or continue, after reading is over. Not a failure: the run commits its batch. */
export class ReadingOver extends Error {
  override readonly name = 'ReadingOver';
}

/**
 * The invocation's time. Reading ends when less than the reserve is left, so that the run commits and ends by itself
 * before Lambda ends it (invariant 8). A reserve of more than half the time would leave no time to read: it is cut to
 * half.
 */
export class Budget {
  readonly #clock: Clock;
  readonly #lambdaRemainingMs: () => number;
  readonly #deadline: number;
  readonly #maxReserveMs: number;
  readonly #reading = new AbortController();
  #reserveMs: number;

  constructor(clock: Clock, lambdaRemainingMs: () => number, reserveMs: number) {
    const remainingMs = lambdaRemainingMs();
    this.#clock = clock;
    this.#lambdaRemainingMs = lambdaRemainingMs;
    this.#deadline = clock.monotonic() + remainingMs;
    this.#maxReserveMs = remainingMs / 2;
    this.#reserveMs = Math.min(reserveMs, this.#maxReserveMs);
    setMaxListeners(0, this.#reading.signal); // One watch per call in progress.
    void this.#watch();
  }

  /** Milliseconds until Lambda ends the invocation. */
  remainingMs(): number {
    return Math.min(this.#deadline - this.#clock.monotonic(), this.#lambdaRemainingMs());
  }

  /** Milliseconds until reading has to stop; 0 when it is over. */
  readingMs(): number {
    if (this.#reading.signal.aborted) return 0;
    const left = this.remainingMs() - this.#reserveMs;
    if (left > 0) return left;
    this.#reading.abort();
    return 0;
  }

  get isReadingOver(): boolean {
    return this.readingMs() === 0;
  }

  /** Fires when reading is over, by time or by `endReading`. */
  get readingOver(): AbortSignal {
    return this.#reading.signal;
  }

  endReading(): void {
    this.#reading.abort();
  }

  /** Assumes that the next commit may take as long again. */
  commitTook(ms: number): void {
    this.#reserveMs = Math.min(this.#maxReserveMs, Math.max(this.#reserveMs, ms));
  }

  async #watch(): Promise<void> {
    // Half the time may be a fraction of a millisecond, and a clock may wait no less than one.
    while (this.readingMs() > 0) await this.#clock.sleep(Math.ceil(this.readingMs()), this.#reading.signal);
  }
}
