/** The Cases service as a visitor calls it: two operations that read, below what the exporter leaves of the quota. */
import { backoffMs, CasesCallError, FAILURES, MAX_PAUSE_PER_CASE_MS } from '../../../lambda/export/domain/errors';
import { Pacer } from '../../../lambda/export/domain/pacer';
import type { AuditPage, CasesApi, Clock, SearchPage } from '../../../lambda/export/ports';
import { InterruptedError } from '../outcome';

/** All that is ever asked of the service. */
export type ReadingCases = Pick<CasesApi, 'searchCases' | 'getCaseAuditEvents'>;

/**
 * Calls per second of each operation. The quota is 2 per account and Region by default, and the exporter is paced at 1.5: it leaves 0.5,
 * of which a fifth stays free.
 */
export const DEFAULT_PACE = 0.4;

/** A call that has not answered by then counts as unavailable. */
export const CALL_LIMIT_MS = 30_000;

type Operation = 'SearchCases' | 'GetCaseAuditEvents';

interface CallCounts {
  SearchCases: number;
  GetCaseAuditEvents: number;
  /** How many of them the service turned away. */
  throttled: number;
}

/** The service asks for a pause that is longer than a check may take: nothing more is sent. */
export class AskedToStop extends Error {
  override readonly name = 'AskedToStop';
}

/**
 * Paced by a token bucket for each operation, which halves when the service throttles; an attempt more is a call like any other. Rejects
 * with the CasesCallError that is left, with AskedToStop, and with InterruptedError once the signal fires.
 */
export class PoliteCalls {
  readonly counts: CallCounts = { SearchCases: 0, GetCaseAuditEvents: 0, throttled: 0 };
  readonly #pacers: Readonly<Record<Operation, Pacer>>;

  constructor(
    private readonly api: ReadingCases,
    private readonly clock: Clock,
    private readonly signal: AbortSignal,
    callsPerSecond: number,
  ) {
    const now = clock.monotonic();
    this.#pacers = { SearchCases: new Pacer(callsPerSecond, now), GetCaseAuditEvents: new Pacer(callsPerSecond, now) };
  }

  searchCases(request: Parameters<CasesApi['searchCases']>[0]): Promise<SearchPage> {
    return this.#call('SearchCases', (signal) => this.api.searchCases(request, signal));
  }

  getCaseAuditEvents(request: Parameters<CasesApi['getCaseAuditEvents']>[0]): Promise<AuditPage> {
    return this.#call('GetCaseAuditEvents', (signal) => this.api.getCaseAuditEvents(request, signal));
  }

  async #call<T>(operation: Operation, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      await this.#turn(operation);
      const sentAt = this.clock.monotonic();
      this.counts[operation] += 1;
      try {
        return await this.#limited(call);
      } catch (error) {
        if (this.signal.aborted) throw new InterruptedError();
        if (!(error instanceof CasesCallError)) throw error;
        await this.#pauseOrThrow(operation, error, attempt, sentAt);
      }
    }
  }

  async #turn(operation: Operation): Promise<void> {
    const pacer = this.#pacers[operation];
    for (let waitMs = 1; waitMs > 0; ) {
      if (this.signal.aborted) throw new InterruptedError();
      waitMs = pacer.take(this.clock.monotonic());
      if (waitMs > 0) await this.clock.sleep(waitMs, this.signal);
    }
  }

  async #limited<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const answered = new AbortController();
    const limit = new AbortController();
    void this.clock.sleep(CALL_LIMIT_MS, answered.signal).then(() => limit.abort());
    try {
      return await call(AbortSignal.any([this.signal, limit.signal]));
    } finally {
      answered.abort();
    }
  }

  async #pauseOrThrow(operation: Operation, error: CasesCallError, attempt: number, sentAt: number): Promise<void> {
    const { failure, details } = error;
    const askedMs = details.retryAfterMs ?? 0;
    if (failure === 'throttled') {
      this.counts.throttled += 1;
      this.#pacers[operation].throttled(this.clock.monotonic(), sentAt, Math.min(askedMs, MAX_PAUSE_PER_CASE_MS));
    }
    if (askedMs > MAX_PAUSE_PER_CASE_MS) {
      throw new AskedToStop(`The service asks for a pause of ${Math.ceil(askedMs / 1000)} s`, { cause: error });
    }
    if (attempt >= FAILURES[failure].attempts) throw error;
    if (failure !== 'throttled') await this.clock.sleep(backoffMs(attempt, askedMs), this.signal);
  }
}
