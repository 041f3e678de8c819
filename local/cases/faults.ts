import { ApiError } from './model/api-error';
import type { OperationName } from './model/operation-names';

/** A request as a fault function sees it. */
export interface FaultRequest {
  readonly operation: OperationName;
  readonly domainId: string | undefined;
  readonly caseId: string | undefined;
  readonly nextToken: string | undefined;
  /** Number of requests of this operation so far, this one included. */
  readonly count: number;
}

/** An answer that replaces the real one; the request has no effect. */
interface FaultAnswer {
  readonly status: number;
  readonly errorType: string;
  readonly message: string;
  readonly retryAfterSeconds?: number;
}

/**
 * - an answer: nothing is done, the error is given
 * - `reset`: nothing is done, the connection is cut · `hang`: nothing is done, nothing is answered until the client
 *   goes
 * - `delayMs`: done as usual, answered so much later in real time
 * - `applyThenReset`: done as usual, and the connection cut before the answer
 */
export type Fault = FaultAnswer | 'reset' | 'hang' | { readonly delayMs: number } | { readonly applyThenReset: true };

export type FaultFunction = (request: FaultRequest) => Fault | undefined;

export function faultError(fault: FaultAnswer): ApiError {
  return new ApiError(fault.errorType, fault.status, fault.message, {}, fault.retryAfterSeconds);
}
