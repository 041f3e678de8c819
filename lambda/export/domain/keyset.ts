/**
 * Keyset search: every step asks for `value ≥ from`, ascending, first page only. Tokens are used only inside a tie (a page of
 * one value) and past pages that are empty, because a token may walk an offset over a list that moves under it.
 */

/** What to ask for next. */
export interface Cursor {
  readonly from: number;
  readonly token: string | undefined;
  /** Inside a run of cases that share the value `from`. */
  readonly tie: boolean;
  /** The service did not honour the sort: keyset cannot be trusted, so the rest of the list is walked by token. */
  readonly held: boolean;
  /** Tokens followed since the last first page. */
  readonly tokensSeen: readonly string[];
}

type Step =
  | { readonly kind: 'next'; readonly cursor: Cursor; readonly unsorted: boolean }
  | { readonly kind: 'end'; readonly unsorted: boolean }
  | { readonly kind: 'token-repeats'; readonly unsorted: boolean };

export function startCursor(from: number): Cursor {
  return { from, token: undefined, tie: false, held: false, tokensSeen: [] };
}

/** The same place without its token: for a token that was refused or repeats. */
export function withoutToken(cursor: Cursor): Cursor {
  return startCursor(cursor.from);
}

/**
 * Where a page leads. `values` are those of the page's cases in order. The walk ends at a page without a token, or with one
 * that ends at or after `endAt`; an empty or short page that carries a token is not the end.
 */
export function nextStep(
  cursor: Cursor,
  page: { readonly values: readonly number[]; readonly nextToken: string | undefined },
  endAt: number,
): Step {
  const unsorted = !isSortedFrom(cursor.from, page.values);
  if (page.nextToken === undefined) return { kind: 'end', unsorted };
  if (cursor.held || unsorted) return follow({ ...cursor, held: true }, page.nextToken, unsorted);
  const highest = page.values.at(-1);
  if (highest !== undefined && highest >= endAt) return { kind: 'end', unsorted };
  if (highest !== undefined && highest > cursor.from) {
    // The walk through a tie was by token, so what follows the tie is asked for afresh, from the next value on.
    return { kind: 'next', cursor: startCursor(cursor.tie ? cursor.from + 1 : highest), unsorted };
  }
  return follow({ ...cursor, tie: cursor.tie || highest === cursor.from }, page.nextToken, unsorted);
}

function follow(cursor: Cursor, token: string, unsorted: boolean): Step {
  if (cursor.tokensSeen.includes(token)) return { kind: 'token-repeats', unsorted };
  return { kind: 'next', cursor: { ...cursor, token, tokensSeen: [...cursor.tokensSeen, token] }, unsorted };
}

function isSortedFrom(from: number, values: readonly number[]): boolean {
  let previous = from;
  for (const value of values) {
    if (value < previous) return false;
    previous = value;
  }
  return true;
}
