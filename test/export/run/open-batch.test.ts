import { OpenBatch } from '../../../lambda/export/run/open-batch';
import { Published } from '../../../lambda/export/run/published';
import { aRecord, aRetry, aState, aWaitingCase } from '../../support/stored-values';

const LIMITS = { maxRows: 10, maxBytes: 1000 };
const EVENT = { caseId: 'case', ledgerId: 'id', changes: [], quarantined: null, bytes: 1 };

function createBatch() {
  const published = new Published('domain-1', 'run-1', aState());
  published.learnRetries([aRetry({ caseId: 'owed', attempts: 1 })]);
  return new OpenBatch(LIMITS, published);
}

test('The batch is in one hand at a time, in the order of asking, and goes on to the next also from one that failed', async () => {
  const batch = createBatch();
  const steps: string[] = [];
  const hold = (name: string) =>
    batch.locked(async () => {
      steps.push(`${name} begins`);
      await Promise.resolve();
      steps.push(`${name} ends`);
      if (name === 'first') throw new Error(name);
    });
  await Promise.allSettled([hold('first'), hold('second')]);
  expect(steps).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
});

test('Whoever does not hold the batch sees it and cannot change it', async () => {
  const batch = createBatch();
  await batch.locked(async (open) => open.putRecord(aRecord({ caseId: 'case' })));
  expect(batch.records.get('case')).toMatchObject({ caseId: 'case' });
  // @ts-expect-error only the batch that the lock hands out has it
  expect(batch.putRecord).toBeUndefined();
});

test('The entry of a case is what the batch makes of the stored one: open, changed, or closed', async () => {
  const batch = createBatch();
  expect(batch.retryOf('owed')).toMatchObject({ attempts: 1 });
  await batch.locked(async (open) => open.putRetry(aRetry({ caseId: 'owed', attempts: 2 })));
  expect(batch.retryOf('owed')).toMatchObject({ attempts: 2 });
  await batch.locked(async (open) => open.closeRetry('owed'));
  expect(batch.retryOf('owed')).toBeUndefined();
  expect(batch.retries.get('owed')).toMatchObject({ closed: true, pending: [] });
});

test('Of a case that is gone nothing is owed: neither its entry nor its wait', async () => {
  const batch = createBatch();
  await batch.locked(async (open) => {
    open.waiting.add(aWaitingCase({ caseId: 'owed' }));
    open.putGone(aRecord({ caseId: 'owed', goneAt: 5 }));
  });
  expect(batch.retryOf('owed')).toBeUndefined();
  expect(batch.waiting).toEqual([]);
  expect([...batch.gone]).toEqual(['owed']);
});

test('Once it is committed the batch is empty; who waits, and which cases have a record, is still known', async () => {
  const batch = createBatch();
  await batch.locked(async (open) => {
    open.add(EVENT);
    open.putRecord(aRecord({ caseId: 'case' }));
    open.putRetry(aRetry({ caseId: 'bad' }));
    open.waiting.add(aWaitingCase({ caseId: 'fresh' }));
    open.changedUpstream.add('case');
    open.clear();
    expect(open.changedUpstream.size).toBe(0);
  });
  expect(batch.isEmpty).toBe(true);
  expect([batch.newIds.size, batch.records.size, batch.retries.size]).toEqual([0, 0, 0]);
  expect(batch.waiting).toMatchObject([{ caseId: 'fresh' }]);
  expect(batch.hasRecorded('case')).toBe(true);
});
