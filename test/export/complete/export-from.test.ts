/** EXPORT_FROM leaves out cases, and the answer knows it. */
import { judge, judgedTick, judgedTicks } from '../../support/proof';
import { createWorld, DAY, expectExactlyTheHistory, HOUR, lastManifest, START, type World } from '../../support/world';

const FROM = START - 10 * DAY;

function createHalfYear(exportFrom: number | null): World {
  const world = createWorld({ settings: { exportFrom } });
  for (let day = 1; day <= 180; day += 10) world.cases.addCase(`case-${day}`, START - day * DAY);
  return world;
}

test('No period is complete while EXPORT_FROM leaves cases out, neither before it nor after, and the answer says from when on', async () => {
  const world = createHalfYear(FROM);
  expect(await judgedTick(world)).toMatchObject({ status: 'complete' });
  for (const until of [START - 90 * DAY, FROM, START - DAY]) {
    expect(judge(world, until)).toMatchObject({ isComplete: false, historyFrom: FROM, watermarkPassed: true });
  }
});

test('Removed, it is left out of the answer once a scan over all cases has finished, not a tick before', async () => {
  const world = createHalfYear(FROM);
  await judgedTick(world);
  world.clock.advance(HOUR);
  const settings = { exportFrom: null, auditEventsRps: 0.02 };
  await judgedTick(world, { settings, minutes: 2 });
  expect(judge(world, START)).toMatchObject({ isComplete: false, historyFinished: false });
  world.clock.advance(HOUR);
  await judgedTicks(world, 3, HOUR, { settings: { exportFrom: null } });
  expect(judge(world, START)).toMatchObject({ isComplete: true, historyFrom: null });
  expectExactlyTheHistory(world);
});

test('Set after everything was exported, it takes nothing away: what was proven stays so', async () => {
  const world = createHalfYear(null);
  await judgedTick(world);
  for (let tick = 0; tick < 3; tick += 1) {
    world.clock.advance(HOUR);
    await judgedTick(world, { settings: { exportFrom: FROM } });
    expect(judge(world, START)).toMatchObject({ isComplete: true, historyFrom: null });
  }
});

test('Set after everything was exported, a check that leaves cases out proves no more than that', async () => {
  const world = createHalfYear(null);
  await judgedTick(world);
  world.clock.advance(40 * DAY);
  world.cases.updateCase('case-1', world.clock.now() - DAY);
  await judgedTicks(world, 3, HOUR, { settings: { exportFrom: FROM } });
  const { sweep } = lastManifest(world).lanes ?? {};
  expect(sweep).toMatchObject({ number: 2, purpose: 'check', exportFrom: FROM });
  expect(judge(world, START)).toMatchObject({ historyFrom: FROM, isComplete: false });
});

test('Moved earlier, the cases between come in, and still nothing is complete', async () => {
  const world = createHalfYear(FROM);
  await judgedTick(world);
  world.clock.advance(HOUR);
  const exportFrom = START - 100 * DAY;
  await judgedTick(world, { settings: { exportFrom } });
  expect(judge(world, START)).toMatchObject({ isComplete: false, historyFrom: exportFrom });
});
