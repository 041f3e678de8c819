import { CasesCallError, type CasesFailure, FAILURES } from '../domain/errors';
import { Mutex } from '../domain/pacer';
import type { Budget } from './budget';
import { type PacedCalls, SystemicError } from './calls';

/** Without a case to compare with, the service counts as down only after this many times as many cases. */
const WITHOUT_CANARY = 2;

const MAX_CANARIES = 3;

/**
 * Tells a sick case from a sick service. Distinct cases that fail in a row, with no success between, raise the
 * suspicion; one call for a case that could be read before (a canary; the next one if that fails) decides. So no number
 * of sick cases ends a run as long as a canary answers.
 */
export class FailureWatch {
  readonly #inARow = new Map<CasesFailure, Set<string>>();
  readonly #oneAtATime = new Mutex();
  readonly #sick = new Set<string>();
  #successes = 0;
  #lastDown: CasesCallError | null = null;
  #throttlesAll = false;

  /** @param canaries cases that earlier runs have read whole, the latest first. */
  constructor(
    private readonly domainId: string,
    private readonly calls: PacedCalls,
    private readonly budget: Budget,
    public canaries: readonly string[],
  ) {}

  /** Number of pages read so far; `failed` takes it. */
  get successes(): number {
    return this.#successes;
  }

  /** The service throttles every call, so the run ends as if its time were up. */
  get throttlesAll(): boolean {
    return this.#throttlesAll;
  }

  succeeded(caseId: string): void {
    this.#successes += 1;
    this.#inARow.clear();
    this.#sick.delete(caseId);
  }

  /** Adds a case to compare with. */
  readWhole(caseId: string): void {
    this.canaries = [caseId, ...this.canaries.filter((other) => other !== caseId)].slice(0, MAX_CANARIES);
  }

  /**
   * Reports a read that failed after its own attempts. Returns if the case may be owed for it and the run need not end.
   * @param successesBefore `successes` when its call began.
   * @param isOwed the case failed before: another failure says nothing about the others, or sick cases alone could stop
   * runs.
   * @throws SystemicError when the service is down for every case.
   */
  failed(caseId: string, error: CasesCallError, successesBefore: number, isOwed = false): Promise<void> {
    return this.#oneAtATime.run(() => this.#failed(caseId, error, successesBefore, isOwed));
  }

  /**
   * Decides at the end of the lanes, where few cases were read, and each was denied, throttled or not answered: makes
   * one call elsewhere.
   * @throws SystemicError if that fails too, or there is nowhere else to call.
   */
  async conclude(): Promise<void> {
    const error = this.#lastDown;
    if (error === null || this.#successes > 0) return;
    if ((await this.#askCanaries(error.failure)) !== 'fails') return;
    if (FAILURES[error.failure].ends === 'error') throw systemic(error, 'no read of this run was answered');
    this.#throttlesAll = true;
  }

  async #failed(caseId: string, error: CasesCallError, successesBefore: number, isOwed: boolean): Promise<void> {
    const { failure } = error;
    // Other cases were answered meanwhile.
    if (failure === 'throttled' && this.#successes > successesBefore) return;
    if (failure === 'denied' || failure === 'unavailable' || failure === 'throttled') this.#lastDown = error;
    this.#sick.add(caseId);
    if (isOwed) return;
    const inARow = this.#inARow.get(failure) ?? new Set();
    this.#inARow.set(failure, inARow.add(caseId));
    const hasCanary = this.#healthyCanaries.length > 0;
    const { suspiciousInARow, ends } = FAILURES[failure];
    if (inARow.size < suspiciousInARow * (hasCanary || ends === 'run' ? 1 : WITHOUT_CANARY)) return;
    if (hasCanary && (await this.#askCanaries(failure)) !== 'fails') return inARow.clear();
    if (ends === 'run') {
      this.#throttlesAll = true;
      this.budget.endReading();
      return;
    }
    // If the canaries are the sick ones, the next run looks for others.
    this.canaries = [];
    throw systemic(error, `${inARow.size} cases in a row`);
  }

  get #healthyCanaries(): readonly string[] {
    return this.canaries.filter((caseId) => !this.#sick.has(caseId));
  }

  /** Asks one after the other, until one does not fail in the same way. */
  async #askCanaries(failure: CasesFailure): Promise<'answers' | 'fails' | 'unsure'> {
    for (const caseId of this.#healthyCanaries) {
      const answer = await this.#ask(caseId, failure);
      if (answer !== 'fails') return answer;
      this.#sick.add(caseId);
    }
    return 'fails';
  }

  /**
   * Makes one call. Any answer but the same failure shows that the service works; `unsure` if something else went
   * wrong.
   */
  async #ask(caseId: string, failure: CasesFailure): Promise<'answers' | 'fails' | 'unsure'> {
    try {
      await this.calls.getCaseAuditEvents({ domainId: this.domainId, caseId, nextToken: undefined, oneTry: true });
      return 'answers';
    } catch (error) {
      if (!(error instanceof CasesCallError)) throw error;
      if (error.failure === failure) return 'fails';
      return error.failure === 'not-found' ? 'answers' : 'unsure';
    }
  }
}

function systemic(error: CasesCallError, why: string): SystemicError {
  return new SystemicError(`${error.message} (${why})`, { cause: error });
}
