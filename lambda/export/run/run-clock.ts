import type { Clock } from '../ports';

/**
 * The clock of one run: what the wall clock showed at its start, and from there on time that never goes back nor jumps. A wall clock
 * that is set while a call is under way can then put no watermark into the future, and no read into the past.
 */
export function runClock(clock: Clock): Clock {
  const startedAt = clock.now();
  const startedAtMonotonic = clock.monotonic();
  return {
    now: () => startedAt + Math.floor(clock.monotonic() - startedAtMonotonic),
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  };
}
