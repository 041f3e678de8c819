/** What the lanes and the reader ask of every answer alike. */
import { CasesCallError } from '../domain/errors';
import type { LogValue } from '../ports';
import type { RunCounters } from './counters';

/** A call failed because of the token that it carried: without one it can be made again. */
export function isTokenRefused(error: unknown, token: string | undefined): boolean {
  return error instanceof CasesCallError && error.failure === 'refused' && token !== undefined;
}

export function countNulls(list: readonly unknown[]): number {
  return list.filter((element) => element === null).length;
}

/** Counts and tells of the nulls in a list; how many there are. */
export function noteNulls(
  counters: RunCounters,
  operation: string,
  list: readonly unknown[],
  values: Record<string, LogValue> = {},
): number {
  const nulls = countNulls(list);
  if (nulls === 0) return 0;
  counters.add('nullElements', nulls);
  counters.anomaly('null-elements', { operation, ...values, nulls });
  return nulls;
}
