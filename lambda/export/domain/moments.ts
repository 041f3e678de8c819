/** Times that may be unknown, epoch milliseconds. */

/** The earlier of two times, where null is before everything. */
export function earlier(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.min(a, b);
}

/** The later of two times; of one that is not known the other. */
export function latest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}
