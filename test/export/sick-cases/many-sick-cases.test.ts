/** A tenth of the cases sick, or all: what the run says, what it costs, and that everything comes out in the end. */
import { judge, judgedTick } from '../../support/proof';
import { expectExactlyTheHistory, HOUR, instead, MINUTE, manifests, START, type World } from '../../support/world';
import {
  callsFor,
  createFilled,
  debtsOf,
  expectFeedGoesOn,
  expectRecovers,
  exportedCases,
  failing,
  hanging,
  type Sickness,
  ticks,
  withSick,
} from './sick';

function allSick(world: World, sickness: Sickness) {
  return withSick(world, new Map([...world.cases.cases.keys()].map((caseId) => [caseId, sickness])));
}

describe.each(['denied', 'unavailable', 'not-found', 'refused', 'malformed'] as const)(
  'A service that answers every case alike: %s',
  (failure) => {
    test('ends the first run with an error, after a number of calls that does not grow with the cases', async () => {
      const world = createFilled(2_000);
      expect(await judgedTick(world, { cases: allSick(world, failing(failure)) })).toBeInstanceOf(Error);
      const calls = world.cases.calls.filter(({ operation }) => operation === 'getCaseAuditEvents');
      // The fake counts a call once for each attempt.
      expect(new Set(calls.map(({ request }) => (request as { caseId: string }).caseId)).size).toBeLessThanOrEqual(30);
      expect(judge(world, START - HOUR).isComplete).toBe(false);
    });

    test('for an hour, after a first export, loses nothing, and is green again by itself', async () => {
      const world = createFilled(100);
      await ticks(world, 1);
      for (let index = 0; index < 60; index += 1) world.cases.updateCase(`case-${index}`, world.clock.now());
      world.clock.advance(5 * MINUTE);
      const cases = allSick(world, failing(failure));
      expect(await judgedTick(world, { cases })).toBeInstanceOf(Error);
      await ticks(world, 12, cases);
      world.clock.advance(HOUR);
      await expectRecovers(world);
      expectExactlyTheHistory(world);
    });
  },
);

test('A service that throttles every case ends runs as time does, not with an error, and says that it goes on', async () => {
  const world = createFilled(100);
  const cases = allSick(world, failing('throttled'));
  for (let tick = 0; tick < 3; tick += 1) {
    expect(await judgedTick(world, { cases })).toMatchObject({ status: 'continues', eventsExported: 0 });
    world.clock.advance(5 * MINUTE);
  }
  await expectRecovers(world);
  expectExactlyTheHistory(world);
});

test('One case that is throttled for good leaves the backfill its pace', async () => {
  const world = createFilled(400, { settings: { auditEventsRps: 1.5, searchCasesRps: 1.5, relatedItemsRps: 1.5 } });
  const cases = withSick(world, new Map([['case-0', failing('throttled')]]));
  await judgedTick(world, { cases });
  expect(exportedCases(world).size).toBe(399);
  expect(callsFor(world, 'case-0')).toBeLessThanOrEqual(10);
});

describe('A tenth of the cases', () => {
  test.each(['denied', 'unavailable', 'throttled', 'refused', 'malformed', 'not-found'] as const)(
    '%s for ever leaves the other nine tenths as they are, at the head of a sweep too',
    async (failure) => {
      const world = createFilled(300, { settings: { auditEventsRps: 15, searchCasesRps: 15, relatedItemsRps: 15 } });
      // The first thirty that the sweep comes to: nothing can be read before them.
      const sick = new Map(Array.from({ length: 30 }, (_, index) => [`case-${index}`, failing(failure)]));
      const cases = withSick(world, sick);
      // With nothing to compare with, a run gives up at six to twenty of them, and the next goes on behind those.
      await ticks(world, 7, cases);
      expect(exportedCases(world).size).toBe(270);
      expect(await ticks(world, 4, cases)).toEqual([]);
      await expectFeedGoesOn(world, cases, ['case-40', 'case-80', 'case-120', 'case-160', 'case-299'], 3);
      expect(debtsOf(world)).toEqual({ [failure]: 30 });
      world.clock.advance(24 * HOUR);
      await expectRecovers(world);
      expectExactlyTheHistory(world);
    },
  );
});

test('A tenth of the cases that never answer takes its time and leaves the others theirs', async () => {
  const world = createFilled(200, { settings: { auditEventsRps: 15, searchCasesRps: 15, relatedItemsRps: 15 } });
  const sick = new Map(Array.from({ length: 20 }, (_, index) => [`case-${index * 10 + 3}`, hanging]));
  const cases = withSick(world, sick);
  expect(await ticks(world, 4, cases)).toEqual([]);
  expect(exportedCases(world).size).toBe(180);
  await expectFeedGoesOn(world, cases, ['case-40', 'case-80', 'case-120', 'case-160', 'case-199'], 3);
  expect(debtsOf(world)).toEqual({ unavailable: 20 });
});

describe('A sick case that is touched again', () => {
  test('is tried once that has settled, not only when its pause is over: a change that makes it well comes out within minutes', async () => {
    const world = createFilled(10);
    const cases = withSick(world, new Map([['case-3', failing('refused')]]));
    await ticks(world, 200, cases);
    // By now it rests for hours.
    world.cases.updateCase('case-3', world.clock.now());
    await ticks(world, 4);
    expectExactlyTheHistory(world);
    expect(debtsOf(world)).toEqual({});
  });

  test('every minute is tried no more than once every MAX_LAG', async () => {
    const world = createFilled(10);
    await ticks(world, 1);
    const cases = withSick(world, new Map([['case-3', failing('refused')]]));
    world.cases.calls.length = 0;
    const ticksMade = 72;
    for (let tick = 0; tick < ticksMade; tick += 1) {
      world.cases.updateCase('case-3', world.clock.now());
      await ticks(world, 1, cases);
    }
    expect(callsFor(world, 'case-3')).toBeLessThanOrEqual((ticksMade * 5) / 15 + 1);
    expect(callsFor(world, 'case-3')).toBeGreaterThanOrEqual((ticksMade * 5) / 20 - 1);
  });
});

test('Retries of a thousand sick cases take a tenth of the calls, so that the others are read as before', async () => {
  const world = createFilled(1_100, { settings: { auditEventsRps: 1.5, searchCasesRps: 1.5, relatedItemsRps: 1.5 } });
  const sick = new Map(Array.from({ length: 1_000 }, (_, index) => [`case-${index}`, failing('refused')]));
  await ticks(world, 60, withSick(world, sick));
  expect(debtsOf(world)).toEqual({ refused: 1_000 });
  world.cases.calls.length = 0;
  await judgedTick(world, { cases: withSick(world, sick) });
  const audits = world.cases.calls.filter(({ operation }) => operation === 'getCaseAuditEvents').length;
  expect(audits).toBeLessThanOrEqual(0.1 * 1.5 * 15 * 60 + 8);
});

test('A manifest stays below 1 MB, however many cases are owed, and still counts all of them', async () => {
  const world = createFilled(20);
  await ticks(world, 1);
  for (let index = 0; index < 6_000; index += 1) {
    // Ids as long as any.
    const caseId = `sick-${String(index).padStart(6, '0')}-${'x'.repeat(200)}`;
    world.cases.addCase(caseId, world.clock.now() + index * 10);
  }
  const cases = instead(world, {
    getCaseAuditEvents: (request, signal) =>
      request.caseId.startsWith('sick-')
        ? failing('refused')(world, request, signal)
        : world.cases.getCaseAuditEvents(request, signal),
  });
  world.clock.advance(10 * MINUTE);
  expect(await world.tick({ cases })).toMatchObject({ status: 'complete', retrying: 6_000 });
  const sizes = world.objects
    .keys('archive', 'manifests/')
    .map((key) => world.objects.buckets.archive.get(key)?.length ?? 0);
  expect(Math.max(...sizes)).toBeLessThan(1_000_000);
  expect(debtsOf(world)).toEqual({ refused: 6_000 });
  expect(manifests(world).at(-1)?.gaps.length).toBeLessThan(6_000);
  expect(judge(world, world.clock.now() - 5 * MINUTE)).toMatchObject({ isComplete: false, debts: 6_000 });
});
