/** The Cases service at its worst: whatever it refuses, nothing is lost, nothing is doubled, nothing runs in a circle. */
import type { AuditEvent } from '../../lambda/export/domain/audit-event';
import { CasesCallError, type CasesFailure } from '../../lambda/export/domain/errors';
import type { CasesApi } from '../../lambda/export/ports';
import {
  expectExactlyTheHistory,
  expectWholeChain,
  HOUR,
  instead,
  MINUTE,
  manifests,
  START,
  visibleRows,
} from '../support/world';
import { createFilledWorld, fail, ticksUntilExact } from './faulty-world';

describe('Failures', () => {
  test.each(['SearchCases', 'GetCaseAuditEvents'])(
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

  test('a denied ListFields does not keep the history from coming out: names are worth less', async () => {
    const world = createFilledWorld();
    const cases = instead(world, { listFields: async () => fail('ListFields', 'denied') });
    expect(await world.tick({ cases })).toMatchObject({ status: 'complete', casesRead: 30 });
    expectExactlyTheHistory(world);
    expect(world.logs.some(({ message }) => message === 'anomaly: fields-unavailable')).toBe(true);
    await ticksUntilExact(world);
  });

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
      searchCases: async () => fail('SearchCases', 'malformed'),
    });
    await expect(world.tick({ cases })).rejects.toMatchObject({ failure: 'malformed' });
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

  test('ten cases in a row that are not answered end the first run with an error, as there is nothing to compare with', async () => {
    const world = createFilledWorld();
    const cases = instead(world, { getCaseAuditEvents: async () => fail('GetCaseAuditEvents', 'unavailable') });
    await expect(world.tick({ cases })).rejects.toThrow('10 cases in a row');
    await ticksUntilExact(world);
  });

  test('five cases in a row that are not answered, and one that was before, end a run with an error', async () => {
    const world = createFilledWorld();
    await world.tick();
    for (let index = 0; index < 30; index += 1) world.cases.updateCase(`case-${index}`, world.clock.now());
    world.clock.advance(10 * MINUTE);
    const cases = instead(world, { getCaseAuditEvents: async () => fail('GetCaseAuditEvents', 'unavailable') });
    await expect(world.tick({ cases })).rejects.toThrow('cases in a row');
    world.clock.advance(HOUR);
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
  test('is gone only after two 404s at least settle apart and a search that does not show it; what was read stays', async () => {
    const world = createFilledWorld();
    await world.tick();
    const rowsBefore = visibleRows(world).length;
    world.cases.updateCase('case-3', world.clock.now());
    world.clock.advance(10 * MINUTE);
    let isShown = true;
    const missing = instead(world, {
      getCaseAuditEvents(request, signal) {
        if (request.caseId === 'case-3') fail('GetCaseAuditEvents', 'not-found');
        return world.cases.getCaseAuditEvents(request, signal);
      },
      async searchCases(request, signal) {
        const page = await world.cases.searchCases(request, signal);
        if (isShown) return page;
        const cases = page.cases?.filter((found) => found?.caseId !== 'case-3');
        return { ...page, cases, totalCount: cases?.length };
      },
    });
    for (let tick = 0; tick < 3; tick += 1) {
      expect(await world.tick({ cases: missing })).toMatchObject({ retrying: 1, debts: { 'not-found': 1 } });
      expect(manifests(world).at(-1)?.gone).toEqual([]);
      world.clock.advance(HOUR);
    }
    isShown = false;
    expect(await world.tick({ cases: missing })).toMatchObject({ status: 'complete', retrying: 0 });
    expect(manifests(world).flatMap(({ gone }) => gone)).toEqual(['case-3']);
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

test.each(['not-found', 'denied', 'unavailable'] as const)(
  'The first attempt at a domain of which every call fails (%s), as its id may be wrong, leaves no object and no commit',
  async (failure) => {
    const world = createFilledWorld();
    const fails = async () => fail('SearchCases', failure);
    const cases = { ...world.cases, searchCases: fails, getCaseAuditEvents: fails, listFields: fails };
    await expect(world.tick({ cases })).rejects.toThrow();
    expect(world.objects.keys('archive')).toEqual([]);
    expect((await world.checkpoints.readState(world.cases.domainId))?.head).toBeNull();
  },
);
