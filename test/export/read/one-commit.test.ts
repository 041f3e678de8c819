/** What belongs together is in one commit, wherever the read ends: rows and what they lack, ids and the record that tells of them. */
import type { AuditEvent } from '../../../lambda/export/domain/audit-event';
import { ingestPage } from '../../../lambda/export/read/ingest-page';
import { startReading } from '../../../lambda/export/read/reading';
import { createFakeCases, setTo } from '../../fakes/cases-api';
import { aRecord } from '../../support/stored-values';
import { aReadTask, createRun, START } from '../fixtures';

const FIELD = setTo('status', 'open');

function event(eventId: string, fields: readonly unknown[]): AuditEvent {
  return { eventId, type: 'Case.Updated', performedTime: new Date(START), fields } as unknown as AuditEvent;
}

/** After the first page of a case, before the read has ended. */
async function afterOnePage(events: readonly AuditEvent[], record?: ReturnType<typeof aRecord>) {
  const { run } = await createRun(createFakeCases({ now: () => START }));
  const reading = await startReading(run, aReadTask({ record }));
  await run.batch.locked((open) => ingestPage(run, open, reading, events));
  return run;
}

test('An event whose fields came as null enters the batch together with the debt: a commit in the middle of the read has both', async () => {
  const run = await afterOnePage([event('event-1', [FIELD, null])]);
  expect(run.batch.events).toBe(1);
  expect(run.batch.retries.get('case')).toMatchObject({
    cause: 'null-field',
    pending: [{ eventKey: 'event-1', positions: [1], length: 2 }],
  });
});

test('Ids enter the batch together with a record of their case, as a case without a record is asked for no ids', async () => {
  const run = await afterOnePage([event('event-1', [FIELD])]);
  expect(run.batch.newIds.get('case')).toHaveLength(1);
  expect(run.batch.records.get('case')).toMatchObject({ caseId: 'case', touched: null, readAt: null });
  const known = await afterOnePage([event('event-1', [FIELD])], aRecord());
  expect(known.batch.records.size).toBe(0);
});
