/** What a sweep says where it could not see everything: what was hidden from it, what it left out, and where it could not look. */
import type { SweepLane } from '../../../lambda/export/domain/state';
import { MAX_HELD_PASSES } from '../../../lambda/export/find/census';
import { sweepCases } from '../../../lambda/export/find/sweep';
import type { CasesApi } from '../../../lambda/export/ports';
import { createFakeCases } from '../../fakes/cases-api';
import { createManualClock } from '../../fakes/manual-clock';
import { failed } from '../../fakes/with-answers';
import { aRecord, aRetry, aSweep } from '../../support/stored-values';
import { createRun, DOMAIN, MINUTE, type RunOptions, START } from '../fixtures';

const FIRST = aSweep({ startedAt: START });
const LONG_AGO = START - 900 * MINUTE;

type Change = (search: CasesApi['searchCases']) => CasesApi['searchCases'];

/** So many cases, all made in one second or each a minute after the other, and a search that is changed. */
function createDomain(cases: number, stepMs: number, change: Change = (search) => search) {
  const clock = createManualClock({ start: START, auto: true });
  const fake = createFakeCases({ now: () => clock.now(), pageSize: { searchCases: 3 } });
  fake.addCases(cases, LONG_AGO, stepMs);
  return { clock, cases: { ...fake, searchCases: change(fake.searchCases) }, fake };
}

async function sweepOnce(domain: ReturnType<typeof createDomain>, sweep: SweepLane, options: RunOptions = {}) {
  const world = await createRun(domain.cases, { clock: domain.clock, ...options });
  await sweepCases(world.run, sweep);
  return { ...world, after: world.run.progress.sweep(new Map()) as SweepLane };
}

/** Nulls in the place of a case. */
const hiding =
  (caseId: string): Change =>
  (search) =>
  async (...request) => {
    const page = await search(...request);
    return { ...page, cases: page.cases.map((found) => (found?.caseId === caseId ? null : found)) };
  };

describe('A sweep', () => {
  test('that cannot look behind a place is not finished for three runs, and then says what it did not find', async () => {
    const domain = createDomain(7, 1, (search) => async (request, signal) => {
      if (request.nextToken !== undefined) throw failed('refused', 'SearchCases');
      return search(request, signal);
    });
    let sweep = FIRST;
    for (let pass = 1; pass <= MAX_HELD_PASSES; pass += 1) {
      const { after, run } = await sweepOnce(domain, sweep);
      expect(after).toMatchObject({ finishedAt: null, heldPasses: pass });
      expect(after.anchor).toBeLessThanOrEqual(LONG_AGO);
      expect(run.progress.history).toBeNull();
      sweep = after;
    }
    const { after, run } = await sweepOnce(domain, sweep);
    expect(after.finishedAt).not.toBeNull();
    expect(run.progress.history?.casesNotFound).toBeGreaterThanOrEqual(4);
  });

  test('that checks and has used up its pace has not ended, though all that it found is done', async () => {
    const domain = createDomain(12, MINUTE);
    const { run, checkpoints } = await createRun(domain.cases, { clock: domain.clock });
    for (const { caseId, created } of domain.fake.cases.values()) {
      await checkpoints.putCaseRecord(DOMAIN, aRecord({ caseId, touched: created, readAt: START, eventCount: 1 }));
    }
    await sweepCases(run, { ...FIRST, number: 2, purpose: 'check' });
    expect(run.progress.sweep(new Map())).toMatchObject({ finishedAt: null, casesRead: 0 });
    expect(run.progress.history).toBeNull();
  });

  test('that is interrupted remembers what was hidden from it so far, also where the service gives no count', async () => {
    const uncounted: Change = (search) => async (request, signal) => ({
      ...(await hiding('case-1')(search)(request, signal)),
      totalCount: undefined,
    });
    const domain = createDomain(30, MINUTE, uncounted);
    const slow = { settings: { auditEventsRps: 1, commitReserveMs: 0 }, minutes: 0.25 };
    const { after: stopped } = await sweepOnce(domain, FIRST, slow);
    expect(stopped.finishedAt).toBeNull();
    expect(stopped.anchor).toBeGreaterThan(LONG_AGO + 3 * MINUTE);
    expect(stopped.casesHidden).toBe(1);
    const { run } = await sweepOnce(domain, stopped);
    expect(run.progress.history?.casesNotFound).toBe(1);
  });

  test('that leaves cases out by EXPORT_FROM says so in its proof, and takes nothing for gone that it did not show', async () => {
    for (const exportFrom of [LONG_AGO - MINUTE, null]) {
      const domain = createDomain(3, MINUTE);
      const world = await createRun(domain.cases, { clock: domain.clock });
      const retry = aRetry({ caseId: 'lost', cause: 'not-found', notFoundSince: START - MINUTE });
      world.run.published.learnRetries([retry]);
      await sweepCases(world.run, { ...FIRST, exportFrom });
      expect(world.run.progress.history).toMatchObject({ exportFrom, casesFound: 3 });
      expect(world.run.batch.gone).toEqual(new Set(exportFrom === null ? ['lost'] : []));
    }
  });

  test('takes a case that answered 404 for gone iff it began after that and did not show it', async () => {
    const domain = createDomain(3, MINUTE);
    const { run } = await createRun(domain.cases, { clock: domain.clock });
    const owed = (caseId: string, notFoundSince: number, sweptAt: number | null = null) =>
      run.published.learnRetries([
        aRetry({ caseId, cause: 'not-found', notFoundSince, sweptAt, notBefore: START + 1, touched: LONG_AGO }),
      ]);
    owed('not shown', START - MINUTE);
    owed('shown to a run before', START - MINUTE, START + 1);
    owed('not found since', START);
    owed('case-1', START - MINUTE);
    run.published.learnRetries([aRetry({ caseId: 'denied', cause: 'denied', notBefore: START + 1 })]);
    await sweepCases(run, FIRST);
    expect([...run.batch.gone]).toEqual(['not shown']);
    expect(run.batch.retries.get('case-1')).toMatchObject({ closed: false, sweptAt: START });
  });

  test('reads a case again that was gone and that it shows, though it was read since it began', async () => {
    const domain = createDomain(2, MINUTE);
    const { run, checkpoints } = await createRun(domain.cases, { clock: domain.clock });
    const read = { touched: LONG_AGO + MINUTE, readAt: START };
    await checkpoints.putCaseRecord(DOMAIN, aRecord({ caseId: 'case-0', ...read }));
    await checkpoints.putCaseRecord(DOMAIN, aRecord({ caseId: 'case-1', ...read, goneAt: START }));
    await sweepCases(run, FIRST);
    expect([...run.batch.records.keys()]).toEqual(['case-1']);
    expect(run.batch.records.get('case-1')).toMatchObject({ goneAt: null });
  });

  test('that found every case pays what searches hid before it began, and nothing else does', async () => {
    const owed = { cause: 'not-shown' as const, cases: 1, neverRead: 1, missingFrom: null };
    const before = { ...owed, since: START - MINUTE };
    const later = { ...owed, since: START + MINUTE };
    const whole = await sweepOnce(createDomain(3, MINUTE), FIRST, { state: { notShown: before } });
    expect(whole.run.progress.notShown).toBeNull();
    const hidden = await sweepOnce(createDomain(3, MINUTE, hiding('case-1')), FIRST, { state: { notShown: before } });
    expect(hidden.run.progress.notShown).toEqual(before);
    const leftOut = { ...FIRST, exportFrom: LONG_AGO - MINUTE };
    const partly = await sweepOnce(createDomain(3, MINUTE), leftOut, { state: { notShown: before } });
    expect(partly.run.progress.notShown).toEqual(before);
    const since = await sweepOnce(createDomain(3, MINUTE), FIRST, { state: { notShown: later } });
    expect(since.run.progress.notShown).toEqual(later);
  });
});
