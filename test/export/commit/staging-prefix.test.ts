import { planCommit } from '../../../lambda/export/commit/commit';
import { stageCommit } from '../../../lambda/export/commit/stage';
import { type Run, startRun } from '../../../lambda/export/run/run';
import { casesApi, createRun, DOMAIN } from '../fixtures';

const stagedManifest = (run: Run) =>
  run.batch.locked(async (open) => (await stageCommit(run, planCommit(run, open))).head.manifestKey);

test('Runs of one fence, as a restored table hands them out, never stage under one prefix, and neither do two commits of one run', async () => {
  const { run } = await createRun(casesApi({}));
  const { deps, published, budget, counters } = run;
  const again = startRun(deps, { domainId: DOMAIN, runId: 'run-2', state: published.state }, budget, counters);
  expect(again.fence).toBe(run.fence);
  const staged = [await stagedManifest(run), await stagedManifest(run), await stagedManifest(again)];
  expect(new Set(staged).size).toBe(3);
});
