import { planCommit } from '../../../lambda/export/commit/plan';
import { startRun } from '../../../lambda/export/run/run';
import { casesApi, createRun, DOMAIN } from '../fixtures';

test('Runs of one fence, as a restored table hands them out, never stage under one prefix, and neither do two commits of one run', async () => {
  const { run } = await createRun(casesApi({}));
  const { deps, state, budget, counters } = run;
  const again = startRun(deps, { domainId: DOMAIN, runId: 'run-2', state }, budget, counters);
  expect(again.fence).toBe(run.fence);
  const prefixes = [planCommit(run), planCommit(run), planCommit(again)].map(({ prefix }) => prefix);
  expect(new Set(prefixes).size).toBe(3);
});
