/** The Cases service at its worst: whatever it does, nothing is lost, nothing is doubled, nothing runs in a circle. */
import type { AuditEvent } from '../../lambda/export/domain/audit-event';
import { CasesCallError, type CasesFailure } from '../../lambda/export/domain/errors';
import type { CasesApi, SearchPage } from '../../lambda/export/ports';
import {
  createWorld,
  expectExactlyTheHistory,
  expectWholeChain,
  HOUR,
  MINUTE,
  manifests,
  START,
  visibleRows,
  type World,
  type WorldOptions,
} from '../support/world';
import { FAST } from './fixtures';

function createFilledWorld(options: WorldOptions = {}, count = 30): World {
  const world = createWorld({ ...options, settings: { ...FAST, ...options.settings } });
  for (let index = 0; index < count; index += 1) {
    world.cases.addCase(`case-${index}`, START - (100 - index) * HOUR);
    for (let update = 0; update < index % 7; update += 1)
      world.cases.updateCase(`case-${index}`, START - (100 - index) * HOUR + update * 1000);
  }
  return world;
}

/** The fake with some operations replaced. */
function instead(world: World, replaced: Partial<CasesApi>): CasesApi {
  return { ...world.cases, ...replaced };
}

function fail(operation: string, failure: CasesFailure, retryAfterMs?: number): never {
  throw new CasesCallError(
    `${operation} fails`,
    failure,
    operation,
    retryAfterMs === undefined ? {} : { retryAfterMs },
  );
}

async function ticksUntilExact(world: World, cases?: CasesApi, ticks = 4): Promise<void> {
  for (let tick = 0; tick < ticks; tick += 1) {
    await world.tick(cases ? { cases } : {});
    world.clock.advance(20 * MINUTE);
  }
  expectExactlyTheHistory(world);
  expectWholeChain(world);
}

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

describe('Failures', () => {
  test.each(['SearchCases', 'GetCaseAuditEvents', 'ListFields'])(
    'a denied %s ends the run with its error, and the next tick is exact',
    async (operation) => {
      const world = createFilledWorld();
      const method = `${operation[0]?.toLowerCase()}${operation.slice(1)}` as 'searchCases';
      const cases = instead(world, { [method]: async () => fail(operation, 'denied') });
      await expect(world.tick({ cases })).rejects.toThrow(operation);
      expect((await world.checkpoints.readState(world.cases.domainId))?.lanes.sweep?.finishedAt ?? null).toBe(null);
      await ticksUntilExact(world);
    },
  );

  test('a denied SearchAllRelatedItems does not keep the rest from going on', async () => {
    const world = createFilledWorld();
    const cases = instead(world, { searchAllRelatedItems: async () => fail('SearchAllRelatedItems', 'denied') });
    expect(await world.tick({ cases })).toMatchObject({ status: 'complete', casesRead: 30 });
    expectExactlyTheHistory(world);
    expect(world.logs.some(({ message }) => message === 'anomaly: related-items-unavailable')).toBe(true);
  });

  test('a missing list of cases is an error, never an empty result', async () => {
    const world = createFilledWorld();
    const cases = instead(world, {
      searchCases: async () => ({ cases: undefined, nextToken: undefined, totalCount: undefined, serviceTime: null }),
    });
    await expect(world.tick({ cases })).rejects.toThrow('"cases"');
    await ticksUntilExact(world);
  });

  test.each<[string, CasesFailure, string]>([
    ['answers 500', 'unavailable', 'unavailable'],
    ['cannot be decoded', 'malformed', 'malformed'],
    ['is refused', 'refused', 'refused'],
  ])('one case that %s goes to the retry list, the others come out', async (_, failure, cause) => {
    const world = createFilledWorld();
    const cases = instead(world, {
      getCaseAuditEvents(request, signal) {
        if (request.caseId === 'case-5') fail('GetCaseAuditEvents', failure);
        return world.cases.getCaseAuditEvents(request, signal);
      },
    });
    expect(await world.tick({ cases })).toMatchObject({ status: 'complete', retrying: 1, casesRead: 29 });
    expect(manifests(world).at(-1)?.gaps).toEqual([expect.objectContaining({ caseId: 'case-5', cause })]);
    await ticksUntilExact(world);
    expect(manifests(world).at(-1)?.gaps).toEqual([]);
  });

  test('five failures in a row that do not depend on the case end the run with an error', async () => {
    const world = createFilledWorld();
    const cases = instead(world, { getCaseAuditEvents: async () => fail('GetCaseAuditEvents', 'unavailable') });
    await expect(world.tick({ cases })).rejects.toThrow('5 failures in a row');
    await ticksUntilExact(world);
  });

  test('a throttling storm slows down and ends the run by time, not with an error', async () => {
    const world = createFilledWorld();
    let storm = true;
    const cases = instead(world, {
      getCaseAuditEvents(request, signal) {
        if (storm) fail('GetCaseAuditEvents', 'throttled');
        return world.cases.getCaseAuditEvents(request, signal);
      },
    });
    expect(await world.tick({ cases, minutes: 2 })).toMatchObject({ status: 'continues', eventsExported: 0 });
    storm = false;
    world.clock.advance(20 * MINUTE);
    await ticksUntilExact(world, cases);
  });

  test('a Retry-After past the deadline ends the run at once', async () => {
    const world = createFilledWorld();
    const cases = instead(world, {
      getCaseAuditEvents: async () => fail('GetCaseAuditEvents', 'throttled', 3_600_000),
    });
    const before = world.clock.monotonic();
    expect(await world.tick({ cases })).toMatchObject({ status: 'continues' });
    expect(world.clock.monotonic() - before).toBeLessThan(5_000);
    await ticksUntilExact(world);
  });

  test('calls that never answer end by their time limit, and the invocation ends by itself', async () => {
    const world = createFilledWorld();
    const cases = instead(world, {
      getCaseAuditEvents: (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () =>
            reject(new CasesCallError('aborted', 'unavailable', 'GetCaseAuditEvents')),
          );
        }),
    });
    const before = world.clock.monotonic();
    await world.tick({ cases, minutes: 2 }).catch(() => undefined);
    expect(world.clock.monotonic() - before).toBeLessThan(2 * MINUTE);
    await ticksUntilExact(world);
  });
});

describe('Related items that never answer', () => {
  test('do not keep the live lane and the sweep from their work, even in a short run', async () => {
    const world = createFilledWorld();
    const searchAllRelatedItems: CasesApi['searchAllRelatedItems'] = (_, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () =>
          reject(new CasesCallError('aborted', 'unavailable', 'SearchAllRelatedItems')),
        );
      });
    expect(await world.tick({ cases: instead(world, { searchAllRelatedItems }), minutes: 1 })).toMatchObject({
      status: 'complete',
    });
    expectExactlyTheHistory(world);
  });
});

describe('A case that is gone', () => {
  test('is gone only after two 404s at least settle apart; what was read stays', async () => {
    const world = createFilledWorld();
    await world.tick();
    const rowsBefore = visibleRows(world).length;
    world.cases.updateCase('case-3', world.clock.now());
    world.clock.advance(10 * MINUTE);
    const missing = instead(world, {
      getCaseAuditEvents(request, signal) {
        if (request.caseId === 'case-3') fail('GetCaseAuditEvents', 'not-found');
        return world.cases.getCaseAuditEvents(request, signal);
      },
    });
    expect(await world.tick({ cases: missing })).toMatchObject({ status: 'complete', retrying: 1 });
    expect(manifests(world).at(-1)?.gone).toEqual([]);
    world.clock.advance(10 * MINUTE);
    expect(await world.tick({ cases: missing })).toMatchObject({ status: 'complete', retrying: 0 });
    expect(manifests(world).at(-1)?.gone).toEqual(['case-3']);
    expect(visibleRows(world)).toHaveLength(rowsBefore);

    world.cases.updateCase('case-3', world.clock.now());
    world.clock.advance(10 * MINUTE);
    expect(await world.tick()).toMatchObject({ status: 'complete', eventsExported: 2 });
    expectExactlyTheHistory(world);
  });
});

describe('Events', () => {
  test('that cannot be flattened go to quarantine, once, with a gap; the feed goes on', async () => {
    const world = createFilledWorld();
    const poison = {
      eventId: 'poison',
      type: 'Case.Updated',
      performedTime: new Date(Number.NaN),
      fields: [],
    } as AuditEvent;
    world.cases.cases.get('case-9')?.events.splice(1, 0, poison);
    expect(await world.tick()).toMatchObject({ status: 'complete' });
    world.cases.updateCase('case-9', world.clock.now());
    world.clock.advance(10 * MINUTE);
    await world.tick();
    const keys = world.objects.keys('archive', 'quarantine/');
    expect(keys).toHaveLength(1);
    const held = JSON.parse(Buffer.from(world.objects.buckets.archive.get(keys[0] ?? '') ?? []).toString()) as {
      events: { eventKey: string }[];
    };
    expect(held.events.map(({ eventKey }) => eventKey)).toEqual(['poison']);
    expect(manifests(world).at(-1)?.openQuarantine).toBe(1);
    expectExactlyTheHistory(world);
  });

  test('that lack the list of fields are not taken for read', async () => {
    const world = createFilledWorld();
    const { events } = world.cases.addCase('odd', START - HOUR);
    events.push({ eventId: 'late', type: 'Case.Updated', performedTime: new Date(START - HOUR) });
    expect(await world.tick()).toMatchObject({ status: 'complete', retrying: 1 });
    events[1] = { ...events[1], fields: [{ eventFieldId: 'title', newValue: { stringValue: 'x' } }] };
    await ticksUntilExact(world);
  });

  test('with a lone surrogate are written with U+FFFD and kept raw', async () => {
    const world = createFilledWorld();
    world.cases.updateCase('case-1', START - HOUR, [{ eventFieldId: 'title', newValue: { stringValue: 'a\ud800b' } }]);
    await world.tick();
    expect(visibleRows(world).find((row) => row['new_value'] === 'a\ufffdb')).toBeDefined();
    const [key] = world.objects.keys('archive', 'quarantine/');
    expect(Buffer.from(world.objects.buckets.archive.get(key ?? '') ?? []).toString()).toContain('a\\ud800b');
    expect(manifests(world).at(-1)?.openQuarantine).toBe(0);
  });
});

describe('Clocks', () => {
  test.each([6 * HOUR, 10_000, -10_000, -6 * HOUR])(
    'a clock of ours that is off by %i ms loses nothing',
    async (off) => {
      let serviceNow = () => 0;
      const world = createFilledWorld({ cases: { now: () => serviceNow() } });
      serviceNow = () => START + world.clock.monotonic();
      world.clock.setWallClock(START + off);
      for (let round = 0; round < 4; round += 1) {
        await world.tick();
        world.cases.updateCase(`case-${round}`, serviceNow());
        world.clock.advance(7 * MINUTE);
      }
      world.clock.setWallClock(START + world.clock.monotonic());
      await ticksUntilExact(world);
      expect(world.logs.some(({ message }) => message === 'anomaly: clock-differs')).toBe(Math.abs(off) > MINUTE);
    },
  );
});

describe('Two invocations at once', () => {
  test('one exports, the other answers busy and changes nothing', async () => {
    const world = createFilledWorld();
    const [first, second] = await Promise.all([world.tick(), world.tick()]);
    expect([first.status, second.status].sort()).toEqual(['busy', 'complete']);
    expectExactlyTheHistory(world);
    expectWholeChain(world);
  });
});
