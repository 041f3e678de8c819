import type { Lanes, LiveLane } from '../../../lambda/export/domain/state';
import { readLiveChanges, timeToLeave } from '../../../lambda/export/find/live';
import type { Run } from '../../../lambda/export/run/run';
import type { FakeCases } from '../../fakes/cases-api';
import { createManualClock } from '../../fakes/manual-clock';
import { failAt, failed, withAnswers } from '../../fakes/with-answers';
import { aLiveLane, aRecord, someLanes } from '../../support/stored-values';
import { anomaliesOf, createRun, createRunWithCases, DOMAIN, MINUTE, START } from '../fixtures';

const SETTLE = 3 * MINUTE;
const OVERLAP = 15 * MINUTE;

function lanes(live: Partial<LiveLane>): Lanes {
  return someLanes({ live: aLiveLane(live) });
}

const HOUR_AGO = { lanes: lanes({ watermark: START - 60 * MINUTE }) };
const none = new Map<string, number>();
const progressOf = (run: Run, halfRead: ReadonlyMap<string, number> = new Map()) => run.progress.live(halfRead);
const readIdsOf = (cases: FakeCases) => cases.requestsOf('getCaseAuditEvents').map(({ caseId }) => caseId);
const searchesOf = (cases: FakeCases) => cases.requestsOf('searchCases').map(({ from }) => from);

describe('A live pass', () => {
  test('of a new domain begins settle and overlap ago: what is older belongs to the sweep', async () => {
    const { run, cases } = await createRunWithCases();
    cases.addCase('old', START - SETTLE - OVERLAP - 1);
    cases.addCase('edge', START - SETTLE - OVERLAP);
    await readLiveChanges(run, none, timeToLeave(run, { related: false, sweep: true }).live);
    expect(readIdsOf(cases)).toEqual(['edge']);
    expect(progressOf(run)).toEqual(aLiveLane({ watermark: START - SETTLE, provenUntil: START - SETTLE }));
    expect(run.progress.livePassesFinished).toBe(1);
  });

  test('begins the overlap before its watermark, and ends with the watermark settle before its start', async () => {
    const watermark = START - 60 * MINUTE;
    const { run, cases } = await createRunWithCases({ state: { lanes: lanes({ watermark }) } });
    cases.addCase('below', watermark - OVERLAP - 1);
    cases.addCase('above', watermark - OVERLAP);
    await readLiveChanges(run, none, 0);
    expect(searchesOf(cases)[0]).toBe(watermark - OVERLAP);
    expect(readIdsOf(cases)).toEqual(['above']);
    expect(progressOf(run).watermark).toBe(START - SETTLE);
  });

  test('finds every case, over pages and ties, and reads each once', async () => {
    const { run, cases } = await createRunWithCases({ state: { lanes: lanes({ watermark: START - 600 * MINUTE }) } });
    for (let index = 0; index < 450; index += 1) {
      const at = START - 500 * MINUTE + (index < 250 ? 0 : index * 1000);
      cases.addCase(`case-${index}`, at);
    }
    await readLiveChanges(run, none, 0);
    expect(readIdsOf(cases).sort()).toEqual([...cases.cases.keys()].sort());
    expect(progressOf(run).watermark).toBe(START - SETTLE);
  });

  test('reads nothing that was read enough, and nothing that is too fresh', async () => {
    const { run, cases, checkpoints } = await createRunWithCases({ state: HOUR_AGO });
    const readAt = START - 20 * MINUTE;
    for (const caseId of ['read', 'changed']) {
      cases.addCase(caseId, START - 30 * MINUTE);
      await checkpoints.putCaseRecord(DOMAIN, aRecord({ caseId, touched: START - 30 * MINUTE, readAt, eventCount: 1 }));
    }
    cases.updateCase('changed', START - 10 * MINUTE);
    cases.addCase('fresh', START - MINUTE);
    await readLiveChanges(run, none, 0);
    expect(readIdsOf(cases)).toEqual(['changed']);
    expect([...run.counters.found].sort()).toEqual(['changed', 'fresh', 'read']);
  });

  test('leaves its watermark at or below every case that was too fresh, so that the next pass finds it', async () => {
    const { run, cases } = await createRunWithCases({
      state: HOUR_AGO,
      settings: { overlapMs: 0 },
    });
    cases.addCase('fresher', START - MINUTE);
    cases.addCase('fresh', START - 2 * MINUTE);
    await readLiveChanges(run, none, 0);
    expect(progressOf(run).watermark).toBeLessThanOrEqual(START - 2 * MINUTE);
    expect(run.batch.records.get('fresh')).toMatchObject({ waitingSince: START, touched: null });
  });

  test('leaves its watermark at or below a case that waits for its related item alone', async () => {
    const { run, cases } = await createRunWithCases({ state: HOUR_AGO });
    cases.addCase('commented', START - 50 * MINUTE);
    await readLiveChanges(run, new Map([['commented', START - MINUTE]]), 0);
    expect(readIdsOf(cases)).toEqual([]);
    expect(progressOf(run).watermark).toBe(START - 50 * MINUTE);
  });

  test('ends by itself at a page that ends at or after its start, though every page carries a token', async () => {
    const { run, cases } = await createRunWithCases({ state: HOUR_AGO }, { pageSize: { searchCases: 2 } }, (service) =>
      withAnswers(service, 'searchCases', (page) => ({ ...page, nextToken: page.nextToken ?? 'more' })),
    );
    for (let minutes = 30; minutes >= -30; minutes -= 10) cases.addCase(`at ${minutes}`, START - minutes * MINUTE);
    await readLiveChanges(run, none, 0);
    expect(run.progress.livePassesFinished).toBe(1);
    expect(searchesOf(cases).length).toBeLessThanOrEqual(6);
    expect(readIdsOf(cases).sort()).toEqual(['at 10', 'at 20', 'at 30']);
  });

  test('begins when its first page was asked for, not when it came: what changed meanwhile is for the next pass', async () => {
    const clock = createManualClock({ start: START, auto: true });
    const before = (operation: string) => {
      if (operation === 'searchCases') clock.advance(10_000);
    };
    const { run } = await createRunWithCases({ clock, state: HOUR_AGO }, { before });
    await readLiveChanges(run, none, 0);
    expect(progressOf(run).watermark).toBe(START - SETTLE);
  });

  test('reads a case again that comes again on a later page with a later time, and only then', async () => {
    let searches = 0;
    const before = (operation: string) => {
      // Searches lag: the update is older than settle when they show it.
      if (operation === 'searchCases' && ++searches === 2) cases.updateCase('moved', START - 10 * MINUTE);
    };
    const { run, cases } = await createRunWithCases({ state: HOUR_AGO }, { before, pageSize: { searchCases: 2 } });
    cases.addCase('moved', START - 50 * MINUTE);
    for (let minutes = 40; minutes >= 20; minutes -= 10) cases.addCase(`at ${minutes}`, START - minutes * MINUTE);
    await readLiveChanges(run, none, 0);
    expect(readIdsOf(cases).sort()).toEqual(['at 20', 'at 30', 'at 40', 'moved', 'moved']);
  });

  test('puts what fails on the retry list and goes on: the watermark moves', async () => {
    const { run, cases } = await createRunWithCases(
      { state: HOUR_AGO },
      { before: failAt('getCaseAuditEvents', 'refused', ({ caseId }) => caseId === 'bad') },
    );
    for (const caseId of ['good', 'bad', 'also good']) cases.addCase(caseId, START - 10 * MINUTE);
    await readLiveChanges(run, none, 0);
    expect([...run.batch.retries.keys()]).toEqual(['bad']);
    expect([...run.batch.records.keys()].sort()).toEqual(['also good', 'good']);
    expect(progressOf(run).watermark).toBe(START - SETTLE);
  });

  test('never takes its watermark back, even when settle is set to more', async () => {
    const watermark = START - MINUTE;
    const { run } = await createRunWithCases({ state: { lanes: lanes({ watermark }) } });
    await readLiveChanges(run, none, 0);
    expect(progressOf(run).watermark).toBe(watermark);
  });
});

describe('A live pass that is interrupted', () => {
  const slow = { auditEventsRps: 1, commitReserveMs: 0 };
  const state = HOUR_AGO;

  test('keeps its start and an anchor that no unread case lies below, and the next run finds all the rest', async () => {
    const { run, cases, clock } = await createRunWithCases({ state, settings: slow, minutes: 0.5 });
    cases.addCases(60, START - 50 * MINUTE, 1000);
    await readLiveChanges(run, none, 0);
    const progress = progressOf(run);
    expect(progress).toMatchObject({ watermark: START - 60 * MINUTE, passStartedAt: START });
    expect(run.progress.livePassesFinished).toBe(0);
    const unread = [...cases.cases.values()].filter(({ caseId }) => !run.batch.records.has(caseId));
    expect(unread.length).toBeGreaterThan(20);
    expect(progress.anchor).toBe(Math.min(...unread.map(({ lastUpdated }) => lastUpdated)));

    clock.advance(20 * MINUTE);
    const next = await createRun(cases, { clock, state: { lanes: lanes(progress) } });
    for (const head of run.batch.records.values()) await next.checkpoints.putCaseRecord(DOMAIN, { ...head, seq: 1 });
    cases.calls.length = 0;
    await readLiveChanges(next.run, none, 0);
    expect(searchesOf(cases)[0]).toBe(progress.anchor);
    expect(readIdsOf(cases).sort()).toEqual(unread.map(({ caseId }) => caseId).sort());
    expect(progressOf(next.run)).toEqual(aLiveLane({ watermark: START - SETTLE, provenUntil: START - SETTLE }));
  });

  test('counts a case that the commit saves half-read as settled, and no other', async () => {
    const { run, cases } = await createRunWithCases({ state, settings: slow, minutes: 0.25 });
    const huge = cases.addCase('huge', START - 50 * MINUTE);
    cases.updateOften('huge', 2000, huge.created);
    await readLiveChanges(run, none, 0);
    expect(run.batch.partialReads.get('huge')?.token).toBeDefined();
    expect(progressOf(run).anchor).toBeLessThanOrEqual(huge.lastUpdated);
    cases.addCase('later', START - 40 * MINUTE);
    expect(progressOf(run, new Map([['huge', huge.lastUpdated]])).anchor).toBeGreaterThanOrEqual(huge.lastUpdated);
  });

  test('has not ended while one case is still to be read, though every page was seen', async () => {
    const { run, cases } = await createRunWithCases({ state, settings: slow, minutes: 0.25 });
    cases.addCase('huge', START - 50 * MINUTE);
    cases.updateOften('huge', 2000, START - 50 * MINUTE);
    cases.addCase('small', START - 40 * MINUTE);
    await readLiveChanges(run, none, 0);
    expect(run.batch.records.has('small')).toBe(true);
    expect(run.progress.livePassesFinished).toBe(0);
    expect(progressOf(run)).toEqual(
      aLiveLane({ watermark: START - 60 * MINUTE, passStartedAt: START, anchor: START - 50 * MINUTE }),
    );
  });

  test('is not kept waiting by a case of many pages, which stops partly read once it has had its share', async () => {
    const { run, cases } = await createRunWithCases({ state, settings: slow, minutes: 2 });
    cases.addCase('huge', START - 50 * MINUTE);
    cases.updateOften('huge', 2000, START - 50 * MINUTE);
    cases.addCase('small', START - 40 * MINUTE);
    await readLiveChanges(run, none, 0);
    // A quarter of two minutes at one call a second.
    expect(readIdsOf(cases).filter((caseId) => caseId === 'huge')).toHaveLength(30);
    expect(run.batch.partialReads.get('huge')).toMatchObject({ touched: START - 50 * MINUTE, neverRead: true });
    expect(run.batch.records.has('small')).toBe(true);
    expect(run.progress.livePassesFinished).toBe(1);
    expect(progressOf(run).watermark).toBe(START - SETTLE);
  });

  test('leaves a tenth of the time to a sweep that is due', async () => {
    const { run, cases } = await createRunWithCases({ state, settings: { ...slow, auditEventsRps: 5 }, minutes: 1 });
    cases.addCases(1000, START - 50 * MINUTE, 1);
    await readLiveChanges(run, none, timeToLeave(run, { related: false, sweep: true }).live);
    expect(run.budget.readingMs()).toBeGreaterThan(4000);
    expect(run.budget.readingMs()).toBeLessThanOrEqual(6000);
  });

  test('keeps its anchor at or below what is too fresh, though all else was read', async () => {
    let searches = 0;
    const before = async (operation: string) => {
      if (operation !== 'searchCases' || ++searches < 3) return;
      await clock.sleep(1000); // Meanwhile the cases of the pages before are read.
      throw failed('throttled', 'SearchCases', 3600_000);
    };
    const { run, cases, clock } = await createRunWithCases({ state }, { pageSize: { searchCases: 3 }, before });
    cases.addCase('old', START - 50 * MINUTE);
    cases.addCase('fresh', START - 2 * MINUTE);
    cases.addCase('fresher', START - MINUTE);
    // A value counts as reached once the next page has shown its case again.
    for (const seconds of [30, 20, 10]) cases.addCase(`last-${seconds}`, START - seconds * 1000);
    await readLiveChanges(run, none, 0);
    expect(progressOf(run).passStartedAt).toBe(START);
    expect(progressOf(run).anchor).toBeLessThanOrEqual(START - 2 * MINUTE);
  });
});

describe('A search that does not sort', () => {
  test('holds the anchor, is an anomaly, and hides no case', async () => {
    let lowestAnchor = Number.POSITIVE_INFINITY;
    const before = (operation: string) => {
      if (operation === 'getCaseAuditEvents') lowestAnchor = progressOf(run).anchor ?? lowestAnchor;
    };
    const { run, cases, telemetry } = await createRunWithCases({ state: HOUR_AGO }, { before }, (service) =>
      withAnswers(service, 'searchCases', (page) => ({ ...page, cases: page.cases.toReversed() })),
    );
    cases.addCases(250, START - 50 * MINUTE, 1);
    await readLiveChanges(run, none, 0);
    expect(lowestAnchor).toBeLessThanOrEqual(START - 60 * MINUTE);
    expect(new Set(readIdsOf(cases)).size).toBe(250);
    expect(anomaliesOf(telemetry)).toContain('unsorted-search');
  });
});
