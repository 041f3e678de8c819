/** A tenth of the cases sick, or all: what the run says, what it costs, and that everything comes out in the end. */
import { judge, judgedTick } from '../../support/proof';
import { expectExactlyTheHistory, HOUR, MINUTE, rates, START } from '../../support/world';
import {
  callsFor,
  createDomain,
  debtsOf,
  expectFeedGoesOn,
  expectRecovers,
  exportedCases,
  failing,
  hanging,
  pass,
  withSick,
} from './sick';
import { allSick, expectNineTenthsComeOut, expectNothingLostInAnHour } from './sick-promises';

describe.each(['denied', 'unavailable', 'not-found', 'refused', 'malformed'] as const)(
  'A service that answers every case alike: %s',
  (failure) => {
    test('ends the first run with an error, after a number of calls that does not grow with the cases', async () => {
      const world = createDomain(2_000);
      expect(await judgedTick(world, { cases: allSick(world, failing(failure)) })).toBeInstanceOf(Error);
      // The fake counts a call once for each attempt.
      const asked = new Set(world.cases.requestsOf('getCaseAuditEvents').map(({ caseId }) => caseId));
      expect(asked.size).toBeLessThanOrEqual(30);
      expect(judge(world, START - HOUR).isComplete).toBe(false);
    });
  },
);

test('A service that answers every case alike for an hour, after a first export, loses nothing, and is green again by itself', () =>
  expectNothingLostInAnHour('not-found'));

test('A service that throttles every case ends runs as time does, not with an error, and says that it goes on', async () => {
  const world = createDomain(100);
  const cases = allSick(world, failing('throttled'));
  for (let tick = 0; tick < 3; tick += 1) {
    expect(await judgedTick(world, { cases })).toMatchObject({ status: 'continues', eventsExported: 0 });
    world.clock.advance(5 * MINUTE);
  }
  await expectRecovers(world);
});

test('One case that is throttled for good leaves the backfill its pace', async () => {
  const world = createDomain(400, rates(1.5));
  const cases = withSick(world, new Map([['case-0', failing('throttled')]]));
  await judgedTick(world, { cases });
  expect(exportedCases(world).size).toBe(399);
  expect(callsFor(world, 'case-0')).toBeLessThanOrEqual(10);
});

test('A tenth of the cases that is denied for ever leaves the other nine tenths as they are, at the head of a sweep too', () =>
  expectNineTenthsComeOut('denied'));

test('A tenth of the cases that never answer takes its time and leaves the others theirs', async () => {
  const world = createDomain(200, rates(15));
  const sick = new Map(Array.from({ length: 20 }, (_, index) => [`case-${index * 10 + 3}`, hanging]));
  const cases = withSick(world, sick);
  expect(await pass(world, 4, cases)).toEqual([]);
  expect(exportedCases(world).size).toBe(180);
  await expectFeedGoesOn(world, cases, ['case-40', 'case-80', 'case-120', 'case-160', 'case-199'], 3);
  expect(debtsOf(world)).toEqual({ unavailable: 20 });
});

describe('A sick case that is touched again', () => {
  test('is tried once that has settled, not only when its pause is over: a change that makes it well comes out within minutes', async () => {
    const world = createDomain(10);
    const cases = withSick(world, new Map([['case-3', failing('refused')]]));
    await pass(world, 100, cases);
    // By now it rests for hours.
    world.cases.updateCase('case-3', world.clock.now());
    await pass(world, 4);
    expectExactlyTheHistory(world);
    expect(debtsOf(world)).toEqual({});
  });

  test('every minute is tried no more than once every MAX_LAG', async () => {
    const world = createDomain(10);
    await pass(world, 1);
    const cases = withSick(world, new Map([['case-3', failing('refused')]]));
    world.cases.calls.length = 0;
    const ticksMade = 72;
    for (let tick = 0; tick < ticksMade; tick += 1) {
      world.cases.updateCase('case-3', world.clock.now());
      await pass(world, 1, cases);
    }
    expect(callsFor(world, 'case-3')).toBeLessThanOrEqual((ticksMade * 5) / 15 + 1);
    expect(callsFor(world, 'case-3')).toBeGreaterThanOrEqual((ticksMade * 5) / 20 - 1);
  });
});
