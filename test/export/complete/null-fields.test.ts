/** A null in the place of a changed field is asked again; where it stays, the raw event is kept and the case is owed until it comes. */
import type { CasesApi } from '../../../lambda/export/ports';
import { setTo } from '../../fakes/cases-api';
import { mortal } from '../../fakes/mortal';
import { failed, withAnswers } from '../../fakes/with-answers';
import { judge, judgedTick, judgedTicks } from '../../support/proof';
import {
  createFilled,
  expectExactlyTheHistory,
  expectWholeChain,
  HOUR,
  lastManifest,
  MINUTE,
  START,
  visibleRows,
  type World,
} from '../../support/world';

const CASE = 'case-1';

/** A case of which one event changes three fields. */
function createChanged(): World {
  const world = createFilled(5, START - 10 * HOUR);
  world.cases.updateCase(CASE, START - 9 * HOUR, [setTo('a', '1'), setTo('b', '2'), setTo('c', '3')]);
  return world;
}

/** The fields at these positions of its second event come as null, as long as `isHidden` says so. */
function hiding(
  world: World,
  positions: readonly number[],
  isHidden: (call: number) => boolean = () => true,
): CasesApi {
  let calls = 0;
  return withAnswers(world.cases, 'getCaseAuditEvents', (page, { caseId }) => {
    if (caseId !== CASE || !isHidden(++calls)) return page;
    const events = page.events.map((event, index) =>
      index === 1 && event
        ? { ...event, fields: event.fields?.map((field, at) => (positions.includes(at) ? null : field)) }
        : event,
    );
    return { ...page, events };
  });
}

const valuesOf = (world: World) =>
  visibleRows(world)
    .filter((row) => row['case_id'] === CASE && row['field_id'] !== null)
    .map((row) => [row['field_index'], row['field_id'], row['new_value']])
    .sort();

describe('A null in the place of a field', () => {
  test('that comes right when it is asked for again costs one call, and nothing else', async () => {
    const world = createChanged();
    expect(await judgedTick(world, { cases: hiding(world, [1], (call) => call === 1) })).toMatchObject({
      status: 'complete',
      retrying: 0,
    });
    expectExactlyTheHistory(world);
    expect(judge(world, START - HOUR)).toMatchObject({ isComplete: true });
  });

  test('that stays is owed: rows of the other fields are there, the raw event is kept, and no period is complete that holds it', async () => {
    const world = createChanged();
    expect(await judgedTick(world, { cases: hiding(world, [1]) })).toMatchObject({ debts: { 'null-field': 1 } });
    expect(valuesOf(world)).toEqual([
      [0, 'a', '1'],
      [1, 'c', '3'],
    ]);
    const [key = ''] = world.objects.keys('archive', 'quarantine/');
    expect(JSON.parse(world.objects.text('archive', key)).events).toMatchObject([
      { caseId: CASE, emitted: true, event: { fields: [{}, null, {}] } },
    ]);
    expect(judge(world, START - HOUR)).toMatchObject({ isComplete: false, debts: 1 });
    expect(lastManifest(world).gaps).toMatchObject([{ caseId: CASE, cause: 'null-field' }]);
    expectWholeChain(world);
  });

  test('that stays for days and comes at last brings its row, once, behind those of the event that are there', async () => {
    const world = createChanged();
    const cases = hiding(world, [0, 2]);
    await judgedTicks(world, 10, 5 * HOUR, { cases });
    expect(valuesOf(world)).toEqual([[0, 'b', '2']]);
    world.clock.advance(24 * HOUR);
    expect(await judgedTick(world)).toMatchObject({ debts: {} });
    expect(valuesOf(world)).toEqual([
      [0, 'b', '2'],
      [1, 'a', '1'],
      [2, 'c', '3'],
    ]);
    expect(judge(world, START - HOUR)).toMatchObject({ isComplete: true });
    world.clock.advance(24 * HOUR);
    await judgedTicks(world, 3, 24 * HOUR);
    expect(valuesOf(world)).toHaveLength(3);
  });

  test('of several that come one by one: owed until the last, then each row once', async () => {
    const world = createChanged();
    const hidden = [[0, 1, 2], [0, 1], [1], []];
    for (const [tick, positions] of hidden.entries()) {
      await judgedTick(world, { cases: hiding(world, positions) });
      const isLast = tick === hidden.length - 1;
      expect(valuesOf(world)).toHaveLength(isLast ? 3 : 0);
      expect(judge(world, START - HOUR).isComplete).toBe(isLast);
      world.clock.advance(24 * HOUR);
    }
    // The event itself had its row before any field came.
    expect(valuesOf(world).map(([index]) => index)).toEqual([1, 2, 3]);
  });

  test('is still owed after the process died between the rows and the end of the read', async () => {
    const world = createChanged();
    world.cases.updateCase(CASE, START - 8 * HOUR, [setTo('d', '4')]);
    let commits = 0;
    const dying = mortal(world.checkpoints, (call, name) => {
      if (name === 'commit' && ++commits > 2) throw new Error('killed');
      return call();
    });
    const settings = { maxRowsPerCommit: 2 };
    await judgedTick(world, { cases: hiding(world, [1]), checkpoints: dying, settings });
    world.clock.advance(20 * MINUTE);
    for (let tick = 0; tick < 3; tick += 1) {
      await judgedTick(world, { cases: hiding(world, [1]), settings });
      expect(judge(world, START - HOUR).isComplete).toBe(false);
      world.clock.advance(HOUR);
    }
    world.clock.advance(24 * HOUR);
    await judgedTick(world);
    expect(judge(world, START - HOUR)).toMatchObject({ isComplete: true });
    expect(new Set(valuesOf(world).map(([, , value]) => value))).toEqual(new Set(['1', '2', '3', '4']));
    expect(valuesOf(world)).toHaveLength(4);
  });
});

describe('A null in the place of an event', () => {
  test('that stays is owed until the event comes', async () => {
    const world = createChanged();
    const cases = withAnswers(world.cases, 'getCaseAuditEvents', (page, { caseId }) =>
      caseId === CASE ? { ...page, events: [null, ...page.events.slice(1)] } : page,
    );
    for (let tick = 0; tick < 4; tick += 1) {
      expect(await judgedTick(world, { cases })).toMatchObject({ debts: { incomplete: 1 } });
      expect(judge(world, START - HOUR)).toMatchObject({ isComplete: false, debts: 1 });
      world.clock.advance(HOUR);
    }
    world.clock.advance(HOUR);
    await judgedTick(world);
    expectExactlyTheHistory(world);
    expect(judge(world, START - HOUR)).toMatchObject({ isComplete: true });
  });

  test.each(['fields', 'events'])('a list that is missing is no empty list: %s', async (list) => {
    const world = createChanged();
    const cases = withAnswers(world.cases, 'getCaseAuditEvents', (page, { caseId }) => {
      if (caseId !== CASE) return page;
      if (list === 'events') throw failed('malformed', 'GetCaseAuditEvents');
      return { ...page, events: page.events.map((event) => event && { ...event, fields: undefined }) };
    });
    await judgedTick(world, { cases });
    expect(judge(world, START - HOUR)).toMatchObject({ isComplete: false, debts: 1 });
    world.clock.advance(HOUR);
    await judgedTick(world);
    expectExactlyTheHistory(world);
    expect(judge(world, START - HOUR)).toMatchObject({ isComplete: true });
  });
});
