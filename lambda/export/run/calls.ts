import {
  BREAKER_LIMIT,
  backoffMs,
  CasesCallError,
  type CasesFailure,
  FAILURES,
  MAX_PAUSE_PER_CASE_MS,
} from '../domain/errors';
import { Mutex, Pacer } from '../domain/pacer';
import type { ServiceTime } from '../domain/times';
import type { AuditPage, CasesApi, Clock } from '../ports';
import type { Settings } from '../settings';
import { type Budget, ReadingOver } from './budget';
import type { RunCounters } from './counters';

/** A call without an answer by then counts as unavailable. */
const CALL_LIMIT_MS = 30_000;

/** Reason of an abort that nobody looks at: a DOMException per call would cost more than the rest of the timer. */
const ANSWERED = new Error('answered');

/** BatchGetField has four times the quota of the look-ups that are paced like SearchCases. */
const BATCH_GET_FIELD_FACTOR = 4;

/** The service is down, or closed, for us: the run ends with this error, after it has committed everything complete. */
export class SystemicError extends Error {
  override readonly name = 'SystemicError';
}

type Rates = Pick<Settings, 'searchCasesRps' | 'auditEventsRps' | 'relatedItemsRps'>;

/** Calls per second of each operation, by the service's name for it. */
const RPS = {
  SearchCases: (rates: Rates) => rates.searchCasesRps,
  GetCaseAuditEvents: (rates: Rates) => rates.auditEventsRps,
  SearchAllRelatedItems: (rates: Rates) => rates.relatedItemsRps,
  ListFields: (rates: Rates) => rates.searchCasesRps,
  BatchGetField: (rates: Rates) => rates.searchCasesRps * BATCH_GET_FIELD_FACTOR,
  ListFieldOptions: (rates: Rates) => rates.searchCasesRps,
  ListTemplates: (rates: Rates) => rates.searchCasesRps,
};

type Operation = keyof typeof RPS;

type Request<Method extends keyof CasesApi> = Parameters<CasesApi[Method]>[0];
/** Every answer has the time of the service. */
type Answered = Pick<AuditPage, 'serviceTime'>;

type Answer<Method extends keyof CasesApi> = ReturnType<CasesApi[Method]>;

/**
 * Share of the reading time for a look-up that rows can do without: one attempt, whose failure says nothing about the
 * service.
 */
const ONE_ATTEMPT_SHARE = 0.02;

/** The patience with one call. */
interface CallPolicy {
  /** Attempts at a call, by kind of failure. */
  readonly attempts: (failure: CasesFailure) => number;
  /** The run needs this call: `BREAKER_LIMIT` failures of kind `unavailable` end it with an error. */
  readonly isNeeded: boolean;
  /** Share of the remaining reading time that one call may take. */
  readonly maxShare: number;
  /** A longer pause that the service asks for between attempts is left to the caller. */
  readonly maxPauseMs: number;
}

const FOREVER = Number.POSITIVE_INFINITY;

/** For calls without which the run can do nothing else. */
const NEEDED: CallPolicy = {
  attempts: (failure) => (failure === 'unavailable' || failure === 'throttled' ? FOREVER : FAILURES[failure].attempts),
  isNeeded: true,
  maxShare: 1,
  maxPauseMs: FOREVER,
};

/** For calls whose reader finds out whether the case or the service fails. */
const PER_CASE: CallPolicy = {
  attempts: (failure) => FAILURES[failure].attempts,
  isNeeded: false,
  maxShare: 1,
  maxPauseMs: MAX_PAUSE_PER_CASE_MS,
};

/** As PER_CASE, for a case that will probably fail. */
const ONE_TRY: CallPolicy = { ...PER_CASE, attempts: () => 1 };

/** For calls that the rest of the run can do without: a missing answer must not keep it waiting. */
const IN_PASSING: CallPolicy = {
  attempts: (failure) => FAILURES[failure].attempts,
  isNeeded: false,
  maxShare: 0.05,
  maxPauseMs: MAX_PAUSE_PER_CASE_MS,
};

/**
 * The Cases service as the run sees it: paced by one token bucket per operation, repeated where that helps (each
 * attempt costs budget like any call), ended by time. Rejects with ReadingOver, SystemicError, or the last
 * CasesCallError.
 */
export class PacedCalls {
  /** The first call of a queue waits for the pacer and the others behind it, so calls go out in the order of asking. */
  readonly #lines: Readonly<Record<Operation, { readonly pacer: Pacer; readonly queue: Mutex }>>;

  constructor(
    private readonly api: CasesApi,
    private readonly clock: Clock,
    private readonly budget: Budget,
    private readonly time: ServiceTime,
    private readonly counters: RunCounters,
    rates: Rates,
  ) {
    const now = clock.monotonic();
    const lines = Object.entries(RPS).map(([operation, rpsOf]) => [
      operation,
      { pacer: new Pacer(rpsOf(rates), now), queue: new Mutex() },
    ]);
    this.#lines = Object.fromEntries(lines);
  }

  searchCases(request: Request<'searchCases'>): Answer<'searchCases'> {
    return this.#paced('SearchCases', NEEDED, (signal) => this.api.searchCases(request, signal));
  }

  /** `oneTry`: no second attempt, for a case that will probably fail again. */
  getCaseAuditEvents({
    oneTry = false,
    ...request
  }: Request<'getCaseAuditEvents'> & { oneTry?: boolean }): Answer<'getCaseAuditEvents'> {
    const policy = oneTry ? ONE_TRY : PER_CASE;
    return this.#paced('GetCaseAuditEvents', policy, (signal) => this.api.getCaseAuditEvents(request, signal));
  }

  searchAllRelatedItems(request: Request<'searchAllRelatedItems'>): Answer<'searchAllRelatedItems'> {
    return this.#paced('SearchAllRelatedItems', IN_PASSING, (signal) =>
      this.api.searchAllRelatedItems(request, signal),
    );
  }

  listFields(request: Request<'listFields'>): Answer<'listFields'> {
    return this.#paced('ListFields', IN_PASSING, (signal) => this.api.listFields(request, signal));
  }

  batchGetFields(request: Request<'batchGetFields'>): Answer<'batchGetFields'> {
    return this.#paced('BatchGetField', IN_PASSING, (signal) => this.api.batchGetFields(request, signal));
  }

  /** Makes one attempt, whose failure does not count for the breaker: the operation may be denied, or unknown. */
  listFieldOptions(request: Request<'listFieldOptions'>): Answer<'listFieldOptions'> {
    return this.#once('ListFieldOptions', (signal) => this.api.listFieldOptions(request, signal));
  }

  /** As listFieldOptions. */
  listTemplates(request: Request<'listTemplates'>): Answer<'listTemplates'> {
    return this.#once('ListTemplates', (signal) => this.api.listTemplates(request, signal));
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
          // So long a pause may concern one case alone: the caller finds out, and the others continue meanwhile.
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
    const { pacer, queue } = this.#lines[operation];
    return queue.run(async () => {
      if (this.budget.isReadingOver) throw new ReadingOver();
      for (let waitMs = pacer.take(this.clock.monotonic()); waitMs > 0; waitMs = pacer.take(this.clock.monotonic())) {
        await this.#pause(waitMs);
      }
    });
  }

  /** Waits, unless reading ends before the wait does: then waiting is useless. */
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
    this.#lines[operation].pacer.throttled(this.clock.monotonic(), sentAt, retryAfterMs);
  }

  #observe(serviceTime: number | null): void {
    this.time.observe(serviceTime, this.clock.now());
    if (this.time.isAlarming) this.counters.anomaly('clock-differs', { differenceMs: this.time.differenceMs });
  }
}

/** Whether the Cases service failed, not S3, DynamoDB or this code. */
export function isCasesFailure(error: unknown): boolean {
  return error instanceof CasesCallError || error instanceof SystemicError;
}

/** Whether the service asks for a longer pause than the caller may take. */
function asksForMore({ details }: CasesCallError, { maxPauseMs }: CallPolicy): boolean {
  return (details.retryAfterMs ?? 0) > maxPauseMs;
}
