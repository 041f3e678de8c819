import { html, type Markup } from './markup';

/** How a page writes times: in one zone, named by it. */
export interface Clock {
  /** IANA name, or `UTC`. */
  readonly zone: string;
  /** `2026-10-26`, and `14:03:22.123 +01:00`; in UTC `14:03:22.123 UTC`. */
  format(at: number): { readonly date: string; readonly time: string };
}

/** Throws RangeError for a zone that does not exist. */
export function clockIn(zone: string): Clock {
  const formatter = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'longOffset',
  });
  return { zone, format: (at) => (zone === 'UTC' ? inUtc(at) : inZone(formatter, at)) };
}

/** A time element: date and time of the page's zone. */
export function timeOf(clock: Clock, at: number): Markup {
  const { date, time } = clock.format(at);
  return html`<time datetime="${new Date(at).toISOString()}">${date} ${time}</time>`;
}

/** A sentence whose times, written as in ISO 8601, stand in the page's zone: a page has one. */
export function inZoneOf(clock: Clock, sentence: string): string {
  return sentence.replaceAll(/\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z/g, (iso) => {
    const at = Date.parse(iso);
    if (Number.isNaN(at)) return iso;
    const { date, time } = clock.format(at);
    return `${date} ${time}`;
  });
}

/** How long, by its two largest units: `3 d 4 h`, `12 min 5 s`, `0.850 s`. */
export function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${(ms / 1000).toFixed(3)} s`;
  if (seconds < HOUR) return two(seconds, [60, 'min'], [1, 's']);
  if (seconds < DAY) return two(seconds, [HOUR, 'h'], [60, 'min']);
  return two(seconds, [DAY, 'd'], [HOUR, 'h']);
}

const HOUR = 3_600;
const DAY = 86_400;

function two(seconds: number, [large, largeName]: [number, string], [small, smallName]: [number, string]): string {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)} ${largeName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`;
}

function inUtc(at: number): { date: string; time: string } {
  const [date = '', time = ''] = new Date(at).toISOString().split('T');
  return { date, time: `${time.slice(0, -1)} UTC` };
}

function inZone(formatter: Intl.DateTimeFormat, at: number): { date: string; time: string } {
  const year = new Date(at).getUTCFullYear();
  // Outside of these years a calendar's year needs an era.
  if (year < 1 || year > 9998) return inUtc(at);
  const parts = Object.fromEntries(formatter.formatToParts(at).map(({ type, value }) => [type, value]));
  const { year: y = '', month, day, hour, minute, second, timeZoneName = '' } = parts;
  const millis = String(((at % 1000) + 1000) % 1000).padStart(3, '0');
  const offset = timeZoneName === 'GMT' ? '+00:00' : timeZoneName.replace('GMT', '').replace('−', '-');
  return { date: `${y.padStart(4, '0')}-${month}-${day}`, time: `${hour}:${minute}:${second}.${millis} ${offset}` };
}
