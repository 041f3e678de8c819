/** Searches are not taken at their word: pages that end early, nulls that hide a case, places by older values, filters on whole seconds. */
import type { CasesApi, FoundCase, SearchPage } from '../../../lambda/export/ports';
import { NO_CASES, type RequestOf, withAnswers } from '../../fakes/with-answers';
import { judge, judgedTick, judgedTicks } from '../../support/proof';
import {
  createFilled,
  DAY,
  expectExactlyTheHistory,
  HOUR,
  lastManifest,
  MINUTE,
  START,
  type World,
} from '../../support/world';

const SETTLED = START - HOUR;

/** Every answer of SearchCases, changed. */
const searching = (world: World, change: (page: SearchPage, request: RequestOf<'searchCases'>) => SearchPage) =>
  withAnswers(world.cases, 'searchCases', change);

/** The service is well again: the next scan over all cases begins, and comes to its end. */
async function passNextScan(world: World): Promise<void> {
  await judgedTicks(world, 1, 31 * DAY);
  await judgedTicks(world, 30, 10 * MINUTE);
}

const sweepOf = (world: World) => lastManifest(world).lanes.sweep;

/** Where the sweep's resume point is after each of six short runs. */
async function resumePoints(world: World, cases: CasesApi): Promise<number[]> {
  const anchors: number[] = [];
  for (let tick = 0; tick < 6; tick += 1) {
    await judgedTick(world, { cases, minutes: 3 });
    anchors.push(sweepOf(world)?.anchor ?? 0);
    world.clock.advance(5 * MINUTE);
  }
  return anchors;
}

describe('A page without a token', () => {
  test('at 100 cases of a totalCount of 250 is no end, neither for the sweep nor for the live lane', async () => {
    const world = createFilled(250, START - DAY, MINUTE);
    const cases = searching(world, (page) => ({ ...page, nextToken: undefined }));
    await judgedTicks(world, 1, 10 * MINUTE, { cases });
    expectExactlyTheHistory(world);
    world.cases.updateCases(250, world.clock.now(), 1000);
    world.clock.advance(10 * MINUTE);
    await judgedTicks(world, 1, 10 * MINUTE, { cases });
    expectExactlyTheHistory(world);
    expect(judge(world, SETTLED)).toMatchObject({ isComplete: true, casesNotFound: 0 });
  });

  test('within one second that holds more than a page hides cases, and the answer counts them', async () => {
    const world = createFilled(250, START - DAY, 0);
    const cases = searching(world, (page) => ({ ...page, nextToken: undefined }));
    await judgedTicks(world, 6, 10 * MINUTE, { cases });
    expect(judge(world, SETTLED)).toMatchObject({ isComplete: false, casesNotFound: 150 });
    await passNextScan(world);
    expectExactlyTheHistory(world);
    expect(judge(world, SETTLED)).toMatchObject({ isComplete: true, casesNotFound: 0, debts: 0 });
  });
});

describe('A case that searches count and never show', () => {
  const hiding = (world: World, asNull: boolean) =>
    searching(world, (page) => {
      const shown = page.cases.map((found) => (found?.caseId === 'case-7' ? null : found));
      return { ...page, cases: asNull ? shown : shown.filter((found) => found !== null) };
    });

  test.each([
    ['behind a null', true],
    ['without a trace', false],
  ])('%s, at every asking, makes the answer "no" until a scan over all cases finds it', async (_, asNull) => {
    const world = createFilled(20, START - DAY, MINUTE);
    await judgedTicks(world, 8, 10 * MINUTE, { cases: hiding(world, asNull) });
    expect(sweepOf(world)?.finishedAt).not.toBeNull();
    expect(judge(world, SETTLED)).toMatchObject({ isComplete: false, historyFinished: true, casesNotFound: 1 });
    await passNextScan(world);
    expectExactlyTheHistory(world);
    expect(judge(world, SETTLED)).toMatchObject({ isComplete: true, casesNotFound: 0, debts: 0 });
  });

  test('behind a null in the live lane holds its watermark for three passes; then it is owed, and the lane goes on', async () => {
    const world = createFilled(20, START - DAY, MINUTE);
    await judgedTicks(world, 1, 10 * MINUTE);
    world.cases.updateCase('case-7', world.clock.now());
    const at = world.clock.now();
    world.clock.advance(10 * MINUTE);
    const watermarks: number[] = [];
    for (let pass = 0; pass < 6; pass += 1) {
      await judgedTicks(world, 1, 20 * MINUTE, { cases: hiding(world, true) });
      watermarks.push(lastManifest(world).lanes.live.watermark ?? 0);
      expect(judge(world, at + 1).isComplete).toBe(false);
    }
    expect(Math.max(...watermarks.slice(0, 3))).toBeLessThanOrEqual(at);
    expect(watermarks.at(-1)).toBeGreaterThan(at);
    expect(lastManifest(world).debts).toMatchObject([{ cause: 'not-shown', cases: 1, neverRead: 1 }]);
    // What changes elsewhere comes out meanwhile.
    world.cases.updateCase('case-3', world.clock.now());
    world.clock.advance(10 * MINUTE);
    expect(await judgedTick(world, { cases: hiding(world, true) })).toMatchObject({ eventsExported: 1 });
    await passNextScan(world);
    expectExactlyTheHistory(world);
    expect(judge(world, at + 1)).toMatchObject({ isComplete: true, debts: 0 });
  });

  test('behind a null once, and not when it is asked for again, is no debt', async () => {
    const world = createFilled(20, START - DAY, MINUTE);
    let calls = 0;
    const cases = searching(world, (page) =>
      ++calls % 2 === 1 ? { ...page, cases: page.cases.map(() => null) } : page,
    );
    await judgedTicks(world, 3, 10 * MINUTE, { cases });
    expectExactlyTheHistory(world);
    expect(judge(world, SETTLED)).toMatchObject({ isComplete: true });
  });

  test('behind a null in the list of related items is owed', async () => {
    const world = createFilled(5, START - DAY, MINUTE);
    await judgedTicks(world, 1, 10 * MINUTE);
    world.cases.addRelatedItem('case-3', world.clock.now());
    const at = world.clock.now();
    world.clock.advance(10 * MINUTE);
    const cases = withAnswers(world.cases, 'searchAllRelatedItems', (page) => ({
      ...page,
      items: page.items.map(() => null),
    }));
    for (let tick = 0; tick < 6; tick += 1) {
      await judgedTicks(world, 1, 20 * MINUTE, { cases });
      expect(judge(world, at + 1).isComplete).toBe(false);
    }
    await passNextScan(world);
    expectExactlyTheHistory(world);
    expect(judge(world, at + 1)).toMatchObject({ isComplete: true });
  });
});

describe('A count that disagrees', () => {
  test('as cases were deleted while the sweep went on is no "no"', async () => {
    const world = createFilled(300, START - DAY, MINUTE);
    let searches = 0;
    const cases = searching(world, (page) => {
      if (++searches === 4) for (const caseId of ['case-290', 'case-295']) world.cases.deleteCase(caseId);
      return page;
    });
    await judgedTicks(world, 3, 10 * MINUTE, { cases });
    expect(judge(world, SETTLED)).toMatchObject({ isComplete: true, casesNotFound: 0 });
  });

  test('as cases came in since the sweep began is no "no" either', async () => {
    const world = createFilled(300, START - DAY, MINUTE);
    let searches = 0;
    const cases = searching(world, (page) => {
      searches += 1;
      if (searches < 6) world.cases.addCase(`new-${searches}`, world.clock.now());
      return page;
    });
    await judgedTicks(world, 4, 10 * MINUTE, { cases });
    expect(judge(world, SETTLED)).toMatchObject({ isComplete: true, casesNotFound: 0 });
  });

  test('that is not given proves nothing by itself, and stands in nobody’s way', async () => {
    const world = createFilled(30, START - DAY, MINUTE);
    const cases = searching(world, (page) => ({ ...page, totalCount: undefined }));
    await judgedTicks(world, 2, 10 * MINUTE, { cases });
    expect(judge(world, SETTLED)).toMatchObject({ isComplete: true, casesNotFound: null });
  });
});

describe('A search that places a case by an older value than it shows', () => {
  test('hides none of 250 changed cases', async () => {
    const world = createFilled(250, START - DAY, 1000);
    await judgedTicks(world, 1, 10 * MINUTE);
    const changedAt = world.clock.now();
    world.cases.updateCases(250, changedAt, 1000);
    world.clock.advance(20 * MINUTE);
    // The first page as it was indexed, each case as it is now: updated once more, but for the last hundred.
    const shownAs = (found: FoundCase | null, index: number) =>
      found?.lastUpdated == null || index > 300 ? found : { ...found, lastUpdated: found.lastUpdated + 200_000 };
    const cases = searching(world, (page, { by }) =>
      by === 'created_datetime' ? page : { ...page, cases: page.cases.map(shownAs) },
    );
    await judgedTicks(world, 1, 10 * MINUTE, { cases });
    expect(new Set(world.cases.requestsOf('getCaseAuditEvents').map(({ caseId }) => caseId)).size).toBe(250);
    await judgedTicks(world, 5, 40 * MINUTE);
    expectExactlyTheHistory(world);
    expect(judge(world, changedAt + 250_000)).toMatchObject({ isComplete: true });
  });
});

describe('A filter that compares whole seconds', () => {
  test('passes over none of 450 cases made in milliseconds, whatever the sweep', async () => {
    const world = createFilled(450, START - DAY, 137);
    const searchCases: CasesApi['searchCases'] = async (request, signal) => {
      const page = await world.cases.searchCases({ ...request, from: Math.floor(request.from / 1000) * 1000 }, signal);
      const isShown = (found: FoundCase | null) => Math.floor((found?.created ?? 0) / 1000) * 1000 >= request.from;
      return request.by === 'created_datetime' ? { ...page, cases: page.cases.filter(isShown) } : page;
    };
    await judgedTicks(world, 1, 10 * MINUTE, { cases: { ...world.cases, searchCases } });
    expectExactlyTheHistory(world);
    expect(judge(world, SETTLED)).toMatchObject({ isComplete: true, casesNotFound: 0 });
  });
});

describe('An empty page with a token', () => {
  test('freezes nothing: the resume point of the sweep goes on at every tick', async () => {
    const world = createFilled(400, START - DAY, MINUTE, { settings: { auditEventsRps: 1 } });
    // The third page from the start is empty, whenever it is asked for; its token leads to what should be there.
    const searchCases: CasesApi['searchCases'] = async (request, signal) => {
      const [isEmpty, token] = request.nextToken?.startsWith('after|')
        ? [false, request.nextToken.slice(6)]
        : [request.from > START - DAY + 90 * MINUTE, request.nextToken];
      if (isEmpty) return { ...NO_CASES, nextToken: `after|${token ?? ''}` };
      return world.cases.searchCases({ ...request, nextToken: token || undefined }, signal);
    };
    const [first = 0, second = 0] = await resumePoints(world, { ...world.cases, searchCases });
    expect(second).toBeGreaterThan(first);
    expect(sweepOf(world)?.finishedAt).not.toBeNull();
    expectExactlyTheHistory(world);
  });
});

describe('A pair out of order', () => {
  test('freezes only its own place, and everything is read', async () => {
    const world = createFilled(400, START - DAY, MINUTE, { settings: { auditEventsRps: 1 } });
    const cases = searching(world, (page) => {
      const all = [...page.cases];
      const at = all.findIndex((found) => found?.caseId === 'case-150');
      if (at > 0) [all[at - 1], all[at]] = [all[at] ?? null, all[at - 1] ?? null];
      return { ...page, cases: all };
    });
    expect((await resumePoints(world, cases)).at(-1)).toBeGreaterThan(START - DAY + 390 * MINUTE);
    expectExactlyTheHistory(world);
  });
});
