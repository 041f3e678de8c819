/** Searches are not taken at their word: pages that end early, nulls that hide a case, places by older values, filters on whole seconds. */
import type { CasesApi, FoundCase, SearchPage } from '../../../lambda/export/ports';
import { judge, judgedTick } from '../../support/proof';
import {
  createWorld,
  expectExactlyTheHistory,
  HOUR,
  instead,
  MINUTE,
  manifests,
  START,
  type World,
  type WorldOptions,
} from '../../support/world';
import { FAST } from '../fixtures';

const DAY = 24 * HOUR;
const SETTLED = START - HOUR;

function createFilled(count: number, stepMs: number, options: WorldOptions = {}): World {
  const world = createWorld({ ...options, settings: { ...FAST, ...options.settings } });
  for (let index = 0; index < count; index += 1) world.cases.addCase(`case-${index}`, START - DAY + index * stepMs);
  return world;
}

/** Every answer of SearchCases, changed. */
function searching(
  world: World,
  change: (page: SearchPage, request: Parameters<CasesApi['searchCases']>[0]) => SearchPage,
): CasesApi {
  return instead(world, {
    async searchCases(request, signal) {
      return change(await world.cases.searchCases(request, signal), request);
    },
  });
}

async function ticks(world: World, cases: CasesApi | undefined, count: number, pauseMs = 10 * MINUTE): Promise<void> {
  for (let tick = 0; tick < count; tick += 1) {
    await judgedTick(world, cases ? { cases } : {});
    world.clock.advance(pauseMs);
  }
}

const lanesOf = (world: World) => manifests(world).at(-1)?.lanes;

describe('A page without a token', () => {
  test('at 100 cases of a totalCount of 250 is no end, neither for the sweep nor for the live lane', async () => {
    const world = createFilled(250, MINUTE);
    const cases = searching(world, (page) => ({ ...page, nextToken: undefined }));
    await ticks(world, cases, 1);
    expectExactlyTheHistory(world);
    for (let index = 0; index < 250; index += 1)
      world.cases.updateCase(`case-${index}`, world.clock.now() + index * 1000);
    world.clock.advance(10 * MINUTE);
    await ticks(world, cases, 1);
    expectExactlyTheHistory(world);
    expect(judge(world, SETTLED)).toMatchObject({ isComplete: true, casesNotFound: 0 });
  });

  test('within one second that holds more than a page hides cases, and the answer counts them', async () => {
    const world = createFilled(250, 0);
    const cases = searching(world, (page) => ({ ...page, nextToken: undefined }));
    await ticks(world, cases, 6);
    expect(judge(world, SETTLED)).toMatchObject({ isComplete: false, casesNotFound: 150 });
    await ticks(world, undefined, 2, 31 * DAY);
    await ticks(world, undefined, 20);
    expectExactlyTheHistory(world);
    expect(judge(world, SETTLED)).toMatchObject({ isComplete: true, casesNotFound: 0, debts: 0 });
  });
});

describe('A case that searches count and never show', () => {
  const hiding = (world: World, asNull: boolean) =>
    searching(world, (page) => {
      const shown = page.cases?.map((found) => (found?.caseId === 'case-7' ? null : found));
      return { ...page, cases: asNull ? shown : shown?.filter((found) => found !== null) };
    });

  test.each([
    ['behind a null', true],
    ['without a trace', false],
  ])('%s, at every asking, makes the answer "no" until a scan over all cases finds it', async (_, asNull) => {
    const world = createFilled(20, MINUTE);
    await ticks(world, hiding(world, asNull), 8);
    expect(lanesOf(world)?.sweep?.finishedAt).not.toBeNull();
    expect(judge(world, SETTLED)).toMatchObject({ isComplete: false, historyFinished: true, casesNotFound: 1 });
    await ticks(world, undefined, 1, 31 * DAY);
    await ticks(world, undefined, 30);
    expectExactlyTheHistory(world);
    expect(judge(world, SETTLED)).toMatchObject({ isComplete: true, casesNotFound: 0, debts: 0 });
  });

  test('behind a null in the live lane holds its watermark for three passes; then it is owed, and the lane goes on', async () => {
    const world = createFilled(20, MINUTE);
    await ticks(world, undefined, 1);
    world.cases.updateCase('case-7', world.clock.now());
    const at = world.clock.now();
    world.clock.advance(10 * MINUTE);
    const watermarks: number[] = [];
    for (let pass = 0; pass < 6; pass += 1) {
      await ticks(world, hiding(world, true), 1, 20 * MINUTE);
      watermarks.push(lanesOf(world)?.live.watermark ?? 0);
      expect(judge(world, at + 1).isComplete).toBe(false);
    }
    expect(Math.max(...watermarks.slice(0, 3))).toBeLessThanOrEqual(at);
    expect(watermarks.at(-1)).toBeGreaterThan(at);
    expect(manifests(world).at(-1)?.debts).toEqual([
      expect.objectContaining({ cause: 'not-shown', cases: 1, neverRead: 1 }),
    ]);
    // What changes elsewhere comes out meanwhile.
    world.cases.updateCase('case-3', world.clock.now());
    world.clock.advance(10 * MINUTE);
    expect(await judgedTick(world, { cases: hiding(world, true) })).toMatchObject({ eventsExported: 1 });
    await ticks(world, undefined, 1, 31 * DAY);
    await ticks(world, undefined, 30);
    expectExactlyTheHistory(world);
    expect(judge(world, at + 1)).toMatchObject({ isComplete: true, debts: 0 });
  });

  test('behind a null once, and not when it is asked for again, is no debt', async () => {
    const world = createFilled(20, MINUTE);
    let calls = 0;
    const cases = searching(world, (page) =>
      ++calls % 2 === 1 ? { ...page, cases: page.cases?.map(() => null) } : page,
    );
    await ticks(world, cases, 3);
    expectExactlyTheHistory(world);
    expect(judge(world, SETTLED)).toMatchObject({ isComplete: true });
  });

  test('behind a null in the list of related items is owed', async () => {
    const world = createFilled(5, MINUTE);
    await ticks(world, undefined, 1);
    world.cases.addRelatedItem('case-3', world.clock.now());
    const at = world.clock.now();
    world.clock.advance(10 * MINUTE);
    const cases = instead(world, {
      async searchAllRelatedItems(request, signal) {
        const page = await world.cases.searchAllRelatedItems(request, signal);
        return { ...page, items: page.items?.map(() => null) };
      },
    });
    for (let tick = 0; tick < 6; tick += 1) {
      await ticks(world, cases, 1, 20 * MINUTE);
      expect(judge(world, at + 1).isComplete).toBe(false);
    }
    await ticks(world, undefined, 1, 31 * DAY);
    await ticks(world, undefined, 30);
    expectExactlyTheHistory(world);
    expect(judge(world, at + 1)).toMatchObject({ isComplete: true });
  });
});

describe('A count that disagrees', () => {
  test('as cases were deleted while the sweep went on is no "no"', async () => {
    const world = createFilled(300, MINUTE);
    let searches = 0;
    const cases = searching(world, (page) => {
      if (++searches === 4) for (const caseId of ['case-290', 'case-295']) world.cases.deleteCase(caseId);
      return page;
    });
    await ticks(world, cases, 3);
    expect(judge(world, SETTLED)).toMatchObject({ isComplete: true, casesNotFound: 0 });
  });

  test('as cases came in since the sweep began is no "no" either', async () => {
    const world = createFilled(300, MINUTE);
    let searches = 0;
    const cases = searching(world, (page) => {
      searches += 1;
      if (searches < 6) world.cases.addCase(`new-${searches}`, world.clock.now());
      return page;
    });
    await ticks(world, cases, 4);
    expect(judge(world, SETTLED)).toMatchObject({ isComplete: true, casesNotFound: 0 });
  });

  test('that is not given proves nothing by itself, and stands in nobody’s way', async () => {
    const world = createFilled(30, MINUTE);
    await ticks(
      world,
      searching(world, (page) => ({ ...page, totalCount: undefined })),
      2,
    );
    expect(judge(world, SETTLED)).toMatchObject({ isComplete: true, casesNotFound: null });
  });
});

describe('A search that places a case by an older value than it shows', () => {
  test('hides none of 250 changed cases', async () => {
    const world = createFilled(250, 1000);
    await ticks(world, undefined, 1);
    const changedAt = world.clock.now();
    for (let index = 0; index < 250; index += 1) world.cases.updateCase(`case-${index}`, changedAt + index * 1000);
    world.clock.advance(20 * MINUTE);
    // The first page as it was indexed, each case as it is now: updated once more, but for the last hundred.
    const shownAs = (found: FoundCase | null, index: number) =>
      found?.lastUpdated == null || index > 300 ? found : { ...found, lastUpdated: found.lastUpdated + 200_000 };
    const cases = searching(world, (page, { by }) =>
      by === 'created_datetime' ? page : { ...page, cases: page.cases?.map(shownAs) },
    );
    await ticks(world, cases, 1);
    const read = new Set(
      world.cases.calls.flatMap(({ operation, request }) =>
        operation === 'getCaseAuditEvents' ? (request as { caseId: string }).caseId : [],
      ),
    );
    expect(read.size).toBe(250);
    await ticks(world, undefined, 5, 40 * MINUTE);
    expectExactlyTheHistory(world);
    expect(judge(world, changedAt + 250_000)).toMatchObject({ isComplete: true });
  });
});

describe('A filter that compares whole seconds', () => {
  test('passes over none of 450 cases made in milliseconds, whatever the sweep', async () => {
    const world = createFilled(450, 137);
    const searchCases: CasesApi['searchCases'] = async (request, signal) => {
      const page = await world.cases.searchCases({ ...request, from: Math.floor(request.from / 1000) * 1000 }, signal);
      const isShown = (found: FoundCase | null) => Math.floor((found?.created ?? 0) / 1000) * 1000 >= request.from;
      return request.by === 'created_datetime' ? { ...page, cases: page.cases?.filter(isShown) } : page;
    };
    await ticks(world, instead(world, { searchCases }), 1);
    expectExactlyTheHistory(world);
    expect(judge(world, SETTLED)).toMatchObject({ isComplete: true, casesNotFound: 0 });
  });
});

describe('An empty page with a token', () => {
  test('freezes nothing: the resume point of the sweep goes on at every tick', async () => {
    const world = createFilled(400, MINUTE, { settings: { auditEventsRps: 1 } });
    const cases = instead(world, {
      async searchCases(request, signal) {
        // The third page from the start is empty, whenever it is asked for; its token leads to what should be there.
        const [isEmpty, token] = request.nextToken?.startsWith('after|')
          ? [false, request.nextToken.slice(6)]
          : [request.from > START - DAY + 90 * MINUTE, request.nextToken];
        if (isEmpty) return { cases: [], nextToken: `after|${token ?? ''}`, totalCount: undefined, serviceTime: null };
        return world.cases.searchCases({ ...request, nextToken: token || undefined }, signal);
      },
    });
    const anchors: number[] = [];
    for (let tick = 0; tick < 6; tick += 1) {
      await judgedTick(world, { cases, minutes: 3 });
      anchors.push(lanesOf(world)?.sweep?.anchor ?? 0);
      world.clock.advance(5 * MINUTE);
    }
    const [first = 0, second = 0] = anchors;
    expect(second).toBeGreaterThan(first);
    expect(lanesOf(world)?.sweep?.finishedAt).not.toBeNull();
    expectExactlyTheHistory(world);
  });
});

describe('A pair out of order', () => {
  test('freezes only its own place, and everything is read', async () => {
    const world = createFilled(400, MINUTE, { settings: { auditEventsRps: 1 } });
    const cases = searching(world, (page) => {
      const all = [...(page.cases ?? [])];
      const at = all.findIndex((found) => found?.caseId === 'case-150');
      if (at > 0) [all[at - 1], all[at]] = [all[at] ?? null, all[at - 1] ?? null];
      return { ...page, cases: all };
    });
    const anchors: number[] = [];
    for (let tick = 0; tick < 6; tick += 1) {
      await judgedTick(world, { cases, minutes: 3 });
      anchors.push(lanesOf(world)?.sweep?.anchor ?? 0);
      world.clock.advance(5 * MINUTE);
    }
    expect(anchors.at(-1)).toBeGreaterThan(START - DAY + 390 * MINUTE);
    expectExactlyTheHistory(world);
  });
});
