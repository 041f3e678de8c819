/** Breaks of the search: what its answers are taken for. */
import type { Mutant } from './mutant';

const AT_ONCE =
  'the test answers with the one page that matters; a world has it now and then, and a later sweep after it';

export const SEARCH_MUTANTS: readonly Mutant[] = [
  {
    name: 'The last case of a page need not come again',
    file: 'domain/keyset.ts',
    find: 'const isAsExpected = cursor.expected === null ||',
    replace: 'const isAsExpected = cursor.from >= 0 ||',
    caughtBy: { test: 'test/export/domain/keyset-doubts.test.ts', because: AT_ONCE },
  },
  {
    name: 'A case that did not come again, with nothing left to try, is not counted',
    file: 'domain/keyset.ts',
    find: 'const passed = (isAsExpected ? 0 : 1) +',
    replace: 'const passed =',
    caughtBy: { test: 'test/export/domain/keyset-reached.test.ts', because: AT_ONCE },
  },
  {
    name: 'The next page starts at the exact millisecond',
    file: 'domain/keyset.ts',
    find: 'return Math.floor(time / SECOND_MS) * SECOND_MS;',
    replace: 'return time;',
    caughtBy: { test: 'test/export/domain/keyset.test.ts', because: AT_ONCE },
  },
  {
    name: 'A page without a token is the end, whatever the count',
    file: 'domain/keyset.ts',
    find: 'if (lacking === 0 || highest === Number.NEGATIVE_INFINITY)',
    replace: 'if (lacking >= 0)',
    caughtBy: { test: 'test/export/complete/searches.test.ts', because: AT_ONCE },
  },
  {
    name: 'What the last page lacks of the count is not owed',
    file: 'domain/keyset.ts',
    find: 'notShown: lacking, notShownFrom: here.from };',
    replace: 'notShown: 0, notShownFrom: here.from };',
    caughtBy: { test: 'test/export/domain/keyset-doubts.test.ts', because: AT_ONCE },
  },
  {
    name: 'What one count promised and the next does not is not owed',
    file: 'domain/keyset.ts',
    find: ' + Math.max(0, cursor.owed - (page.totalCount ?? 0));',
    replace: ';',
    caughtBy: { test: 'test/export/domain/keyset-doubts.test.ts', because: AT_ONCE },
  },
  {
    name: 'A page out of order freezes the resume point for good',
    file: 'domain/keyset.ts',
    find: 'let previous = disorderedUpTo ?? from;',
    replace: 'let previous = disorderedUpTo === null ? from : Number.POSITIVE_INFINITY;',
    caughtBy: { test: 'test/export/complete/searches.test.ts', because: AT_ONCE },
  },
  {
    name: 'An empty page freezes the resume point',
    file: 'domain/keyset.ts',
    find: 'return follow(cursor, page.nextToken, true);',
    replace:
      'return follow({ ...cursor, expected: null, disorderedUpTo: Number.POSITIVE_INFINITY }, page.nextToken, true);',
    caughtBy: { test: 'test/export/complete/searches.test.ts', because: AT_ONCE },
  },
  {
    name: 'The resume point rises to a value from which nothing was asked yet',
    file: 'domain/keyset.ts',
    find: 'reached: last?.value ?? confirmed?.value ?? null',
    replace: 'reached: cases.at(-1)?.value ?? confirmed?.value ?? null',
    caughtBy: { test: 'test/export/domain/keyset-reached.test.ts', because: AT_ONCE },
  },
  {
    name: 'A place that could not be looked behind is passed without a word',
    file: 'find/search.ts',
    find: 'hidden: [{ place: cursor.from, cases: 1, isGivenUp: true }],',
    replace: 'hidden: [],',
    caughtBy: { test: 'test/export/find/sweep-doubts.test.ts', because: AT_ONCE },
  },
  {
    name: 'A sweep is finished though it could not look behind a place',
    file: 'find/sweep.ts',
    find: ' || isHeldAt(hidden, sweep)) return;',
    replace: ') return;',
    caughtBy: { test: 'test/export/find/sweep-doubts.test.ts', because: AT_ONCE },
  },
  {
    name: 'Of two answers to one question only the better is believed',
    file: 'find/search.ts',
    find: 'const placed = [...shown, ...missed].map(',
    replace: 'const placed = [...shown].map(',
    caughtBy: { test: 'test/export/find/two-answers.test.ts', because: AT_ONCE },
  },
  {
    name: 'A sweep that found too few is not counted again',
    file: 'find/census.ts',
    find: 'if (!isEnough) yield await this.#recount(run, search);',
    replace: 'if (!isEnough) yield { ...page, cases: [], hidden: [], reached: null };',
    caughtBy: { test: 'test/export/find/census.test.ts', because: AT_ONCE },
  },
  {
    name: 'A null is made good by a case that stood beside it in the other answer',
    file: 'find/search.ts',
    find: 'const hidden = Math.max(...answers.map(({ length }) => length)) - shown;',
    replace: 'const hidden = Math.min(...answers.map(({ length }) => length)) - shown;',
    caughtBy: {
      test: 'test/export/find/two-answers.test.ts',
      because: 'two answers to one question have to differ in their length, and neither to give a count',
    },
  },
];
