import { backoffMs, isInvalidRequest, mayPass } from './store-errors';

/** How time passes between tries. */
export interface Waiting {
  pause(ms: number): Promise<unknown>;
  /** Milliseconds that never go back. */
  monotonic(): number;
}

const MAX_TRIES = 6;
/** No new try after this. The client's own tries take up to 9 s where the table hangs, so a read ends within about 15 s. */
const MAX_MS = 5_000;

/**
 * What a read gives, asked for again with pauses while the table fails in a way that may pass: one of many reads that fails must
 * not end a run. What it failed with last, if that does not help.
 */
export async function readAgain<T>({ pause, monotonic }: Waiting, read: () => Promise<T>): Promise<T> {
  const start = monotonic();
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      const isLast = attempt === MAX_TRIES || monotonic() - start >= MAX_MS;
      if (isLast || !mayPass(error) || isInvalidRequest(error)) throw error;
    }
    await pause(backoffMs(attempt + 1));
  }
}
