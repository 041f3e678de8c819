/** ISO 8601 in UTC with milliseconds and `Z`: how the service writes dates, in timestamps and in string values alike. */
export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

const ISO_DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2}))?$/;

/** A date, or a date and time with its offset from UTC, that exists. */
export function isIsoDate(text: string): boolean {
  return ISO_DATE.test(text) && !Number.isNaN(Date.parse(text));
}
