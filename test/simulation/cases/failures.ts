/** The one error that callers of the port know, as the service's adapter makes it. Messages hold ids and counts only. */
import { CasesCallError, type CasesFailure } from '../../../lambda/export/domain/errors';
import type { AuditPage, CasesApi } from '../../../lambda/export/ports';

export type Operation = keyof CasesApi;

/** What the operation answers. */
export type PageOf<O extends Operation> = Awaited<ReturnType<CasesApi[O]>>;

/** A page whose list the service may have left out. */
export type MayLack<Page, List extends keyof Page> = Omit<Page, List> & { readonly [L in List]: Page[L] | undefined };

/** The page of an operation as the adapter gives it. @throws CasesCallError `malformed` where the list is missing. */
export function withList<O extends Operation, List extends keyof PageOf<O>>(
  operation: O,
  list: List,
  page: MayLack<PageOf<O>, List> & Pick<AuditPage, 'serviceTime'>,
): PageOf<O> {
  if (page[list] !== undefined) return page as unknown as PageOf<O>;
  throw failure(operation, 'malformed', `no list of ${String(list)}`, page.serviceTime);
}

/** What an answer that fails in this way is called. */
export const NAMES: Readonly<Record<CasesFailure, string>> = {
  denied: 'HTTP 403',
  malformed: 'not JSON',
  'not-found': 'HTTP 404',
  refused: 'ValidationException',
  throttled: 'HTTP 429',
  unavailable: 'HTTP 500',
};

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
