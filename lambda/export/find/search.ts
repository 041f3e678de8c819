import { type Cursor, nextStep, startCursor, withoutToken } from '../domain/keyset';
import type { FoundCase, SearchRequest } from '../ports';
import { countNulls, isTokenRefused, noteNulls } from '../run/answers';
import type { Run } from '../run/run';

/** Refused or repeating tokens in a row at one place before the walk gives up for this run. */
const MAX_TOKEN_TROUBLES = 3;

export interface Search {
  readonly by: SearchRequest['by'];
  readonly from: number;
  readonly lastUpdatedFrom?: number | undefined;
  /** A page that ends at or after this is the last. Asked after each page, as the first answer may decide it. */
  readonly endAt: () => number;
}

/** A case with its place in the search: its value of the field searched by. */
export interface PlacedCase {
  readonly found: FoundCase;
  readonly place: number;
}

interface FoundPage {
  readonly cases: readonly PlacedCase[];
  /** All cases up to here have been given; null as long as the pages do not come sorted. */
  readonly reached: number | null;
  readonly isLast: boolean;
}

/**
 * Every case with `by ≥ from`, ascending, page by page, some more than once. Ends without a last page if tokens that the walk
 * needs are refused time and again. Rejects as `PacedCalls.searchCases` does.
 */
export async function* searchPages(run: Run, search: Search): AsyncGenerator<FoundPage, void> {
  let cursor = startCursor(search.from);
  let troubles = 0;
  while (troubles < MAX_TOKEN_TROUBLES) {
    const page = await askPage(run, search, cursor);
    const step = page === 'token-lost' ? page : nextStep(cursor, page, search.endAt());
    if (page !== 'token-lost' && step !== 'token-lost') {
      if (step.unsorted) run.counters.anomaly('unsorted-search', { by: search.by });
      const isHeld = step.unsorted || cursor.held;
      yield { cases: page.cases, reached: isHeld ? null : (page.values.at(-1) ?? null), isLast: step.kind === 'end' };
      if (step.kind === 'end') return;
      if (step.kind === 'next') {
        if (step.cursor.from > cursor.from) troubles = 0;
        cursor = step.cursor;
        continue;
      }
    }
    troubles += 1;
    run.counters.anomaly('search-token', { by: search.by });
    cursor = withoutToken(cursor);
  }
}

interface Page {
  readonly cases: readonly PlacedCase[];
  readonly values: readonly number[];
  readonly nextToken: string | undefined;
}

async function askPage(run: Run, search: Search, cursor: Cursor): Promise<Page | 'token-lost'> {
  const { by, lastUpdatedFrom } = search;
  const request = { domainId: run.domainId, by, from: cursor.from, lastUpdatedFrom, nextToken: cursor.token };
  try {
    const answer = await run.calls.searchCases(request);
    const nulls = noteNulls(run.counters, 'SearchCases', answer.cases);
    if (nulls === 0) return toPage(run, by, cursor, answer, []);
    // A null may hide a case, so the page is asked for once more. Whatever either answer shows is found.
    const again = await run.calls.searchCases(request);
    const [better, other] = countNulls(again.cases) <= nulls ? [again, answer] : [answer, again];
    return toPage(run, by, cursor, better, other.cases);
  } catch (error) {
    if (isTokenRefused(error, cursor.token)) return 'token-lost';
    throw error;
  }
}

type Answer = Awaited<ReturnType<Run['calls']['searchCases']>>;

function toPage(run: Run, by: SearchRequest['by'], cursor: Cursor, answer: Answer, also: Answer['cases']): Page {
  if (answer.totalCount !== undefined) run.counters.totalCount = answer.totalCount;
  const shown = answer.cases.filter((found) => found !== null);
  const ids = new Set(shown.map(({ caseId }) => caseId));
  const missed = also.filter((found) => found !== null).filter(({ caseId }) => !ids.has(caseId));
  const placeOf = (found: FoundCase) => (by === 'created_datetime' ? found.created : found.lastUpdated);
  const values = shown.map(placeOf).filter((value) => value !== null);
  const cases = [...shown, ...missed].map((found) => {
    const value = placeOf(found);
    if (value === null) run.counters.anomaly('case-without-time', { caseId: found.caseId, by });
    return { found, place: value ?? cursor.from };
  });
  return { cases, values, nextToken: answer.nextToken };
}
