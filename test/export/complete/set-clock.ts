/** A wall clock that is set inside a call, and what must hold all the same. */
import type { CasesApi } from '../../../lambda/export/ports';
import { judge, judgedTick, judgedTicks } from '../../support/proof';
import {
  createWorld,
  expectExactlyTheHistory,
  HOUR,
  instead,
  lastManifest,
  MINUTE,
  START,
  type World,
} from '../../support/world';

/** The true time: the world's wall clock is set wrong now and then. */
function createTimed(): { world: World; now: () => number } {
  let now = () => START;
  const world = createWorld({ cases: { now: () => now() } });
  now = () => START + world.clock.monotonic();
  world.cases.addCases(5, START - 10 * HOUR);
  return { world, now };
}

/** The wall clock is set by so much while a call of this operation is under way, once. */
function settingClock(world: World, operation: keyof CasesApi, byMs: number): CasesApi {
  let isSet = false;
  const call = world.cases[operation] as (...args: unknown[]) => Promise<unknown>;
  return instead(world, {
    [operation]: async (...args: unknown[]) => {
      const page = await call(...args);
      if (!isSet) world.clock.setWallClock(world.clock.now() + byMs);
      isSet = true;
      return page;
    },
  });
}

export const SHIFTS_MS = [-6 * HOUR, -HOUR, -5_000, 5_000, HOUR, 6 * HOUR];

/** Of every kind that a run makes: two searches, reads, names. */
export const OPERATIONS = ['searchAllRelatedItems', 'searchCases', 'getCaseAuditEvents', 'listFields'] as const;

/** Every tick's wall clock is set once inside a call of the operation: no watermark is in the future, and all comes out. */
export async function expectNoHarm(byMs: number, operation: (typeof OPERATIONS)[number]): Promise<void> {
  const { world, now } = createTimed();
  world.clock.setWallClock(now() - Math.min(0, byMs));
  await judgedTick(world, { cases: settingClock(world, operation, byMs) });
  expect(lastManifest(world).lanes.live.watermark ?? 0).toBeLessThanOrEqual(now());
  for (let round = 0; round < 3; round += 1) {
    world.cases.updateCase(`case-${round}`, now());
    world.clock.advance(7 * MINUTE);
    world.clock.setWallClock(now() - Math.min(0, byMs));
    await judgedTick(world, { cases: settingClock(world, operation, byMs) });
    expect(lastManifest(world).lanes.live.watermark ?? 0).toBeLessThanOrEqual(now());
  }
  world.clock.setWallClock(now());
  world.clock.advance(20 * MINUTE);
  await judgedTicks(world, 3, 20 * MINUTE);
  expectExactlyTheHistory(world);
  expect(judge(world, now() - HOUR)).toMatchObject({ isComplete: true });
}
