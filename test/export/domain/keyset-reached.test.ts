/** How far a search has surely come: a value counts only once a page from there has shown its case again. */
import { nextStep, type ShownPage, type Step, startCursor } from '../../../lambda/export/domain/keyset';

const END_AT = 1_000_000;

function aPage(values: readonly number[], nextToken?: string): ShownPage {
  const cases = values.map((value) => ({ caseId: `case-${value}`, value }));
  return { cases, others: 0, nextToken, totalCount: undefined };
}

function cursorOf(step: Step) {
  if (step.kind !== 'next') throw new Error(`the search goes on, but the step is "${step.kind}"`);
  return step.cursor;
}

describe('What a search has reached', () => {
  test('is nothing after its first page, and the end of a page once the next one begins with it', () => {
    const first = nextStep(startCursor(0), aPage([1_000, 2_000, 3_000], 'more'), END_AT);
    expect(first.reached).toBeNull();
    const second = nextStep(cursorOf(first), aPage([3_000, 4_000, 5_000], 'more'), END_AT);
    expect(second.reached).toBe(3_000);
    const last = nextStep(cursorOf(second), aPage([5_000, 6_000]), END_AT);
    expect(last).toMatchObject({ kind: 'end', reached: 6_000 });
  });

  test('does not rise over an empty page, nor over one that is out of order', () => {
    const first = nextStep(startCursor(0), aPage([1_000, 2_000], 'more'), END_AT);
    const empty = nextStep(cursorOf(first), aPage([], 'on'), END_AT);
    expect(empty.reached).toBeNull();
    const unsorted = nextStep(cursorOf(empty), aPage([2_000, 9_000, 8_000], 'further'), END_AT);
    expect(unsorted).toMatchObject({ inOrder: false, reached: 2_000 });
    // Compared with the pages before: 8,500 may be one of those that came too late.
    expect(nextStep(cursorOf(unsorted), aPage([8_500], 'still'), END_AT)).toMatchObject({
      inOrder: false,
      reached: null,
    });
  });
});

test('A case that does not come again, with nothing left to try, is counted as not shown: others may have been passed with it', () => {
  const cursor = {
    ...startCursor(3_000),
    expected: { caseId: 'case-3000', value: 3_000, otherwise: [] },
    owedFrom: 1_000,
  };
  expect(nextStep(cursor, aPage([4_000, 5_000], 'more'), END_AT)).toMatchObject({ notShown: 1, notShownFrom: 1_000 });
  expect(nextStep(cursor, aPage([3_000, 5_000], 'more'), END_AT)).toMatchObject({ notShown: 0 });
});
