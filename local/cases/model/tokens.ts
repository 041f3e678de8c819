import type { OperationName } from '../routes';
import { validationError } from './api-error';
import type { ListSwitches } from './switches';

/** The continuation of a list: after a number of elements, or after the element with this key. */
export type Position = { readonly offset: number } | { readonly after: readonly (string | number)[] };

/** The service's memory of an issued token. */
export interface Token {
  readonly operation: OperationName;
  /** The request it belongs to, without page size and token: it is valid for no other. */
  readonly scope: string;
  readonly position: Position;
  readonly issuedAt: number;
  /** The token that led to the page with this one. */
  readonly previous: string | undefined;
  /** The token of its own page when it was last used. */
  next: string | undefined;
  /** Elements shown before this position. */
  readonly shown: number;
  /** The page before was empty on purpose, or the list was at its end. */
  readonly after: 'page' | 'empty-page' | 'end';
  uses: number;
}

/** The service's store of tokens. */
export interface TokenStore {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Ids of requests and tokens. */
  readonly newPassingId: () => string;
  readonly tokens: Map<string, Token>;
}

/** Remembers the token under a new opaque name. */
export function issueToken(
  store: TokenStore,
  switches: ListSwitches,
  token: Omit<Token, 'issuedAt' | 'uses' | 'next'>,
): string {
  const name = Buffer.from(store.newPassingId()).toString('base64url').padEnd(switches.tokenLength, 'A');
  store.tokens.set(name, { ...token, issuedAt: store.now(), next: undefined, uses: 0 });
  return name;
}

/**
 * Throws ValidationException for a token that is unknown, of another request, too old, used up, or refused by a switch.
 */
export function redeemToken(
  store: TokenStore,
  switches: ListSwitches,
  request: { readonly operation: OperationName; readonly scope: string; readonly token: string },
): Token {
  const token = store.tokens.get(request.token);
  if (token === undefined || token.operation !== request.operation || token.scope !== request.scope) {
    throw validationError('The nextToken is not valid for this request');
  }
  const tooOld = switches.tokenLifeMs !== null && store.now() - token.issuedAt > switches.tokenLifeMs;
  const usedUp = switches.tokenUses !== null && token.uses >= switches.tokenUses;
  if (switches.refuseTokens || tooOld || usedUp) throw validationError('The nextToken has expired');
  token.uses += 1;
  return token;
}
