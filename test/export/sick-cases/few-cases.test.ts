/** In a quiet domain a tick asks for one or two cases: whether they are sick or the service is, one look elsewhere tells. */
import { withFailures } from '../../fakes/with-answers';
import { judgedTick } from '../../support/proof';
import { createWorld, HOUR, MINUTE, START, type World } from '../../support/world';

/** Exported, and one case changed since. */
async function createQuiet(): Promise<World> {
  const world = createWorld();
  for (const caseId of ['a', 'b', 'c']) world.cases.addCase(caseId, START - 10 * HOUR);
  await judgedTick(world);
  world.cases.updateCase('a', world.clock.now());
  world.clock.advance(10 * MINUTE);
  return world;
}

test('One case that is denied, of one that changed, is owed and nothing more: another case answers', async () => {
  const world = await createQuiet();
  const cases = withFailures(world.cases, 'getCaseAuditEvents', 'denied', ({ caseId }) => caseId === 'a');
  expect(await judgedTick(world, { cases })).toMatchObject({ status: 'complete', debts: { denied: 1 } });
});

test('A service that denies every case ends the tick with an error, though only one case changed', async () => {
  const world = await createQuiet();
  const answer = await judgedTick(world, { cases: withFailures(world.cases, 'getCaseAuditEvents', 'denied') });
  expect(answer).toBeInstanceOf(Error);
  expect((answer as Error).message).toMatch(/no read of this run was answered/);
});
