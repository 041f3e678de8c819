import type { CasesApi, SearchPage } from '../../lambda/export/ports';
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
} from '../support/world';
import { createFilledWorld, fail, ticksUntilExact } from './faulty-world';
import { FAST } from './fixtures';

describe('Null elements', () => {
  test('that hide an event the first time it is asked for are asked for again', async () => {
    const world = createFilledWorld();
    const hidden = new Set<string>();
    const cases = instead(world, {
      async getCaseAuditEvents(request, signal) {
        const page = await world.cases.getCaseAuditEvents(request, signal);
        const key = `${request.caseId}/${request.nextToken}`;
        if (hidden.has(key)) return page;
        hidden.add(key);
        return { ...page, events: (page.events ?? []).map((event, index) => (index % 2 === 0 ? null : event)) };
      },
    });
    expect(await world.tick({ cases })).toMatchObject({ status: 'complete', retrying: 0 });
    expectExactlyTheHistory(world);
  });

  test('that stay leave the case on the retry list with a gap, its other events exported', async () => {
    const world = createFilledWorld();
    const cases = instead(world, {
      async getCaseAuditEvents(request, signal) {
        const page = await world.cases.getCaseAuditEvents(request, signal);
        return request.caseId === 'case-6' ? { ...page, events: [null, ...(page.events ?? []).slice(1)] } : page;
      },
    });
    expect(await world.tick({ cases })).toMatchObject({ status: 'complete', retrying: 1, casesRead: 29 });
    expect(manifests(world).at(-1)?.gaps).toEqual([
      expect.objectContaining({ caseId: 'case-6', cause: 'incomplete', attempts: 1 }),
    ]);
    world.clock.advance(HOUR);
    expect(await world.tick()).toMatchObject({ status: 'complete', retrying: 0, eventsExported: 1 });
    expect(manifests(world).at(-1)?.gaps).toEqual([]);
    expectExactlyTheHistory(world);
  });

  test('that hide a case are asked for again', async () => {
    const world = createFilledWorld({ cases: { pageSize: { searchCases: 10 } } });
    let calls = 0;
    const cases = instead(world, {
      async searchCases(request, signal) {
        const page = await world.cases.searchCases(request, signal);
        calls += 1;
        return calls % 2 === 0
          ? page
          : { ...page, cases: (page.cases ?? []).map((found, index) => (index % 3 === 0 ? null : found)) };
      },
    });
    await world.tick({ cases });
    expectExactlyTheHistory(world);
  });
});

describe('Pages', () => {
  test.each(['SearchCases', 'GetCaseAuditEvents'])(
    'that are empty and carry a token are not the end: %s',
    async (operation) => {
      const world = createFilledWorld({ cases: { pageSize: { searchCases: 4, getCaseAuditEvents: 2 } } });
      // Every other page is empty; its token leads to the page that should have been there.
      const cases = instead(world, {
        async searchCases(request, signal) {
          if (operation !== 'SearchCases') return world.cases.searchCases(request, signal);
          if (!request.nextToken?.startsWith('empty|')) {
            await world.cases.listFields({ domainId: request.domainId }, signal);
            return {
              cases: [],
              nextToken: `empty|${request.nextToken ?? ''}`,
              serviceTime: null,
              totalCount: undefined,
            };
          }
          return world.cases.searchCases(
            { ...request, nextToken: request.nextToken.slice('empty|'.length) || undefined },
            signal,
          );
        },
        async getCaseAuditEvents(request, signal) {
          if (operation === 'SearchCases') return world.cases.getCaseAuditEvents(request, signal);
          if (!request.nextToken?.startsWith('empty|'))
            return { events: [], nextToken: `empty|${request.nextToken ?? ''}`, serviceTime: null };
          return world.cases.getCaseAuditEvents(
            { ...request, nextToken: request.nextToken.slice('empty|'.length) || undefined },
            signal,
          );
        },
      });
      await ticksUntilExact(world, cases);
    },
  );

  test('of a search that always carry a token end all the same', async () => {
    const world = createFilledWorld({ cases: { pageSize: { searchCases: 4 } } });
    const cases = instead(world, {
      async searchCases(request, signal) {
        if (request.nextToken === 'beyond')
          return { cases: [], nextToken: undefined, serviceTime: null, totalCount: undefined };
        const page = await world.cases.searchCases(request, signal);
        return { ...page, nextToken: page.nextToken ?? 'beyond' };
      },
    });
    await ticksUntilExact(world, cases);
  });

  test('with 250 cases in one millisecond are walked to the end', async () => {
    const world = createWorld({ settings: FAST });
    for (let index = 0; index < 250; index += 1) world.cases.addCase(`case-${index}`, START - HOUR);
    for (let index = 250; index < 300; index += 1) world.cases.addCase(`case-${index}`, START - HOUR + index);
    expect(await world.tick()).toMatchObject({ status: 'complete', casesRead: 300 });
    expectExactlyTheHistory(world);
  });

  test('that do not come sorted hold the anchor and lose nothing', async () => {
    const world = createFilledWorld({ cases: { pageSize: { searchCases: 7 } } });
    const cases = instead(world, { searchCases: (request, signal) => unsortedSearch(world, request, signal) });
    const answer = await world.tick({ cases });
    expect(answer).toMatchObject({ status: 'complete', casesRead: 30 });
    expectExactlyTheHistory(world);
    expect(world.logs.some(({ message }) => message === 'anomaly: unsorted-search')).toBe(true);
  });
});

async function unsortedSearch(
  world: World,
  request: Parameters<CasesApi['searchCases']>[0],
  signal: AbortSignal,
): Promise<SearchPage> {
  const all: SearchPage['cases'] = [];
  let nextToken: string | undefined;
  do {
    const page = await world.cases.searchCases({ ...request, nextToken }, signal);
    (all as unknown[]).push(...(page.cases ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  const backwards = [...all].reverse();
  const from = Number(request.nextToken ?? 0);
  return {
    cases: backwards.slice(from, from + 7),
    nextToken: from + 7 < backwards.length ? String(from + 7) : undefined,
    serviceTime: null,
    totalCount: undefined,
  };
}

describe('Tokens of an audit history', () => {
  const paged: WorldOptions = { cases: { pageSize: { getCaseAuditEvents: 2 } } };

  test('refused once: the case is read again from its first page, no event twice', async () => {
    const world = createFilledWorld(paged);
    const refused = new Set<string>();
    const cases = instead(world, {
      getCaseAuditEvents(request, signal) {
        if (request.nextToken !== undefined && !refused.has(request.caseId)) {
          refused.add(request.caseId);
          fail('GetCaseAuditEvents', 'refused');
        }
        return world.cases.getCaseAuditEvents(request, signal);
      },
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
    expect(manifests(world).at(-1)?.gaps).toEqual([
      expect.objectContaining({ caseId: 'case-6', cause: 'no-progress' }),
    ]);
    expect(calls).toBeLessThanOrEqual(2 * (circle + 1) + 2);
    await ticksUntilExact(world);
  });

  test('half-read at the end of one tick and expired at the next: exact all the same', async () => {
    const world = createWorld({ settings: { ...FAST, auditEventsRps: 1, maxRowsPerCommit: 10 } });
    world.cases.addCase('long', START - HOUR);
    for (let update = 0; update < 2000; update += 1) world.cases.updateCase('long', START - HOUR + update);
    await world.tick({ minutes: 1.5 });
    const half = (await world.checkpoints.readState(world.cases.domainId))?.halfRead ?? [];
    expect(half).toEqual([expect.objectContaining({ caseId: 'long' })]);
    const cases = instead(world, {
      getCaseAuditEvents(request, signal) {
        if (request.nextToken === half[0]?.token) fail('GetCaseAuditEvents', 'refused');
        return world.cases.getCaseAuditEvents(request, signal);
      },
    });
    world.clock.advance(20 * MINUTE);
    await world.tick({ cases, minutes: 14 });
    world.clock.advance(20 * MINUTE);
    await world.tick({ minutes: 14 });
    expectExactlyTheHistory(world);
  });

  test('half-read at the end of one tick and still good: the next tick goes on from there', async () => {
    const world = createWorld({ settings: { ...FAST, auditEventsRps: 1 } });
    world.cases.addCase('long', START - HOUR);
    for (let update = 0; update < 2000; update += 1) world.cases.updateCase('long', START - HOUR + update);
    for (let tick = 0; tick < 3; tick += 1) {
      await world.tick({ minutes: 1.5 });
      world.clock.advance(5 * MINUTE);
    }
    const audit = world.cases.calls.filter(({ operation }) => operation === 'getCaseAuditEvents');
    expectExactlyTheHistory(world);
    // 81 pages; a page that was under way when the time ran out is asked for again.
    expect(audit.length).toBeLessThanOrEqual(81 + 3);
  });
});

describe('Tokens of a search', () => {
  test('that are refused inside a tie cost a restart', async () => {
    const world = createWorld({ settings: FAST });
    for (let index = 0; index < 250; index += 1) world.cases.addCase(`case-${index}`, START - HOUR);
    let refusals = 0;
    const cases = instead(world, {
      searchCases(request, signal) {
        if (request.nextToken !== undefined && refusals++ === 0) fail('SearchCases', 'refused');
        return world.cases.searchCases(request, signal);
      },
    });
    expect(await world.tick({ cases })).toMatchObject({ status: 'complete', casesRead: 250 });
    expectExactlyTheHistory(world);
  });

  test('that are always refused end the run without moving the anchor past what was not seen', async () => {
    const world = createWorld({ settings: FAST });
    for (let index = 0; index < 250; index += 1) world.cases.addCase(`case-${index}`, START - HOUR);
    const cases = instead(world, {
      searchCases(request, signal) {
        if (request.nextToken !== undefined) fail('SearchCases', 'refused');
        return world.cases.searchCases(request, signal);
      },
    });
    expect(await world.tick({ cases })).toMatchObject({ status: 'continues' });
    await ticksUntilExact(world);
  });
});
