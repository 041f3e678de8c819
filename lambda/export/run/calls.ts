import { CasesCallError, type CasesFailure } from '../domain/errors';
import { BREAKER_LIMIT, backoffMs, FAILURES } from '../domain/failures';
import { Pacer } from '../domain/pacer';
import type { ServiceTime } from '../domain/service-time';
import type {
  Answered,
  AuditPage,
  CasesApi,
  Clock,
  FieldOptionsPage,
  FieldsPage,
  RelatedPage,
  SearchPage,
  SearchRequest,
  TemplatesPage,
} from '../ports';
import type { Settings } from '../settings';
import { type Budget, ReadingOver } from './budget';
import type { RunCounters } from './counters';
import { Mutex } from './mutex';

/** A call that has not answered by then counts as unavailable. */
const CALL_LIMIT_MS = 30_000;

/** BatchGetField has four times the quota of the look-ups that are paced like SearchCases. */
const BATCH_GET_FIELD_FACTOR = 4;

/** The service is down, or closed, for us: the run ends with this error, after what is complete was committed. */
export class SystemicError extends Error {
  override readonly name = 'SystemicError';
}

type Operation =
  | 'SearchCases'
  | 'GetCaseAuditEvents'
  | 'SearchAllRelatedItems'
  | 'ListFields'
  | 'BatchGetField'
  | 'ListFieldOptions'
  | 'ListTemplates';

interface Policy {
  /** Attempts at a call of kind `unavailable`; the breaker may end it sooner. */
  readonly unavailableAttempts: number;
  /** Share of the time left to read that one call may take. */
  readonly maxShare: number;
}

/** Nothing else can be done in this run while these do not answer, so only the breaker ends them. */
const UNTIL_BREAKER: Policy = { unavailableAttempts: Number.POSITIVE_INFINITY, maxShare: 1 };
const PER_CASE: Policy = { unavailableAttempts: FAILURES.unavailable.attempts, maxShare: 1 };

/** The rest of the run can do without, so an answer that does not come must not keep it waiting. */
const IN_PASSING: Policy = { unavailableAttempts: FAILURES.unavailable.attempts, maxShare: 0.05 };

/** A look-up that rows can do without altogether: one attempt, which says nothing of the service. */
const ONE_ATTEMPT_SHARE = 0.02;

/**
 * The Cases service as the run sees it: paced by a token bucket an operation, repeated where that helps (each attempt costs
 * budget like any call), ended by time. Rejects with ReadingOver, SystemicError, or the CasesCallError that was left.
 */
export class PacedCalls {
  readonly #pacers: Readonly<Record<Operation, Pacer>>;
  /** One waits for the pacer, the others behind it: calls go out in the order in which they were asked for. */
  readonly #queues: Readonly<Record<Operation, Mutex>>;
  #failuresInARow = 0;

  constructor(
    private readonly api: CasesApi,
    private readonly clock: Clock,
    private readonly budget: Budget,
    private readonly time: ServiceTime,
    private readonly counters: RunCounters,
    rates: Pick<Settings, 'searchCasesRps' | 'auditEventsRps' | 'relatedItemsRps'>,
  ) {
    const now = clock.monotonic();
    this.#pacers = {
      SearchCases: new Pacer(rates.searchCasesRps, now),
      GetCaseAuditEvents: new Pacer(rates.auditEventsRps, now),
      SearchAllRelatedItems: new Pacer(rates.relatedItemsRps, now),
      ListFields: new Pacer(rates.searchCasesRps, now),
      BatchGetField: new Pacer(rates.searchCasesRps * BATCH_GET_FIELD_FACTOR, now),
      ListFieldOptions: new Pacer(rates.searchCasesRps, now),
      ListTemplates: new Pacer(rates.searchCasesRps, now),
    };
    this.#queues = {
      SearchCases: new Mutex(),
      GetCaseAuditEvents: new Mutex(),
      SearchAllRelatedItems: new Mutex(),
      ListFields: new Mutex(),
      BatchGetField: new Mutex(),
      ListFieldOptions: new Mutex(),
      ListTemplates: new Mutex(),
    };
  }

  searchCases(request: SearchRequest): Promise<SearchPage & { cases: NonNullable<SearchPage['cases']> }> {
    return this.#paced('SearchCases', UNTIL_BREAKER, async (signal) => {
      const page = await this.api.searchCases(request, signal);
      return { ...page, cases: requireList(page.cases, 'SearchCases', 'cases', request.domainId, page) };
    });
  }

  getCaseAuditEvents(request: {
    domainId: string;
    caseId: string;
    nextToken: string | undefined;
  }): Promise<AuditPage & { events: NonNullable<AuditPage['events']> }> {
    return this.#paced('GetCaseAuditEvents', PER_CASE, async (signal) => {
      const page = await this.api.getCaseAuditEvents(request, signal);
      return { ...page, events: requireList(page.events, 'GetCaseAuditEvents', 'auditEvents', request.domainId, page) };
    });
  }

  searchAllRelatedItems(request: {
    domainId: string;
    nextToken: string | undefined;
  }): Promise<RelatedPage & { items: NonNullable<RelatedPage['items']> }> {
    return this.#paced('SearchAllRelatedItems', IN_PASSING, async (signal) => {
      const page = await this.api.searchAllRelatedItems(request, signal);
      return {
        ...page,
        items: requireList(page.items, 'SearchAllRelatedItems', 'relatedItems', request.domainId, page),
      };
    });
  }

  listFields(request: {
    domainId: string;
    nextToken: string | undefined;
  }): Promise<FieldsPage & { fields: NonNullable<FieldsPage['fields']> }> {
    return this.#paced('ListFields', UNTIL_BREAKER, async (signal) => {
      const page = await this.api.listFields(request, signal);
      return { ...page, fields: requireList(page.fields, 'ListFields', 'fields', request.domainId, page) };
    });
  }

  batchGetFields(request: {
    domainId: string;
    fieldIds: readonly string[];
  }): Promise<FieldsPage & { fields: NonNullable<FieldsPage['fields']> }> {
    return this.#paced('BatchGetField', IN_PASSING, async (signal) => {
      const page = await this.api.batchGetFields(request, signal);
      return { ...page, fields: requireList(page.fields, 'BatchGetField', 'fields', request.domainId, page) };
    });
  }

  /** One attempt, whose failure does not count for the breaker: the operation may be denied, or unknown. */
  listFieldOptions(request: {
    domainId: string;
    fieldId: string;
    nextToken: string | undefined;
  }): Promise<FieldOptionsPage & { options: NonNullable<FieldOptionsPage['options']> }> {
    return this.#once('ListFieldOptions', async (signal) => {
      const page = await this.api.listFieldOptions(request, signal);
      return { ...page, options: requireList(page.options, 'ListFieldOptions', 'options', request.domainId, page) };
    });
  }

  /** As listFieldOptions. */
  listTemplates(request: {
    domainId: string;
    nextToken: string | undefined;
  }): Promise<TemplatesPage & { templates: NonNullable<TemplatesPage['templates']> }> {
    return this.#once('ListTemplates', async (signal) => {
      const page = await this.api.listTemplates(request, signal);
      return { ...page, templates: requireList(page.templates, 'ListTemplates', 'templates', request.domainId, page) };
    });
  }

  async #once<T extends Answered>(operation: Operation, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    await this.#turn(operation);
    this.counters.call(operation);
    try {
      const answer = await this.#limited(call, ONE_ATTEMPT_SHARE * this.budget.readingMs());
      this.#observe(answer.serviceTime);
      return answer;
    } catch (error) {
      if (this.budget.isReadingOver) throw new ReadingOver();
      if (error instanceof CasesCallError && error.failure === 'throttled') {
        this.#slowDown(operation, error.details.retryAfterMs);
      }
      throw error;
    }
  }

  async #paced<T extends Answered>(
    operation: Operation,
    policy: Policy,
    call: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    for (let failures = 0; ; ) {
      await this.#turn(operation);
      try {
        this.counters.call(operation);
        const answer = await this.#limited(call, policy.maxShare * this.budget.readingMs());
        this.#observe(answer.serviceTime);
        this.#failuresInARow = 0;
        return answer;
      } catch (error) {
        if (this.budget.isReadingOver) throw new ReadingOver();
        if (!(error instanceof CasesCallError)) throw error;
        this.#observe(error.details.serviceTime ?? null);
        if (error.failure === 'throttled') {
          this.#slowDown(operation, error.details.retryAfterMs);
          continue;
        }
        failures += 1;
        await this.#pauseOrThrow(error, failures, policy);
      }
    }
  }

  #turn(operation: Operation): Promise<void> {
    const pacer = this.#pacers[operation];
    return this.#queues[operation].run(async () => {
      if (this.budget.isReadingOver) throw new ReadingOver();
      for (let waitMs = pacer.take(this.clock.monotonic()); waitMs > 0; waitMs = pacer.take(this.clock.monotonic())) {
        await this.#pause(waitMs);
      }
    });
  }

  /** Waits, unless reading is over before the wait is: then there is nothing to wait for. */
  async #pause(ms: number): Promise<void> {
    if (ms >= this.budget.readingMs()) {
      this.budget.endReading();
      throw new ReadingOver();
    }
    if (ms > 0) await this.clock.sleep(ms, this.budget.readingOver);
    if (this.budget.isReadingOver) throw new ReadingOver();
  }

  async #limited<T>(call: (signal: AbortSignal) => Promise<T>, longestMs: number): Promise<T> {
    const answered = new AbortController();
    const limit = new AbortController();
    const abort = () => limit.abort();
    this.budget.readingOver.addEventListener('abort', abort, { once: true });
    void this.clock.sleep(Math.min(CALL_LIMIT_MS, longestMs), answered.signal).then(abort);
    try {
      return await call(limit.signal);
    } finally {
      answered.abort();
      this.budget.readingOver.removeEventListener('abort', abort);
    }
  }

  async #pauseOrThrow(error: CasesCallError, failures: number, policy: Policy): Promise<void> {
    const { systemicInARow, attempts } = FAILURES[error.failure];
    if (!systemicInARow) this.#failuresInARow = 0;
    else if (++this.#failuresInARow >= BREAKER_LIMIT) {
      throw new SystemicError(`${error.message} (${BREAKER_LIMIT} failures in a row)`, { cause: error });
    }
    if (failures >= (error.failure === 'unavailable' ? policy.unavailableAttempts : attempts)) throw error;
    await this.#pause(backoffMs(failures, error.details.retryAfterMs));
  }

  #slowDown(operation: Operation, retryAfterMs?: number): void {
    this.counters.add('throttledCalls');
    this.#pacers[operation].throttled(this.clock.monotonic(), retryAfterMs);
  }

  #observe(serviceTime: number | null): void {
    this.time.observe(serviceTime, this.clock.now());
    if (this.time.isAlarming) this.counters.anomaly('clock-differs', { differenceMs: this.time.differenceMs });
  }
}

/** Failures that no other case, page or attempt could do better at: the run has to end with an error. */
export function isSystemic(failure: CasesFailure): boolean {
  return FAILURES[failure].ends === 'error';
}

/** The Cases service failed, not S3, DynamoDB or ourselves. */
export function isCasesFailure(error: unknown): boolean {
  return error instanceof CasesCallError || error instanceof SystemicError;
}

function requireList<T>(list: T | undefined, operation: string, member: string, domainId: string, answer: Answered): T {
  if (list !== undefined) return list;
  throw new CasesCallError(
    `${operation} of domain ${domainId} answered without the required list "${member}"; expected a list, if only an empty one. Nothing was recorded; the next tick asks again.`,
    'malformed',
    operation,
    { serviceTime: answer.serviceTime },
  );
}
