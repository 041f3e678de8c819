/** What becomes of a case that answers 404: it is gone only where no search can show it any more. */
import type { RetryEntry } from '../../../lambda/export/domain/case-items';
import { fateOf } from '../../../lambda/export/read/read-case';
import { failed } from '../../fakes/with-answers';
import { aLiveLane, aRelatedLane, aRetry, someLanes } from '../../support/stored-values';
import { aReadTask, createRunWithCases, DOMAIN, MINUTE, START } from '../fixtures';

const PLACE = START - 60 * MINUTE;
const TASK = aReadTask({ touched: PLACE, lastUpdated: PLACE });
/** Its first 404 is settled. */
const LOST = aRetry({ cause: 'not-found', notFoundSince: START - 10 * MINUTE, lastUpdated: PLACE });

/** A domain with other cases, and this one if it `isShown`; what was known of it before. */
async function createLost(
  entry: RetryEntry | undefined,
  { isShown = false, provenUntil = null as number | null, others = 3 } = {},
) {
  const lanes = someLanes({
    live: aLiveLane({ watermark: provenUntil, provenUntil }),
    related: aRelatedLane({ watermark: START }),
  });
  const world = await createRunWithCases({ state: { lanes } });
  world.cases.addCases(others, PLACE, MINUTE);
  if (isShown) world.cases.addCase('case', PLACE);
  if (entry) world.run.published.learnRetries([entry]);
  return world;
}

describe('A case that answers 404', () => {
  test.each<[string, RetryEntry | undefined]>([
    ['for the first time', undefined],
    ['and has failed otherwise before', aRetry({ cause: 'refused' })],
    ['and did so before, less than settle ago', aRetry({ cause: 'not-found', notFoundSince: START - MINUTE })],
  ])('%s is owed, and costs no search', async (_, entry) => {
    const { run, cases } = await createLost(entry);
    expect(await fateOf(run, TASK)).toBe('owed');
    expect(cases.calls).toEqual([]);
  });

  test('is owed while a search at its place shows it, for one call', async () => {
    const { run, cases } = await createLost(LOST, { isShown: true });
    expect(await fateOf(run, TASK)).toBe('owed');
    expect(cases.calls).toHaveLength(1);
    expect(cases.calls[0]?.request).toMatchObject({ by: 'last_updated_datetime', from: PLACE });
  });

  test('is gone where the search shows the whole list from there on, and not the case', async () => {
    const { run } = await createLost(LOST);
    expect(await fateOf(run, TASK)).toBe('gone');
  });

  test('is lost, and not gone, where the list goes on beyond the first page: it may have been updated', async () => {
    const { run } = await createLost(LOST, { others: 150 });
    expect(await fateOf(run, TASK)).toBe('lost');
  });

  test('is gone once it was lost before a live pass that saw the end of the list, and not found by it', async () => {
    const lostAt = START - 30 * MINUTE;
    for (const [provenUntil, fate] of [
      [lostAt - 1, 'lost'],
      [lostAt + 1, 'gone'],
    ] as const) {
      const { run, cases } = await createLost({ ...LOST, lostAt }, { others: 150, provenUntil });
      expect(await fateOf(run, TASK)).toBe(fate);
      expect(cases.calls).toHaveLength(fate === 'gone' ? 0 : 1);
    }
  });

  test('is owed where nobody knows its place', async () => {
    const { run, cases } = await createLost({ ...LOST, lastUpdated: null });
    expect(await fateOf(run, { ...TASK, lastUpdated: null })).toBe('owed');
    expect(cases.calls).toEqual([]);
  });

  test('is looked for at the latest place that is known of it', async () => {
    const { run, cases } = await createLost({ ...LOST, lastUpdated: PLACE + MINUTE });
    await fateOf(run, TASK);
    expect(cases.calls[0]?.request).toMatchObject({ from: PLACE + MINUTE });
  });

  test.each(['a null', 'a count above what is shown', 'a search that fails', 'an empty page with a token'])(
    'is owed where the search is no proof, for %s',
    async (doubt) => {
      const { run, cases } = await createLost(LOST);
      const { searchCases } = cases;
      Object.assign(run.calls, {
        searchCases: async () => {
          const page = await searchCases(
            { domainId: DOMAIN, by: 'last_updated_datetime', from: PLACE },
            new AbortController().signal,
          );
          if (doubt === 'a null') return { ...page, cases: [null, ...(page.cases ?? [])] };
          if (doubt === 'a search that fails') throw failed('unavailable', 'SearchCases');
          if (doubt === 'an empty page with a token') return { ...page, cases: [], nextToken: 'next' };
          return { ...page, totalCount: 4 };
        },
      });
      expect(await fateOf(run, TASK)).toBe('owed');
    },
  );
});
