import fc from 'fast-check';
import type { SweepLane } from '../../../lambda/export/domain/state';
import type { SearchRequest } from '../../../lambda/export/ports';
import { currentSweep, sweepCases } from '../../../lambda/export/steps/sweep';
import { createFakeCases, type FakeCases } from '../../fakes/cases-api';
import { createManualClock } from '../../fakes/manual-clock';
import { createRun, DOMAIN, MINUTE, type RunOptions, START } from './fixtures';

const time = fc.nat(4_000_000_000_000);
const maybeTime = fc.option(time, { nil: null });
const anySweep: fc.Arbitrary<SweepLane> = fc.record({
  number: fc.integer({ min: 1, max: 99 }),
  startedAt: time,
  anchor: maybeTime,
  finishedAt: maybeTime,
  exportFrom: maybeTime,
});

const first: SweepLane = { number: 1, startedAt: START, anchor: null, finishedAt: null, exportFrom: null };

async function createSweep(options: RunOptions = {}, pageSize = 100) {
  const clock = createManualClock({ start: START, auto: true });
  const cases = createFakeCases({ domainId: DOMAIN, now: () => clock.now(), pageSize: { searchCases: pageSize } });
  return { ...(await createRun(cases, { clock, ...options })), cases };
}

const progressOf = (run: Awaited<ReturnType<typeof createSweep>>['run']) => run.progress.sweep(new Map());
const searchesOf = ({ calls }: FakeCases) =>
  calls.flatMap(({ operation, request }) => (operation === 'searchCases' ? (request as SearchRequest) : []));
const readIdsOf = ({ calls }: FakeCases) =>
  calls.flatMap(({ operation, request }) =>
    operation === 'getCaseAuditEvents' ? (request as { caseId: string }).caseId : [],
  );

describe('The current sweep', () => {
  test('of a new domain is the first, from now on, over what EXPORT_FROM says', () => {
    expect(currentSweep(null, 5, 10)).toEqual({
      number: 1,
      startedAt: 10,
      anchor: null,
      finishedAt: null,
      exportFrom: 5,
    });
  });

  test('is a new one from the beginning iff EXPORT_FROM asks for cases that the last one left out', () => {
    fc.assert(
      fc.property(anySweep, maybeTime, time, (stored, exportFrom, now) => {
        const leftOut = stored.exportFrom ?? Number.NEGATIVE_INFINITY;
        const asksForMore = (exportFrom ?? Number.NEGATIVE_INFINITY) < leftOut;
        const fresh = { number: stored.number + 1, startedAt: now, anchor: null, finishedAt: null, exportFrom };
        expect(currentSweep(stored, exportFrom, now)).toEqual(asksForMore ? fresh : stored);
      }),
    );
  });

  test('does not begin again at every run: what it answered stands in STATE and satisfies it', () => {
    fc.assert(
      fc.property(fc.option(anySweep, { nil: null }), maybeTime, time, time, (stored, exportFrom, now, later) => {
        const sweep = currentSweep(stored, exportFrom, now);
        expect(currentSweep(sweep, exportFrom, later)).toEqual(sweep);
      }),
    );
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
    const head = {
      touched: START - 900 * MINUTE,
      waitingSince: null,
      templateId: null,
      eventCount: 1,
      seq: 1,
      goneAt: null,
    };
    for (const [caseId, readAt] of [
      ['before', START - 1],
      ['since', START],
    ] as const) {
      cases.addCase(caseId, START - 900 * MINUTE);
      await checkpoints.putHead(DOMAIN, { ...head, caseId, readAt });
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
    const unread = [...cases.cases.values()].filter(({ caseId }) => !run.batch.heads.has(caseId));
    expect(unread.length).toBeGreaterThan(10);
    expect(stopped?.finishedAt).toBeNull();
    expect(stopped?.anchor).toBeLessThanOrEqual(Math.min(...unread.map(({ created }) => created)));
    expect(stopped?.anchor).toBeGreaterThan(START - 1000 * MINUTE);

    const next = await createRun(cases);
    for (const head of run.batch.heads.values()) await next.checkpoints.putHead(DOMAIN, { ...head, seq: 1 });
    cases.calls.length = 0;
    await sweepCases(next.run, stopped as SweepLane);
    expect(readIdsOf(cases)).toEqual(unread.map(({ caseId }) => caseId));
    expect(searchesOf(cases)[0]?.from).toBe(stopped?.anchor);
    expect(progressOf(next.run)).toMatchObject({ startedAt: START, finishedAt: next.clock.now() });
  });

  test('is not finished while one case is still to be read, though every page was seen', async () => {
    const { run, cases } = await createSweep({ settings: { auditEventsRps: 1, commitReserveMs: 0 }, minutes: 0.5 });
    cases.addCase('huge', START - 900 * MINUTE);
    for (let index = 0; index < 2000; index += 1) cases.updateCase('huge', START - 900 * MINUTE);
    cases.addCase('small', START - 800 * MINUTE);
    await sweepCases(run, first);
    expect(run.batch.heads.has('small')).toBe(true);
    expect(progressOf(run)).toEqual({ ...first, anchor: START - 900 * MINUTE });
  });

  test('of an empty domain is finished at once', async () => {
    const { run, cases } = await createSweep();
    await sweepCases(run, first);
    expect(progressOf(run)?.finishedAt).toBe(START);
    expect(cases.calls).toHaveLength(1);
  });
});
