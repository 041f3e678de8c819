/** Check sweeps: what no other lane could find is found, counted, and never at the cost of the lanes before. */
import {
  createFilled,
  createWorld,
  DAY,
  expectExactlyTheHistory,
  expectWholeChain,
  HOUR,
  lastManifest,
  MINUTE,
  rates,
  START,
  type World,
} from '../../support/world';

/** What an edited comment does: an event, and nothing that any search shows. */
function editRelatedItem(world: World, caseId: string): void {
  world.cases.cases.get(caseId)?.events.push({
    eventId: `edit-${caseId}-${world.clock.now()}`,
    type: 'RelatedItem.Updated',
    performedTime: new Date(world.clock.now()),
    relatedItemType: 'Comment',
    fields: [],
  });
}

async function ticksUntilSwept(world: World, number: number): Promise<number> {
  for (let ticks = 1; ticks < 500; ticks += 1) {
    expect((await world.tick()).status).toBe('complete');
    const sweep = lastManifest(world).lanes.sweep;
    if (sweep?.number === number && sweep.finishedAt !== null) return ticks;
    world.clock.advance(5 * MINUTE);
  }
  throw new Error('no end of the sweep after 500 ticks');
}

test('An edited related item is exported by the next check, and counted as missed', async () => {
  const world = createFilled(20, START - HOUR, -1, { settings: { sweepDays: 30 } });
  await world.tick();
  world.clock.advance(HOUR);
  for (const caseId of ['case-3', 'case-7']) editRelatedItem(world, caseId);
  world.clock.advance(29 * DAY);
  await world.tick();
  expect(lastManifest(world).lanes.sweep).toMatchObject({ number: 1, purpose: 'history', eventsMissed: 0 });
  world.clock.advance(DAY);
  await ticksUntilSwept(world, 2);
  expectExactlyTheHistory(world);
  expectWholeChain(world);
  expect(lastManifest(world).lanes.sweep).toMatchObject({ purpose: 'check', casesRead: 20, eventsMissed: 2 });
  const values = { domainId: 'domain-1', number: 2, purpose: 'check', casesRead: 20, eventsMissed: 2 };
  expect(world.logs).toContainEqual({
    level: 'info',
    message: 'sweep finished',
    values: expect.objectContaining(values),
  });
});

test('With SWEEP_DAYS 0 there is only the first sweep', async () => {
  const world = createWorld({ settings: { sweepDays: 0 } });
  world.cases.addCase('case-1', START - HOUR);
  await world.tick();
  world.clock.advance(3000 * DAY);
  await world.tick();
  expect(lastManifest(world).lanes.sweep).toMatchObject({ number: 1 });
});

test('What the live lane would find is no miss, though a check comes to it first', async () => {
  const world = createWorld({ settings: { sweepDays: 1 } });
  world.cases.addCase('case-1', START - HOUR);
  await world.tick();
  world.clock.advance(DAY);
  world.cases.addCase('case-2', world.clock.now() - 20 * MINUTE);
  world.cases.updateCase('case-1', world.clock.now() - 10 * MINUTE);
  await ticksUntilSwept(world, 2);
  expectExactlyTheHistory(world);
  expect(lastManifest(world).lanes.sweep?.eventsMissed).toBe(0);
});

test('A check takes no more than a third of the pace, over any number of ticks, and reads every case once', async () => {
  const world = createFilled(200, START - DAY, -1000, { settings: { ...rates(1.5), sweepDays: 1 } });
  await world.tick();
  world.clock.advance(DAY);
  world.cases.calls.length = 0;
  const startedAt = world.clock.now();
  await ticksUntilSwept(world, 2);
  const audits = world.cases.requestsOf('getCaseAuditEvents').length;
  expect(audits).toBe(200);
  const seconds = (world.clock.now() - startedAt) / 1000;
  expect(audits).toBeLessThanOrEqual(seconds * 0.5 + 8);
  // No slower than need be either.
  expect(audits).toBeGreaterThanOrEqual(seconds * 0.4);
});

test('Ticks that never reach the bottom of the related items bring a check at once, after which the bottom is near', async () => {
  const settings = { relatedItemsRps: 0.05, sweepDays: 30 };
  const world = createFilled(40, START - HOUR, -1, { settings, cases: { pageSize: { searchAllRelatedItems: 1 } } });
  await world.tick();
  world.clock.advance(HOUR);
  for (let index = 0; index < 40; index += 1) {
    world.cases.addRelatedItem(`case-${index}`, world.clock.now() - 30 * MINUTE + index);
  }
  for (let ticks = 0; ticks < 3; ticks += 1) {
    await world.tick({ minutes: 5 });
    // As many come in as can be walked.
    for (let more = 0; more < 40; more += 1) world.cases.addRelatedItem(`case-${more}`, world.clock.now());
    world.clock.advance(5 * MINUTE);
  }
  expect(lastManifest(world).lanes.related.ticksWithoutBottom).toBe(3);
  await ticksUntilSwept(world, 2);
  expect(lastManifest(world).lanes.related.ticksWithoutBottom).toBe(0);
  world.clock.advance(HOUR);
  await world.tick({ settings: { relatedItemsRps: 1000 } });
  expectExactlyTheHistory(world);
});
