/**
 * Keyset search: every step asks for `value ≥ from`, ascending, first page only. Tokens are used only where a value
 * cannot lead on (more cases in one second than a page holds, an empty page, a page that is not in order), because a
 * token may walk an offset over a list that moves under it.
 *
 * Nothing is assumed of the answers: `from` is a whole second, as a service may compare no finer; the last case of a
 * page has to come again on the next, as a service may place a case by an older value than it shows; a page without a
 * token is the end only if the service's own count agrees.
 */

const SECOND_MS = 1000;

/** A page as shown, without nulls and cases without a value. */
export interface ShownPage {
  /** In the order of the page. */
  readonly cases: readonly { readonly caseId: string; readonly value: number }[];
  /** Number of places that were null, or had no value. */
  readonly others: number;
  readonly nextToken: string | undefined;
  /** The service's count of all results of the search; undefined where it gives none. */
  readonly totalCount: number | undefined;
}

/** The last case of the page before, and the way to continue where it does not appear again. */
interface Expected {
  readonly caseId: string;
  readonly value: number;
  readonly otherwise: readonly Cursor[];
}

/** The next request. */
export interface Cursor {
  /** A whole second. */
  readonly from: number;
  readonly token: string | undefined;
  /** Tokens followed since the last first page. */
  readonly tokensSeen: readonly string[];
  /** Number of cases shown since the last first page, to compare with a count. */
  readonly shown: number;
  /** The highest value of the pages since one was out of order. Null while they are in order. */
  readonly disorderedUpTo: number | null;
  /** The case that the next non-empty page has to show, and the way to continue where it does not. */
  readonly expected: Expected | null;
  /**
   * A page from here ended with this case, whose value led nowhere. If that happens again, the search follows the
   * page's token.
   */
  readonly stuckAt: string | null;
  /**
   * It happened: the service places cases by older values than it shows, so the search follows tokens where values lead
   * nowhere.
   */
  readonly lags: boolean;
  /** Number of cases that the count of the page before promises from here on; 0 where it promised none. */
  readonly owed: number;
  /** Start of that page: cases that it promised and nobody showed lie there or above. */
  readonly owedFrom: number;
}

export type Step = {
  /** The page was in order. */
  readonly inOrder: boolean;
  /**
   * Every case up to this value has been shown. A value is certain only once the next page has shown its case again.
   * Null if none is.
   */
  readonly reached: number | null;
  /** Number of cases that the service counts and does not show, and the place above which they lie. */
  readonly notShown: number;
  readonly notShownFrom: number;
} & (
  | { readonly kind: 'next'; readonly cursor: Cursor }
  | { readonly kind: 'end' }
  | { readonly kind: 'token-repeats' }
  /** The expected case did not appear; the page may have left out others, too. */
  | { readonly kind: 'leap'; readonly cursor: Cursor }
);

/** @param from epoch ms; the search begins at its whole second. */
export function startCursor(from: number): Cursor {
  return {
    from: wholeSecond(from),
    token: undefined,
    tokensSeen: [],
    shown: 0,
    disorderedUpTo: null,
    expected: null,
    stuckAt: null,
    lags: false,
    owed: 0,
    owedFrom: from,
  };
}

/** Returns the same place without its token, after a token was refused or repeated. */
export function withoutToken(cursor: Cursor): Cursor {
  return { ...startCursor(cursor.from), owed: cursor.owed, owedFrom: cursor.owedFrom };
}

/** Returns the cursor beyond a place that leads nowhere. */
export function beyond(cursor: Cursor, highest: number): Cursor {
  return startCursor(Math.max(cursor.from, wholeSecond(highest)) + SECOND_MS);
}

/**
 * Decides the step after a page. The search ends with a page that confirms a value at or after `endAt`, or one without
 * a token that lacks nothing. A value that only its own page shows may be newer than the place of its case, with others
 * behind it.
 */
export function nextStep(cursor: Cursor, page: ShownPage, endAt: number): Step {
  // The token is all that an empty page tells.
  if (page.cases.length + page.others === 0 && page.nextToken !== undefined)
    return follow(cursor, page.nextToken, true);
  const isAsExpected = cursor.expected === null || page.cases.some(({ caseId }) => caseId === cursor.expected?.caseId);
  const [otherwise] = isAsExpected ? [] : (cursor.expected?.otherwise ?? []);
  if (otherwise !== undefined) return { kind: 'leap', cursor: otherwise, inOrder: false, ...shownAll(cursor) };
  const confirmed = isAsExpected ? cursor.expected : null;
  const isPast = (value: number) => value >= endAt && (value === confirmed?.value || wholeSecond(value) <= cursor.from);
  const isOver = page.cases.some(({ value }) => isPast(value));
  const step = withReached(stepFrom({ ...cursor, expected: null, owed: 0 }, page, isOver), confirmed, page);
  // With no better way left, at least one case may have been passed; cases that the earlier count promised from here
  // on, and this count does not, were hidden.
  const passed = (isAsExpected ? 0 : 1) + Math.max(0, cursor.owed - (page.totalCount ?? 0));
  if (passed === 0) return step;
  return { ...step, notShown: step.notShown + passed, notShownFrom: Math.min(cursor.owedFrom, step.notShownFrom) };
}

/**
 * A value that no request has started from yet may be newer than the place of its case, and the cases between are not
 * shown.
 */
function withReached(step: Step, confirmed: Expected | null, { cases }: ShownPage): Step {
  const last = step.kind === 'end' && step.inOrder ? cases.at(-1) : undefined;
  return { ...step, reached: last?.value ?? confirmed?.value ?? null };
}

function stepFrom(cursor: Cursor, page: ShownPage, isOver: boolean): Step {
  const inOrder = isInOrder(cursor, page.cases);
  const highest = Math.max(...page.cases.map(({ value }) => value), Number.NEGATIVE_INFINITY);
  const isStuck = cursor.stuckAt !== null && page.cases.at(-1)?.caseId === cursor.stuckAt;
  const here = {
    ...cursor,
    shown: cursor.shown + page.cases.length + page.others,
    disorderedUpTo: inOrder ? null : Math.max(highest, cursor.disorderedUpTo ?? highest),
    stuckAt: isStuck ? null : cursor.stuckAt,
    lags: cursor.lags || isStuck,
  };
  if (page.nextToken === undefined) return withoutNext(here, page, inOrder, highest);
  if (inOrder && isOver) return { kind: 'end', inOrder, ...shownAll(cursor) };
  if (inOrder && wholeSecond(highest) > cursor.from && !isStuck) {
    return { kind: 'next', cursor: ahead(here, page, page.nextToken), inOrder, ...shownAll(cursor) };
  }
  return follow(here, page.nextToken, inOrder);
}

/**
 * Continues from the last value; if the last case does not appear, from the value before; if that fails too, from here.
 */
function ahead(here: Cursor, page: ShownPage, token: string | undefined): Cursor {
  const last = page.cases.at(-1);
  if (last === undefined) return here;
  const fromHere = token === undefined ? [] : [onFromHere(here, last.caseId, token)];
  const before = page.cases.findLast(({ value }) => wholeSecond(value) < wholeSecond(last.value));
  const fromBefore =
    before === undefined || wholeSecond(before.value) <= here.from ? [] : [onFrom(here, before, fromHere)];
  return onFrom(here, last, [...fromBefore, ...fromHere]);
}

function onFrom({ from }: Cursor, { caseId, value }: ShownPage['cases'][number], otherwise: readonly Cursor[]): Cursor {
  return { ...startCursor(value), owedFrom: from, expected: { caseId, value, otherwise } };
}

/**
 * The case was moved, or the service places it by an older value than it shows. A token counts an offset, which is off
 * by one if the case was moved, so it is followed only once the same page has arrived again.
 */
function onFromHere(here: Cursor, lastCaseId: string, token: string): Cursor {
  if (!here.lags) return { ...startCursor(here.from), stuckAt: lastCaseId };
  return { ...here, token, tokensSeen: [...here.tokensSeen, token], stuckAt: null };
}

/** A page without a token is the end, unless the service counts more than it has shown. */
function withoutNext(here: Cursor, page: ShownPage, inOrder: boolean, highest: number): Step {
  const lacking = page.totalCount === undefined ? 0 : Math.max(0, page.totalCount - here.shown);
  if (lacking === 0 || highest === Number.NEGATIVE_INFINITY)
    return { kind: 'end', inOrder, reached: null, notShown: lacking, notShownFrom: here.from };
  if (!inOrder || wholeSecond(highest) <= here.from) {
    // The search cannot continue from here, so cases beyond the count of the rest were hidden in this second.
    const cursor = { ...beyond(here, highest), owed: lacking, owedFrom: here.from };
    return { kind: 'next', cursor, inOrder, ...shownAll(here) };
  }
  const shownAgain = page.cases.filter(({ value }) => wholeSecond(value) === wholeSecond(highest)).length;
  const cursor = { ...ahead(here, page, undefined), owed: lacking + shownAgain };
  return { kind: 'next', cursor, inOrder, ...shownAll(here) };
}

function follow(cursor: Cursor, token: string, inOrder: boolean): Step {
  if (cursor.tokensSeen.includes(token)) return { kind: 'token-repeats', inOrder, ...shownAll(cursor) };
  const tokensSeen = [...cursor.tokensSeen, token];
  return { kind: 'next', cursor: { ...cursor, token, tokensSeen }, inOrder, ...shownAll(cursor) };
}

/** Compares also with the pages before, as long as they were out of order. */
function isInOrder({ from, disorderedUpTo }: Cursor, cases: ShownPage['cases']): boolean {
  let previous = disorderedUpTo ?? from;
  for (const { value } of cases) {
    if (value < previous) return false;
    previous = value;
  }
  return true;
}

function shownAll({ from }: Cursor): Pick<Step, 'reached' | 'notShown' | 'notShownFrom'> {
  return { reached: null, notShown: 0, notShownFrom: from };
}

function wholeSecond(time: number): number {
  return Math.floor(time / SECOND_MS) * SECOND_MS;
}
