import { setTimeout as resolveAfter } from 'node:timers/promises';
import type { Clock } from '../ports';

/** Node fires timers that are longer than this at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The clock of this machine. */
export function createClock(): Clock {
  return { now: Date.now, monotonic: () => performance.now(), sleep };
}

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  const options = signal === undefined ? {} : { signal };
  try {
    let left = ms;
    for (; left > MAX_TIMER_MS; left -= MAX_TIMER_MS) {
      await resolveAfter(MAX_TIMER_MS, undefined, options);
    }
    await resolveAfter(Math.max(left, 0), undefined, options);
  } catch {
    // Only the signal rejects it: the sleep is over.
  }
}
