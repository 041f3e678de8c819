/** A recorded state in the hands of this version. */
import { expectExactlyTheHistory, expectWholeChain, HOUR, MINUTE, manifests, type World } from '../../support/world';
import { type Recorded, restoreWorld } from './stored-state';

const WORLD = {
  settings: { searchCasesRps: 1000, auditEventsRps: 1000, relatedItemsRps: 1000 },
  cases: { pageSize: { getCaseAuditEvents: 3 } },
};
/** The world at the recorded moment. */
export function restore(one: Recorded): World {
  return restoreWorld(one, WORLD);
}

export function archived(world: World, key: string): Uint8Array {
  return world.objects.buckets.archive.get(key) ?? new Uint8Array();
}

/** Ticks until all is exported, then the replay of quarantine. */
export async function advance(world: World): Promise<void> {
  await ticks(world);
  if (
    manifests(world)
      .at(-1)
      ?.debts?.some(({ cause }) => cause === 'not-shown')
  ) {
    // What searches hid is found by the next check.
    world.clock.advance(31 * 24 * HOUR);
    await ticks(world);
  }
  await world.replayQuarantine();
}

async function ticks(world: World): Promise<void> {
  for (let tick = 0; tick < 6; tick += 1) {
    await world.tick();
    world.clock.advance(10 * MINUTE);
  }
}

/** Every row once; every event that no row can hold in quarantine, once; no gap but the one that there has to be. */
export function expectExact(world: World, { moment }: Recorded): void {
  expectExactlyTheHistory(world);
  expectWholeChain(world);
  const kept = world.objects.keys('archive', 'quarantine/').flatMap((key) => {
    const { events } = JSON.parse(Buffer.from(archived(world, key)).toString()) as { events: { eventKey: string }[] };
    return events.map(({ eventKey }) => eventKey).filter((eventKey) => eventKey.startsWith('poison-'));
  });
  expect(kept.sort()).toEqual([...world.cases.cases.keys()].map((caseId) => `poison-${caseId}`).sort());
  const last = manifests(world).at(-1);
  expect(last?.openQuarantine).toBe(world.cases.cases.size);
  expect(last?.gaps.map(({ caseId }) => caseId)).toEqual(moment === 'at-rest' ? ['case-3'] : []);
}
