/** A case whose pages kill the process: batches halve, the case is noted, ends on the retry list, and the rest is exported. */

import { MAX_HALVINGS } from '../../../lambda/export/domain/batch';
import { mortal } from '../../fakes/mortal';
import {
  createFilled,
  expectExactlyTheHistory,
  expectWholeChain,
  HOUR,
  lastManifest,
  MINUTE,
  manifests,
  START,
  visibleRows,
  type World,
  type WorldOptions,
} from '../../support/world';

class Killed extends Error {}

/** One invocation; if it asks for a page of the deadly case no call of it gets through any more, as the process is dead. */
async function tickThatMayDie(world: World, deadly: ReadonlySet<string>): Promise<boolean> {
  let dead = false;
  const live = (call: () => unknown, name: string, [request]: readonly unknown[]) => {
    const { caseId = '' } = (request as { caseId?: string } | undefined) ?? {};
    if (name === 'getCaseAuditEvents' && deadly.has(caseId)) dead = true;
    if (dead) throw new Killed();
    return call();
  };
  const { cases, objects, checkpoints } = world;
  const ports = { cases: mortal(cases, live), objects: mortal(objects, live), checkpoints: mortal(checkpoints, live) };
  await world.tick(ports).catch(() => undefined);
  world.clock.advance(16 * MINUTE);
  return dead;
}

const createDeadlyWorld = (settings: WorldOptions['settings'] = {}) =>
  createFilled(12, START - 20 * HOUR, HOUR, { settings });

test('A case that kills the process ends on the retry list, and all others are exported', async () => {
  const world = createDeadlyWorld();
  const deadly = new Set(['case-5']);
  let deaths = 0;
  for (let ticks = 0; ticks <= MAX_HALVINGS + 1; ticks += 1) deaths += (await tickThatMayDie(world, deadly)) ? 1 : 0;
  expect(deaths).toBe(MAX_HALVINGS + 1);
  await tickThatMayDie(world, deadly);
  expect(lastManifest(world).gaps).toMatchObject([{ caseId: 'case-5', cause: 'fatal', attempts: 1 }]);
  expect(new Set(visibleRows(world).map((row) => row['case_id'])).size).toBe(11);

  // Once it can be read, it is.
  world.clock.advance(24 * HOUR);
  await tickThatMayDie(world, new Set());
  expect(lastManifest(world).gaps).toEqual([]);
  expectExactlyTheHistory(world);
  expectWholeChain(world);
});

test.each([{}, { settleMs: 0 }])(
  'It is tried again at growing intervals, and live changes go out meanwhile: %j',
  async (settings) => {
    const world = createDeadlyWorld(settings);
    const deadly = new Set(['case-5']);
    for (let ticks = 0; ticks <= MAX_HALVINGS + 1; ticks += 1) await tickThatMayDie(world, deadly);
    let deaths = 0;
    for (let ticks = 0; ticks < 90; ticks += 1) {
      const at = world.clock.now() - 5 * MINUTE;
      world.cases.updateCase('case-7', at);
      deaths += (await tickThatMayDie(world, deadly)) ? 1 : 0;
      const exported = visibleRows(world).filter((row) => row['case_id'] === 'case-7');
      expect(exported.at(-1)?.['new_value']).toBe(`at ${at}`);
    }
    // After 1, 2, 4, 8 hours … of 24.
    expect(deaths).toBeGreaterThanOrEqual(3);
    expect(deaths).toBeLessThanOrEqual(5);
  },
);

test('Two such cases are told apart', async () => {
  const world = createDeadlyWorld();
  const deadly = new Set(['case-3', 'case-8']);
  for (let ticks = 0; ticks < 3 * (MAX_HALVINGS + 2); ticks += 1) await tickThatMayDie(world, deadly);
  expect(
    lastManifest(world)
      .gaps.map(({ caseId }) => caseId)
      .sort(),
  ).toEqual(['case-3', 'case-8']);
  expect(new Set(visibleRows(world).map((row) => row['case_id'])).size).toBe(10);
});

test('Each death in a row halves the batch, and a clean exit makes it whole again', async () => {
  const world = createDeadlyWorld({ maxRowsPerCommit: 8 });
  const rowsOfCommits = () => manifests(world).map(({ counts }) => counts.rows);
  for (let deaths = 0; deaths < 2; deaths += 1) await tickThatMayDie(world, new Set(['case-0']));
  await tickThatMayDie(world, new Set());
  expect(Math.max(...rowsOfCommits())).toBe(2);
  const before = rowsOfCommits().length;
  world.cases.updateCases(12, world.clock.now() - 5 * MINUTE);
  await tickThatMayDie(world, new Set());
  expect(Math.max(...rowsOfCommits().slice(before))).toBe(8);
});
