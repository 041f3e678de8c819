import { readRelatedCases, scanRelatedItems } from '../../../lambda/export/find/related';
import { aRelatedLane, someLanes } from '../../support/stored-values';
import { createRunWithCases, MINUTE, START } from '../fixtures';

test('The watermark of related items stays at or below a case that waits, also where the service’s time went back since the walk began', async () => {
  const lanes = someLanes({ related: aRelatedLane({ watermark: START - 60 * MINUTE }) });
  const { run, cases } = await createRunWithCases({ state: { lanes } });
  cases.addCase('commented', START - 100 * MINUTE);
  cases.addRelatedItem('commented', START - 2 * MINUTE);
  const walk = await scanRelatedItems(run);
  await readRelatedCases(run, { ...walk, startedAt: START + 10 * MINUTE }, 0);
  expect(run.batch.waiting).toMatchObject([{ caseId: 'commented' }]);
  expect(run.progress.related.watermark).toBe(START - 2 * MINUTE);
});
