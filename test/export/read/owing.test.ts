/** What a read that did not bring everything leaves behind: an entry of the retry list, a partial read, or an end with an error. */

import { MAX_OPEN_RETRIES } from '../../../lambda/export/domain/retry-list';
import { readOnPartialReads, resumePartialReads, retryDueCases } from '../../../lambda/export/find/resume';
import { readCase } from '../../../lambda/export/read/read-case';
import { unreadRecord } from '../../../lambda/export/read/reading';
import { SystemicError } from '../../../lambda/export/run/calls';
import { failAt } from '../../fakes/with-answers';
import { aPartialRead, aRecord, aRetry } from '../../support/stored-values';
import { anomaliesOf, aReadTask, createRunWithCases, MINUTE, type RunOptions, START } from '../fixtures';

const TOUCHED = START - 30 * MINUTE;

/** Cases with so many events, one a page, that fail if `fails` says so. */
async function createReader(
  caseIds: readonly string[],
  events: number,
  options: RunOptions = {},
  fails = (_: string): boolean => false,
) {
  const world = await createRunWithCases(options, {
    pageSize: { getCaseAuditEvents: 1 },
    before: failAt('getCaseAuditEvents', 'unavailable', ({ caseId }) => fails(caseId)),
  });
  const { cases } = world;
  for (const caseId of caseIds) {
    cases.addCase(caseId, TOUCHED);
    cases.updateOften(caseId, events - 1, TOUCHED);
  }
  const readsOf = (caseId: string) =>
    cases.requestsOf('getCaseAuditEvents').filter((request) => request.caseId === caseId).length;
  return { ...world, readsOf };
}

describe('The retry list', () => {
  test('takes no more than 100,000 cases: one more ends the run with an error that says where to look', async () => {
    const { run } = await createReader(['case'], 1, {}, () => true);
    const entry = aRetry();
    const others = Array.from({ length: MAX_OPEN_RETRIES }, (_, index) => ({ ...entry, caseId: `owed-${index}` }));
    run.published.learnRetries(others);
    const reading = readCase(run, aReadTask({ touched: TOUCHED }));
    await expect(reading).rejects.toThrow(SystemicError);
    await expect(reading).rejects.toThrow(/holds 100000 cases, expected at most 100000; .* query open-debts/);
    // One that stands on it already stays.
    run.published.learnRetries([entry]);
    expect(await readCase(run, aReadTask({ touched: TOUCHED }))).toBe('done');
  });

  test('is tried with one attempt a case: what failed so far is likely to fail again', async () => {
    const { run, readsOf } = await createReader(['case', 'new'], 1, {}, () => true);
    run.published.learnRetries([aRetry({ touched: TOUCHED, cause: 'unavailable' })]);
    await retryDueCases(run);
    await readCase(run, aReadTask({ caseId: 'new', touched: TOUCHED }));
    expect([readsOf('case'), readsOf('new')]).toEqual([1, 3]);
  });

  test('takes a case whose history lags behind the search index without an anomaly: that is ordinary', async () => {
    const { run, telemetry } = await createReader(['case'], 1);
    await readCase(run, aReadTask({ touched: START }));
    expect(run.batch.retries.get('case')).toMatchObject({ cause: 'unexplained', attempts: 1 });
    expect(anomaliesOf(telemetry)).toEqual([]);
  });
});

describe('Cases of many pages', () => {
  const slow = { settings: { auditEventsRps: 1, commitReserveMs: 0 }, minutes: 2 };

  test('stop partly read after a quarter of the calls of a run, and go on once the others had their turn', async () => {
    const { run, readsOf } = await createReader(['big', 'small'], 50, {
      ...slow,
      settings: { ...slow.settings, auditEventsRps: 2 },
    });
    expect(await readCase(run, aReadTask({ caseId: 'big', touched: TOUCHED }))).toBe('done');
    expect(readsOf('big')).toBe(50);
    const { run: short, readsOf: readsInShort } = await createReader(['big'], 50, slow);
    expect(await readCase(short, aReadTask({ caseId: 'big', touched: TOUCHED }))).toBe('paused');
    expect(readsInShort('big')).toBe(30);
    await readOnPartialReads(short);
    expect(short.batch.records.get('big')).toMatchObject({ touched: TOUCHED, eventCount: 50 });
    expect(short.batch.partialReads.size).toBe(0);
  });

  test('are kept in STATE up to sixteen; what is beyond goes to the retry list, as its place would be forgotten', async () => {
    const caseIds = Array.from({ length: 18 }, (_, index) => `case-${index}`);
    const { run } = await createReader(caseIds, 25, { ...slow, settings: { ...slow.settings, auditEventsRps: 1000 } });
    const stop = { mayGoOn: () => false };
    for (const caseId of caseIds) await readCase(run, aReadTask({ caseId, touched: TOUCHED, ...stop }));
    expect(run.batch.partialReads.size).toBe(16);
    expect([...run.batch.retries].map(([caseId, { cause }]) => [caseId, cause])).toEqual([
      ['case-16', 'no-progress'],
      ['case-17', 'no-progress'],
    ]);
  });

  test('take turns: the one that was read last is the last in line', async () => {
    const { run } = await createReader(['a', 'b', 'c'], 25);
    for (const caseId of ['a', 'b', 'c', 'a']) {
      await readCase(run, aReadTask({ caseId, touched: TOUCHED, mayGoOn: () => false }));
    }
    expect([...run.batch.partialReads.keys()]).toEqual(['b', 'c', 'a']);
  });

  test('that stand on the retry list as well go on when they are due, not with the partial reads', async () => {
    const { run, readsOf } = await createReader(['case'], 3);
    run.batch.partialReads.set(
      'case',
      aPartialRead({ touched: TOUCHED, token: 'getCaseAuditEvents:1', firstPageAt: START }),
    );
    run.published.learnRetries([aRetry({ touched: TOUCHED, notBefore: START + MINUTE })]);
    await resumePartialReads(run);
    await readOnPartialReads(run);
    await retryDueCases(run);
    expect(readsOf('case')).toBe(0);
  });
});

describe('The ledger', () => {
  const asked = async (
    change: Parameters<typeof aReadTask>[0],
    state: NonNullable<RunOptions['state']>,
    prepare: (world: Awaited<ReturnType<typeof createReader>>) => unknown = () => undefined,
  ) => {
    const world = await createReader(['case'], 2, { state });
    await prepare(world);
    let reads = 0;
    const { readEventIds } = world.checkpoints;
    world.checkpoints.readEventIds = (...args) => {
      reads += 1;
      return readEventIds(...args);
    };
    await readCase(world.run, aReadTask({ touched: TOUCHED, ...change }));
    return reads;
  };

  test('is not asked for a case without a record, as whoever has ids has one', async () => {
    expect(await asked({}, { idsHaveRecords: true })).toBe(0);
  });

  test('is asked where the case has a record, is partly read, or was read before in this run', async () => {
    expect(await asked({ record: aRecord() }, { idsHaveRecords: true })).toBe(1);
    expect(
      await asked({}, { idsHaveRecords: true }, ({ run }) => run.batch.partialReads.set('case', aPartialRead())),
    ).toBe(1);
    expect(
      await asked({}, { idsHaveRecords: true }, ({ run }) =>
        run.batch.locked(async (open) => open.putRecord(unreadRecord('case', null))),
      ),
    ).toBe(1);
  });

  test('is asked for every case where an earlier build may have written ids without records', async () => {
    const head = { seq: 1, manifestKey: 'm', sha256: '0'.repeat(64) };
    expect(await asked({}, { idsHaveRecords: false, head, applied: 1 })).toBe(1);
  });
});
