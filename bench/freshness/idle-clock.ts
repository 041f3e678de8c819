import type { Clock } from '../../lambda/export/ports';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

interface IdleClock extends Clock {
  /** Moves both clocks on, while nobody sleeps. */
  advanceTo(epochMs: number): void;
}

/**
 * A simulated clock that jumps to the first sleeper's end as soon as every microtask has run. Only for stories over ports that
 * never wait for anything but this clock: real I/O would look like idleness.
 */
export function createIdleClock(start: number): IdleClock {
  let elapsed = 0;
  let isPumping = false;
  const asleep = new Set<Sleeper>();

  function pump(): void {
    isPumping = false;
    let first: Sleeper | undefined;
    for (const sleeper of asleep) if (first === undefined || sleeper.until < first.until) first = sleeper;
    if (first === undefined) return;
    elapsed = Math.max(elapsed, first.until);
    first.wake();
    keepPumping();
  }

  function keepPumping(): void {
    if (isPumping || asleep.size === 0) return;
    isPumping = true;
    setImmediate(pump);
  }

  return {
    now: () => Math.floor(start + elapsed),
    monotonic: () => elapsed,
    advanceTo(epochMs) {
      if (asleep.size > 0) throw new Error(`${asleep.size} sleep while the clock is moved by hand`);
      elapsed = Math.max(elapsed, epochMs - start);
    },
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
        keepPumping();
      });
    },
  };
}
