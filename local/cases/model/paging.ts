import type { OperationName } from '../routes';
import { hashUnit } from './random';
import { type ListSwitches, listSwitches } from './switches';
import { issueToken, type Position, redeemToken, type Token } from './tokens';
import type { World } from './world';

export type SortKey = readonly (string | number)[];

/** A list at this moment, in order. */
export interface Listing<T> {
  readonly items: readonly T[];
  /** Identifies the element for ever. */
  readonly idOf: (item: T) => string;
  /** The element's place in the order; ends in something unique. */
  readonly keyOf: (item: T) => SortKey;
  readonly compareKeys: (a: SortKey, b: SortKey) => number;
}

interface PageRequest {
  readonly operation: OperationName;
  /** The request without page size and token, as text. */
  readonly scope: string;
  readonly nextToken: string | undefined;
  readonly size: number;
}

/** `items` is undefined where a switch makes the answer lack its list. */
export interface Page<T> {
  readonly items: (T | null)[] | undefined;
  readonly nextToken?: string;
}

/** Compares keys part by part, each in its own direction (1 ascending, −1 descending). */
export function compareBy(directions: readonly number[]): (a: SortKey, b: SortKey) => number {
  return (a, b) => {
    const at = directions.findIndex((_, index) => a[index] !== b[index]);
    return at < 0 ? 0 : (directions[at] ?? 1) * ((a[at] ?? '') < (b[at] ?? '') ? -1 : 1);
  };
}

/** Returns one page of the list, with all effects of the switches. */
export function pageOf<T>(world: World, listing: Listing<T>, request: PageRequest): Page<T> {
  const switches = listSwitches(world.switches, request.operation);
  const token =
    request.nextToken === undefined
      ? undefined
      : redeemToken(world, switches, { ...request, token: request.nextToken });
  const start = token === undefined ? 0 : startOf(listing, token.position);
  const shown = token?.shown ?? 0;
  const left = switches.resultCap === null ? Number.POSITIVE_INFINITY : Math.max(0, switches.resultCap - shown);
  const end = Math.min(listing.items.length, start + left);
  const place = [world.switches.seed, request.operation, request.scope, shown] as const;
  const emptied = start < end && token?.after !== 'empty-page' && hashUnit(...place, 'empty') < switches.emptyPageRate;

  const size = Math.min(request.size, switches.pageSize ?? request.size);
  const slots = emptied ? { taken: 0, items: [] } : fill(world, switches, request, listing, start, end, size);
  const next = start + slots.taken;
  const after = emptied ? 'empty-page' : next < end ? 'page' : 'end';
  const missing = hashUnit(...place, 'missing') < switches.missingListRate;
  const nextToken = tokenAfter(world, switches, request, token, {
    position: positionAt(switches, listing, next),
    shown: shown + slots.taken,
    after,
  });
  return { items: missing ? undefined : slots.items, ...(nextToken === undefined ? {} : { nextToken }) };
}

function fill<T>(
  world: World,
  switches: ListSwitches,
  request: PageRequest,
  listing: Listing<T>,
  start: number,
  end: number,
  size: number,
): { taken: number; items: (T | null)[] } {
  const items: (T | null)[] = [];
  let taken = 0;
  for (const item of listing.items.slice(start, Math.min(end, start + size))) {
    if (items.length >= size) break;
    const id = listing.idOf(item);
    const { seed } = world.switches;
    // An extra null needs a slot besides the element's own, so that every page makes progress.
    if (items.length + 1 < size && hashUnit(seed, 'null', request.operation, id) < switches.extraNullRate) {
      items.push(null);
    }
    items.push(isHidden(world, switches, request.operation, id) ? null : item);
    taken += 1;
  }
  return { taken, items };
}

function isHidden(world: World, switches: ListSwitches, operation: OperationName, id: string): boolean {
  const name = `${operation} ${id}`;
  if (hashUnit(world.switches.seed, 'hide', name) >= switches.hideRate || world.hiddenOnce.has(name)) return false;
  world.hiddenOnce.add(name);
  return true;
}

function startOf<T>(listing: Listing<T>, position: Position): number {
  if ('offset' in position) return Math.min(position.offset, listing.items.length);
  const index = listing.items.findIndex((item) => listing.compareKeys(listing.keyOf(item), position.after) > 0);
  return index < 0 ? listing.items.length : index;
}

function positionAt<T>(switches: ListSwitches, listing: Listing<T>, next: number): Position {
  const last = listing.items[next - 1];
  return switches.tokenKind === 'offset' || last === undefined ? { offset: next } : { after: listing.keyOf(last) };
}

function tokenAfter(
  world: World,
  switches: ListSwitches,
  request: PageRequest,
  token: Token | undefined,
  next: Pick<Token, 'position' | 'shown' | 'after'>,
): string | undefined {
  if (switches.repeatTokens === 'same' && request.nextToken !== undefined) return request.nextToken;
  const turn = switches.repeatTokens === 'cycle' ? (token?.previous ?? token?.next) : undefined;
  if (turn !== undefined) return turn;
  const more =
    next.after !== 'end' ||
    switches.tokenAtEnd === 'always' ||
    (switches.tokenAtEnd === 'once' && token?.after !== 'end');
  if (!more) return undefined;
  const { operation, scope, nextToken: previous } = request;
  const issued = issueToken(world, switches, { operation, scope, previous, ...next });
  if (token !== undefined) token.next = issued;
  return issued;
}
