/** No fact is dropped without a word: members that nobody knew, events that read differently now, events that are gone. */
import type { AuditEvent } from '../../../lambda/export/domain/audit-event';
import { judge, judgedTick } from '../../support/proof';
import {
  createWorld,
  expectExactlyTheHistory,
  HOUR,
  MINUTE,
  manifests,
  START,
  visibleRows,
  type World,
} from '../../support/world';
import { FAST } from '../fixtures';

const DAY = 24 * HOUR;

/** Exported; the next read of every case is that of a check. */
async function createExported(): Promise<World> {
  const world = createWorld({ settings: FAST });
  for (let index = 0; index < 4; index += 1) {
    world.cases.addCase(`case-${index}`, START - 10 * HOUR);
    for (let update = 1; update < 4; update += 1)
      world.cases.updateCase(`case-${index}`, START - 9 * HOUR + update * 1000);
  }
  await judgedTick(world);
  expectExactlyTheHistory(world);
  return world;
}

async function check(world: World): Promise<void> {
  world.clock.advance(31 * DAY);
  for (let tick = 0; tick < 4; tick += 1) {
    await judgedTick(world);
    world.clock.advance(HOUR);
  }
  expect(manifests(world).at(-1)?.lanes.sweep?.number).toBeGreaterThan(1);
}

function edit(world: World, caseId: string, index: number, change: Partial<AuditEvent>): void {
  const events = world.cases.cases.get(caseId)?.events;
  if (events) events[index] = { ...events[index], ...change };
}

const changed = (world: World) => manifests(world).flatMap(({ changedUpstream = [] }) => changedUpstream);
const told = (world: World, anomaly: string) => world.logs.some(({ message }) => message === `anomaly: ${anomaly}`);

describe('Members that nobody knows', () => {
  test('of an event, a field or who performed it stand in the column other, and are told of', async () => {
    const world = await createExported();
    world.cases.updateCase('case-1', world.clock.now());
    const index = (world.cases.cases.get('case-1')?.events.length ?? 0) - 1;
    edit(world, 'case-1', index, {
      other: { channel: 'chat' },
      performedBy: { iamPrincipalArn: 'arn:p', other: { session: 's-1' } },
      fields: [{ eventFieldId: 'status', newValue: { stringValue: 'open' }, other: { reason: 7 } }],
    });
    world.clock.advance(10 * MINUTE);
    await judgedTick(world);
    expectExactlyTheHistory(world);
    const row = visibleRows(world).find((one) => one['other'] !== null);
    expect(JSON.parse(String(row?.['other']))).toEqual({
      event: { channel: 'chat' },
      performedBy: { session: 's-1' },
      field: { reason: 7 },
    });
    expect(told(world, 'unknown-members')).toBe(true);
  });
});

describe('A whole read that differs from the one before', () => {
  test('as an event was enriched later is named with its case; rows that were published stay, none is doubled', async () => {
    const world = await createExported();
    const before = visibleRows(world);
    edit(world, 'case-1', 2, { fields: [{ eventFieldId: 'status', newValue: { stringValue: 'enriched' } }] });
    edit(world, 'case-2', 1, { other: { channel: 'chat' } });
    await check(world);
    expect(changed(world).sort()).toEqual(['case-1', 'case-2']);
    expect(told(world, 'changed-upstream')).toBe(true);
    expect(visibleRows(world)).toEqual(before);
  });

  test('as an event is gone is named with its case', async () => {
    const world = await createExported();
    world.cases.cases.get('case-3')?.events.splice(1, 1);
    await check(world);
    expect(changed(world)).toEqual(['case-3']);
  });

  test('is named once, not at every check', async () => {
    const world = await createExported();
    edit(world, 'case-1', 2, { relatedItemType: 'Comment' });
    await check(world);
    await check(world);
    expect(changed(world)).toEqual(['case-1']);
  });

  test('is named also where new events came with the change', async () => {
    const world = await createExported();
    edit(world, 'case-1', 2, { relatedItemType: 'Comment' });
    world.cases.updateCase('case-1', world.clock.now());
    world.clock.advance(10 * MINUTE);
    await judgedTick(world);
    expect(changed(world)).toEqual(['case-1']);
  });

  test('in order alone, of events, of fields or of members, is no change', async () => {
    const world = await createExported();
    for (const { events } of world.cases.cases.values()) events.reverse();
    await check(world);
    expect(changed(world)).toEqual([]);
  });

  test('by new events alone is no change', async () => {
    const world = await createExported();
    for (let round = 0; round < 3; round += 1) {
      world.cases.updateCase('case-1', world.clock.now());
      world.clock.advance(10 * MINUTE);
      await judgedTick(world);
    }
    await check(world);
    expect(changed(world)).toEqual([]);
    expectExactlyTheHistory(world);
    expect(judge(world, START)).toMatchObject({ isComplete: true });
  });
});

describe('Two contents under one id', () => {
  test('in one history are told of: the rows of the first stand, and the case is named', async () => {
    const world = createWorld({ settings: { ...FAST }, cases: { pageSize: { getCaseAuditEvents: 2 } } });
    world.cases.addCase('case-1', START - 10 * HOUR);
    for (let update = 1; update < 4; update += 1) world.cases.updateCase('case-1', START - 9 * HOUR + update * 1000);
    const events = world.cases.cases.get('case-1')?.events;
    events?.push({ ...events[1], fields: [{ eventFieldId: 'status', newValue: { stringValue: 'other' } }] });
    await judgedTick(world);
    expect(changed(world)).toEqual(['case-1']);
    const ofId = visibleRows(world).filter((row) => row['event_id'] === events?.[1]?.eventId);
    expect(ofId).toHaveLength(1);
  });

  test('that are the same content twice are no change', async () => {
    const world = createWorld({ settings: { ...FAST }, cases: { pageSize: { getCaseAuditEvents: 2 } } });
    world.cases.addCase('case-1', START - 10 * HOUR);
    for (let update = 1; update < 4; update += 1) world.cases.updateCase('case-1', START - 9 * HOUR + update * 1000);
    const events = world.cases.cases.get('case-1')?.events;
    events?.push(events[1] ?? null);
    await judgedTick(world);
    await check(world);
    expect(changed(world)).toEqual([]);
    expect(visibleRows(world)).toHaveLength(4);
  });
});
