/** Requests of a service: what is on record of them, how many it takes, and what goes wrong with them. */
import { ApiError } from './model/api-error';
import type { Rate } from './model/switches';
import type { OperationName } from './routes';

/** One request with its HTTP status, or its end without one (`aborted`: the client left first). */
export interface Call {
  readonly operation: OperationName;
  readonly domainId?: string;
  readonly caseId?: string;
  /** Epoch milliseconds by the service's clock, at arrival. */
  readonly time: number;
  readonly status: number | 'reset' | 'aborted';
}

export interface Calls {
  /** Requests answered or ended so far, by operation; 0 for an operation without any. */
  count(operation: OperationName): number;
  total(): number;
  /** In the order in which they ended. */
  readonly log: readonly Call[];
  clear(): void;
}

export interface CallRecorder extends Calls {
  add(call: Call): void;
}

export function createCalls(): CallRecorder {
  const log: Call[] = [];
  const counts = new Map<OperationName, number>();
  return {
    log,
    count: (operation) => counts.get(operation) ?? 0,
    total: () => log.length,
    clear: () => {
      log.length = 0;
      counts.clear();
    },
    add: (call) => {
      log.push(call);
      counts.set(call.operation, (counts.get(call.operation) ?? 0) + 1);
    },
  };
}

export interface TokenBuckets {
  /** Takes one token; false if there is none. A changed rate starts with a full bucket. */
  take(operation: OperationName, rate: Rate): boolean;
}

/**
 * Creates one bucket per operation, all full at first, on the given clock (epoch milliseconds; going back refills
 * nothing).
 */
export function createTokenBuckets(now: () => number): TokenBuckets {
  const buckets = new Map<OperationName, { rate: Rate; level: number; at: number }>();
  return {
    take(operation, rate) {
      const at = now();
      const known = buckets.get(operation);
      const same = known?.rate.perSecond === rate.perSecond && known.rate.burst === rate.burst;
      const bucket = known !== undefined && same ? known : { rate, level: rate.burst, at };
      const refill = (Math.max(0, at - bucket.at) / 1000) * rate.perSecond;
      const level = Math.min(rate.burst, bucket.level + refill);
      const granted = level >= 1;
      buckets.set(operation, { rate, level: granted ? level - 1 : level, at });
      return granted;
    },
  };
}

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
