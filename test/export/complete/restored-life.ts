/** A life whose table can be restored to any moment of it, and what must hold after that. */
import { IntegrityError } from '../../../lambda/export/domain/errors';
import type { CheckpointStore } from '../../../lambda/export/ports';
import { judge, judgedTick } from '../../support/proof';
import {
  createWorld,
  expectExactlyTheHistory,
  expectWholeChain,
  HOUR,
  instead,
  MINUTE,
  START,
  type World,
} from '../../support/world';
import { FAST, failed } from '../fixtures';

type Items = ReturnType<World['checkpoints']['items']>;

function restore({ checkpoints }: World, items: Items): void {
  for (const { pk, sk } of checkpoints.items()) checkpoints.deleteItem({ pk: String(pk), sk: String(sk) });
  for (const item of items) checkpoints.setItem({ ...item, pk: String(item['pk']), sk: String(item['sk']) });
}

/** Two ticks, with a case that is refused; `at` sees the table before each of its writes. */
export async function createLife(at: (method: string, items: Items) => void): Promise<World> {
  const world = createWorld({ settings: { ...FAST, maxRowsPerCommit: 4, sweepDays: 0 } });
  for (let index = 0; index < 6; index += 1) world.cases.addCase(`case-${index}`, START - 10 * HOUR + index * 1000);
  const cases = instead(world, {
    getCaseAuditEvents: (request, signal) =>
      request.caseId === 'case-5'
        ? Promise.reject(failed('refused', 'GetCaseAuditEvents'))
        : world.cases.getCaseAuditEvents(request, signal),
  });
  const checkpoints = new Proxy(world.checkpoints, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        if (WRITES.has(String(property))) at(String(property), world.checkpoints.items());
        return Reflect.apply(member, target, args) as unknown;
      };
    },
  }) satisfies CheckpointStore;
  for (let tick = 0; tick < 2; tick += 1) {
    await world.tick({ cases, checkpoints });
    for (let index = 0; index < 3; index += 1) world.cases.updateCase(`case-${index}`, world.clock.now());
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
    restore(world, items);
    world.clock.advance(HOUR);
    const answer = await judgedTick(world);
    outcomes.set(method, (outcomes.get(method) ?? new Set()).add(answer instanceof Error ? answer.name : 'goes on'));
    if (answer instanceof Error) {
      expect(answer).toBeInstanceOf(IntegrityError);
      expect(answer.message).toMatch(/restored|earlier day/);
      continue;
    }
    for (let tick = 0; tick < 3; tick += 1) {
      world.clock.advance(HOUR);
      await judgedTick(world);
    }
    expectExactlyTheHistory(world);
    expectWholeChain(world);
    expect(judge(world, START - HOUR)).toMatchObject({ isComplete: true });
  }
  // Only where redo was whole is there anything to go on from, but for the end of the last run.
  expect([...(outcomes.get('putEventIds') ?? [])]).toEqual(['IntegrityError']);
  expect([...(outcomes.get('releaseLease') ?? [])]).toContain('goes on');
}
