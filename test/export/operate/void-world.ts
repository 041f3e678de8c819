/** A world with a commit that is made and not published, as an operator finds it. */
import { stateKey } from '../../../lambda/export/domain/keys';
import type { CheckpointStore, ObjectStore } from '../../../lambda/export/ports';
import { mortal } from '../../fakes/mortal';
import {
  createWorld,
  DOMAIN,
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
  world.cases.fields.set(fieldId, {
    fieldId,
    name: `The ${fieldId}`,
    type: 'Text',
    namespace: 'Custom',
    deleted: false,
  });
}

function addCase(world: World, caseId: string, at: number, eventFieldId = 'status'): void {
  world.cases.addCase(caseId, at);
  for (let update = 0; update < 5; update += 1)
    world.cases.updateCase(caseId, at + update, [{ eventFieldId, newValue: { stringValue: `${update}` } }]);
  poison(world, caseId, at);
}

/** An event that no row can hold. */
function poison(world: World, caseId: string, at: number): void {
  const fields = [{ eventFieldId: 'status', newValue: { doubleValue: 'NaN?' as unknown as number } }];
  world.cases.cases
    .get(caseId)
    ?.events.push({ eventId: `poison-${caseId}`, type: 'Case.Updated', performedTime: new Date(at), fields });
}

export function head(world: World): { seq: number; manifestKey: string } | undefined {
  return world.checkpoints.item(stateKey(DOMAIN))?.['head'] as { seq: number; manifestKey: string } | undefined;
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
  const ports: { objects: ObjectStore; checkpoints: CheckpointStore } = {
    objects: mortal(world.objects, live),
    checkpoints: mortal(world.checkpoints, live),
  };
  await world.tick(ports).catch(() => undefined);
  world.clock.advance(20 * MINUTE);
  return left <= 0;
}

export function staged(world: World): string[] {
  const { manifestKey = '' } = head(world) ?? {};
  return world.objects.keys('work', manifestKey.slice(0, manifestKey.indexOf('manifests/')));
}

/** Published keys never change their bytes. */
export function freeze(world: World): () => void {
  const before = new Map(world.objects.buckets.archive);
  return () => {
    for (const [key, bytes] of before)
      expect(Buffer.from(world.objects.buckets.archive.get(key) ?? []).equals(bytes)).toBe(true);
  };
}

export async function expectExactAfterwards(world: World): Promise<void> {
  await ticks(world, 6, 10 * MINUTE);
  expectExactlyTheHistory(world);
  expectWholeChain(world);
  expectEachPoisonOnce(world);
  expect(lastManifest(world).gaps).toEqual([]);
}

function expectEachPoisonOnce(world: World): void {
  const kept = world.objects.keys('archive', 'quarantine/').flatMap((key) => {
    const text = world.objects.text('archive', key);
    return (JSON.parse(text) as { events: { eventKey: string }[] }).events.map(({ eventKey }) => eventKey);
  });
  expect(kept.sort()).toEqual([...world.cases.cases.keys()].map((caseId) => `poison-${caseId}`).sort());
  expect(lastManifest(world).openQuarantine).toBe(world.cases.cases.size);
}
