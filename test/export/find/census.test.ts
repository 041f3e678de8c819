/** What a sweep has found, held against the service's own count: over runs, ties, deletions and new cases. */
import fc from 'fast-check';
import type { SweepLane } from '../../../lambda/export/domain/state';
import { Census } from '../../../lambda/export/find/census';
import type { FoundPage, Search } from '../../../lambda/export/find/search';
import type { CasesApi } from '../../../lambda/export/ports';
import { createFakeCases, type FakeCases } from '../../fakes/cases-api';
import { withAnswers, withFailures } from '../../fakes/with-answers';
import { aSweep } from '../../support/stored-values';
import { createRun, MINUTE, START } from '../fixtures';

const SECOND = 1000;
/** 250 times, a second apart. */
const EACH_SECOND = Array.from({ length: 250 }, (_, index) => START - 300 * MINUTE + index * SECOND);
const BEGUN = aSweep({ startedAt: START });

function createDomain(createdAt: readonly number[], pageSize = 100): FakeCases {
  const cases = createFakeCases({ now: () => START, pageSize: { searchCases: pageSize } });
  for (const [index, at] of createdAt.entries()) cases.addCase(`case-${index}`, at);
  return cases;
}

function searchOf({ anchor }: SweepLane): Search {
  return { by: 'created_datetime', from: anchor ?? 0, endAt: () => START };
}

/** Every page of the sweep, or so many; `isHidden` cases are counted by the service and not shown. */
async function count(
  cases: CasesApi,
  sweep: SweepLane,
  { pages = 999, isHidden = () => false }: { pages?: number; isHidden?: (caseId: string) => boolean } = {},
) {
  const { run } = await createRun(
    withAnswers(cases, 'searchCases', (page) => ({
      ...page,
      cases: page.cases.filter((found) => found === null || !isHidden(found.caseId)),
    })),
  );
  const census = new Census(sweep);
  const seen: FoundPage[] = [];
  for await (const page of census.pages(run, searchOf(sweep))) if (seen.push(page) >= pages) break;
  return { census, seen };
}

describe('A census', () => {
  test('of a sweep that found every case misses none, and asks no more than the sweep does', async () => {
    const cases = createDomain(EACH_SECOND);
    const { census, seen } = await count(cases, BEGUN);
    expect(census).toMatchObject({ casesFound: 250, casesNotFound: 0 });
    expect(cases.calls).toHaveLength(3);
    expect(seen.map(({ isLast }) => isLast)).toEqual([false, false, true]);
  });

  test('counts what is never shown', async () => {
    const cases = createDomain(EACH_SECOND);
    const { census } = await count(cases, BEGUN, { isHidden: (caseId) => /^case-(7|133|249)$/.test(caseId) });
    expect(census).toMatchObject({ casesFound: 247, casesNotFound: 3 });
  });

  test('does not miss cases that were deleted meanwhile: it counts once more, in two calls', async () => {
    const cases = createDomain(EACH_SECOND);
    let calls = 0;
    const deleting = withFailures(cases, 'searchCases', 'refused', () => {
      calls += 1;
      if (calls === 3) cases.deleteCase('case-249');
      return false;
    });
    const { census } = await count(deleting, BEGUN);
    expect(census).toMatchObject({ casesFound: 249, casesNotFound: 0 });
    expect(calls).toBe(5);
  });

  test('stays above zero where the second count is less than what came since the first', async () => {
    let asked = 0;
    const cases = createDomain([START - MINUTE, START + MINUTE, START + 2 * MINUTE]);
    const miscounting = withAnswers(cases, 'searchCases', (page) => {
      asked += 1;
      return { ...page, totalCount: asked === 1 ? 9 : 1, nextToken: asked === 3 ? 'more' : page.nextToken };
    });
    const { run } = await createRun(miscounting);
    const census = new Census(BEGUN);
    for await (const _ of census.pages(run, searchOf(BEGUN)));
    expect(census.upTo(START).totalCount).toBeGreaterThanOrEqual(0);
  });

  test('leaves out cases made since the sweep began', async () => {
    const cases = createDomain([START - MINUTE, START + 5 * SECOND, START + 6 * SECOND]);
    const { census } = await count(cases, BEGUN);
    expect(census).toMatchObject({ casesFound: 1, casesNotFound: 0 });
  });

  test('without a count says nothing, unless a place came as null', async () => {
    const cases = createDomain([START - MINUTE, START - 2 * MINUTE]);
    const uncounted = withAnswers(cases, 'searchCases', (page) => ({ ...page, totalCount: undefined }));
    const hiding = withAnswers(uncounted, 'searchCases', (page) => ({
      ...page,
      cases: [null, ...page.cases.slice(1)],
    }));
    expect((await count(uncounted, BEGUN)).census.casesNotFound).toBeNull();
    expect((await count(hiding, BEGUN)).census.casesNotFound).toBe(1);
  });
});

describe('A census over several runs', () => {
  const anyTimes = fc.array(
    fc.nat(40).map((tick) => START - 300 * MINUTE + tick * 100),
    { minLength: 1, maxLength: 40 },
  );

  test('counts every case once, wherever a run stopped, and never hides one that is not shown', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyTimes,
        fc.integer({ min: 2, max: 9 }),
        fc.nat(6),
        fc.nat(39),
        async (times, size, stop, hidden) => {
          const cases = createDomain(times, size);
          const isHidden = (caseId: string) => caseId === `case-${hidden}`;
          const first = await count(cases, BEGUN, { pages: stop + 1, isHidden });
          // The resume point may stand anywhere up to what was shown, also inside a second.
          const shown = first.seen.flatMap(({ cases: found }) => found.map(({ place }) => place));
          const anchor = [...shown].sort((a, b) => a - b)[Math.floor(shown.length / 2)] ?? START - 300 * MINUTE;
          const resumed: SweepLane = { ...BEGUN, anchor, ...first.census.upTo(anchor) };
          const { census } = await count(cases, resumed, { isHidden });
          const real = times.length - (hidden < times.length ? 1 : 0);
          expect(census.casesFound).toBe(real);
          if (real < times.length) expect(census.casesNotFound).toBeGreaterThan(0);
          else expect(census.casesNotFound).toBe(0);
        },
      ),
      { numRuns: 100 },
    );
  });
});
