/** A world with a commit that is made and not published, as an operator finds it. */
import { setTo } from '../../fakes/cases-api';
import { mortal } from '../../fakes/mortal';
import { aField } from '../../support/stored-values';
import { expectEachPoisonOnce, poison } from '../../support/unpublished';
import {
  createWorld,
  expectExactlyTheHistory,
  expectWholeChain,
  HOUR,
  lastManifest,
  MINUTE,
  START,
  ticks,
  type World,
} from '../../support/world';

/** A domain whose second commit is rows, quarantine and dictionary, and half-read cases stand before and after it. */
export async function createWorldBefore(): Promise<World> {
  const world = createWorld({
    settings: { maxRowsPerCommit: 40, sweepDays: 0 },
    cases: { pageSize: { getCaseAuditEvents: 3 } },
  });
  defineField(world, 'status');
  for (let index = 0; index < 6; index += 1) addCase(world, `old-${index}`, START - (30 - index) * HOUR);
  await world.tick();
  defineField(world, 'extra');
  for (let index = 0; index < 3; index += 1) addCase(world, `new-${index}`, world.clock.now(), 'extra');
  world.clock.advance(10 * MINUTE);
  return world;
}

function defineField(world: World, fieldId: string): void {
  world.cases.fields.set(fieldId, aField({ fieldId, name: `The ${fieldId}` }));
}

function addCase(world: World, caseId: string, at: number, eventFieldId = 'status'): void {
  world.cases.addCase(caseId, at);
  for (let update = 0; update < 5; update += 1) {
    world.cases.updateCase(caseId, at + update, [setTo(eventFieldId, `${update}`)]);
  }
  poison(world, caseId, at);
}

/** The end of a process. */
export class Dead extends Error {}

/** A tick that dies at its `at`-th store call after COMMIT. False if it made fewer. */
export async function tickThatDiesPublishing(world: World, at: number): Promise<boolean> {
  let left = Number.POSITIVE_INFINITY;
  const live = async (call: () => unknown, name: string) => {
    if (left <= 0) throw new Dead();
    left -= 1;
    const answer = await call();
    if (name === 'commit') left = at;
    return answer;
  };
  const ports = { objects: mortal(world.objects, live), checkpoints: mortal(world.checkpoints, live) };
  await world.tick(ports).catch(() => undefined);
  world.clock.advance(20 * MINUTE);
  return left <= 0;
}

export async function expectExactAfterwards(world: World): Promise<void> {
  await ticks(world, 6, 10 * MINUTE);
  expectExactlyTheHistory(world);
  expectWholeChain(world);
  expectEachPoisonOnce(world);
  expect(lastManifest(world).gaps).toEqual([]);
}
