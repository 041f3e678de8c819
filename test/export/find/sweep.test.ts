import fc from 'fast-check';
import type { SweepLane } from '../../../lambda/export/domain/state';
import { isHistoryIn, nextSweep, sweepCases } from '../../../lambda/export/find/sweep';
import type { Run } from '../../../lambda/export/run/run';
import type { FakeCases } from '../../fakes/cases-api';
import { aHistoryProof, aRecord, aRelatedLane, aSweep } from '../../support/stored-values';
import { createRun, createRunWithCases, DOMAIN, MINUTE, type RunOptions, START } from '../fixtures';

const time = fc.nat(4_000_000_000_000);
const maybeTime = fc.option(time, { nil: null });
const anySweep: fc.Arbitrary<SweepLane> = fc
  .record({
    number: fc.integer({ min: 1, max: 99 }),
    startedAt: time,
    anchor: maybeTime,
    finishedAt: maybeTime,
    exportFrom: maybeTime,
    purpose: fc.constantFrom('history' as const, 'check' as const),
    paidUntil: maybeTime,
    casesRead: fc.nat(99),
    eventsMissed: fc.nat(99),
  })
  .map(aSweep);

const first = aSweep({ startedAt: START });
const check: SweepLane = { ...first, number: 2, purpose: 'check' };
const DAY = 24 * 60 * MINUTE;
const related = aRelatedLane();
/** A scan has finished under the account. */
const history = aHistoryProof();

const createSweep = (options: RunOptions = {}, pageSize = 100) =>
  createRunWithCases(options, { pageSize: { searchCases: pageSize } });

const progressOf = (run: Run) => run.progress.sweep(new Map());
const searchesOf = (cases: FakeCases) => cases.requestsOf('searchCases');
const readIdsOf = (cases: FakeCases) => cases.requestsOf('getCaseAuditEvents').map(({ caseId }) => caseId);

describe('The next sweep', () => {
  test('of a new domain is the first, for history, from now on, over what EXPORT_FROM says', () => {
    expect(nextSweep({ sweep: null, related, history: null }, { exportFrom: 5, sweepDays: 30 }, 10)).toEqual({
      ...first,
      startedAt: 10,
      exportFrom: 5,
    });
  });

  test('is a new one for history iff EXPORT_FROM asks for cases that the last one left out', () => {
    fc.assert(
      fc.property(anySweep, maybeTime, time, (stored, exportFrom, now) => {
        const leftOut = stored.exportFrom ?? Number.NEGATIVE_INFINITY;
        const asksForMore = (exportFrom ?? Number.NEGATIVE_INFINITY) < leftOut;
        const fresh = { ...first, number: stored.number + 1, startedAt: now, exportFrom };
        const next = nextSweep({ sweep: stored, related, history }, { exportFrom, sweepDays: 0 }, now);
        expect(next).toEqual(asksForMore ? fresh : stored);
      }),
    );
  });

  test('does not begin again at every run: what it answered stands in STATE and satisfies it', () => {
    fc.assert(
      fc.property(
        fc.option(anySweep, { nil: null }),
        maybeTime,
        time,
        fc.nat(DAY - 1),
        fc.nat(2),
        (stored, exportFrom, now, later, ticksWithoutBottom) => {
          const settings = { exportFrom, sweepDays: 1 };
          const lane = { ...related, ticksWithoutBottom };
          const sweep = nextSweep({ sweep: stored, related: lane, history }, settings, now);
          if (sweep === stored && sweep.finishedAt !== null) return;
          expect(nextSweep({ sweep, related: lane, history }, settings, now + later)).toEqual(sweep);
        },
      ),
    );
  });

  test('is a check, SWEEP_DAYS after the last one began, once that is finished; never with 0', () => {
    const finished = { ...first, finishedAt: START + DAY };
    const at = (sweep: SweepLane, sweepDays: number, days: number) =>
      nextSweep({ sweep, related, history }, { exportFrom: null, sweepDays }, START + days * DAY);
    expect(at(finished, 30, 29.99)).toBe(finished);
    expect(at(finished, 30, 30)).toEqual({ ...check, startedAt: START + 30 * DAY });
    expect(at(first, 30, 30)).toBe(first);
    expect(at(finished, 0, 3000)).toBe(finished);
    expect(at({ ...check, finishedAt: START + DAY }, 30, 30)).toMatchObject({ number: 3, purpose: 'check' });
  });

  test('is a check at once when three ticks did not reach the bottom of the related items; not with SWEEP_DAYS 0', () => {
    const finished = { ...first, finishedAt: START };
    const at = (ticksWithoutBottom: number, sweepDays: number) =>
      nextSweep(
        { sweep: finished, related: { ...related, ticksWithoutBottom }, history },
        { exportFrom: null, sweepDays },
        START + 1,
      );
    expect(at(2, 30)).toBe(finished);
    expect(at(3, 30)).toEqual({ ...check, startedAt: START + 1 });
    expect(at(3, 0)).toBe(finished);
  });

  test('is a check at once where nothing is proven yet, as of what an earlier version exported; also with SWEEP_DAYS 0', () => {
    const finished = { ...first, finishedAt: START, isAccounted: false };
    const next = (sweep: SweepLane, sweepDays: number) =>
      nextSweep({ sweep, related, history: null }, { exportFrom: null, sweepDays }, START + 1);
    for (const sweepDays of [0, 30]) expect(next(finished, sweepDays)).toEqual({ ...check, startedAt: START + 1 });
    // One that is under way is brought to its end first.
    expect(next({ ...first, isAccounted: false }, 30)).toMatchObject({ number: 1, isAccounted: false });
  });

  test('History is in once no sweep for it is under way', () => {
    expect(isHistoryIn(null)).toBe(false);
    expect(isHistoryIn(first)).toBe(false);
    expect(isHistoryIn({ ...first, finishedAt: START })).toBe(true);
    expect(isHistoryIn(check)).toBe(true);
  });
});

describe('A sweep', () => {
  test('reads every case created before it began, in the order of creation, and is finished', async () => {
    const { run, cases } = await createSweep({}, 7);
    for (let index = 0; index < 50; index += 1)
      cases.addCase(`case-${index}`, START - 1000 * MINUTE + Math.floor(index / 9));
    await sweepCases(run, first);
    expect(readIdsOf(cases)).toEqual([...cases.cases.keys()]);
    expect(progressOf(run)).toMatchObject({ number: 1, startedAt: START, finishedAt: run.deps.clock.now() });
    expect(searchesOf(cases)[0]).toMatchObject({ by: 'created_datetime', from: 0, lastUpdatedFrom: undefined });
  });

  test('ends at what was created after it began', async () => {
    const { run, cases } = await createSweep({}, 2);
    for (let index = -5; index < 20; index += 1) cases.addCase(`case-${index}`, START + index * MINUTE - 1);
    await sweepCases(run, { ...first, startedAt: START });
    expect(progressOf(run)?.finishedAt).not.toBeNull();
    expect(searchesOf(cases).length).toBeLessThan(10);
  });

  test('leaves out what was last updated before EXPORT_FROM, and reads the whole history of the rest', async () => {
    const { run, cases } = await createSweep();
    cases.addCase('old', START - 900 * MINUTE);
    cases.addCase('old but changed', START - 900 * MINUTE);
    cases.updateCase('old but changed', START - 100 * MINUTE);
    await sweepCases(run, { ...first, exportFrom: START - 200 * MINUTE });
    expect(readIdsOf(cases)).toEqual(['old but changed']);
    expect(run.batch.events).toBe(2);
    expect(searchesOf(cases)[0]?.lastUpdatedFrom).toBe(START - 200 * MINUTE);
  });

  test('trusts a read only if it began at or after the sweep', async () => {
    const { run, cases, checkpoints } = await createSweep();
    for (const [caseId, readAt] of [
      ['before', START - 1],
      ['since', START],
    ] as const) {
      cases.addCase(caseId, START - 900 * MINUTE);
      await checkpoints.putCaseRecord(
        DOMAIN,
        aRecord({ caseId, readAt, touched: START - 900 * MINUTE, eventCount: 1 }),
      );
    }
    await sweepCases(run, first);
    expect(readIdsOf(cases)).toEqual(['before']);
  });

  test('passes a case that is too fresh: the live lane must find it again', async () => {
    const { run, cases } = await createSweep();
    cases.addCase('fresh', START - 900 * MINUTE);
    cases.updateCase('fresh', START - MINUTE);
    cases.addCase('settled', START - 800 * MINUTE);
    await sweepCases(run, first);
    expect(readIdsOf(cases)).toEqual(['settled']);
    expect(progressOf(run)?.finishedAt).not.toBeNull();
    expect(progressOf(run)?.anchor).toBeGreaterThanOrEqual(START - 800 * MINUTE);
  });

  test('that runs out of time leaves its anchor at the first unread case, and the runs after it read each of the rest once', async () => {
    const { run, cases } = await createSweep({ settings: { auditEventsRps: 1, commitReserveMs: 0 }, minutes: 0.5 }, 7);
    for (let index = 0; index < 50; index += 1)
      cases.addCase(`case-${index}`, START - 1000 * MINUTE + Math.floor(index / 3));
    await sweepCases(run, first);
    const stopped = progressOf(run);
    const unread = [...cases.cases.values()].filter(({ caseId }) => !run.batch.records.has(caseId));
    expect(unread.length).toBeGreaterThan(10);
    expect(stopped?.finishedAt).toBeNull();
    expect(stopped?.anchor).toBeLessThanOrEqual(Math.min(...unread.map(({ created }) => created)));
    expect(stopped?.anchor).toBeGreaterThan(START - 1000 * MINUTE);

    const next = await createRun(cases);
    for (const head of run.batch.records.values()) await next.checkpoints.putCaseRecord(DOMAIN, { ...head, seq: 1 });
    cases.calls.length = 0;
    await sweepCases(next.run, stopped as SweepLane);
    expect(readIdsOf(cases)).toEqual(unread.map(({ caseId }) => caseId));
    expect(searchesOf(cases)[0]?.from).toBe(Math.floor((stopped?.anchor ?? 0) / 1000) * 1000);
    expect(progressOf(next.run)).toMatchObject({ startedAt: START, finishedAt: next.clock.now() });
  });

  test('is not finished while one case is still to be read, though every page was seen', async () => {
    const { run, cases } = await createSweep({ settings: { auditEventsRps: 1, commitReserveMs: 0 }, minutes: 0.25 });
    cases.addCase('huge', START - 900 * MINUTE);
    cases.updateOften('huge', 2000, START - 900 * MINUTE);
    cases.addCase('small', START - 800 * MINUTE);
    await sweepCases(run, first);
    expect(run.batch.records.has('small')).toBe(true);
    expect(progressOf(run)).toEqual({ ...first, anchor: START - 900 * MINUTE, casesRead: 1, totalCount: 2 });
  });

  test('of an empty domain is finished at once', async () => {
    const { run, cases } = await createSweep();
    await sweepCases(run, first);
    expect(progressOf(run)?.finishedAt).toBe(START);
    expect(cases.calls).toHaveLength(1);
  });
});
