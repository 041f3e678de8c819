/** Full rate is back this long after the last throttled call. */
const RECOVERY_MS = 30_000;
const LOWEST_SHARE = 1 / 16;

/** A bucket holds what two seconds of the rate give, so a pause for a commit is made up for, well inside the API's burst of five. */
const BURST_SECONDS = 2;

/**
 * Token bucket of one operation, by reservation: a caller takes a token and is told how long to wait for it, so calls go out
 * in the order in which they asked. The rate halves when the service throttles and creeps back. Times in milliseconds.
 */
export class Pacer {
  readonly #fullRate: number;
  readonly #burst: number;
  #share = 1;
  #tokens: number;
  #at: number;
  #blockedUntil = Number.NEGATIVE_INFINITY;

  constructor(requestsPerSecond: number, now: number) {
    this.#fullRate = requestsPerSecond / 1000;
    this.#burst = Math.max(1, requestsPerSecond * BURST_SECONDS);
    this.#tokens = this.#burst;
    this.#at = now;
  }

  /** Takes a token; the call may go out after this many whole milliseconds. */
  take(now: number): number {
    this.#advance(now);
    this.#tokens -= 1;
    const wait = this.#tokens >= 0 ? 0 : -this.#tokens / (this.#fullRate * this.#share);
    return Math.ceil(Math.max(wait, this.#blockedUntil - now, 0));
  }

  /** The service throttled: half the rate, an empty bucket, and nothing before `retryAfterMs` is over. */
  throttled(now: number, retryAfterMs = 0): void {
    this.#advance(now);
    this.#share = Math.max(LOWEST_SHARE, this.#share / 2);
    this.#tokens = Math.min(this.#tokens, 0);
    this.#blockedUntil = Math.max(this.#blockedUntil, now + retryAfterMs);
  }

  /** Requests a second at this moment. */
  rate(now: number): number {
    this.#advance(now);
    return this.#fullRate * this.#share * 1000;
  }

  #advance(now: number): void {
    const elapsed = Math.max(0, now - this.#at);
    this.#at = Math.max(this.#at, now);
    this.#share = Math.min(1, this.#share + elapsed / RECOVERY_MS);
    this.#tokens = Math.min(this.#burst, this.#tokens + elapsed * this.#fullRate * this.#share);
  }
}
