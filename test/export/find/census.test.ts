/** What a sweep has found, held against the service's own count: over runs, ties, deletions and new cases. */
import fc from 'fast-check';
import type { SweepLane } from '../../../lambda/export/domain/state';
import { Census } from '../../../lambda/export/find/census';
import type { FoundPage, Search } from '../../../lambda/export/find/search';
import { createFakeCases, type FakeCases } from '../../fakes/cases-api';
import { aSweep } from '../../support/stored-values';
import { createRun, DOMAIN, MINUTE, START } from '../fixtures';

const SECOND = 1000;
const BEGUN = aSweep({ startedAt: START });

function createDomain(createdAt: readonly number[], pageSize = 100): FakeCases {
  const cases = createFakeCases({ domainId: DOMAIN, now: () => START, pageSize: { searchCases: pageSize } });
  for (const [index, at] of createdAt.entries()) cases.addCase(`case-${index}`, at);
  return cases;
}

function searchOf({ anchor }: SweepLane): Search {
  return { by: 'created_datetime', from: anchor ?? 0, endAt: () => START };
}

/** Every page of the sweep, or so many; `isHidden` cases are counted by the service and not shown. */
async function count(
  cases: FakeCases,
  sweep: SweepLane,
  { pages = 999, isHidden = () => false }: { pages?: number; isHidden?: (caseId: string) => boolean } = {},
) {
  const { searchCases } = cases;
  const { run } = await createRun({
    ...cases,
    async searchCases(request, signal) {
      const page = await searchCases(request, signal);
      return { ...page, cases: page.cases?.filter((found) => found === null || !isHidden(found.caseId)) };
    },
  });
  const census = new Census(sweep);
  const seen: FoundPage[] = [];
  for await (const page of census.pages(run, searchOf(sweep))) if (seen.push(page) >= pages) break;
  return { census, seen };
}

describe('A census', () => {
  test('of a sweep that found every case misses none, and asks no more than the sweep does', async () => {
    const cases = createDomain(Array.from({ length: 250 }, (_, index) => START - 300 * MINUTE + index * SECOND));
    const { census, seen } = await count(cases, BEGUN);
    expect({ found: census.casesFound, notFound: census.casesNotFound }).toEqual({ found: 250, notFound: 0 });
    expect(cases.calls).toHaveLength(3);
    expect(seen.map(({ isLast }) => isLast)).toEqual([false, false, true]);
  });

  test('counts what is never shown', async () => {
    const cases = createDomain(Array.from({ length: 250 }, (_, index) => START - 300 * MINUTE + index * SECOND));
    const { census } = await count(cases, BEGUN, { isHidden: (caseId) => /^case-(7|133|249)$/.test(caseId) });
    expect({ found: census.casesFound, notFound: census.casesNotFound }).toEqual({ found: 247, notFound: 3 });
  });

  test('does not miss cases that were deleted meanwhile: it counts once more, in two calls', async () => {
    const cases = createDomain(Array.from({ length: 250 }, (_, index) => START - 300 * MINUTE + index * SECOND));
    const { searchCases } = cases;
    let calls = 0;
    cases.searchCases = async (request, signal) => {
      calls += 1;
      if (calls === 3) cases.deleteCase('case-249');
      return searchCases(request, signal);
    };
    const { census } = await count(cases, BEGUN);
    expect({ found: census.casesFound, notFound: census.casesNotFound, calls }).toEqual({
      found: 249,
      notFound: 0,
      calls: 5,
    });
  });

  test('stays above zero where the second count is less than what came since the first', async () => {
    const cases = createDomain([START - MINUTE, START + MINUTE, START + 2 * MINUTE]);
    const { searchCases } = cases;
    let asked = 0;
    cases.searchCases = async (request, signal) => {
      const page = await searchCases(request, signal);
      asked += 1;
      return { ...page, totalCount: asked === 1 ? 9 : 1, nextToken: asked === 3 ? 'more' : page.nextToken };
    };
    const { run } = await createRun(cases);
    const census = new Census(BEGUN);
    for await (const _ of census.pages(run, searchOf(BEGUN)));
    expect(census.upTo(START).totalCount).toBeGreaterThanOrEqual(0);
  });

  test('leaves out cases made since the sweep began', async () => {
    const cases = createDomain([START - MINUTE, START + 5 * SECOND, START + 6 * SECOND]);
    const { census } = await count(cases, BEGUN);
    expect({ found: census.casesFound, notFound: census.casesNotFound }).toEqual({ found: 1, notFound: 0 });
  });

  test('without a count says nothing, unless a place came as null', async () => {
    const cases = createDomain([START - MINUTE, START - 2 * MINUTE]);
    const { searchCases } = cases;
    let hides = false;
    cases.searchCases = async (request, signal) => {
      const page = await searchCases(request, signal);
      return { ...page, totalCount: undefined, cases: hides ? [null, ...(page.cases ?? []).slice(1)] : page.cases };
    };
    expect((await count(cases, BEGUN)).census.casesNotFound).toBeNull();
    hides = true;
    expect((await count(cases, BEGUN)).census.casesNotFound).toBe(1);
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
