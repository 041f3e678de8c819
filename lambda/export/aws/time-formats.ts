const ISO_TIME = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2})(?::(\d{2})(?:\.(\d+))?)?([Zz]|[+-](?:[01]\d|2[0-3]):?[0-5]\d)$/;
const LEAP_SECOND = '60';
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Parses an ISO 8601 date-time with offset (RFC 3339, from year 0 on) to epoch milliseconds. Seconds and fraction may
 * be missing, digits finer than a millisecond are cut off, and a leap second counts as the second after it. Returns
 * null for everything else, including days and hours that do not exist.
 */
export function parseIsoTime(text: unknown): number | null {
  const parts = typeof text === 'string' ? ISO_TIME.exec(text) : null;
  if (parts === null) {
    return null;
  }
  const [, day, hourMinute, second = '00', fraction = '', offset = 'Z'] = parts;
  const isLeap = second === LEAP_SECOND;
  const local = `${day}T${hourMinute}:${isLeap ? '59' : second}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
  const localMs = Date.parse(local);
  // JavaScript reads 30 February as 1 March.
  if (Number.isNaN(localMs) || new Date(localMs).toISOString() !== local) {
    return null;
  }
  return localMs + (isLeap ? 1000 : 0) - offsetMs(offset);
}

/** Whether `parseIsoTime` returns the very instant of the text: no leap second, nothing finer than a millisecond. */
export function isExactTime(text: string): boolean {
  const [, , , second, fraction = ''] = ISO_TIME.exec(text) ?? [];
  return second !== LEAP_SECOND && !/[1-9]/.test(fraction.slice(3));
}

/** Parses a `Date` header (RFC 9110, IMF-fixdate) to epoch milliseconds; null if it is missing or malformed. */
export function parseHttpDate(text: string | undefined): number | null {
  const ms = text !== undefined && HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

/**
 * Parses a `Retry-After` header, in seconds or as a date, to milliseconds to wait; null if it is missing or malformed.
 */
export function parseRetryAfter(text: string | undefined, now: number): number | null {
  if (text !== undefined && /^\d+$/.test(text)) {
    return Math.min(Number(text) * 1000, Number.MAX_SAFE_INTEGER);
  }
  const until = parseHttpDate(text);
  return until === null ? null : Math.max(until - now, 0);
}

function offsetMs(offset: string): number {
  if (offset === 'Z' || offset === 'z') {
    return 0;
  }
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  return (offset.startsWith('-') ? -minutes : minutes) * 60_000;
}
