/** Tokens that the service has given: opaque to callers, and bad in every way that a token can be. */
import type { Faults } from '../faults';
import type { Place } from './domain';
import type { Operation } from './failures';

/** Where a page begins: that many elements into the list, and behind this one; null at the top. */
export interface PageStart {
  readonly offset: number;
  readonly after: Place | null;
}

export interface Token extends PageStart {
  readonly text: string;
  readonly list: string;
  readonly issuedAt: number;
  /** The token that asked for the page which gave this one. */
  readonly parent: string | undefined;
  /** It came with an empty page. */
  readonly onEmptyPage: boolean;
  uses: number;
  isDead: boolean;
}

/** A token of this age or more may have expired. */
const EXPIRES_AFTER_MS = 10_000;

/** Tokens lead round in a circle for at most this long. */
const MAX_CIRCLE_MS = 10 * 60_000;

type Circle = 'cases.token-repeats' | 'cases.token-cycle';

/** Every token ever given, by its text. A list is named by its operation and its request without the token. */
export class TokenBook {
  readonly #tokens = new Map<string, Token>();
  readonly #circles = new Map<string, { readonly kind: Circle; readonly until: number }>();

  constructor(private readonly faults: Faults) {}

  issue(operation: Operation, token: Omit<Token, 'text' | 'uses' | 'isDead'>): string {
    const text = `${operation}-${(this.#tokens.size + 1).toString(36).padStart(6, '0')}`;
    this.#tokens.set(text, { ...token, text, uses: 0, isDead: false });
    return text;
  }

  /** The token, unless it is of no list, of another list, refused or expired. What died once stays dead until all is healed. */
  redeem(list: string, text: string, now: number): Token | undefined {
    const token = this.#tokens.get(text);
    if (token === undefined || token.list !== list) return undefined;
    if (this.faults.isHealed) return token;
    const isFirstUse = token.uses === 0;
    token.uses += 1;
    token.isDead ||= isFirstUse && this.faults.strikes('cases.token-refused');
    const mayExpire = !isFirstUse || now >= token.issuedAt + EXPIRES_AFTER_MS;
    token.isDead ||= mayExpire && this.faults.strikes('cases.token-expired');
    return token.isDead ? undefined : token;
  }

  /** The token that leads back instead of on, if tokens of the list go round in a circle; once begun, for a while. */
  back(token: Token, now: number): string | undefined {
    if (this.faults.isHealed) return undefined;
    const running = this.#circles.get(token.list);
    if (running !== undefined && now < running.until) return leadBack(running.kind, token);
    const kind = this.#strikes(token);
    if (kind === undefined) return undefined;
    this.#circles.set(token.list, { kind, until: now + this.faults.below(MAX_CIRCLE_MS) });
    return leadBack(kind, token);
  }

  #strikes(token: Token): Circle | undefined {
    if (this.faults.strikes('cases.token-repeats')) return 'cases.token-repeats';
    const canCycle = token.parent !== undefined;
    return canCycle && this.faults.strikes('cases.token-cycle') ? 'cases.token-cycle' : undefined;
  }
}

/** A → A, or A → B → A. */
function leadBack(kind: Circle, token: Token): string | undefined {
  return kind === 'cases.token-repeats' ? token.text : token.parent;
}
