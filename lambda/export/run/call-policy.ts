import type { CasesCallError, CasesFailure } from '../domain/errors';
import { FAILURES, MAX_PAUSE_PER_CASE_MS } from '../domain/failures';

/** How patiently one call is made. */
export interface CallPolicy {
  /** Attempts at a call, by kind of failure. */
  readonly attempts: (failure: CasesFailure) => number;
  /** The run cannot do without: `BREAKER_LIMIT` failures of kind `unavailable` end it with an error. */
  readonly isNeeded: boolean;
  /** Share of the time left to read that one call may take. */
  readonly maxShare: number;
  /** A longer pause between attempts, asked for by the service, is left to whoever called. */
  readonly maxPauseMs: number;
}

const FOREVER = Number.POSITIVE_INFINITY;

/** Nothing else can be done in this run while these do not answer. */
export const NEEDED: CallPolicy = {
  attempts: (failure) => (failure === 'unavailable' || failure === 'throttled' ? FOREVER : FAILURES[failure].attempts),
  isNeeded: true,
  maxShare: 1,
  maxPauseMs: FOREVER,
};

/** Whether it is this case or the service that fails, the reader finds out. */
export const PER_CASE: CallPolicy = {
  attempts: (failure) => FAILURES[failure].attempts,
  isNeeded: false,
  maxShare: 1,
  maxPauseMs: MAX_PAUSE_PER_CASE_MS,
};

/** As PER_CASE, for a case of which nothing good is expected. */
export const ONE_TRY: CallPolicy = { ...PER_CASE, attempts: () => 1 };

/** The rest of the run can do without, so an answer that does not come must not keep it waiting. */
export const IN_PASSING: CallPolicy = {
  attempts: (failure) => FAILURES[failure].attempts,
  isNeeded: false,
  maxShare: 0.05,
  maxPauseMs: MAX_PAUSE_PER_CASE_MS,
};

/** The service asks for a longer pause than whoever called may take. */
export function asksForMore({ details }: CasesCallError, { maxPauseMs }: CallPolicy): boolean {
  return (details.retryAfterMs ?? 0) > maxPauseMs;
}
