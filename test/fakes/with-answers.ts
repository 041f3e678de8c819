/** The Cases service, with answers of one operation changed, failing, or never coming. */
import { CasesCallError, type CasesFailure } from '../../lambda/export/domain/errors';
import type { AuditPage, CasesApi, SearchPage } from '../../lambda/export/ports';

type Operation = keyof CasesApi;
export type RequestOf<O extends Operation> = Parameters<CasesApi[O]>[0];
export type AnswerOf<O extends Operation> = Awaited<ReturnType<CasesApi[O]>>;

/** Answers that show nothing and lead nowhere. */
export const NO_CASES: SearchPage = { cases: [], nextToken: undefined, totalCount: undefined, serviceTime: null };
export const NO_EVENTS: AuditPage = { events: [], nextToken: undefined, serviceTime: null };

/** A failed call as the adapter reports it: the operation by the name that the service gives it. */
export function failed(failure: CasesFailure, operation: string, retryAfterMs?: number): CasesCallError {
  const details = retryAfterMs === undefined ? {} : { retryAfterMs };
  return new CasesCallError(`${operation}: ${failure}`, failure, operation, details);
}

/** The same service; each answer of the operation becomes what `change` makes of it. A `change` that throws rejects the call. */
export function withAnswers<O extends Operation>(
  cases: CasesApi,
  operation: O,
  change: (answer: AnswerOf<O>, request: RequestOf<O>) => AnswerOf<O>,
): CasesApi {
  const ask = cases[operation] as (request: RequestOf<O>, signal: AbortSignal) => Promise<AnswerOf<O>>;
  const changed = async (request: RequestOf<O>, signal: AbortSignal) => change(await ask(request, signal), request);
  return { ...cases, [operation]: changed };
}

/** The same service; calls of the operation fail so: all of them, or those that `isHit` says. They never reach the service. */
export function withFailures<O extends Operation>(
  cases: CasesApi,
  operation: O,
  failure: CasesFailure,
  isHit: (request: RequestOf<O>) => boolean = () => true,
): CasesApi {
  const ask = cases[operation] as (request: RequestOf<O>, signal: AbortSignal) => Promise<AnswerOf<O>>;
  const failing = async (request: RequestOf<O>, signal: AbortSignal) => {
    if (isHit(request)) throw failed(failure, nameOf(operation));
    return ask(request, signal);
  };
  return { ...cases, [operation]: failing };
}

/** For `before` of the service in memory: calls of the operation reach it, and fail so. */
export function failAt<O extends Operation>(
  operation: O,
  failure: CasesFailure,
  isHit: (request: RequestOf<O>) => boolean = () => true,
) {
  return (asked: Operation, request: object): void => {
    if (asked === operation && isHit(request as RequestOf<O>)) throw failed(failure, nameOf(operation));
  };
}

/** A call that no answer ever comes to. It ends with its signal, as the adapter's does. */
export function neverAnswers(operation: Operation) {
  return (_request: unknown, signal: AbortSignal) =>
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(failed('unavailable', nameOf(operation))));
    });
}

/** As the service spells it. */
function nameOf(operation: Operation): string {
  return operation === 'batchGetFields' ? 'BatchGetField' : `${operation[0]?.toUpperCase()}${operation.slice(1)}`;
}
