/** Promises of reading a case while the run commits: an event is new once, wherever its id stands at that moment. */

import { commitBatch } from '../../../lambda/export/commit/commit';
import { resumePartialReads, retryDueCases, retryPoisonCases } from '../../../lambda/export/find/resume';
import { readCase } from '../../../lambda/export/read/read-case';
import type { Run } from '../../../lambda/export/run/run';
import { createFakeCases } from '../../fakes/cases-api';
import { aPartialRead, aRetry, aSweep } from '../../support/stored-values';
import { aReadTask, createRun, MINUTE, START } from '../fixtures';

const TOUCHED = START - 30 * MINUTE;
const TASK = aReadTask({ touched: TOUCHED });
const ENTRY = aRetry({ touched: TOUCHED, cause: 'unavailable', firstSeen: START - 20 * MINUTE, notBefore: START });
const HALF_READ = aPartialRead({
  touched: TOUCHED,
  token: 'getCaseAuditEvents:1',
  firstPageAt: START,
  newest: TOUCHED,
});
const SWEEP = aSweep({ number: 2, startedAt: START, purpose: 'check' });

/** A case of two pages, last changed at `updatedAt`, of which the first is read. */
async function createHalfRead(updatedAt: number) {
  const cases = createFakeCases({ now: () => START, pageSize: { getCaseAuditEvents: 1 } });
  cases.addCase('case', START - 40 * MINUTE);
  cases.updateCase('case', updatedAt);
  const { run } = await createRun(cases);
  run.batch.partialReads.set('case', HALF_READ);
  const firstRequest = () => cases.requestsOf('getCaseAuditEvents')[0];
  return { run, firstRequest };
}

describe('A case that was half-read', () => {
  const readers: [string, (run: Run, readSince: number) => Promise<unknown>][] = [
    ['a sweep', (run, readSince) => readCase(run, { ...TASK, readSince })],
    ['the next run', (run) => resumePartialReads(run)],
    [
      'the retry list',
      (run) => {
        run.published.learnRetries([ENTRY]);
        return retryDueCases(run);
      },
    ],
    [
      'the list of deadly cases',
      (run) => {
        run.published.learnRetries([{ ...ENTRY, cause: 'fatal' }]);
        return retryPoisonCases(run);
      },
    ],
  ];

  test.each(readers)(
    'goes on from its token by %s, unless a sweep has begun since: it counts on the whole',
    async (_, read) => {
      for (const [startedAt, nextToken] of [
        [START, HALF_READ.token],
        [START + 1, undefined],
      ] as const) {
        const { run, firstRequest } = await createHalfRead(TASK.touched);
        run.progress.beginSweep({ ...SWEEP, startedAt });
        await read(run, startedAt);
        expect(firstRequest()).toMatchObject({ caseId: 'case', nextToken });
        expect(run.batch.records.get('case')).toMatchObject({ touched: TASK.touched });
      }
    },
  );
});

test('A case that was half-read is read again from its first page once it was touched since', async () => {
  for (const [touched, nextToken] of [
    [HALF_READ.touched, HALF_READ.token],
    [HALF_READ.touched + 1, undefined],
  ] as const) {
    const { run, firstRequest } = await createHalfRead(touched);
    await readCase(run, { ...TASK, touched });
    expect(firstRequest()).toMatchObject({ caseId: 'case', nextToken });
  }
});

test('An entry of the retry list stays open for what touched the case while it was read', async () => {
  const later = START - 10 * MINUTE;
  const before = (operation: string) => {
    // The live lane finds it again at this moment.
    if (operation === 'getCaseAuditEvents')
      return run.batch.locked(async (open) => open.putRetry({ ...ENTRY, touched: later }));
    return undefined;
  };
  const cases = createFakeCases({ now: () => START, before });
  cases.addCase('case', START - 40 * MINUTE);
  for (const at of [TOUCHED, later]) cases.updateCase('case', at);
  const { run } = await createRun(cases);
  run.published.learnRetries([ENTRY]);
  await readCase(run, TASK);
  expect(run.batch.retries.get('case')).toMatchObject({ touched: later, closed: false });

  await readCase(run, { ...TASK, touched: later });
  expect(run.batch.retries.get('case')).toMatchObject({ touched: later, closed: true });
});

test('Events that a commit moves from the batch into the table, just as the case is read again, stay known', async () => {
  const cases = createFakeCases({ now: () => START });
  cases.addCase('case', START - 40 * MINUTE);
  cases.updateCase('case', START - 30 * MINUTE);
  const { run, checkpoints } = await createRun(cases);
  await readCase(run, TASK);
  expect(run.batch.events).toBe(2);

  const { readEventIds } = checkpoints;
  checkpoints.readEventIds = async (...asked) => {
    checkpoints.readEventIds = readEventIds;
    const before = await readEventIds(...asked);
    // The answer was given, and before it arrives the batch is committed.
    await run.batch.locked((open) => commitBatch(run, open));
    return before;
  };
  await readCase(run, TASK);
  expect(run.published.state.head?.seq).toBe(1);
  expect(run.batch.events).toBe(0);
});
