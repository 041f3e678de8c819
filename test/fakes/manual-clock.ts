/** A clock that moves only when it is told to, or (`auto`) jumps to the next sleeper once nothing else is left to do. */
import type { Clock } from '../../lambda/export/ports';

export interface ManualClock extends Clock {
  /** Time passes: wall clock and monotonic clock move, and sleepers that are due wake in order. */
  advance(ms: number): void;
  /** The wall clock is set; nothing else notices. */
  setWallClock(epochMs: number): void;
  /** How many sleep. */
  sleepers(): number;
}

interface ManualClockOptions {
  /** Epoch ms. */
  readonly start?: number;
  /**
   * When every microtask has run and somebody sleeps, time jumps to the first sleeper's end. For stories over in-memory
   * fakes only: real I/O looks like idleness.
   */
  readonly auto?: boolean;
}

interface Sleeper {
  readonly until: number;
  wake(): void;
}

export function createManualClock({
  start = Date.UTC(2026, 0, 1),
  auto = false,
}: ManualClockOptions = {}): ManualClock {
  let elapsed = 0;
  let wallOffset = start;
  const asleep = new Set<Sleeper>();

  function first(): Sleeper | undefined {
    return [...asleep].reduce<Sleeper | undefined>((a, b) => (a === undefined || b.until < a.until ? b : a), undefined);
  }

  function advance(ms: number): void {
    const end = elapsed + ms;
    for (let due = first(); due !== undefined && due.until <= end; due = first()) {
      elapsed = Math.max(elapsed, due.until);
      due.wake();
    }
    elapsed = end;
  }

  function jumpWhenIdle(sleeper: Sleeper): void {
    setImmediate(() => {
      if (!asleep.has(sleeper)) return;
      if (first() === sleeper) advance(Math.max(0, sleeper.until - elapsed));
      else jumpWhenIdle(sleeper);
    });
  }

  return {
    now: () => Math.floor(wallOffset + elapsed),
    monotonic: () => elapsed,
    advance,
    setWallClock: (epochMs) => {
      wallOffset = epochMs - elapsed;
    },
    sleepers: () => asleep.size,
    sleep(ms, signal) {
      if (ms <= 0 || signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const sleeper: Sleeper = {
          until: elapsed + ms,
          wake() {
            asleep.delete(sleeper);
            signal?.removeEventListener('abort', sleeper.wake);
            resolve();
          },
        };
        asleep.add(sleeper);
        signal?.addEventListener('abort', sleeper.wake);
        if (auto) jumpWhenIdle(sleeper);
      });
    },
  };
}
