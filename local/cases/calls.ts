import type { OperationName } from './model/operation-names';

/** One request: its HTTP status, or how it ended without one (`aborted`: the client went first). */
export interface Call {
  readonly operation: OperationName;
  readonly domainId?: string;
  readonly caseId?: string;
  /** Epoch milliseconds by the service's clock, at arrival. */
  readonly time: number;
  readonly status: number | 'reset' | 'aborted';
}

export interface Calls {
  /** Requests answered or ended so far, by operation; 0 for those that never came. */
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
