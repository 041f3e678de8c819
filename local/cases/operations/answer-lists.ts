import { compareBy, type Listing, type Page, pageOf } from '../model/paging';
import type { World } from '../model/world';
import type { Requests } from '../requests';
import type { OperationName } from '../routes';

interface ListRequest {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

/** A page of the listing. The token in the request is valid for the same request only; its page size may differ. */
export function listPage<T>(
  world: World,
  operation: OperationName,
  input: ListRequest,
  defaultSize: number,
  listing: Listing<T>,
): Page<T> {
  const { maxResults, nextToken, ...rest } = input;
  return pageOf(world, listing, {
    operation,
    scope: JSON.stringify(rest),
    nextToken,
    size: maxResults ?? defaultSize,
  });
}

/** The page as members of an answer: the list under its name, absent where a switch takes it away; nulls stay null. */
export function pageMembers<T>(page: Page<T>, listName: string, show: (item: T) => unknown): Record<string, unknown> {
  const { items, nextToken } = page;
  return {
    ...(items === undefined ? {} : { [listName]: items.map((item) => (item === null ? null : show(item))) }),
    ...(nextToken === undefined ? {} : { nextToken }),
  };
}

/** A listing in the order of `all`, which contains the items and only ever grows at its end. */
export function inOrder<T>(items: readonly T[], idOf: (item: T) => string, all: readonly T[] = items): Listing<T> {
  const places = new Map(all.map((item, index) => [idOf(item), index]));
  return { items, idOf, keyOf: (item) => [places.get(idOf(item)) ?? all.length], compareKeys: compareBy([1]) };
}

/** Each answers a valid request with the JSON to send. Throws ApiError. */
export type Handlers = { readonly [O in OperationName]: (world: World, input: Requests[O]) => object };
