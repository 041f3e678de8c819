import { readCase } from '../../../lambda/export/read/read-case';
import { NO_EVENTS } from '../../fakes/with-answers';
import { aReadTask, casesApi, createRun, START } from '../fixtures';

const SAME = [{ eventId: 'event-1', type: 'Case.Created', performedTime: new Date(START), fields: [] }];

test('A history that shows nothing new for fifty pages is not followed on, whatever tokens it gives: the case is owed', async () => {
  let calls = 0;
  const cases = casesApi({
    getCaseAuditEvents: async () => {
      calls += 1;
      return { ...NO_EVENTS, events: SAME, nextToken: `token-${calls}` };
    },
    listFields: async () => ({ fields: [], nextToken: undefined, serviceTime: null }),
  });
  // A share of 225 pages, so that it is not what ends the read.
  const { run } = await createRun(cases, { settings: { auditEventsRps: 1 } });
  expect(await readCase(run, aReadTask({ touched: START }))).toBe('done');
  expect(calls).toBe(51);
  expect(run.batch.retries.get('case')).toMatchObject({ cause: 'no-progress', attempts: 1 });
  expect(run.batch.partialReads.size).toBe(0);
});
