/** Breaks of the search: what its answers are taken for. */
import { byTest, type Mutant } from './mutant';

const AT_ONCE =
  'the test answers with the one page that matters; a world has it now and then, and a later sweep after it';

export const SEARCH_MUTANTS: readonly Mutant[] = [
  ...byTest('domain/keyset.ts', 'test/export/domain/keyset-doubts.test.ts', AT_ONCE, {
    'The last case of a page need not come again': [
      'const isAsExpected = cursor.expected === null ||',
      'const isAsExpected = cursor.from >= 0 ||',
    ],
    'What the last page lacks of the count is not owed': [
      'notShown: lacking, notShownFrom: here.from };',
      'notShown: 0, notShownFrom: here.from };',
    ],
    'What one count promised and the next does not is not owed': [
      ' + Math.max(0, cursor.owed - (page.totalCount ?? 0));',
      ';',
    ],
  }),
  ...byTest('domain/keyset.ts', 'test/export/domain/keyset-reached.test.ts', AT_ONCE, {
    'A case that did not come again, with nothing left to try, is not counted': [
      'const passed = (isAsExpected ? 0 : 1) +',
      'const passed =',
    ],
    'The resume point rises to a value from which nothing was asked yet': [
      'reached: last?.value ?? confirmed?.value ?? null',
      'reached: cases.at(-1)?.value ?? confirmed?.value ?? null',
    ],
  }),
  ...byTest('domain/keyset.ts', 'test/export/domain/keyset.test.ts', AT_ONCE, {
    'The next page starts at the exact millisecond': [
      'return Math.floor(time / SECOND_MS) * SECOND_MS;',
      'return time;',
    ],
  }),
  ...byTest('domain/keyset.ts', 'test/export/complete/searches.test.ts', AT_ONCE, {
    'A page without a token is the end, whatever the count': [
      'if (lacking === 0 || highest === Number.NEGATIVE_INFINITY)',
      'if (lacking >= 0)',
    ],
    'A page out of order freezes the resume point for good': [
      'let previous = disorderedUpTo ?? from;',
      'let previous = disorderedUpTo === null ? from : Number.POSITIVE_INFINITY;',
    ],
    'An empty page freezes the resume point': [
      'return follow(cursor, page.nextToken, true);',
      'return follow({ ...cursor, expected: null, disorderedUpTo: Number.POSITIVE_INFINITY }, page.nextToken, true);',
    ],
  }),
  ...byTest('find/search.ts', 'test/export/find/sweep-doubts.test.ts', AT_ONCE, {
    'A place that could not be looked behind is passed without a word': [
      'const hidden = [{ place, cases: 1, isGivenUp: true }];',
      'const hidden = [] as const;',
    ],
  }),
  ...byTest('find/search.ts', 'test/export/find/two-answers.test.ts', AT_ONCE, {
    'Of two answers to one question only the better is believed': [
      'const placed = [...shown, ...missed].map(',
      'const placed = [...shown].map(',
    ],
    'A null is made good by a case that stood beside it in the other answer': [
      'const hidden = Math.max(...answers.map(({ length }) => length)) - shown;',
      'const hidden = Math.min(...answers.map(({ length }) => length)) - shown;',
      'two answers to one question have to differ in their length, and neither to give a count',
    ],
  }),
  ...byTest('find/sweep.ts', 'test/export/find/sweep-doubts.test.ts', AT_ONCE, {
    'A sweep is finished though it could not look behind a place': [' && !isHeld;', ';'],
  }),
  ...byTest('find/census.ts', 'test/export/find/census.test.ts', AT_ONCE, {
    'A sweep that found too few is not counted again': [
      'if (!isEnough) yield await this.#recount(run, search);',
      'if (!isEnough) yield { ...page, cases: [], hidden: [], reached: null };',
    ],
  }),
];
