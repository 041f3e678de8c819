/**
 * Simulated time. Everything that waits waits here; time jumps to whoever is due next once nothing else is left to do. Two
 * sleepers that are due at the same moment wake in the order in which they went to sleep, so a run depends on its seed alone.
 */
import type { Clock } from '../../lambda/export/ports';
import { firstWhere } from './sorted';

/** Whose sleep it is: what sleeps in a frozen process stays asleep until it thaws, in a dead one for good. */
export interface Sleeper {
  readonly condition: 'running' | 'frozen' | 'dead';
  /** Called instead of waking it while it is frozen. */
  whenThawed(wake: () => void): void;
}

interface Timer {
  readonly at: number;
  readonly sleeper: Sleeper | null;
  wake: (() => void) | null;
}

/** Everybody waits for what nobody will do. */
class Deadlock extends Error {
  override readonly name = 'Deadlock';
}

export class Scheduler {
  /** Milliseconds since the beginning. */
  elapsed = 0;
  /** The next one first; of those that are due at once, whoever came first. */
  readonly #timers: Timer[] = [];
  #outside = 0;
  #lastOutside: Promise<unknown> = Promise.resolve();

  constructor(private readonly start: number) {}

  /** Epoch milliseconds, whole. */
  now(): number {
    return Math.floor(this.start + this.elapsed);
  }

  /** The clock of what is no process. */
  readonly clock: Clock = {
    now: () => this.now(),
    monotonic: () => this.elapsed,
    sleep: (ms, signal) => this.sleep(ms, null, signal),
  };

  /** Wakes once, `ms` from now; the function returned calls it off. */
  after(ms: number, sleeper: Sleeper | null, wake: () => void): () => void {
    const timer: Timer = { at: this.elapsed + Math.max(0, ms), sleeper, wake };
    this.#timers.splice(
      firstWhere(this.#timers, ({ at }) => at > timer.at),
      0,
      timer,
    );
    return () => {
      timer.wake = null;
    };
  }

  /** Resolves after `ms`, or at once when the signal fires. Never rejects. */
  sleep(ms: number, sleeper: Sleeper | null, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        callOff();
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const callOff = this.after(ms, sleeper, wake);
      signal?.addEventListener('abort', wake);
    });
  }

  /** Work of real threads: time stands still meanwhile, and no two such works overlap. */
  outside<T>(work: () => Promise<T>): Promise<T> {
    this.#outside += 1;
    const result = this.#lastOutside.then(work).finally(() => {
      this.#outside -= 1;
    });
    this.#lastOutside = result.catch(() => undefined);
    return result;
  }

  /** Lets time pass until `isDone`. @throws Deadlock if that can never be. */
  async runUntil(isDone: () => boolean): Promise<void> {
    for (;;) {
      await allMicrotasks();
      if (isDone()) return;
      if (this.#outside > 0) continue;
      if (!this.#wakeNext(Number.POSITIVE_INFINITY)) throw new Deadlock('everybody waits, and nobody is due');
    }
  }

  /** Lets so much time pass, whoever is due meanwhile included. */
  async pass(ms: number): Promise<void> {
    const end = this.elapsed + ms;
    do await allMicrotasks();
    while (this.#outside > 0 || this.#wakeNext(end));
    this.elapsed = end;
  }

  #wakeNext(latest: number): boolean {
    for (let [timer] = this.#timers; timer !== undefined && timer.at <= latest; [timer] = this.#timers) {
      this.#timers.shift();
      const { wake, sleeper } = timer;
      if (wake === null || sleeper?.condition === 'dead') continue;
      timer.wake = null;
      if (sleeper?.condition === 'frozen') {
        sleeper.whenThawed(wake);
        continue;
      }
      this.elapsed = Math.max(this.elapsed, timer.at);
      wake();
      return true;
    }
    return false;
  }
}

/** A turn of the event loop: every microtask has run. */
function allMicrotasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
