/** Times in epoch milliseconds, null where unknown. */

/** The earlier of two times, where null precedes everything. */
export function earlier(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.min(a, b);
}

/** The later of two times; if one is unknown, the other. */
export function latest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}
