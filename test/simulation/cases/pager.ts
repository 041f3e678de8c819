/** Lists cut into pages: where a token leads, how far a list goes, and what its pages have against being read. */
import type { Faults } from '../faults';
import { firstAfter, type Place } from './domain';
import { failure, type Operation } from './failures';
import type { ServiceClock } from './service-clock';
import { type PageStart, type Token, TokenBook } from './tokens';

/** A list as it is when the page is asked for. */
interface ListRequest<T> {
  readonly operation: Operation;
  /** The request without its token: a token is good for that alone. */
  readonly scope: string;
  readonly nextToken: string | undefined;
  /** Ascending by place. */
  readonly elements: readonly T[];
  readonly placeOf: (element: T) => Place;
  readonly size: number;
  /** From a replica that is behind: an offset of another state would leave elements out that were there all the time. */
  readonly isStale: boolean;
  /** No page goes beyond so many elements. */
  readonly cap?: number | undefined;
  /** Whether an empty page with a token comes before this one, every time. */
  readonly comesAfterEmptyPage?: (page: readonly T[]) => boolean;
  /** Told of elements that an offset has left out without a sign. */
  readonly onPassedOver?: (elements: readonly T[]) => void;
}

export interface CutPage<T> {
  readonly elements: readonly T[];
  readonly nextToken: string | undefined;
}

const TOP: PageStart = { offset: 0, after: null };

export class Pager {
  readonly #tokens: TokenBook;

  constructor(
    private readonly faults: Faults,
    private readonly clock: ServiceClock,
  ) {
    this.#tokens = new TokenBook(faults);
  }

  /** @throws CasesCallError `refused` if the token is not good, or leads beyond the cap. */
  cut<T>(request: ListRequest<T>): CutPage<T> {
    const { operation, elements, size, cap = Number.POSITIVE_INFINITY } = request;
    const token = this.#redeem(request);
    const start = token === undefined ? 0 : this.#startOf(request, token);
    if (token !== undefined && start >= cap) throw this.#refused(operation, `nothing is shown beyond ${cap} results`);
    const end = Math.min(start + size, cap, elements.length);
    const page = elements.slice(start, end);
    if (this.#isEmptyInstead(request, page, token)) {
      return { elements: [], nextToken: this.#issue(request, [], token) };
    }
    const back = token === undefined ? undefined : this.#tokens.back(token, this.clock.now());
    if (back !== undefined) return { elements: page, nextToken: back };
    if (end >= elements.length) return { elements: page, nextToken: undefined };
    if (end === cap) this.faults.note('cases.results-capped');
    return { elements: page, nextToken: this.#issue(request, page, token) };
  }

  #redeem<T>(request: ListRequest<T>): Token | undefined {
    const { operation, nextToken } = request;
    if (nextToken === undefined) return undefined;
    const token = this.#tokens.redeem(nameOf(request), nextToken, this.clock.now());
    if (token === undefined) throw this.#refused(operation, 'the nextToken is not good');
    return token;
  }

  /** By offset into the list as it is now, or behind the element that came last. */
  #startOf<T>({ elements, placeOf, isStale, onPassedOver }: ListRequest<T>, { offset, after }: Token): number {
    const behind = after === null ? 0 : firstAfter(elements, placeOf, after);
    if (isStale || !this.faults.isOn('cases.offset-token-moves')) return behind;
    if (behind !== offset) this.faults.note('cases.offset-token-moves');
    onPassedOver?.(elements.slice(behind, offset));
    return Math.min(offset, elements.length);
  }

  /** Never twice in a row, so that a walk gets to its end. */
  #isEmptyInstead<T>({ comesAfterEmptyPage }: ListRequest<T>, page: readonly T[], token: Token | undefined): boolean {
    if (token?.onEmptyPage === true) return false;
    return this.faults.strikes('cases.token-on-empty-page') || comesAfterEmptyPage?.(page) === true;
  }

  /** Onwards by as many elements as were shown: so much an offset counts, whatever replica showed them. */
  #issue<T>(request: ListRequest<T>, shown: readonly T[], asked: Token | undefined): string {
    const { offset, after } = asked ?? TOP;
    const last = shown.at(-1);
    return this.#tokens.issue(request.operation, {
      offset: offset + shown.length,
      after: last === undefined ? after : request.placeOf(last),
      list: nameOf(request),
      issuedAt: this.clock.now(),
      parent: asked?.text,
      onEmptyPage: shown.length === 0,
    });
  }

  #refused(operation: Operation, what: string): Error {
    return failure(operation, 'refused', `ValidationException: ${what}`, this.clock.header());
  }
}

function nameOf({ operation, scope }: Pick<ListRequest<never>, 'operation' | 'scope'>): string {
  return `${operation} ${scope}`;
}
