/** The period that a call names, as moments. */
import { WrongCallError } from '../outcome';
import { isoOf } from '../words';

const DAY_MS = 86_400_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z$/;

export interface Period {
  /** Epoch ms, inclusive; null for everything from the beginning. */
  readonly from: number | null;
  /** Epoch ms, exclusive. */
  readonly until: number;
}

/**
 * A day of `until` belongs to the period as a whole; without `until` the period ends with yesterday, UTC.
 * @throws WrongCallError for what is no date, and for dates that are reversed.
 */
export function periodOf(options: { readonly from?: string; readonly until?: string }, now: number): Period {
  const from = options.from === undefined ? null : momentOf('--from', options.from);
  const until = options.until === undefined ? now - (now % DAY_MS) : endOf(options.until);
  if (from === null || from < until) return { from, until };
  throw new WrongCallError(
    `The period begins ${isoOf(from)} and ends ${isoOf(until)}${options.until === undefined ? ' (yesterday is the last day without --until)' : ''}; expected --from before --until. Exchange them, or name another day.`,
  );
}

/** The moment after everything that `text` names: a day as a whole, or the moment itself. @throws WrongCallError for what is no date. */
export function endOf(text: string, name = '--until'): number {
  return momentOf(name, text) + (DAY.test(text) ? DAY_MS : 0);
}

function momentOf(name: string, text: string): number {
  const time = DAY.test(text) || MOMENT.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse takes 30 February for a day in March.
  if (!Number.isNaN(time) && isoOf(time).startsWith(text.slice(0, 10))) return time;
  throw new WrongCallError(
    `${name} is "${text}"; expected a day such as 2026-03-31, or a moment in UTC such as 2026-03-31T18:00Z.`,
  );
}
