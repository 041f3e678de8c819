/**
 * The pace of a check sweep, kept over invocations by one number: the time up to which its calls are paid for. Each call moves
 * that time on by three times what it takes at full pace, and while it lies ahead no further case is begun. So an invocation
 * makes its calls at full pace and ends early, instead of idling between them at Lambda's price.
 */

/** A check takes this share of the pace, so that it never keeps the lanes before it waiting for the quota. */
const SHARE = 1 / 3;

/** Calls that were not made for longer than this are not made up for: as long as an invocation can be. */
const MAX_CREDIT_MS = 900_000;

/** Up to when calls count as paid for at the start of an invocation; `stored` is null for a sweep that begins now. */
export function paidUntilAtStart(stored: number | null, now: number): number {
  return stored === null ? now : Math.max(stored, now - MAX_CREDIT_MS);
}

/** What calls cost a check, in milliseconds; `requestsPerSecond` is the full pace of their operation. */
export function costMs(calls: number, requestsPerSecond: number): number {
  return (calls * 1000) / (requestsPerSecond * SHARE);
}
