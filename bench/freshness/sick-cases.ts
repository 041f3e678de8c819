import type { AuditEvent } from '../../lambda/export/domain/audit-event';
import { CasesCallError, type CasesFailure } from '../../lambda/export/domain/errors';
import type { AuditPage, Clock } from '../../lambda/export/ports';

const HOUR_MS = 3_600_000;

/** What a case answers to every read, for ever. */
const SICKNESSES = [
  '403',
  '429',
  '429, Retry-After 3600',
  '500, Retry-After 3600',
  'no answer',
  '404 while shown',
  '400',
  'nonsense',
  'endless tokens',
  'null field',
] as const;

export type Sickness = (typeof SICKNESSES)[number];

const FAILURES: Partial<Record<Sickness, readonly [CasesFailure, number?]>> = {
  '403': ['denied'],
  '429': ['throttled'],
  '429, Retry-After 3600': ['throttled', HOUR_MS],
  '500, Retry-After 3600': ['unavailable', HOUR_MS],
  '404 while shown': ['not-found'],
  '400': ['refused'],
  nonsense: ['malformed'],
};

/** One case in so many is sick, each in the next of the ways; a new case, too. */
export class SickCases {
  /** Reads of sick cases. */
  readonly calls = new Map<Sickness, number>();
  #tokens = 0;

  /** @param every 0: none is. */
  constructor(private readonly every: number) {}

  isSick(index: number): boolean {
    return this.sicknessOf(index) !== null;
  }

  /** For each sickness, how many of so many cases have it. */
  count(cases: number): Map<Sickness, number> {
    const counts = new Map<Sickness, number>();
    for (let index = 0; index < cases; index += 1) {
      const sickness = this.sicknessOf(index);
      if (sickness !== null) counts.set(sickness, (counts.get(sickness) ?? 0) + 1);
    }
    return counts;
  }

  sicknessOf(index: number): Sickness | null {
    if (this.every === 0 || index % this.every !== this.every >> 1) return null;
    return SICKNESSES[Math.floor(index / this.every) % SICKNESSES.length] ?? null;
  }

  /** What comes in place of a healthy answer; it may never come. */
  async answer(sickness: Sickness, page: AuditPage, clock: Clock, signal: AbortSignal): Promise<AuditPage> {
    this.calls.set(sickness, (this.calls.get(sickness) ?? 0) + 1);
    const serviceTime = page.serviceTime;
    const failure = FAILURES[sickness];
    if (failure !== undefined) {
      const [kind, retryAfterMs] = failure;
      throw new CasesCallError(sickness, kind, 'GetCaseAuditEvents', {
        serviceTime,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      });
    }
    if (sickness === 'no answer') {
      await clock.sleep(HOUR_MS, signal);
      throw new CasesCallError(sickness, 'unavailable', 'GetCaseAuditEvents', { serviceTime: null });
    }
    if (sickness === 'endless tokens') {
      this.#tokens += 1;
      return { ...page, nextToken: `endless-${this.#tokens}` };
    }
    return { ...page, events: page.events?.map((event) => event && withoutFields(event)) };
  }
}

function withoutFields(event: AuditEvent): AuditEvent {
  return { ...event, fields: event.fields?.map(() => null) };
}
