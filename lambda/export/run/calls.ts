import { CasesCallError } from '../domain/errors';
import { BREAKER_LIMIT, backoffMs } from '../domain/failures';
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
import { asksForMore, type CallPolicy, IN_PASSING, NEEDED, ONE_TRY, PER_CASE } from './call-policy';
import type { RunCounters } from './counters';
import { Mutex } from './mutex';

/** A call that has not answered by then counts as unavailable. */
const CALL_LIMIT_MS = 30_000;

/** Of an abort that nobody looks at: a DOMException a call would cost more than the rest of the timer. */
const ANSWERED = new Error('answered');

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
    return this.#paced('SearchCases', NEEDED, async (signal) => {
      const page = await this.api.searchCases(request, signal);
      return { ...page, cases: requireList(page.cases, 'SearchCases', 'cases', request.domainId, page) };
    });
  }

  /** `oneTry`: no second attempt, for a case that is likely to fail again. */
  getCaseAuditEvents({
    oneTry = false,
    ...request
  }: {
    domainId: string;
    caseId: string;
    nextToken: string | undefined;
    oneTry?: boolean;
  }): Promise<AuditPage & { events: NonNullable<AuditPage['events']> }> {
    return this.#paced('GetCaseAuditEvents', oneTry ? ONE_TRY : PER_CASE, async (signal) => {
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
    return this.#paced('ListFields', IN_PASSING, async (signal) => {
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
    const sentAt = this.clock.monotonic();
    try {
      const answer = await this.#limited(call, ONE_ATTEMPT_SHARE * this.budget.readingMs());
      this.#observe(answer.serviceTime);
      return answer;
    } catch (error) {
      if (this.budget.isReadingOver) throw new ReadingOver();
      if (error instanceof CasesCallError && error.failure === 'throttled') {
        this.#slowDown(operation, sentAt, error.details.retryAfterMs);
      }
      throw error;
    }
  }

  async #paced<T extends Answered>(
    operation: Operation,
    policy: CallPolicy,
    call: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    for (const failures = { throttled: 0, others: 0 }; ; ) {
      await this.#turn(operation);
      const sentAt = this.clock.monotonic();
      try {
        this.counters.call(operation);
        const answer = await this.#limited(call, policy.maxShare * this.budget.readingMs());
        this.#observe(answer.serviceTime);
        return answer;
      } catch (error) {
        if (this.budget.isReadingOver) throw new ReadingOver();
        if (!(error instanceof CasesCallError)) throw error;
        this.#observe(error.details.serviceTime ?? null);
        if (error.failure === 'throttled') {
          failures.throttled += 1;
          // So long a pause may be meant for one case alone: whoever called finds out, and the others go on meanwhile.
          const isTooLong = asksForMore(error, policy);
          this.#slowDown(operation, sentAt, isTooLong ? 0 : error.details.retryAfterMs);
          if (failures.throttled >= policy.attempts('throttled') || isTooLong) throw error;
          continue;
        }
        failures.others += 1;
        await this.#pauseOrThrow(error, failures.others, policy);
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
      answered.abort(ANSWERED);
      this.budget.readingOver.removeEventListener('abort', abort);
    }
  }

  async #pauseOrThrow(error: CasesCallError, failures: number, policy: CallPolicy): Promise<void> {
    if (policy.isNeeded && error.failure === 'unavailable' && failures >= BREAKER_LIMIT) {
      throw new SystemicError(`${error.message} (${BREAKER_LIMIT} failures in a row)`, { cause: error });
    }
    if (failures >= policy.attempts(error.failure) || asksForMore(error, policy)) throw error;
    await this.#pause(backoffMs(failures, error.details.retryAfterMs));
  }

  #slowDown(operation: Operation, sentAt: number, retryAfterMs?: number): void {
    this.counters.add('throttledCalls');
    this.#pacers[operation].throttled(this.clock.monotonic(), sentAt, retryAfterMs);
  }

  #observe(serviceTime: number | null): void {
    this.time.observe(serviceTime, this.clock.now());
    if (this.time.isAlarming) this.counters.anomaly('clock-differs', { differenceMs: this.time.differenceMs });
  }
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
