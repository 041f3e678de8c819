/** What went wrong once, each kept as the promise that was broken. */

import { ledgerId } from '../../lambda/export/domain/case-items';
import { FencedOutError, IntegrityError, StoreError } from '../../lambda/export/domain/errors';
import { stateKey } from '../../lambda/export/domain/keys';
import { ResumePoint } from '../../lambda/export/domain/resume-point';
import type { Lanes } from '../../lambda/export/domain/state';
import { readRelatedCases, scanRelatedItems } from '../../lambda/export/find/related';
import { createFakeCases } from '../fakes/cases-api';
import { createManualClock } from '../fakes/manual-clock';
import { failed, NO_EVENTS, withAnswers, withFailures } from '../fakes/with-answers';
import { withFaults } from '../fakes/with-faults';
import { aLiveLane, aPartialRead, aRelatedLane, aRetry, aSweep, someLanes } from '../support/stored-values';
import {
  createFilled,
  createWorld,
  DOMAIN,
  expectExactlyTheHistory,
  HOUR,
  MINUTE,
  rates,
  START,
  ticks,
} from '../support/world';
import { casesApi, createPacedCalls, createRun, FAST } from './fixtures';

const oneCase = { domainId: DOMAIN, caseId: 'case-1', nextToken: undefined };
const ONE_EVENT_A_PAGE = { pageSize: { getCaseAuditEvents: 1 } };
const live = aLiveLane({ watermark: START - 60 * MINUTE });

describe('Reading', () => {
  test('a null event that was seen before the invocation ended is still a gap afterwards', async () => {
    const settings = { auditEventsRps: 1, commitReserveMs: 0 };
    const world = createWorld({ settings, cases: ONE_EVENT_A_PAGE });
    const { events } = world.cases.addCase('big', START - HOUR);
    world.cases.updateOften('big', 60, START - HOUR);
    const hidden = events[1] ?? null;
    events[1] = null;
    const answers = [];
    for (let tick = 0; tick < 6; tick += 1) {
      answers.push(await world.tick({ minutes: 0.5 }));
      world.clock.advance(MINUTE);
    }
    expect(answers.some(({ retrying }) => retrying === 1)).toBe(true);
    expect((await world.checkpoints.readCaseRecords(DOMAIN, ['big'])).get('big')?.readAt ?? null).toBeNull();
    events[1] = hidden;
    world.clock.advance(HOUR);
    await ticks(world, 3, HOUR);
    expectExactlyTheHistory(world);
  });

  test('retries take about a tenth of the calls, however many pages the cases have', async () => {
    const world = createWorld({ settings: { auditEventsRps: 1 }, cases: ONE_EVENT_A_PAGE });
    for (let index = 0; index < 19; index += 1) {
      world.cases.addCase(`big-${index}`, START - HOUR);
      world.cases.updateOften(`big-${index}`, 100, START - HOUR);
    }
    const refused = withFailures(world.cases, 'getCaseAuditEvents', 'refused');
    expect(await world.tick({ cases: refused })).toMatchObject({ retrying: 19 });
    world.clock.advance(HOUR);
    world.cases.addCase('fresh', world.clock.now() - 10 * MINUTE);
    world.cases.calls.length = 0;
    await world.tick();
    const audits = world.cases.requestsOf('getCaseAuditEvents');
    const ofRetries = audits.filter(({ caseId }) => caseId !== 'fresh');
    expect(ofRetries.length).toBeGreaterThan(50);
    expect(ofRetries.length).toBeLessThanOrEqual(0.1 * 15 * 60 + 8);
    expect(audits.length).toBeGreaterThan(ofRetries.length);
    for (let tick = 0; tick < 40; tick += 1) {
      world.clock.advance(HOUR);
      if ((await world.tick()).retrying === 0) break;
    }
    expectExactlyTheHistory(world);
  });

  test('a half-read case of the retry list that changes is read again from its first page', async () => {
    const world = createWorld({ settings: { auditEventsRps: 0.2 }, cases: ONE_EVENT_A_PAGE });
    const { events } = world.cases.addCase('big', START - HOUR);
    world.cases.updateOften('big', 30, START - HOUR);
    const refused = withFailures(world.cases, 'getCaseAuditEvents', 'refused');
    await world.tick({ cases: refused });
    world.clock.advance(HOUR);
    await world.tick();
    expect((await world.checkpoints.readState(DOMAIN))?.halfRead).toHaveLength(1);
    // The newest event stands first, on a page that was read before.
    world.cases.updateCase('big', world.clock.now());
    events.unshift(...events.splice(-1));
    world.clock.advance(HOUR);
    await ticks(world, 10, HOUR, { settings: { auditEventsRps: 1000 } });
    expectExactlyTheHistory(world);
  });
});

describe('Related items', () => {
  const related = aRelatedLane({ watermark: START - 60 * MINUTE });

  test('an interrupted walk goes on though something fresh is always at the top', async () => {
    const clock = createManualClock({ start: START, auto: true });
    const cases = createFakeCases({ now: () => clock.now(), pageSize: { searchAllRelatedItems: 1 } });
    cases.addCase('a', START - 500 * MINUTE);
    cases.addCase('busy', START - 500 * MINUTE);
    for (let index = 0; index < 30; index += 1) cases.addRelatedItem('a', START - 10 * MINUTE - index * MINUTE);
    let lane: Lanes['related'] = related;
    for (let tick = 0; tick < 12 && (tick === 0 || lane.ticksWithoutBottom > 0); tick += 1) {
      cases.addRelatedItem('busy', clock.now() - 1000);
      const settings = { relatedItemsRps: 0.5, commitReserveMs: 0 };
      const state = { lanes: { live, related: lane, sweep: null } };
      const { run } = await createRun(cases, { clock, settings, minutes: 1, state });
      await readRelatedCases(run, await scanRelatedItems(run), 0);
      lane = run.progress.related;
      clock.advance(MINUTE);
    }
    expect(lane.watermark).toBeGreaterThan(START - 60 * MINUTE);
  });

  test('two items added while a walk pages do not make it walk to the end of history', async () => {
    const cases = createFakeCases({ now: () => START, pageSize: { searchAllRelatedItems: 10 } });
    for (let index = 0; index < 2000; index += 1)
      cases.relatedItems.push({ caseId: `c${index}`, associatedAt: START - index * MINUTE });
    let pages = 0;
    const shifting = withAnswers(cases, 'searchAllRelatedItems', (page) => {
      pages += 1;
      const added = [START + 1, START + 2].map((associatedAt, index) => ({ caseId: `new-${index}`, associatedAt }));
      if (pages === 1) cases.relatedItems.push(...added);
      return page;
    });
    const { run } = await createRun(shifting, { state: { lanes: { live, related, sweep: null } } });
    await scanRelatedItems(run);
    expect(pages).toBeLessThanOrEqual(9);
  });
});

describe('Related items while the operation is not to be had', () => {
  test('are found once it is, from the first pass on, however long that takes', async () => {
    const world = createWorld();
    world.cases.addCase('a', START - HOUR);
    const denied = withFailures(world.cases, 'searchAllRelatedItems', 'denied');
    expect(await world.tick({ cases: denied })).toMatchObject({ status: 'complete', casesRead: 1 });
    world.cases.addRelatedItem('a', world.clock.now());
    world.clock.advance(HOUR);
    await ticks(world, 3, HOUR, { cases: denied });
    await world.tick();
    expectExactlyTheHistory(world);
  });
});

describe('A first tick without settle and overlap', () => {
  test('leaves no gap between the sweep and the live pass, however long it takes to begin', async () => {
    const settings = { settleMs: 0, overlapMs: 0 };
    const world = createWorld({ settings, cases: { pageSize: { searchCases: 1 } } });
    const slow = withFailures(world.cases, 'searchAllRelatedItems', 'unavailable', () => {
      world.clock.advance(1000);
      for (const caseId of ['between-1', 'between-2', 'between-3']) {
        world.cases.addCase(caseId, world.clock.now());
        world.clock.advance(1000);
      }
      return false;
    });
    await world.tick({ cases: slow });
    world.clock.advance(HOUR);
    await world.tick();
    expectExactlyTheHistory(world);
  });
});

describe('Committing', () => {
  test('of a publish that fails, the error that is reported is the one that happened', async () => {
    for (let position = 0; position < 12; position += 1) {
      const world = createFilled(60, START - HOUR, -1000, { settings: { maxRowsPerCommit: 3 } });
      let seen = 0;
      let commitsAfterwards = 0;
      const checkpoints = withFaults(world.checkpoints, 'dynamodb', ({ method }) => {
        if (method === 'commit' && seen > position) commitsAfterwards += 1;
        return method === 'markApplied' && seen++ === position ? 'lost-request' : undefined;
      });
      await expect(world.tick({ checkpoints })).rejects.toThrow(StoreError);
      expect(commitsAfterwards).toBe(0);
    }
  });

  test('is bounded in cases too, also in such that bring no event', async () => {
    const world = createFilled(1_100, START - 10 * HOUR, 1, { settings: { maxRowsPerCommit: 1 } });
    for (const { events } of world.cases.cases.values()) events.length = 0;
    expect(await world.tick()).toMatchObject({ status: 'complete', commits: 2, debts: { unexplained: 1_100 } });
  });

  test('into another archive than the chain is in is refused, also by recovery', async () => {
    const world = createWorld();
    world.cases.addCase('a', START - HOUR);
    await world.tick();
    world.cases.updateCase('a', world.clock.now());
    world.clock.advance(HOUR);
    const objects = withFaults(world.objects, 's3', ({ method }) =>
      method === 'putIfAbsent' ? 'lost-request' : undefined,
    );
    await expect(world.tick({ objects })).rejects.toThrow(StoreError);
    world.objects.buckets.archive.clear();
    await expect(world.tick()).rejects.toThrow(IntegrityError);
    expect(world.objects.keys('archive')).toEqual([]);
  });

  test('that the table does not know any more keeps what was staged', async () => {
    const world = createWorld();
    world.cases.addCase('a', START - HOUR);
    const checkpoints = { ...world.checkpoints, markApplied: async () => false };
    await expect(world.tick({ checkpoints })).rejects.toThrow(IntegrityError);
    expect(world.objects.keys('work').length).toBeGreaterThan(0);
  });
});

describe('Calls', () => {
  test('throttled attempts do not use up those of other failures', async () => {
    let call = 0;
    const failures = ['throttled', 'throttled', 'unavailable'] as const;
    const getCaseAuditEvents = async () => {
      const failure = failures[call++];
      if (failure) throw failed(failure, 'GetCaseAuditEvents');
      return NO_EVENTS;
    };
    await expect(createPacedCalls(casesApi({ getCaseAuditEvents })).calls.getCaseAuditEvents(oneCase)).resolves.toEqual(
      NO_EVENTS,
    );
  });

  test('that wait already when the service names a time wait for it as well', async () => {
    const at: number[] = [];
    const { calls, clock } = createPacedCalls(
      casesApi({
        getCaseAuditEvents: async () => {
          at.push(clock.monotonic());
          if (at.length === 1) throw failed('throttled', 'GetCaseAuditEvents', 60_000);
          return NO_EVENTS;
        },
      }),
      { rates: { ...FAST, auditEventsRps: 0.5 } },
    );
    await Promise.all([1, 2, 3].map(() => calls.getCaseAuditEvents(oneCase)));
    expect(at.filter((time) => time > 0 && time < 60_000)).toEqual([]);
  });
});

describe('Small things', () => {
  test('a half-read case does not settle what was found of it later', () => {
    const tracker = new ResumePoint(0);
    tracker.found(5, 'a');
    tracker.found(9, 'a');
    tracker.reached(30);
    expect(tracker.anchor(new Map([['a', 5]]))).toBe(9);
  });

  test('event ids that differ in lone surrogates alone are different events', () => {
    expect(ledgerId('e\ud800')).not.toBe(ledgerId('e\ud801'));
  });
});

test('A sweep with a clock that is behind does not pass a case that the live lane will not look at again', async () => {
  const world = createWorld({ settings: { settleMs: 0, overlapMs: 0, sweepDays: 0 } });
  world.cases.addCase('late', START - HOUR);
  // Its first pass is done; its sweep has still everything to do.
  const cases = withFailures(world.cases, 'searchCases', 'denied', ({ by }) => by === 'created_datetime');
  await world.tick({ cases }).catch(() => undefined);
  expect(world.cases.requestsOf('getCaseAuditEvents')).toEqual([]);
  world.clock.advance(MINUTE);
  world.clock.setWallClock(world.clock.now() - 6 * HOUR);
  await world.tick();
  world.clock.setWallClock(world.clock.now() + 6 * HOUR);
  await world.tick();
  expectExactlyTheHistory(world);
});

test('A deadly case that is touched again while its run is under way is read again from its first page', async () => {
  const settings = { overlapMs: 0, sweepDays: 0 };
  const world = createWorld({ settings, cases: { pageSize: { getCaseAuditEvents: 2 } } });
  const { caseId, events } = world.cases.addCase('case-1', START - HOUR);
  world.cases.updateOften(caseId, 5, START - HOUR, 1);
  const tried = { caseId, templateId: 'template-1', touched: START - HOUR + 4 };
  const { newest, missingFrom, neverRead, ...halfRead } = aPartialRead({
    ...tried,
    token: 'getCaseAuditEvents:4',
    firstPageAt: START - MINUTE,
  });
  await world.tick({ minutes: 0.001 }).catch(() => undefined);
  const state = world.checkpoints.item(stateKey(DOMAIN)) ?? {};
  const watermark = START - 10 * MINUTE;
  const lanes = someLanes({
    live: aLiveLane({ watermark }),
    related: aRelatedLane({ watermark }),
    // Before the half read: else the sweep alone would ask for the first page.
    sweep: aSweep({ startedAt: START - 2 * HOUR, anchor: START, finishedAt: START }),
  });
  world.checkpoints.setItem({ ...stateKey(DOMAIN), ...state, lanes, openRetries: 1, halfRead: [halfRead] });
  const firstSeen = START - HOUR;
  await world.checkpoints.putRetry(DOMAIN, aRetry({ ...tried, cause: 'fatal', firstSeen, notBefore: firstSeen }));
  // The newest event stands on the first page, before the token.
  world.cases.updateCase(caseId, START - 5 * MINUTE);
  events.unshift(...events.splice(-1));
  await ticks(world, 3, 10 * MINUTE);
  expectExactlyTheHistory(world);
});

test('A mass of related items leaves its share to the sweep', async () => {
  const world = createFilled(900, START - 100 * HOUR, 1, { settings: rates(1.5) });
  for (let index = 100; index < 900; index += 1) world.cases.addRelatedItem(`case-${index}`, START - 10 * MINUTE);
  await world.tick({ minutes: 5 });
  expect(world.cases.requestsOf('searchCases').map(({ by }) => by)).toContain('created_datetime');
});

test('Who froze before looking at the archive, and thaws after another has gone on, is fenced out and no alarm for integrity', async () => {
  const world = createWorld({ settings: { sweepDays: 0 } });
  world.cases.addCase('case-1', START - HOUR);
  await world.tick();
  let thaw: () => void = () => undefined;
  const until = new Promise<void>((resolve) => {
    thaw = resolve;
  });
  const frozen = {
    ...world.objects,
    get: (...args: Parameters<typeof world.objects.get>) => until.then(() => world.objects.get(...args)),
  };
  const zombie = world.tick({ objects: frozen }).catch((error: unknown) => error);
  await new Promise((resolve) => setImmediate(resolve));
  world.clock.advance(HOUR);
  await world.tick();
  thaw();
  expect(await zombie).toBeInstanceOf(FencedOutError);
});
