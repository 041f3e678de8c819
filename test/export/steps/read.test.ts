/** Promises of reading a case while the run commits: an event is new once, wherever its id stands at that moment. */
import { commitBatch } from '../../../lambda/export/steps/commit';
import { readCase } from '../../../lambda/export/steps/read';
import { createFakeCases } from '../../fakes/cases-api';
import { createRun, DOMAIN, MINUTE, START } from './fixtures';

const TASK = { caseId: 'case', templateId: null, touched: START - 30 * MINUTE, head: undefined };

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
