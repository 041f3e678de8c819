/** A commit that was made and lost, and then voided by an operator, and what must hold wherever its publishing ended. */
import { IntegrityError } from '../../../lambda/export/domain/errors';
import { mortal } from '../../fakes/mortal';
import { withFailures } from '../../fakes/with-answers';
import { expectNoFalseProof, judge, judgedTick, judgedTicks } from '../../support/proof';
import { headOf, loseStaged } from '../../support/unpublished';
import {
  createFilled,
  expectExactlyTheHistory,
  expectWholeChain,
  HOUR,
  MINUTE,
  START,
  type World,
} from '../../support/world';

/** Two commits; then one that holds a change, a case that was refused before and is well now, and a case that is refused now. */
export async function createLost(
  callsAfterCommit: number,
  happens: (world: World) => void = () => undefined,
): Promise<World> {
  const options = { settings: { sweepDays: 0 }, cases: { pageSize: { getCaseAuditEvents: 3 } } };
  const world = createFilled(6, START - 10 * HOUR, 1000, options);
  const refusing = (refused: string) =>
    withFailures(world.cases, 'getCaseAuditEvents', 'refused', ({ caseId }) => caseId === refused);
  await world.tick({ cases: refusing('case-5') });
  for (const caseId of ['case-1', 'case-2']) world.cases.updateCase(caseId, world.clock.now());
  happens(world);
  world.clock.advance(10 * MINUTE);
  let left = Number.POSITIVE_INFINITY;
  const live = (call: () => unknown, name: string) => {
    if (left <= 0) throw new Error('killed');
    left -= 1;
    if (name === 'commit') left = callsAfterCommit;
    return call();
  };
  const ports = { objects: mortal(world.objects, live), checkpoints: mortal(world.checkpoints, live) };
  await world.tick({ ...ports, cases: refusing('case-2') }).catch(() => undefined);
  world.clock.advance(HOUR);
  return world;
}

/** What of the staged commit is lost. */
export const LOSSES = ['field_changes/', 'redo.json', 'manifests/', ''] as const;

/** The run died after so many calls that followed its COMMIT, and then staged objects were lost: void if needed, and all comes out. */
export async function expectVoidedWithoutFalseProof(loss: string, callsAfterCommit: Iterable<number>): Promise<void> {
  let voided = 0;
  for (const calls of callsAfterCommit) {
    const world = await createLost(calls);
    loseStaged(world, loss);
    const { seq } = headOf(world);
    const answer = await judgedTick(world);
    if (answer instanceof IntegrityError) {
      voided += 1;
      await world.voidCommit(seq);
      expectNoFalseProof(world);
    }
    world.clock.advance(HOUR);
    await judgedTicks(world, 4, HOUR);
    expectExactlyTheHistory(world);
    expectWholeChain(world);
    expect(judge(world, START)).toMatchObject({ isComplete: true });
  }
  expect(voided).toBeGreaterThan(0);
}
