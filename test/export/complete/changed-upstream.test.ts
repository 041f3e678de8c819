/** No fact is dropped without a word: members that nobody knew, events that read differently now, events that are gone. */
import type { AuditEvent } from '../../../lambda/export/domain/audit-event';
import { setTo } from '../../fakes/cases-api';
import { judge, judgedTick, judgedTicks } from '../../support/proof';
import {
  anomaliesOf,
  createFilled,
  createWorld,
  DAY,
  expectExactlyTheHistory,
  HOUR,
  lastManifest,
  MINUTE,
  manifests,
  START,
  visibleRows,
  type World,
} from '../../support/world';

/** Exported; the next read of every case is that of a check. */
async function createExported(): Promise<World> {
  const world = createFilled(4, START - 10 * HOUR);
  for (const caseId of world.cases.cases.keys()) world.cases.updateOften(caseId, 3, START - 9 * HOUR, 1000);
  await judgedTick(world);
  expectExactlyTheHistory(world);
  return world;
}

async function check(world: World): Promise<void> {
  world.clock.advance(31 * DAY);
  await judgedTicks(world, 4, HOUR);
  expect(lastManifest(world).lanes.sweep?.number).toBeGreaterThan(1);
}

function edit(world: World, caseId: string, index: number, change: Partial<AuditEvent>): void {
  const events = world.cases.cases.get(caseId)?.events;
  if (events) events[index] = { ...events[index], ...change };
}

const changed = (world: World) => manifests(world).flatMap(({ changedUpstream = [] }) => changedUpstream);

describe('Members that nobody knows', () => {
  test('of an event, a field or who performed it stand in the column other, and are told of', async () => {
    const world = await createExported();
    world.cases.updateCase('case-1', world.clock.now());
    const index = (world.cases.cases.get('case-1')?.events.length ?? 0) - 1;
    edit(world, 'case-1', index, {
      other: { channel: 'chat' },
      performedBy: { iamPrincipalArn: 'arn:p', other: { session: 's-1' } },
      fields: [{ ...setTo('status', 'open'), other: { reason: 7 } }],
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
    expect(anomaliesOf(world)).toContain('unknown-members');
  });
});

describe('A whole read that differs from the one before', () => {
  test('as an event was enriched later is named with its case; rows that were published stay, none is doubled', async () => {
    const world = await createExported();
    const before = visibleRows(world);
    edit(world, 'case-1', 2, { fields: [setTo('status', 'enriched')] });
    edit(world, 'case-2', 1, { other: { channel: 'chat' } });
    await check(world);
    expect(changed(world).sort()).toEqual(['case-1', 'case-2']);
    expect(anomaliesOf(world)).toContain('changed-upstream');
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
  /** A case of four events on two pages, and one more event; the case's events. */
  function createTwice(again: (event: AuditEvent) => AuditEvent) {
    const world = createWorld({ cases: { pageSize: { getCaseAuditEvents: 2 } } });
    const { events } = world.cases.addCase('case-1', START - 10 * HOUR);
    world.cases.updateOften('case-1', 3, START - 9 * HOUR, 1000);
    events.push(again(events[1] ?? {}));
    return { world, events };
  }

  test('in one history are told of: the rows of the first stand, and the case is named', async () => {
    const { world, events } = createTwice((event) => ({ ...event, fields: [setTo('status', 'other')] }));
    await judgedTick(world);
    expect(changed(world)).toEqual(['case-1']);
    expect(visibleRows(world).filter((row) => row['event_id'] === events[1]?.eventId)).toHaveLength(1);
  });

  test('that are the same content twice are no change', async () => {
    const { world } = createTwice((event) => event);
    await judgedTick(world);
    await check(world);
    expect(changed(world)).toEqual([]);
    expect(visibleRows(world)).toHaveLength(4);
  });
});
