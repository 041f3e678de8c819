import type { OperationName } from './model/operation-names';
import type { Rate } from './model/switches';

export interface TokenBuckets {
  /** Takes one token; false if there is none. A rate that has changed starts with a full bucket. */
  take(operation: OperationName, rate: Rate): boolean;
}

/** A bucket per operation, all full at first, on the clock given (epoch milliseconds; going back refills nothing). */
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
