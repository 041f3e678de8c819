import type { Clock } from '../ports';

/** Node fires longer timers at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The clock of this machine. */
export function createClock(): Clock {
  return { now: Date.now, monotonic: () => performance.now(), sleep };
}

/**
 * Uses a plain timer: Node's promised timers create an error with a stack for each sleep that a signal ends, and most
 * sleeps end so.
 */
function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    let left = Math.max(ms, 0);
    let timer: NodeJS.Timeout;
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const wait = () => {
      const next = Math.min(left, MAX_TIMER_MS);
      left -= next;
      timer = setTimeout(left > 0 ? wait : end, next);
    };
    signal?.addEventListener('abort', end);
    wait();
  });
}
