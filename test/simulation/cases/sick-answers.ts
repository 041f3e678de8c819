/** What a sick case makes of an answer about it. */
import type { AuditEvent } from '../../../lambda/export/domain/audit-event';
import type { CasesFailure } from '../../../lambda/export/domain/errors';
import type { AuditPage } from '../../../lambda/export/ports';
import { numberOf, type SickCases, type SicknessKind } from '../sickness';
import { HOUR } from '../times';
import { failure, type MayLack, NAMES } from './failures';
import type { Fate } from './faults-on-calls';
import type { ServiceClock } from './service-clock';

const FAILING: Partial<Readonly<Record<SicknessKind, readonly [fails: CasesFailure, retryAfterMs?: number]>>> = {
  'case.denied': ['denied'],
  'case.throttled': ['throttled'],
  'case.throttled-retry-after': ['throttled', HOUR],
  'case.500': ['unavailable'],
  'case.500-retry-after-3600': ['unavailable', HOUR],
  'case.refused': ['refused'],
  'case.nonsense': ['malformed'],
  'case.404': ['not-found'],
};
const FAILING_KINDS = [...(Object.keys(FAILING) as SicknessKind[]), 'case.never-answers'] as const;

type SpoiltPage = MayLack<AuditPage, 'events'>;

const ENDLESS = 'endless-';

export class SickAnswers {
  #tokens = 0;
  readonly #maimed = new Set<string>();

  constructor(
    private readonly sick: SickCases,
    private readonly clock: ServiceClock,
  ) {}

  /** What becomes of a read of the case before there is any answer. */
  fateOf(caseId: string): Fate {
    const kind = this.sick.strikes(caseId, ...FAILING_KINDS);
    if (kind === undefined) return 'goes-through';
    const failing = FAILING[kind];
    if (failing === undefined) return 'never-answers';
    const [fails, retryAfterMs] = failing;
    return failure('getCaseAuditEvents', fails, NAMES[fails], this.clock.header(), retryAfterMs);
  }

  /** Undefined for a token that leads on as tokens do. @throws CasesCallError `refused` if the case is well again. */
  endless(
    caseId: string,
    nextToken: string | undefined,
    firstPage: () => Pick<SpoiltPage, 'events'>,
  ): SpoiltPage | undefined {
    if (nextToken?.startsWith(ENDLESS) !== true) return undefined;
    const kind = this.sick.strikes(caseId, 'case.endless-tokens', 'case.repeated-pages');
    const serviceTime = this.clock.header();
    if (kind === undefined) throw failure('getCaseAuditEvents', 'refused', 'the nextToken is not good', serviceTime);
    const events = kind === 'case.endless-tokens' ? [] : firstPage().events;
    return { events, nextToken: this.#token(), serviceTime };
  }

  /** The page as the case gives it: with a null in it, or with a token where there should be none. */
  page(caseId: string, page: SpoiltPage): SpoiltPage {
    const withNulls = { ...page, events: page.events && this.#events(caseId, page.events) };
    if (page.nextToken !== undefined) return withNulls;
    const isEndless = this.sick.strikes(caseId, 'case.endless-tokens', 'case.repeated-pages') !== undefined;
    return isEndless ? { ...withNulls, nextToken: this.#token() } : withNulls;
  }

  /** Whether a null has ever stood in for a field of the event: then its rows may come in another order, in two commits. */
  isMaimed(event: AuditEvent): boolean {
    return this.#maimed.has(event.eventId ?? '');
  }

  #events(caseId: string, events: AuditPage['events']): AuditPage['events'] {
    const kept = this.#withNullFields(caseId, events);
    if (events.length === 0 || this.sick.strikes(caseId, 'case.null-event') === undefined) return kept;
    return kept.with(numberOf(caseId) % events.length, null);
  }

  #withNullFields(caseId: string, events: AuditPage['events']): AuditPage['events'] {
    const maimed = events.map(maim);
    if (maimed.every((event, at) => event === events[at])) return events;
    if (this.sick.strikes(caseId, 'case.null-field') === undefined) return events;
    for (const [at, event] of maimed.entries()) {
      if (event !== null && event !== events[at]) this.#maimed.add(event.eventId ?? '');
    }
    return maimed;
  }

  #token(): string {
    this.#tokens += 1;
    return `${ENDLESS}${this.#tokens}`;
  }
}

/** The same field of the same event every time; every other event is spared. */
function maim(event: AuditEvent | null): AuditEvent | null {
  const { eventId, fields } = event ?? {};
  if (event === null || eventId === undefined || !Array.isArray(fields) || fields.length === 0) return event;
  const number = numberOf(eventId);
  return number % 2 === 0 ? event : { ...event, fields: fields.with(number % fields.length, null) };
}
