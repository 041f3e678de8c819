/** The one error that callers of the port know, as the service's adapter makes it. Messages hold ids and counts only. */
import { CasesCallError, type CasesFailure } from '../../../lambda/export/domain/errors';
import type { CasesApi } from '../../../lambda/export/ports';

export type Operation = keyof CasesApi;

/** An answer that is an error; `serviceTime` null where no answer came at all. */
export function failure(
  operation: Operation,
  kind: CasesFailure,
  what: string,
  serviceTime: number | null,
  retryAfterMs?: number,
): CasesCallError {
  return new CasesCallError(`${operation}: ${what}`, kind, operation, {
    serviceTime,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
