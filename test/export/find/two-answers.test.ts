import { searchPages } from '../../../lambda/export/find/search';
import type { FoundCase } from '../../../lambda/export/ports';
import { NO_CASES } from '../../fakes/with-answers';
import { casesApi, createRun, MINUTE, START } from '../fixtures';

const FOUND = ['a', 'b', 'c'].map((caseId, index): FoundCase => {
  const time = START - 60 * MINUTE + index * MINUTE;
  return { caseId, templateId: null, lastUpdated: time, created: time };
});

test('What either of two answers to one question shows is found: a null of the one may be a case of the other', async () => {
  const [a, b, c] = FOUND;
  const answers = [
    [a, null, c],
    [null, b, c],
  ];
  let asked = 0;
  const { run } = await createRun(
    casesApi({
      searchCases: async () => {
        const cases = answers[asked++ % 2]?.map((found) => found ?? null) ?? [];
        return { ...NO_CASES, cases, totalCount: 3 };
      },
    }),
  );
  const found = new Set<string>();
  for await (const page of searchPages(run, { by: 'created_datetime', from: 0, endAt: () => START })) {
    for (const { found: one } of page.cases) found.add(one.caseId);
    expect(page.hidden).toEqual([]);
  }
  expect([...found].sort()).toEqual(['a', 'b', 'c']);
});

test('A null is made good by a case that only the other answer shows, not by one that stood beside it: what both hide is told', async () => {
  const [a] = FOUND;
  const answers = [
    { cases: [null, a ?? null], totalCount: 2 },
    { cases: [null], totalCount: undefined },
  ];
  let asked = 0;
  const { run } = await createRun(
    casesApi({
      searchCases: async () => {
        const answer = answers[asked++ % 2] ?? { cases: [], totalCount: 0 };
        return { ...NO_CASES, ...answer };
      },
    }),
  );
  const pages = [];
  for await (const page of searchPages(run, { by: 'created_datetime', from: 0, endAt: () => START })) pages.push(page);
  expect(pages[0]?.cases.map(({ found }) => found.caseId)).toEqual(['a']);
  expect(pages[0]?.hidden).toMatchObject([{ cases: 1 }]);
  expect(pages[0]?.totalCount).toBe(2);
});
