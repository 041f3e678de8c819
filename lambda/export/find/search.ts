import { beyond, type Cursor, nextStep, type ShownPage, type Step, startCursor, withoutToken } from '../domain/keyset';
import { latest } from '../domain/times';
import type { FoundCase, SearchRequest } from '../ports';
import { countNulls, isTokenRefused, noteNulls, type RunCounters } from '../run/counters';
import type { Asker } from '../run/run';

/** Refused or repeating tokens in a row at one place before the search goes on beyond it. */
const MAX_TOKEN_TROUBLES = 3;

/** Places without a way on before the search gives up for this run. */
const MAX_PLACES_GIVEN_UP = 3;

export interface Search {
  readonly by: SearchRequest['by'];
  readonly from: number;
  readonly lastUpdatedFrom?: number | undefined;
  /** A page that ends at or after this is the last. Called after each page, because the first answer may decide it. */
  readonly endAt: () => number;
}

/** A case with its place in the search: its value of the field searched by. */
interface PlacedCase {
  readonly found: FoundCase;
  readonly place: number;
}

export interface FoundPage {
  /** The start of the page's request. */
  readonly from: number;
  readonly cases: readonly PlacedCase[];
  /** All cases up to here have been given; null where the page does not confirm any. */
  readonly reached: number | null;
  readonly isLast: boolean;
  /** The list has no case behind this page. */
  readonly isEndOfList: boolean;
  /**
   * Cases that the service counts, or has a null for, and does not show: their number, and the place above which they
   * lie.
   */
  readonly hidden: readonly Hidden[];
  /** The service's count of all results of the search from here on. */
  readonly totalCount: number | undefined;
}

interface Hidden {
  readonly place: number;
  readonly cases: number;
  /** The search could not look behind the place; another try may. */
  readonly isGivenUp?: boolean;
}

/**
 * Yields every case with `by ≥ from`, ascending, page by page, some more than once. Ends without a last page if it
 * meets too many places without a way on. Rejects as `PacedCalls.searchCases` does.
 */
export async function* searchPages(run: Asker, search: Search): AsyncGenerator<FoundPage, void> {
  let cursor = startCursor(search.from);
  let highest = cursor.from;
  for (let troubles = 0, givenUp = 0; givenUp < MAX_PLACES_GIVEN_UP; ) {
    const page = await askPage(run, search, cursor);
    const step = page === 'token-lost' ? page : nextStep(cursor, page, search.endAt());
    if (page !== 'token-lost' && step !== 'token-lost') {
      noteStep(run.counters, search, step);
      highest = Math.max(highest, ...page.cases.map(({ value }) => value));
      yield foundPage(cursor, page, step);
      if (step.kind === 'end') return;
      if (step.kind !== 'token-repeats') {
        if (step.cursor.from > cursor.from) troubles = 0;
        cursor = step.cursor;
        continue;
      }
    }
    run.counters.anomaly('search-token', { by: search.by });
    troubles += 1;
    if (troubles < MAX_TOKEN_TROUBLES) {
      cursor = withoutToken(cursor);
      continue;
    }
    yield givenUpAt(cursor.from);
    cursor = beyond(cursor, highest);
    givenUp += 1;
    troubles = 0;
  }
}

/** A page without cases: at least one lies behind this place. */
function givenUpAt(place: number): FoundPage {
  const hidden = [{ place, cases: 1, isGivenUp: true }];
  return { from: place, cases: [], reached: null, isLast: false, isEndOfList: false, hidden, totalCount: undefined };
}

function noteStep(counters: RunCounters, { by }: Search, step: Step): void {
  if (step.kind === 'leap') counters.anomaly('search-leap', { by });
  else if (!step.inOrder) counters.anomaly('unsorted-search', { by });
  if (step.notShown > 0) counters.anomaly('search-falls-short', { by, cases: step.notShown });
}

function foundPage({ from }: Cursor, page: Page, step: Step): FoundPage {
  return {
    from,
    cases: page.placed,
    reached: step.reached,
    isLast: step.kind === 'end',
    isEndOfList: step.kind === 'end' && page.nextToken === undefined,
    hidden: [
      ...page.nullPlaces.map((place) => ({ place, cases: 1 })),
      ...(step.notShown === 0 ? [] : [{ place: step.notShownFrom, cases: step.notShown }]),
    ],
    totalCount: page.totalCount,
  };
}

interface Page extends ShownPage {
  readonly placed: readonly PlacedCase[];
  /** For each null of the page, the value before it. */
  readonly nullPlaces: readonly number[];
}

/** Requests the first page from a place on, by itself. */
export async function askFirstPage(run: Asker, search: Search, from: number): Promise<FoundPage> {
  const cursor = startCursor(from);
  const page = await askPage(run, search, cursor);
  // No token is sent, so none can be lost.
  if (page === 'token-lost') throw new TypeError('a search without a token has lost one');
  return foundPage(cursor, page, { kind: 'end', inOrder: true, reached: null, notShown: 0, notShownFrom: cursor.from });
}

async function askPage(run: Asker, search: Search, cursor: Cursor): Promise<Page | 'token-lost'> {
  const { by, lastUpdatedFrom } = search;
  const request = { domainId: run.domainId, by, from: cursor.from, lastUpdatedFrom, nextToken: cursor.token };
  try {
    const answer = await run.calls.searchCases(request);
    const nulls = noteNulls(run.counters, 'SearchCases', answer.cases);
    if (nulls === 0) return toPage(run.counters, by, cursor, answer, answer);
    // A null may hide a case, so the page is requested once more. Cases of either answer are found.
    const again = await run.calls.searchCases(request);
    const [better, other] = countNulls(again.cases) <= nulls ? [again, answer] : [answer, again];
    return toPage(run.counters, by, cursor, better, other);
  } catch (error) {
    if (isTokenRefused(error, cursor.token)) return 'token-lost';
    throw error;
  }
}

type Answer = Awaited<ReturnType<Asker['calls']['searchCases']>>;

/**
 * Builds the page.
 * @param also another answer to the same request: its cases and counts are valid, too.
 */
function toPage(counters: RunCounters, by: SearchRequest['by'], cursor: Cursor, answer: Answer, also: Answer): Page {
  const totalCount = latest(answer.totalCount ?? null, also.totalCount ?? null) ?? undefined;
  if (totalCount !== undefined) counters.totalCount = totalCount;
  const shown = answer.cases.filter((found) => found !== null);
  const ids = new Set(shown.map(({ caseId }) => caseId));
  const missed = also.cases.filter((found) => found !== null).filter(({ caseId }) => !ids.has(caseId));
  const placeOf = (found: FoundCase) => (by === 'created_datetime' ? found.created : found.lastUpdated);
  const placed = [...shown, ...missed].map((found) => {
    const value = placeOf(found);
    if (value === null) counters.anomaly('case-without-time', { caseId: found.caseId, by });
    return { found, place: value ?? cursor.from };
  });
  const cases = shown.flatMap((found) => {
    const value = placeOf(found);
    return value === null ? [] : [{ caseId: found.caseId, value }];
  });
  return {
    placed,
    cases,
    others: Math.max(answer.cases.length, also.cases.length) - cases.length,
    nullPlaces: nullPlaces([answer.cases, also.cases], placeOf, cursor.from, placed.length),
    nextToken: answer.nextToken,
    totalCount,
  };
}

/** Places of the nulls that hide a case: as many as the longer answer has places, less the cases that the two show. */
function nullPlaces(
  answers: readonly Answer['cases'][],
  placeOf: (found: FoundCase) => number | null,
  from: number,
  shown: number,
): number[] {
  const hidden = Math.max(...answers.map(({ length }) => length)) - shown;
  const places = answers.map((cases) => placesOfNulls(cases, placeOf, from)).sort((a, b) => b.length - a.length);
  return Array.from({ length: Math.max(0, hidden) }, (_, index) => places[0]?.[index] ?? from);
}

function placesOfNulls(cases: Answer['cases'], placeOf: (found: FoundCase) => number | null, from: number): number[] {
  let place = from;
  const places: number[] = [];
  for (const found of cases) {
    if (found === null) places.push(place);
    else place = placeOf(found) ?? place;
  }
  return places;
}
