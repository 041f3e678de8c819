/** A catalog with some commits in the raw table, and what every refresh has to make of it. */
import { type RefreshWorld, refreshWorld } from './refresh-world';

export const [A, B, C] = ['11111111-aaaa-4bbb-8ccc-dddddddddddd', 'b', 'retired'];
export const DOMAINS = [A, B, C];

/** Three domains, the last of them without any commit. */
export async function filledWorld(options: Parameters<typeof refreshWorld>[1] = {}): Promise<RefreshWorld> {
  const world = await refreshWorld(DOMAINS, options);
  for (const domainId of [A, B]) {
    for (const date of ['2026-01-01', '2026-01-01', '2026-02-03', '2026-06-14']) {
      await world.commit(domainId, { date, rows: 7 });
    }
  }
  return world;
}

/** The curated table holds each published row once. */
export async function expectAllOnce(world: RefreshWorld): Promise<void> {
  expect(await world.curated()).toEqual(await world.published());
}
