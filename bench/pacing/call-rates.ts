import type { Call } from '../../local/cases/calls';

/** The first calls may come at once, as many as the pacer's bucket holds; after so long it is empty. */
const WARM_UP_MS = 10_000;
/** A rate counts as back when it holds for so long. */
const HOLDS_SECONDS = 5;
/** Of the set rate. */
const FULL_SHARE = 0.98;

export function timesOf(log: readonly Call[], operation: Call['operation'], domainId?: string): number[] {
  return log
    .filter((call) => call.operation === operation && (domainId === undefined || call.domainId === domainId))
    .map(({ time }) => time)
    .sort((a, b) => a - b);
}

export function throttledCalls(log: readonly Call[]): number {
  return log.filter(({ status }) => status === 429).length;
}

/** Calls per second from the end of the warm-up to the last call. */
export function steadyRate(times: readonly number[]): { readonly rate: number; readonly seconds: number } {
  const from = (times[0] ?? 0) + WARM_UP_MS;
  const counted = times.filter((time) => time >= from);
  const seconds = ((counted.at(-1) ?? 0) - (counted[0] ?? 0)) / 1000;
  return { rate: (counted.length - 1) / seconds, seconds };
}

/** Seconds from `endedAt` to the first call from which on the full rate holds for a while; null if it never does. */
export function secondsToFullRate(times: readonly number[], endedAt: number, rps: number): number | null {
  const calls = Math.ceil(rps * HOLDS_SECONDS);
  const longestMs = (calls / (rps * FULL_SHARE)) * 1000;
  const after = times.filter((time) => time >= endedAt);
  const first = after.find((time, at) => (after[at + calls] ?? Number.POSITIVE_INFINITY) - time <= longestMs);
  return first === undefined ? null : (first - endedAt) / 1000;
}

/** The longest time between two calls, in seconds. */
export function longestWait(times: readonly number[]): number {
  let longest = 0;
  for (const [at, time] of times.entries()) longest = Math.max(longest, time - (times[at - 1] ?? time));
  return longest / 1000;
}

/** Most calls within any second. */
export function busiestSecond(times: readonly number[]): number {
  let most = 0;
  let from = 0;
  for (const [at, time] of times.entries()) {
    while (time - (times[from] ?? time) >= 1000) from += 1;
    most = Math.max(most, at - from + 1);
  }
  return most;
}
