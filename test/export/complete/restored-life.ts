/** A life whose table can be restored to any moment of it, and what must hold after that. */
import { IntegrityError } from '../../../lambda/export/domain/errors';
import { mortal } from '../../fakes/mortal';
import { withFailures } from '../../fakes/with-answers';
import { judge, judgedTick, judgedTicks } from '../../support/proof';
import {
  createFilled,
  expectExactlyTheHistory,
  expectWholeChain,
  HOUR,
  MINUTE,
  START,
  type World,
} from '../../support/world';

type Items = ReturnType<World['checkpoints']['items']>;

/** Two ticks, with a case that is refused; `at` sees the table before each of its writes. */
export async function createLife(at: (method: string, items: Items) => void): Promise<World> {
  const settings = { maxRowsPerCommit: 4, sweepDays: 0 };
  const world = createFilled(6, START - 10 * HOUR, 1000, { settings });
  const cases = withFailures(world.cases, 'getCaseAuditEvents', 'refused', ({ caseId }) => caseId === 'case-5');
  const checkpoints = mortal(world.checkpoints, (call, method) => {
    if (WRITES.has(method)) at(method, world.checkpoints.items());
    return call();
  });
  for (let tick = 0; tick < 2; tick += 1) {
    await world.tick({ cases, checkpoints });
    world.cases.updateCases(3, world.clock.now());
    world.clock.advance(10 * MINUTE);
  }
  return world;
}

const WRITES: ReadonlySet<string> = new Set([
  ...['acquireLease', 'releaseLease', 'commit', 'markApplied', 'markRedone'],
  ...['putEventIds', 'putCaseRecord', 'putRetry'],
]);

/** From each tried moment of a life on, no row comes twice, no gap is forgotten, nothing is proven falsely. `moments`: the writes. */
export async function expectRestored(isTried: (moment: number, moments: readonly string[]) => boolean): Promise<void> {
  const moments: string[] = [];
  await createLife((method) => void moments.push(method));
  expect(new Set(moments)).toEqual(WRITES);
  const outcomes = new Map<string, Set<string>>();
  for (const [moment, method] of moments.entries()) {
    if (!isTried(moment, moments)) continue;
    let seen = 0;
    let items: Items = [];
    const world = await createLife((_, table) => {
      if (seen++ === moment) items = table;
    });
    world.checkpoints.restore(items);
    world.clock.advance(HOUR);
    const answer = await judgedTick(world);
    outcomes.set(method, (outcomes.get(method) ?? new Set()).add(answer instanceof Error ? answer.name : 'goes on'));
    if (answer instanceof Error) {
      expect(answer).toBeInstanceOf(IntegrityError);
      expect(answer.message).toMatch(/restored|earlier day/);
      continue;
    }
    world.clock.advance(HOUR);
    await judgedTicks(world, 3, HOUR);
    expectExactlyTheHistory(world);
    expectWholeChain(world);
    expect(judge(world, START - HOUR)).toMatchObject({ isComplete: true });
  }
  // Only where redo was whole is there anything to go on from, but for the end of the last run.
  expect([...(outcomes.get('putEventIds') ?? [])]).toEqual(['IntegrityError']);
  expect([...(outcomes.get('releaseLease') ?? [])]).toContain('goes on');
}
