/** The Cases service at its worst: whatever it refuses, nothing is lost, nothing is doubled, nothing runs in a circle. */
import type { CasesFailure } from '../../lambda/export/domain/errors';
import { setTo } from '../fakes/cases-api';
import { failed, neverAnswers, withAnswers, withFailures } from '../fakes/with-answers';
import {
  anomaliesOf,
  DOMAIN,
  expectExactlyTheHistory,
  expectWholeChain,
  HOUR,
  lastManifest,
  MINUTE,
  manifests,
  START,
  visibleRows,
} from '../support/world';
import { createFilledWorld, ticksUntilExact } from './faulty-world';

describe('Failures', () => {
  test.each([
    ['SearchCases', 'searchCases'],
    ['GetCaseAuditEvents', 'getCaseAuditEvents'],
  ] as const)('a denied %s ends the run with its error, and the next tick is exact', async (name, operation) => {
    const world = createFilledWorld();
    await expect(world.tick({ cases: withFailures(world.cases, operation, 'denied') })).rejects.toThrow(name);
    expect((await world.checkpoints.readState(DOMAIN))?.lanes.sweep?.finishedAt ?? null).toBe(null);
    await ticksUntilExact(world);
  });

  test('a denied ListFields does not keep the history from coming out: names are worth less', async () => {
    const world = createFilledWorld();
    const cases = withFailures(world.cases, 'listFields', 'denied');
    expect(await world.tick({ cases })).toMatchObject({ status: 'complete', casesRead: 30 });
    expectExactlyTheHistory(world);
    expect(anomaliesOf(world)).toContain('fields-unavailable');
    await ticksUntilExact(world);
  });

  test('a denied SearchAllRelatedItems does not keep the rest from going on', async () => {
    const world = createFilledWorld();
    const cases = withFailures(world.cases, 'searchAllRelatedItems', 'denied');
    expect(await world.tick({ cases })).toMatchObject({ status: 'complete', casesRead: 30 });
    expectExactlyTheHistory(world);
    expect(anomaliesOf(world)).toContain('related-items-unavailable');
  });

  test('a missing list of cases is an error, never an empty result', async () => {
    const world = createFilledWorld();
    const cases = withFailures(world.cases, 'searchCases', 'malformed');
    await expect(world.tick({ cases })).rejects.toMatchObject({ failure: 'malformed' });
    await ticksUntilExact(world);
  });

  test.each<[string, CasesFailure, string]>([
    ['answers 500', 'unavailable', 'unavailable'],
    ['cannot be decoded', 'malformed', 'malformed'],
    ['is refused', 'refused', 'refused'],
  ])('one case that %s goes to the retry list, the others come out', async (_, failure, cause) => {
    const world = createFilledWorld();
    const cases = withFailures(world.cases, 'getCaseAuditEvents', failure, ({ caseId }) => caseId === 'case-5');
    expect(await world.tick({ cases })).toMatchObject({ status: 'complete', retrying: 1, casesRead: 29 });
    expect(lastManifest(world).gaps).toMatchObject([{ caseId: 'case-5', cause }]);
    await ticksUntilExact(world);
    expect(lastManifest(world).gaps).toEqual([]);
  });

  test('ten cases in a row that are not answered end the first run with an error, as there is nothing to compare with', async () => {
    const world = createFilledWorld();
    const cases = withFailures(world.cases, 'getCaseAuditEvents', 'unavailable');
    await expect(world.tick({ cases })).rejects.toThrow('10 cases in a row');
    await ticksUntilExact(world);
  });

  test('five cases in a row that are not answered, and one that was before, end a run with an error', async () => {
    const world = createFilledWorld();
    await world.tick();
    world.cases.updateCases(30, world.clock.now());
    world.clock.advance(10 * MINUTE);
    const cases = withFailures(world.cases, 'getCaseAuditEvents', 'unavailable');
    await expect(world.tick({ cases })).rejects.toThrow('cases in a row');
    world.clock.advance(HOUR);
    await ticksUntilExact(world);
  });

  test('a throttling storm slows down and ends the run by time, not with an error', async () => {
    const world = createFilledWorld();
    let storm = true;
    const cases = withFailures(world.cases, 'getCaseAuditEvents', 'throttled', () => storm);
    expect(await world.tick({ cases, minutes: 2 })).toMatchObject({ status: 'continues', eventsExported: 0 });
    storm = false;
    world.clock.advance(20 * MINUTE);
    await ticksUntilExact(world, cases);
  });

  test('a Retry-After past the deadline ends the run at once', async () => {
    const world = createFilledWorld();
    const getCaseAuditEvents = async () => Promise.reject(failed('throttled', 'GetCaseAuditEvents', 3_600_000));
    const cases = { ...world.cases, getCaseAuditEvents };
    const before = world.clock.monotonic();
    expect(await world.tick({ cases })).toMatchObject({ status: 'continues' });
    expect(world.clock.monotonic() - before).toBeLessThan(5_000);
    await ticksUntilExact(world);
  });

  test('calls that never answer end by their time limit, and the invocation ends by itself', async () => {
    const world = createFilledWorld();
    const cases = { ...world.cases, getCaseAuditEvents: neverAnswers('getCaseAuditEvents') };
    const before = world.clock.monotonic();
    await world.tick({ cases, minutes: 2 }).catch(() => undefined);
    expect(world.clock.monotonic() - before).toBeLessThan(2 * MINUTE);
    await ticksUntilExact(world);
  });
});

describe('Related items that never answer', () => {
  test('do not keep the live lane and the sweep from their work, even in a short run', async () => {
    const world = createFilledWorld();
    const cases = { ...world.cases, searchAllRelatedItems: neverAnswers('searchAllRelatedItems') };
    expect(await world.tick({ cases, minutes: 1 })).toMatchObject({ status: 'complete' });
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
    const searchable = withAnswers(world.cases, 'searchCases', (page) => {
      const others = page.cases.filter((found) => found?.caseId !== 'case-3');
      return isShown ? page : { ...page, cases: others, totalCount: others.length };
    });
    const missing = withFailures(searchable, 'getCaseAuditEvents', 'not-found', ({ caseId }) => caseId === 'case-3');
    for (let tick = 0; tick < 3; tick += 1) {
      expect(await world.tick({ cases: missing })).toMatchObject({ retrying: 1, debts: { 'not-found': 1 } });
      expect(lastManifest(world).gone).toEqual([]);
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
    const poison = { eventId: 'poison', type: 'Case.Updated', performedTime: new Date(Number.NaN), fields: [] };
    world.cases.cases.get('case-9')?.events.splice(1, 0, poison);
    expect(await world.tick()).toMatchObject({ status: 'complete' });
    world.cases.updateCase('case-9', world.clock.now());
    world.clock.advance(10 * MINUTE);
    await world.tick();
    const [key = '', ...others] = world.objects.keys('archive', 'quarantine/');
    expect(others).toEqual([]);
    expect(JSON.parse(world.objects.text('archive', key)).events).toMatchObject([{ eventKey: 'poison' }]);
    expect(lastManifest(world).openQuarantine).toBe(1);
    expectExactlyTheHistory(world);
  });

  test('that lack the list of fields are not taken for read', async () => {
    const world = createFilledWorld();
    const { events } = world.cases.addCase('odd', START - HOUR);
    events.push({ eventId: 'late', type: 'Case.Updated', performedTime: new Date(START - HOUR) });
    expect(await world.tick()).toMatchObject({ status: 'complete', retrying: 1 });
    events[1] = { ...events[1], fields: [setTo('title', 'x')] };
    await ticksUntilExact(world);
  });

  test('with a lone surrogate are written with U+FFFD and kept raw', async () => {
    const world = createFilledWorld();
    world.cases.updateCase('case-1', START - HOUR, [setTo('title', 'a\ud800b')]);
    await world.tick();
    expect(visibleRows(world).find((row) => row['new_value'] === 'a\ufffdb')).toBeDefined();
    const [key] = world.objects.keys('archive', 'quarantine/');
    expect(world.objects.text('archive', key ?? '')).toContain('a\\ud800b');
    expect(lastManifest(world).openQuarantine).toBe(0);
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
      expect(anomaliesOf(world).includes('clock-differs')).toBe(Math.abs(off) > MINUTE);
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
    const fails = async () => Promise.reject(failed(failure, 'SearchCases'));
    const cases = { ...world.cases, searchCases: fails, getCaseAuditEvents: fails, listFields: fails };
    await expect(world.tick({ cases })).rejects.toThrow();
    expect(world.objects.keys('archive')).toEqual([]);
    expect((await world.checkpoints.readState(world.cases.domainId))?.head).toBeNull();
  },
);
