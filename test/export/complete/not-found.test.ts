/** A 404 is not believed as long as a search shows the case: histories lag, and incidents pass. */
import { withFailures } from '../../fakes/with-answers';
import { judge, judgedTick, judgedTicks, ticksUntilProven } from '../../support/proof';
import {
  createFilled,
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

/** Cases made a minute apart, the newest first. */
const createDomain = (cases: number) => createFilled(cases, START - DAY, -MINUTE);

/** The audit history answers 404 for these cases. */
const notFound = (world: World, isHidden: (caseId: string) => boolean = () => true) =>
  withFailures(world.cases, 'getCaseAuditEvents', 'not-found', ({ caseId }) => isHidden(caseId));

const gone = (world: World) => manifests(world).flatMap(({ gone: ids }) => ids);

async function expectAllProvenLater(world: World): Promise<void> {
  await ticksUntilProven(world, START, HOUR);
  expectExactlyTheHistory(world);
}

describe('An incident in which every case is not found', () => {
  test('of twelve minutes during the backfill loses no case, and nothing is green meanwhile', async () => {
    const world = createDomain(300);
    const cases = notFound(world);
    for (let tick = 0; tick < 4; tick += 1) {
      expect(await judgedTick(world, { cases })).toBeInstanceOf(Error);
      expect(judge(world, START).isComplete).toBe(false);
      world.clock.advance(4 * MINUTE);
    }
    expect(gone(world)).toEqual([]);
    await expectAllProvenLater(world);
  });

  test('is told from cases that are gone by one that was read before, and every case is owed', async () => {
    const world = createDomain(100);
    await judgedTick(world);
    // Not those that were read last.
    for (let index = 40; index < 70; index += 1) world.cases.updateCase(`case-${index}`, world.clock.now());
    const at = world.clock.now();
    world.clock.advance(10 * MINUTE);
    const cases = notFound(world);
    expect(await judgedTick(world, { cases })).toBeInstanceOf(Error);
    for (let tick = 0; tick < 3; tick += 1) {
      world.clock.advance(5 * MINUTE);
      await judgedTick(world, { cases });
      expect(judge(world, at).isComplete).toBe(false);
    }
    expect(lastManifest(world).debts).toMatchObject([{ cause: 'not-found', cases: 30 }]);
    expect(gone(world)).toEqual([]);
    await expectAllProvenLater(world);
  });
});

describe('A case whose history is not there yet', () => {
  test('is owed until it is, however long that takes: searches show it', async () => {
    const world = createDomain(40);
    const cases = notFound(world, (caseId) => Number(caseId.slice('case-'.length)) % 10 < 7);
    await judgedTicks(world, 12, 2 * HOUR, { cases });
    expect(gone(world)).toEqual([]);
    expect(judge(world, START)).toMatchObject({ isComplete: false, debts: 28 });
    expect(lastManifest(world).debts).toMatchObject([{ cause: 'not-found', cases: 28, neverRead: 28 }]);
    world.clock.advance(DAY);
    await expectAllProvenLater(world);
  });

  test('is asked for with growing pauses, at most a day, so that it costs little', async () => {
    const world = createDomain(1);
    world.cases.addCase('good', START - DAY);
    await judgedTick(world);
    world.cases.updateCase('case-0', world.clock.now());
    let tick = 0;
    const asked = new Set<number>();
    const cases = notFound(world, (caseId) => {
      if (caseId === 'case-0') asked.add(tick);
      return caseId === 'case-0';
    });
    for (; tick < 8 * 24; tick += 1) {
      world.clock.advance(15 * MINUTE);
      await judgedTick(world, { cases });
    }
    // 3, 6, 12 … minutes, then once a day: ten in the first day.
    expect(asked.size).toBeLessThanOrEqual(11);
    expect(asked.size).toBeGreaterThanOrEqual(8);
  });
});

describe('A case that was deleted', () => {
  test('is gone once two 404s lie settle apart and no search shows it: what was read stays, the answer is "yes" again', async () => {
    const world = createDomain(5);
    await judgedTick(world);
    const rows = visibleRows(world).length;
    world.cases.updateCase('case-3', world.clock.now());
    world.clock.advance(10 * MINUTE);
    await judgedTick(world, { cases: notFound(world, (caseId) => caseId === 'case-3') });
    expect(judge(world, world.clock.now() - 5 * MINUTE).isComplete).toBe(false);
    world.cases.deleteCase('case-3');
    world.clock.advance(10 * MINUTE);
    await judgedTicks(world, 2, 10 * MINUTE);
    expect(gone(world)).toEqual(['case-3']);
    expect(visibleRows(world)).toHaveLength(rows);
    expect(judge(world, START)).toMatchObject({ isComplete: true });
  });

  test('between the search that found it and its read is gone, not owed for ever', async () => {
    const world = createDomain(5);
    await judgedTick(world);
    world.cases.updateCase('case-3', world.clock.now());
    world.clock.advance(10 * MINUTE);
    const vanishing = notFound(world, (caseId) => {
      if (caseId === 'case-3') world.cases.deleteCase('case-3');
      return caseId === 'case-3';
    });
    await judgedTick(world, { cases: vanishing });
    expect(lastManifest(world).debts).toMatchObject([{ cause: 'not-found' }]);
    world.clock.advance(10 * MINUTE);
    await judgedTicks(world, 2, 10 * MINUTE);
    expect(gone(world)).toEqual(['case-3']);
    expect(lastManifest(world).debts).toEqual([]);
    expect(judge(world, START)).toMatchObject({ isComplete: true });
  });

  test('and that only a related item had shown is gone after a scan over all cases that did not find it', async () => {
    const world = createDomain(5);
    await judgedTick(world);
    world.clock.advance(HOUR);
    world.cases.relatedItems.push({ caseId: 'never-searched', associatedAt: world.clock.now() - 10 * MINUTE });
    await judgedTicks(world, 3, HOUR);
    expect(gone(world)).toEqual([]);
    world.clock.advance(31 * DAY);
    await judgedTicks(world, 3, HOUR);
    expect(gone(world)).toEqual(['never-searched']);
    expect(lastManifest(world).debts).toEqual([]);
  });
});

describe('A case that was found gone and is shown again', () => {
  test('by a search is read; while its history stays away it is owed again, and no period is complete', async () => {
    const world = createDomain(5);
    await judgedTick(world);
    world.cases.updateCase('case-3', world.clock.now());
    world.clock.advance(10 * MINUTE);
    await judgedTick(world, { cases: notFound(world, (caseId) => caseId === 'case-3') });
    const back = world.cases.cases.get('case-3');
    world.cases.cases.delete('case-3');
    world.clock.advance(HOUR);
    await judgedTicks(world, 2, HOUR);
    expect(gone(world)).toEqual(['case-3']);

    if (back) world.cases.cases.set('case-3', back);
    world.cases.updateCase('case-3', world.clock.now());
    world.clock.advance(10 * MINUTE);
    await judgedTick(world, { cases: notFound(world, (caseId) => caseId === 'case-3') });
    expect(lastManifest(world).debts).toMatchObject([{ cause: 'not-found', neverRead: 1 }]);
    expect(judge(world, START).isComplete).toBe(false);
    world.clock.advance(HOUR);
    await judgedTick(world);
    expect(judge(world, START)).toMatchObject({ isComplete: true });
    expectExactlyTheHistory(world);
  });
});
