/** A 404 is not believed as long as a search shows the case: histories lag, and incidents pass. */
import { CasesCallError } from '../../../lambda/export/domain/errors';
import type { CasesApi } from '../../../lambda/export/ports';
import { judge, judgedTick } from '../../support/proof';
import {
  createWorld,
  expectExactlyTheHistory,
  HOUR,
  instead,
  MINUTE,
  manifests,
  START,
  visibleRows,
  type World,
} from '../../support/world';
import { FAST } from '../fixtures';

const DAY = 24 * HOUR;

function createFilled(cases: number): World {
  const world = createWorld({ settings: FAST });
  for (let index = 0; index < cases; index += 1) world.cases.addCase(`case-${index}`, START - DAY - index * MINUTE);
  return world;
}

/** The audit history answers 404 for these cases. */
function notFound(world: World, isHidden: (caseId: string) => boolean): CasesApi {
  return instead(world, {
    getCaseAuditEvents(request, signal) {
      if (isHidden(request.caseId)) throw new CasesCallError('404', 'not-found', 'GetCaseAuditEvents');
      return world.cases.getCaseAuditEvents(request, signal);
    },
  });
}

const gone = (world: World) => manifests(world).flatMap(({ gone: ids }) => ids);

async function ticksUntilProven(world: World, ticks = 30): Promise<void> {
  for (let tick = 0; tick < ticks; tick += 1) {
    await judgedTick(world);
    if (judge(world, START).isComplete) break;
    world.clock.advance(HOUR);
  }
  expect(judge(world, START)).toMatchObject({ isComplete: true });
  expectExactlyTheHistory(world);
}

describe('An incident in which every case is not found', () => {
  test('of twelve minutes during the backfill loses no case, and nothing is green meanwhile', async () => {
    const world = createFilled(300);
    const cases = notFound(world, () => true);
    for (let tick = 0; tick < 4; tick += 1) {
      expect(await judgedTick(world, { cases })).toBeInstanceOf(Error);
      expect(judge(world, START).isComplete).toBe(false);
      world.clock.advance(4 * MINUTE);
    }
    expect(gone(world)).toEqual([]);
    await ticksUntilProven(world);
  });

  test('is told from cases that are gone by one that was read before, and every case is owed', async () => {
    const world = createFilled(100);
    await judgedTick(world);
    // Not those that were read last.
    for (let index = 40; index < 70; index += 1) world.cases.updateCase(`case-${index}`, world.clock.now());
    const at = world.clock.now();
    world.clock.advance(10 * MINUTE);
    const cases = notFound(world, () => true);
    expect(await judgedTick(world, { cases })).toBeInstanceOf(Error);
    for (let tick = 0; tick < 3; tick += 1) {
      world.clock.advance(5 * MINUTE);
      await judgedTick(world, { cases });
      expect(judge(world, at).isComplete).toBe(false);
    }
    expect(manifests(world).at(-1)?.debts).toEqual([expect.objectContaining({ cause: 'not-found', cases: 30 })]);
    expect(gone(world)).toEqual([]);
    await ticksUntilProven(world);
  });
});

describe('A case whose history is not there yet', () => {
  test('is owed until it is, however long that takes: searches show it', async () => {
    const world = createFilled(40);
    const late = (caseId: string) => Number(caseId.slice('case-'.length)) % 10 < 7;
    const cases = notFound(world, late);
    for (let tick = 0; tick < 12; tick += 1) {
      await judgedTick(world, { cases });
      world.clock.advance(2 * HOUR);
    }
    expect(gone(world)).toEqual([]);
    expect(judge(world, START)).toMatchObject({ isComplete: false, debts: 28 });
    expect(manifests(world).at(-1)?.debts).toEqual([
      expect.objectContaining({ cause: 'not-found', cases: 28, neverRead: 28 }),
    ]);
    world.clock.advance(DAY);
    await ticksUntilProven(world);
  });

  test('is asked for with growing pauses, at most a day, so that it costs little', async () => {
    const world = createFilled(1);
    world.cases.addCase('good', START - DAY);
    await judgedTick(world);
    world.cases.updateCase('case-0', world.clock.now());
    const cases = notFound(world, (caseId) => caseId === 'case-0');
    const asked: number[] = [];
    for (let tick = 0; tick < 8 * 24; tick += 1) {
      world.clock.advance(15 * MINUTE);
      world.cases.calls.length = 0;
      let audits = 0;
      const counting = instead(world, {
        ...cases,
        getCaseAuditEvents(request, signal) {
          if (request.caseId === 'case-0') audits += 1;
          return cases.getCaseAuditEvents(request, signal);
        },
      });
      await judgedTick(world, { cases: counting });
      if (audits > 0) asked.push(world.clock.now());
    }
    // 3, 6, 12 … minutes, then once a day: ten in the first day.
    expect(asked.length).toBeLessThanOrEqual(11);
    expect(asked.length).toBeGreaterThanOrEqual(8);
  });
});

describe('A case that was deleted', () => {
  test('is gone once two 404s lie settle apart and no search shows it: what was read stays, the answer is "yes" again', async () => {
    const world = createFilled(5);
    await judgedTick(world);
    const rows = visibleRows(world).length;
    world.cases.updateCase('case-3', world.clock.now());
    world.clock.advance(10 * MINUTE);
    await judgedTick(world, { cases: notFound(world, (caseId) => caseId === 'case-3') });
    expect(judge(world, world.clock.now() - 5 * MINUTE).isComplete).toBe(false);
    world.cases.deleteCase('case-3');
    for (let tick = 0; tick < 2; tick += 1) {
      world.clock.advance(10 * MINUTE);
      await judgedTick(world);
    }
    expect(gone(world)).toEqual(['case-3']);
    expect(visibleRows(world)).toHaveLength(rows);
    expect(judge(world, START)).toMatchObject({ isComplete: true });
  });

  test('between the search that found it and its read is gone, not owed for ever', async () => {
    const world = createFilled(5);
    await judgedTick(world);
    world.cases.updateCase('case-3', world.clock.now());
    world.clock.advance(10 * MINUTE);
    // It vanishes as it is read.
    const cases = instead(world, {
      getCaseAuditEvents(request, signal) {
        if (request.caseId === 'case-3') world.cases.deleteCase('case-3');
        return world.cases.getCaseAuditEvents(request, signal);
      },
    });
    await judgedTick(world, { cases });
    expect(manifests(world).at(-1)?.debts).toEqual([expect.objectContaining({ cause: 'not-found' })]);
    for (let tick = 0; tick < 2; tick += 1) {
      world.clock.advance(10 * MINUTE);
      await judgedTick(world);
    }
    expect(gone(world)).toEqual(['case-3']);
    expect(manifests(world).at(-1)?.debts).toEqual([]);
    expect(judge(world, START)).toMatchObject({ isComplete: true });
  });

  test('and that only a related item had shown is gone after a scan over all cases that did not find it', async () => {
    const world = createFilled(5);
    await judgedTick(world);
    world.clock.advance(HOUR);
    world.cases.relatedItems.push({ caseId: 'never-searched', associatedAt: world.clock.now() - 10 * MINUTE });
    for (let tick = 0; tick < 3; tick += 1) {
      await judgedTick(world);
      world.clock.advance(HOUR);
    }
    expect(gone(world)).toEqual([]);
    world.clock.advance(31 * DAY);
    for (let tick = 0; tick < 3; tick += 1) {
      await judgedTick(world);
      world.clock.advance(HOUR);
    }
    expect(gone(world)).toEqual(['never-searched']);
    expect(manifests(world).at(-1)?.debts).toEqual([]);
  });
});

describe('A case that was found gone and is shown again', () => {
  test('by a search is read; while its history stays away it is owed again, and no period is complete', async () => {
    const world = createFilled(5);
    await judgedTick(world);
    world.cases.updateCase('case-3', world.clock.now());
    world.clock.advance(10 * MINUTE);
    await judgedTick(world, { cases: notFound(world, (caseId) => caseId === 'case-3') });
    const back = world.cases.cases.get('case-3');
    world.cases.cases.delete('case-3');
    for (let tick = 0; tick < 2; tick += 1) {
      world.clock.advance(HOUR);
      await judgedTick(world);
    }
    expect(gone(world)).toEqual(['case-3']);

    if (back) world.cases.cases.set('case-3', back);
    world.cases.updateCase('case-3', world.clock.now());
    world.clock.advance(10 * MINUTE);
    await judgedTick(world, { cases: notFound(world, (caseId) => caseId === 'case-3') });
    expect(manifests(world).at(-1)?.debts).toEqual([expect.objectContaining({ cause: 'not-found', neverRead: 1 })]);
    expect(judge(world, START).isComplete).toBe(false);
    world.clock.advance(HOUR);
    await judgedTick(world);
    expect(judge(world, START)).toMatchObject({ isComplete: true });
    expectExactlyTheHistory(world);
  });
});
