import type { SearchPage } from '../../lambda/export/ports';
import { NO_CASES, NO_EVENTS, type RequestOf, withAnswers, withFailures } from '../fakes/with-answers';
import {
  anomaliesOf,
  createFilled,
  createWorld,
  expectExactlyTheHistory,
  HOUR,
  instead,
  lastManifest,
  MINUTE,
  START,
  ticks,
  type World,
  type WorldOptions,
} from '../support/world';
import { createFilledWorld, ticksUntilExact } from './faulty-world';

describe('Null elements', () => {
  test('that hide an event the first time it is asked for are asked for again', async () => {
    const world = createFilledWorld();
    const hidden = new Set<string>();
    const cases = withAnswers(world.cases, 'getCaseAuditEvents', (page, { caseId, nextToken }) => {
      if (hidden.has(`${caseId}/${nextToken}`)) return page;
      hidden.add(`${caseId}/${nextToken}`);
      return { ...page, events: page.events.map((event, index) => (index % 2 === 0 ? null : event)) };
    });
    expect(await world.tick({ cases })).toMatchObject({ status: 'complete', retrying: 0 });
    expectExactlyTheHistory(world);
  });

  test('that stay leave the case on the retry list with a gap, its other events exported', async () => {
    const world = createFilledWorld();
    const cases = withAnswers(world.cases, 'getCaseAuditEvents', (page, { caseId }) =>
      caseId === 'case-6' ? { ...page, events: [null, ...page.events.slice(1)] } : page,
    );
    expect(await world.tick({ cases })).toMatchObject({ status: 'complete', retrying: 1, casesRead: 29 });
    expect(lastManifest(world).gaps).toMatchObject([{ caseId: 'case-6', cause: 'incomplete', attempts: 1 }]);
    world.clock.advance(HOUR);
    expect(await world.tick()).toMatchObject({ status: 'complete', retrying: 0, eventsExported: 1 });
    expect(lastManifest(world).gaps).toEqual([]);
    expectExactlyTheHistory(world);
  });

  test('that hide a case are asked for again', async () => {
    const world = createFilledWorld({ cases: { pageSize: { searchCases: 10 } } });
    let calls = 0;
    const cases = withAnswers(world.cases, 'searchCases', (page) =>
      ++calls % 2 === 0 ? page : { ...page, cases: page.cases.map((found, index) => (index % 3 === 0 ? null : found)) },
    );
    await world.tick({ cases });
    expectExactlyTheHistory(world);
  });
});

describe('Pages', () => {
  test.each([
    ['SearchCases', 'searchCases'],
    ['GetCaseAuditEvents', 'getCaseAuditEvents'],
  ] as const)('that are empty and carry a token are not the end: %s', async (_, operation) => {
    const world = createFilledWorld({ cases: { pageSize: { searchCases: 4, getCaseAuditEvents: 2 } } });
    const ask = world.cases[operation] as (request: object, signal: AbortSignal) => Promise<never>;
    // Every other page is empty; its token leads to the page that should have been there.
    const everyOther = async ({ nextToken = '', ...request }: { nextToken?: string }, signal: AbortSignal) =>
      nextToken.startsWith('empty|')
        ? ask({ ...request, nextToken: nextToken.slice('empty|'.length) || undefined }, signal)
        : { ...NO_CASES, ...NO_EVENTS, nextToken: `empty|${nextToken}` };
    await ticksUntilExact(world, { ...world.cases, [operation]: everyOther });
  });

  test('of a search that always carry a token end all the same', async () => {
    const world = createFilledWorld({ cases: { pageSize: { searchCases: 4 } } });
    const cases = instead(world, {
      async searchCases(request, signal) {
        if (request.nextToken === 'beyond') return NO_CASES;
        const page = await world.cases.searchCases(request, signal);
        return { ...page, nextToken: page.nextToken ?? 'beyond' };
      },
    });
    await ticksUntilExact(world, cases);
  });

  test('with 250 cases in one millisecond are walked to the end', async () => {
    const world = createFilled(250, START - HOUR);
    for (let index = 250; index < 300; index += 1) world.cases.addCase(`case-${index}`, START - HOUR + index);
    expect(await world.tick()).toMatchObject({ status: 'complete', casesRead: 300 });
    expectExactlyTheHistory(world);
  });

  test('that do not come sorted hold the anchor and lose nothing', async () => {
    const world = createFilledWorld({ cases: { pageSize: { searchCases: 7 } } });
    const cases = instead(world, { searchCases: (request, signal) => unsortedSearch(world, request, signal) });
    expect(await world.tick({ cases })).toMatchObject({ status: 'complete', casesRead: 30 });
    expectExactlyTheHistory(world);
    expect(anomaliesOf(world)).toContain('unsorted-search');
  });
});

/** Seven cases a page, the last ones first. */
async function unsortedSearch(
  { cases: service }: World,
  request: RequestOf<'searchCases'>,
  signal: AbortSignal,
): Promise<SearchPage> {
  const backwards: SearchPage['cases'][number][] = [];
  for (let nextToken: string | undefined | null = null; nextToken !== undefined; ) {
    const page: SearchPage = await service.searchCases({ ...request, nextToken: nextToken ?? undefined }, signal);
    backwards.unshift(...page.cases.toReversed());
    nextToken = page.nextToken;
  }
  const from = Number(request.nextToken ?? 0);
  const isLast = from + 7 >= backwards.length;
  return { ...NO_CASES, cases: backwards.slice(from, from + 7), nextToken: isLast ? undefined : String(from + 7) };
}

describe('Tokens of an audit history', () => {
  const paged: WorldOptions = { cases: { pageSize: { getCaseAuditEvents: 2 } } };

  test('refused once: the case is read again from its first page, no event twice', async () => {
    const world = createFilledWorld(paged);
    const refused = new Set<string>();
    const cases = withFailures(world.cases, 'getCaseAuditEvents', 'refused', ({ caseId, nextToken }) => {
      if (nextToken === undefined || refused.has(caseId)) return false;
      refused.add(caseId);
      return true;
    });
    expect(await world.tick({ cases })).toMatchObject({ status: 'complete', retrying: 0 });
    expectExactlyTheHistory(world);
  });

  test.each([1, 2])('that lead in a circle of %i end on the retry list, calls bounded', async (circle) => {
    const world = createFilledWorld(paged, 7);
    const pages = ['a', 'b', 'c'].slice(0, circle);
    let calls = 0;
    const cases = instead(world, {
      async getCaseAuditEvents(request, signal) {
        if (request.caseId !== 'case-6') return world.cases.getCaseAuditEvents(request, signal);
        calls += 1;
        const at = request.nextToken === undefined ? -1 : pages.indexOf(request.nextToken);
        const page = await world.cases.getCaseAuditEvents({ ...request, nextToken: undefined }, signal);
        return { ...page, nextToken: pages[(at + 1) % pages.length] };
      },
    });
    expect(await world.tick({ cases })).toMatchObject({ status: 'complete', retrying: 1 });
    expect(lastManifest(world).gaps).toMatchObject([{ caseId: 'case-6', cause: 'no-progress' }]);
    expect(calls).toBeLessThanOrEqual(2 * (circle + 1) + 2);
    await ticksUntilExact(world);
  });

  test('half-read at the end of one tick and expired at the next: exact all the same', async () => {
    const world = createWorld({ settings: { auditEventsRps: 1, maxRowsPerCommit: 10 } });
    world.cases.addCase('long', START - HOUR);
    world.cases.updateOften('long', 2000, START - HOUR, 1);
    await world.tick({ minutes: 1.5 });
    const half = (await world.checkpoints.readState(world.cases.domainId))?.halfRead ?? [];
    expect(half).toMatchObject([{ caseId: 'long' }]);
    const isExpired = (token: string | undefined) => token === half[0]?.token;
    const cases = withFailures(world.cases, 'getCaseAuditEvents', 'refused', ({ nextToken }) => isExpired(nextToken));
    world.clock.advance(20 * MINUTE);
    await world.tick({ cases, minutes: 14 });
    world.clock.advance(20 * MINUTE);
    await world.tick({ minutes: 14 });
    expectExactlyTheHistory(world);
  });

  test('half-read at the end of one tick and still good: the next tick goes on from there', async () => {
    const world = createWorld({ settings: { auditEventsRps: 1 } });
    world.cases.addCase('long', START - HOUR);
    world.cases.updateOften('long', 2000, START - HOUR, 1);
    await ticks(world, 3, 5 * MINUTE, { minutes: 1.5 });
    expectExactlyTheHistory(world);
    // 81 pages; a page that was under way when the time ran out is asked for again.
    expect(world.cases.requestsOf('getCaseAuditEvents').length).toBeLessThanOrEqual(81 + 3);
  });
});

describe('Tokens of a search', () => {
  test('that are refused inside a tie cost a restart', async () => {
    const world = createFilled(250, START - HOUR);
    let refusals = 0;
    const isFirst = (token: string | undefined) => token !== undefined && refusals++ === 0;
    const cases = withFailures(world.cases, 'searchCases', 'refused', ({ nextToken }) => isFirst(nextToken));
    expect(await world.tick({ cases })).toMatchObject({ status: 'complete', casesRead: 250 });
    expectExactlyTheHistory(world);
  });

  test('that are always refused end the run without moving the anchor past what was not seen', async () => {
    const world = createFilled(250, START - HOUR);
    const cases = withFailures(world.cases, 'searchCases', 'refused', ({ nextToken }) => nextToken !== undefined);
    expect(await world.tick({ cases })).toMatchObject({ status: 'continues' });
    await ticksUntilExact(world);
  });
});
