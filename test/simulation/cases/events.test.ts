/** What happens in the domain: ordinary events, odd ones, and those that nothing tells of. */
import { flattenEvent } from '../../../lambda/export/domain/flatten';
import type { FaultKind } from '../faults';
import { POISONS, poisoned, UNKNOWN_MEMBER } from './event-kinds';
import { EventValues } from './event-values';
import type { TrueEvent } from './history';
import { expectHugeCase } from './huge-case';
import { HOUR, SECOND, START, TryOut } from './try-out';

function flattened({ cases }: TryOut, caseId: string, { event }: TrueEvent) {
  return flattenEvent(event, caseId, null, cases.fields);
}

/** A case with so many updates; `kind` strikes all of them. */
function struck(kind: FaultKind, updates: number): { tryOut: TryOut; caseId: string } {
  const tryOut = new TryOut({ [kind]: 1 });
  return { tryOut, caseId: tryOut.updatedCase(updates) };
}

describe('Ordinary events', () => {
  test('have all kinds of values, and rows can hold every one of them', () => {
    const { tryOut, caseId } = struck('cases.500', 300);
    const rows = tryOut.truth(caseId).flatMap((truth) => {
      const outcome = flattened(tryOut, caseId, truth);
      expect([outcome.kind, truth.poison]).toEqual(['rows', false]);
      return outcome.kind === 'rows' ? outcome.rows : [];
    });
    const types = new Set(rows.map((row) => row.new_value_type));
    expect(types).toEqual(new Set(['string', 'double', 'boolean', 'userArn', 'empty', null]));
    expect(rows.some((row) => row.performed_by_custom_entity !== null)).toBe(true);
    expect(rows.some((row) => row.performed_by_user_arn !== null)).toBe(true);
    expect(rows.some((row) => row.new_value === '-0')).toBe(true);
    expect(rows.every((row) => row.field_id === null || row.field_name !== null)).toBe(true);
  });

  test('are shown as the history has them', async () => {
    const { tryOut, caseId } = struck('cases.500', 60);
    tryOut.cases.addRelatedItem(caseId);
    tryOut.faults.heal();
    const shown = new Map((await tryOut.events(caseId)).map((event) => [event.eventId, event]));
    const truth = tryOut.truth(caseId).map(({ event }) => event);
    expect(truth).toHaveLength(62);
    expect(truth.map(({ eventId }) => shown.get(eventId))).toEqual(truth);
    expect(shown.size).toBe(62);
  });

  test('can be as old as one likes, and never of the future', () => {
    const tryOut = new TryOut();
    const caseId = tryOut.cases.createCase({ at: START - HOUR });
    tryOut.cases.updateCase(caseId, { at: START - SECOND, fields: 3 });
    expect(tryOut.truth(caseId).map(({ occurredAt }) => occurredAt)).toEqual([START - HOUR, START - SECOND]);
    expect(tryOut.truth(caseId)[1]?.event.fields).toHaveLength(3);
    expect(() => tryOut.cases.updateCase(caseId, { at: START + 1 })).toThrow(RangeError);
    expect(() => tryOut.cases.updateCase('no-such-case')).toThrow('no-such-case');
  });
});

describe('Odd events, for good', () => {
  test('cases.poison-event: each way of it is one that no row can hold', () => {
    const { tryOut, caseId } = struck('cases.500', 1);
    const [truth] = tryOut.truth(caseId);
    for (const poison of POISONS) {
      const event = poison(truth?.event ?? {});
      expect([String(poison), flattenEvent(event, caseId, null, new Map()).kind]).toEqual([String(poison), 'poison']);
    }
    expect(new Set(Array.from({ length: 200 }, (_, n) => draw(n))).size).toBe(POISONS.length);
    function draw(number: number): string {
      return JSON.stringify(
        poisoned({ eventId: 'event-1', type: 'Case.Updated', fields: [] }, new EventValues(1, number)),
      );
    }
  });

  test('cases.poison-event: the history says which, and healing does not mend them', async () => {
    const { tryOut, caseId } = struck('cases.poison-event', 40);
    tryOut.faults.heal();
    tryOut.cases.updateCase(caseId);
    for (const truth of tryOut.truth(caseId)) {
      expect(flattened(tryOut, caseId, truth).kind).toBe(truth.poison ? 'poison' : 'rows');
    }
    expect(tryOut.truth(caseId).map(({ poison }) => poison)).toEqual([...Array(41).fill(true), false]);
    expect(await tryOut.events(caseId)).toHaveLength(42);
    expect(tryOut.faults.counts).toEqual({ 'cases.poison-event': 41 });
  });

  test('cases.unknown-enum: types of tomorrow', () => {
    const { tryOut, caseId } = struck('cases.unknown-enum', 3);
    for (let count = 0; count < 20; count += 1) tryOut.cases.addRelatedItem(caseId);
    const events = tryOut.truth(caseId).map(({ event }) => event);
    expect(new Set(events.map(({ type }) => type))).toEqual(
      new Set(['Case.Merged', 'RelatedItem.Linked', 'RelatedItem.Created']),
    );
    expect(events.some(({ relatedItemType }) => relatedItemType === 'Hologram')).toBe(true);
    expect(tryOut.faults.counts).toEqual({ 'cases.unknown-enum': 24 });
  });

  test('cases.unknown-union: values and users of tomorrow, which rows can hold', () => {
    const { tryOut, caseId } = struck('cases.unknown-union', 20);
    const rows = tryOut.truth(caseId).map((truth) => {
      const outcome = flattened(tryOut, caseId, truth);
      return outcome.kind === 'rows' ? outcome.rows : [];
    });
    const ofUser = rows.filter(([row]) => row?.performed_by_other != null);
    const ofValue = rows.filter((all) => all.some((row) => row.new_value_type === 'listValue'));
    expect([ofUser.length > 0, ofValue.length > 0, ofUser.length + ofValue.length]).toEqual([true, true, 21]);
    expect(tryOut.faults.counts).toEqual({ 'cases.unknown-union': 21 });
  });

  test('cases.late-old-event: an old time, though it happens now and moves last_updated', async () => {
    const { tryOut, caseId } = struck('cases.late-old-event', 10);
    for (const { event, occurredAt, findableAt } of tryOut.truth(caseId).slice(1)) {
      expect(event.performedTime?.getTime()).toBeLessThanOrEqual(occurredAt - HOUR);
      expect(findableAt).toBe(occurredAt);
    }
    expect((await tryOut.search()).cases).toMatchObject([{ lastUpdated: tryOut.now }]);
    expect(tryOut.faults.counts).toEqual({ 'cases.late-old-event': 10 });
  });

  test('cases.equal-times: the time of the event before, though it happens later', () => {
    const { tryOut, caseId } = struck('cases.equal-times', 5);
    const truth = tryOut.truth(caseId);
    expect(new Set(truth.map(({ event }) => event.performedTime?.getTime()))).toEqual(new Set([START + SECOND]));
    expect(new Set(truth.map(({ occurredAt }) => occurredAt)).size).toBe(6);
    expect(tryOut.faults.counts).toEqual({ 'cases.equal-times': 5 });
  });

  test('cases.same-millisecond: two updates at once', () => {
    const { tryOut, caseId } = struck('cases.same-millisecond', 1);
    const truth = tryOut.truth(caseId);
    expect(truth.map(({ occurredAt }) => occurredAt - START)).toEqual([SECOND, 2 * SECOND, 2 * SECOND]);
    expect(new Set(truth.map(({ event }) => event.eventId)).size).toBe(3);
    expect(tryOut.faults.counts).toEqual({ 'cases.same-millisecond': 1 });
  });

  test('cases.huge-event: 50,000 fields, once a world', () => {
    const { tryOut, caseId } = struck('cases.huge-event', 3);
    const sizes = tryOut.truth(caseId).map(({ event }) => event.fields?.length ?? 0);
    expect(sizes.filter((size) => size >= 50_000)).toEqual([50_000]);
    expect(tryOut.faults.counts).toEqual({ 'cases.huge-event': 1 });
  });
});

describe('Events that are not what they were, or not what they seem', () => {
  test('cases.unknown-members: of the event, a field or the performer, for good', () => {
    const { tryOut, caseId } = struck('cases.unknown-members', 60);
    const texts = tryOut.truth(caseId).map(({ event }) => JSON.stringify(event));
    expect(texts.every((text) => text.includes(UNKNOWN_MEMBER))).toBe(true);
    const places = tryOut
      .truth(caseId)
      .map(({ event }) => (event.other ? 'event' : event.performedBy?.other ? 'performer' : 'field'));
    expect([...new Set(places)].sort()).toEqual(['event', 'field', 'performer']);
  });

  test('cases.event-enriched: another content under the same id, from some moment on', async () => {
    const { tryOut, caseId } = struck('cases.event-enriched', 5);
    const truth = tryOut.truth(caseId);
    expect(new Set(await tryOut.events(caseId))).toEqual(new Set(truth.map(({ event }) => event)));
    tryOut.pass(73 * HOUR);
    expect(new Set(await tryOut.events(caseId))).toEqual(new Set(truth.map(({ enriched }) => enriched)));
    expect(truth.map(({ enriched }) => enriched?.eventId)).toEqual(truth.map(({ event }) => event.eventId));
  });

  test('cases.two-contents: two events of one id, at the same time', async () => {
    const { tryOut, caseId } = struck('cases.two-contents', 3);
    const shown = await tryOut.events(caseId);
    expect([shown.length, new Set(shown.map(({ eventId }) => eventId)).size]).toEqual([8, 4]);
    expect(new Set(shown.map((event) => JSON.stringify(event))).size).toBe(8);
  });

  test('cases.touch-without-event: the case is last updated, and nothing is recorded', async () => {
    const tryOut = new TryOut({ 'cases.touch-without-event': 1 });
    const [caseId = ''] = tryOut.createCases(1);
    tryOut.pass(HOUR);
    tryOut.cases.change();
    expect((await tryOut.search()).cases).toMatchObject([{ caseId, lastUpdated: tryOut.now }]);
    expect(tryOut.truth(caseId)).toHaveLength(1);
  });

  test('cases.audit-lag-uncapped: minutes, hours or days late, and never before an earlier event', async () => {
    const { tryOut, caseId } = struck('cases.audit-lag-uncapped', 100);
    const truth = tryOut.truth(caseId);
    const times = truth.map(({ visibleAt }) => visibleAt);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(truth.every(({ occurredAt, visibleAt }) => visibleAt - occurredAt >= 60 * SECOND - 101 * SECOND)).toBe(true);
    expect(Math.max(...times) - tryOut.now).toBeLessThanOrEqual(20 * 24 * HOUR);
    expect(await tryOut.events(caseId)).toEqual([]);
    tryOut.pass(20 * 24 * HOUR);
    expect(await tryOut.events(caseId)).toHaveLength(101);
  });

  test('Every event is told of in the moment in which it is recorded', () => {
    const recorded: string[] = [];
    const tryOut = new TryOut({}, { onRecorded: (id, event) => recorded.push(`${id} ${event.content().type}`) });
    const [caseId = ''] = tryOut.createCases(1);
    tryOut.cases.updateCase(caseId);
    expect(recorded).toEqual([`${caseId} Case.Created`, `${caseId} Case.Updated`]);
  });
});

describe('cases.huge-case', () => {
  test('many events, once a world, each shown once', async () => {
    await expectHugeCase(new TryOut({ 'cases.huge-case': 1 }, { hugeCaseEvents: 2_000 }), 2_000);
  });

  test('of another size if asked for, in every order, and open to further changes', async () => {
    for (const kind of ['cases.newest-first', 'cases.oldest-first'] as const) {
      const tryOut = new TryOut({ 'cases.huge-case': 1, [kind]: 1 }, { hugeCaseEvents: 120 });
      const caseId = tryOut.cases.createCase({ at: START - HOUR });
      tryOut.cases.updateCase(caseId);
      const times = (await tryOut.events(caseId)).map(({ performedTime }) => performedTime?.getTime() ?? 0);
      expect(times).toHaveLength(121);
      const sorted = [...times].sort((a, b) => a - b);
      expect(times).toEqual(kind === 'cases.oldest-first' ? sorted : sorted.reverse());
      expect((await tryOut.search()).cases).toMatchObject([{ created: START - HOUR, lastUpdated: START }]);
    }
  });
});

describe('Related items', () => {
  test('move last_updated, unless cases.related-silent strikes: then the item itself tells', async () => {
    for (const rate of [0, 1]) {
      const tryOut = new TryOut({ 'cases.related-silent': rate });
      const [caseId = ''] = tryOut.createCases(1);
      const created = tryOut.now;
      tryOut.pass(SECOND);
      tryOut.cases.addRelatedItem(caseId);
      const lastUpdated = rate === 1 ? created : tryOut.now;
      expect((await tryOut.search()).cases).toMatchObject([{ lastUpdated }]);
      expect((await tryOut.related()).items).toEqual([{ caseId, associatedAt: tryOut.now }]);
      expect(tryOut.truth(caseId).at(-1)).toMatchObject({
        event: { type: 'RelatedItem.Created', relatedItemType: expect.any(String) },
        findableAt: tryOut.now,
      });
      expect(tryOut.faults.counts).toEqual(rate === 1 ? { 'cases.related-silent': 1 } : {});
    }
  });

  test.each([
    ['cases.related-edited', 'RelatedItem.Updated'],
    ['cases.related-deleted', 'RelatedItem.Deleted'],
  ] as const)('%s: an event that nothing leads to, until the case is touched again', async (kind, type) => {
    for (const rate of [0, 1]) {
      const tryOut = new TryOut({ [kind]: rate });
      const [caseId = ''] = tryOut.createCases(1);
      tryOut.cases.addRelatedItem(caseId);
      tryOut.pass(SECOND);
      if (kind === 'cases.related-edited') tryOut.cases.editRelatedItem();
      else tryOut.cases.deleteRelatedItem();
      const told = () => tryOut.truth(caseId).find(({ event }) => event.type === type);
      expect(told()?.findableAt).toBe(rate === 1 ? null : tryOut.now);
      expect((await tryOut.search()).cases).toMatchObject([{ lastUpdated: tryOut.now - (rate === 1 ? SECOND : 0) }]);
      expect((await tryOut.related()).items).toHaveLength(kind === 'cases.related-edited' ? 1 : 0);
      expect(tryOut.faults.counts).toEqual(rate === 1 ? { [kind]: 1 } : {});
      tryOut.pass(SECOND);
      tryOut.cases.updateCase(caseId);
      expect(told()?.findableAt).toBe(tryOut.now - (rate === 1 ? 0 : SECOND));
    }
  });

  test('what only an item told of is told no more once the item is deleted in silence', () => {
    const tryOut = new TryOut({ 'cases.related-silent': 1, 'cases.related-deleted': 1 });
    const [caseId = ''] = tryOut.createCases(1);
    tryOut.pass(SECOND);
    tryOut.cases.addRelatedItem(caseId);
    tryOut.cases.deleteRelatedItem();
    expect(tryOut.truth(caseId).map(({ findableAt }) => findableAt)).toEqual([tryOut.now - SECOND, null, null]);
  });

  test('nothing happens where there are none', () => {
    const tryOut = new TryOut();
    const [caseId = ''] = tryOut.createCases(1);
    tryOut.cases.editRelatedItem();
    tryOut.cases.deleteRelatedItem();
    expect(tryOut.truth(caseId)).toHaveLength(1);
  });
});

describe('Changes', () => {
  test('are of every kind, and leave deleted cases alone', () => {
    const tryOut = new TryOut();
    for (let count = 0; count < 600; count += 1) {
      tryOut.pass(SECOND);
      tryOut.cases.change();
    }
    const history = tryOut.cases.history();
    const types = history.flatMap(({ events }) => events.map(({ event }) => event.type));
    expect(new Set(types)).toEqual(
      new Set(['Case.Created', 'Case.Updated', 'RelatedItem.Created', 'RelatedItem.Updated', 'RelatedItem.Deleted']),
    );
    const deleted = history.filter(({ deletedAt }) => deletedAt !== null);
    expect([deleted.length > 0, tryOut.cases.caseIds().length]).toEqual([true, history.length - deleted.length]);
    for (const { events, deletedAt } of deleted) {
      expect(Math.max(...events.map(({ occurredAt }) => occurredAt))).toBeLessThanOrEqual(deletedAt ?? 0);
    }
    const fields = [...tryOut.cases.fields.values()];
    expect([fields.some((field) => field.deleted), fields.length > 6]).toEqual([true, true]);
  });

  test('cases.250-in-a-millisecond: so many cases updated at once, or all', () => {
    for (const [cases, updated] of [
      [3, 3],
      [300, 250],
    ] as const) {
      const tryOut = new TryOut({ 'cases.250-in-a-millisecond': 1 });
      tryOut.createCases(cases);
      tryOut.pass(SECOND);
      tryOut.cases.change();
      const now = tryOut.cases.history().filter(({ events }) => events.at(-1)?.occurredAt === tryOut.now);
      expect(now).toHaveLength(updated);
      expect(tryOut.faults.counts).toEqual({ 'cases.250-in-a-millisecond': 1 });
    }
  });
});
