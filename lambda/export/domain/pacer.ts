/** Full rate is back this long after the last throttled call. */
const RECOVERY_MS = 30_000;
const LOWEST_SHARE = 1 / 16;

/** A bucket holds two seconds of the rate, which makes up for the pause of a commit … */
const BURST_SECONDS = 2;
/** … and never more than this: the service documents a burst of 10 for the paced operations, and others share it. */
const MAX_BURST = 8;

/** The rate may rise during a wait, so no wait for a token is longer. */
const MAX_NAP_MS = 1000;

/**
 * Token bucket of one operation. The rate halves when the service throttles and creeps back. Times in milliseconds.
 * Callers told to wait must ask again, because the rate may have changed meanwhile.
 */
export class Pacer {
  readonly #fullRate: number;
  readonly #burst: number;
  #share = 1;
  #tokens: number;
  #at: number;
  #blockedUntil = Number.NEGATIVE_INFINITY;
  #halvedAt = Number.NEGATIVE_INFINITY;

  constructor(requestsPerSecond: number, now: number) {
    this.#fullRate = requestsPerSecond / 1000;
    this.#burst = Math.min(MAX_BURST, Math.max(1, requestsPerSecond * BURST_SECONDS));
    this.#tokens = this.#burst;
    this.#at = now;
  }

  /**
   * Takes a token and returns 0: the call may go out. Otherwise returns the whole milliseconds after which to ask
   * again.
   */
  take(now: number): number {
    this.#advance(now);
    if (now < this.#blockedUntil) return Math.ceil(this.#blockedUntil - now);
    // A hair less than a token is rounding.
    const missing = 1 - this.#tokens;
    if (missing > 1e-9) return Math.min(MAX_NAP_MS, Math.ceil(missing / (this.#fullRate * this.#share)));
    this.#tokens -= 1;
    return 0;
  }

  /**
   * Reports that the service throttled a call sent at `sentAt`: half the rate, an empty bucket, and no token before
   * `retryAfterMs` is over. Calls sent before the last halving say nothing about the rate since.
   */
  throttled(now: number, sentAt: number, retryAfterMs = 0): void {
    this.#advance(now);
    this.#blockedUntil = Math.max(this.#blockedUntil, now + retryAfterMs);
    if (sentAt <= this.#halvedAt) return;
    this.#halvedAt = now;
    this.#share = Math.max(LOWEST_SHARE, this.#share / 2);
    this.#tokens = 0;
  }

  /** The share rises with time, and the inflow is the area below it. While blocked, nothing flows in. */
  #advance(now: number): void {
    const elapsed = Math.max(0, now - this.#at);
    const flowing = Math.max(0, Math.min(elapsed, now - this.#blockedUntil));
    const before = Math.min(1, this.#share + (elapsed - flowing) / RECOVERY_MS);
    this.#at = Math.max(this.#at, now);
    this.#share = Math.min(1, before + flowing / RECOVERY_MS);
    const rising = Math.min(flowing, (1 - before) * RECOVERY_MS);
    const area = (before + this.#shareAfter(before, rising)) * (rising / 2) + (flowing - rising);
    this.#tokens = Math.min(this.#burst, this.#tokens + area * this.#fullRate);
  }

  #shareAfter(before: number, ms: number): number {
    return Math.min(1, before + ms / RECOVERY_MS);
  }
}

/** Runs work one at a time, in the order of asking. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
