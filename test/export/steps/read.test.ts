/** Promises of reading a case while the run commits: an event is new once, wherever its id stands at that moment. */
import { commitBatch } from '../../../lambda/export/steps/commit';
import { readCase } from '../../../lambda/export/steps/read';
import { createFakeCases } from '../../fakes/cases-api';
import { createRun, DOMAIN, MINUTE, START } from './fixtures';

const TASK = { caseId: 'case', templateId: null, touched: START - 30 * MINUTE, head: undefined };

test('An entry of the retry list stays open for what touched the case while it was read', async () => {
  const entry = {
    caseId: 'case',
    templateId: null,
    touched: TASK.touched,
    cause: 'unavailable' as const,
    attempts: 1,
    firstSeen: START - 20 * MINUTE,
    notFoundSince: null,
    notBefore: START,
    seq: 1,
    closed: false,
  };
  const later = START - 10 * MINUTE;
  const before = (operation: string) => {
    // The live lane finds it again at this moment.
    if (operation === 'getCaseAuditEvents') run.batch.retries.set('case', { ...entry, touched: later });
  };
  const cases = createFakeCases({ domainId: DOMAIN, now: () => START, before });
  cases.addCase('case', START - 40 * MINUTE);
  const { run } = await createRun(cases);
  run.openRetries.set('case', entry);
  await readCase(run, TASK);
  expect(run.batch.retries.get('case')).toMatchObject({ touched: later, closed: false });

  await readCase(run, { ...TASK, touched: later });
  expect(run.batch.retries.get('case')).toMatchObject({ touched: later, closed: true });
});

test('Events that a commit moves from the batch into the table, just as the case is read again, stay known', async () => {
  const cases = createFakeCases({ domainId: DOMAIN, now: () => START });
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
    await run.batchLock.run(() => commitBatch(run));
    return before;
  };
  await readCase(run, TASK);
  expect(run.state.head?.seq).toBe(1);
  expect(run.batch.events).toBe(0);
});
