/** When every world begins, and the units of its times, in milliseconds. */
export const START = Date.UTC(2026, 0, 10, 12);
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
