/** Promises: the curated table holds each published row once, also after thousands of commits, in parts, and where refreshes overlap. */
import { CURATED_TABLE } from '../../../lib/curated/curated-statements';
import { A, B, expectAllOnce, filledWorld } from './filled-world';
import { MERGE_ROWS, ofKind, refreshWorld } from './refresh-world';

describe('a quiet domain', () => {
  test('has thousands of manifests without rows: few lists find the newest, and nothing is merged', async () => {
    const world = await filledWorld();
    await world.refresh();
    for (let each = 0; each < 20_000; each += 1) await world.commit(A, { rows: 0 });
    const { status, output, lists, statements } = await world.refresh();
    expect(status).toBe('SUCCEEDED');
    expect(output).toContainEqual({ domainId: A, status: 'refreshed', newestPublished: 20_004 });
    // One for each of the other two, and one for the first of each.
    expect(lists).toBeLessThan(20 + 2 + 3);
    expect(ofKind(statements, MERGE_ROWS)).toEqual([]);
  });

  test('wakes up, and its rows are found', async () => {
    const world = await filledWorld();
    await world.refresh();
    for (let each = 0; each < 3_000; each += 1) await world.commit(A, { rows: 0 });
    await world.commit(A, { date: '2026-06-15', rows: 4 });
    await world.refresh();
    await expectAllOnce(world);
    expect(await world.curated()).toHaveLength(2 * 4 * 7 + 4);
  });

  test.each([1, 399, 400, 401, 799, 800, 801, 1_200, 1_201, 2_799, 2_801])(
    'the newest of %i manifests is found exactly',
    async (count) => {
      const world = await refreshWorld([A]);
      for (let each = 1; each < count; each += 1) await world.commit(A, { rows: 0 });
      await world.commit(A, { rows: 1 });
      const { output } = await world.refresh();
      expect(output).toEqual([{ domainId: A, status: 'refreshed', newestPublished: count }]);
      await expectAllOnce(world);
    },
  );
});

describe('a first fill that is too large for one statement', () => {
  test('goes in parts of at most so many rows, in the order of commits', async () => {
    const world = await filledWorld({ rowsPerMerge: 20 });
    const { status, statements } = await world.refresh();
    expect(status).toBe('SUCCEEDED');
    const merges = ofKind(statements, MERGE_ROWS).filter((sql) => sql.includes(A));
    expect(merges.map((sql) => /commit_seq <= (\d+)/.exec(sql)?.[1])).toEqual(['2', '4']);
    expect(merges.map((sql) => /export_date <= '([\d-]+)'/.exec(sql)?.[1])).toEqual(['2026-01-01', '2026-06-14']);
    await expectAllOnce(world);
  });

  test('takes a commit that is larger by itself', async () => {
    const world = await filledWorld({ rowsPerMerge: 1 });
    const { statements } = await world.refresh();
    expect(ofKind(statements, MERGE_ROWS)).toHaveLength(8);
    await expectAllOnce(world);
  });

  test('does not stop at a commit whose rows are there already: it goes on, and it ends', async () => {
    const world = await filledWorld({ rowsPerMerge: 10 });
    await world.refresh();
    const copy = 'INSERT INTO field_changes SELECT * REPLACE (5 AS commit_seq) FROM field_changes WHERE commit_seq = 4';
    for (const domainId of [A, B]) await world.commit(domainId, { rows: 0 });
    await world.connection.run(copy);
    for (const domainId of [A, B]) await world.commit(domainId, { date: '2026-06-15', rows: 8 });
    const { status } = await world.refresh();
    expect(status).toBe('SUCCEEDED');
    const rows = await world.curated();
    expect(rows).toEqual((await world.published()).filter((row) => !row.includes('/5/')));
    expect(rows.filter((row) => row.includes('/6/'))).toHaveLength(2 * 8);
  });

  test('goes on where it failed', async () => {
    const world = await filledWorld({ rowsPerMerge: 10 });
    world.onStatement = (sql) => (/^MERGE[\s\S]*commit_seq <= 3/.test(sql) ? { error: 'Query timeout' } : undefined);
    expect(await world.refresh()).toMatchObject({ status: 'FAILED', cause: `Not refreshed: ${A}, ${B}` });
    expect(await world.curated()).toHaveLength(2 * 2 * 7);
    world.onStatement = () => undefined;
    const { statements } = await world.refresh();
    expect(ofKind(statements, MERGE_ROWS)).toHaveLength(2 * 2);
    await expectAllOnce(world);
  });
});

describe('executions that overlap', () => {
  const OTHER = { ExecutionArn: 'arn:other', StartDate: '2026-06-15T02:00:00.000Z' };

  test('a refresh leaves the work to one that began before it, and waits for none that began later', async () => {
    const world = await filledWorld();
    world.others = () => [OTHER];
    const { status, statements, entered } = await world.refresh();
    expect([status, statements, entered.at(-1)]).toEqual(['SUCCEEDED', [], 'LeftToOther']);
    world.others = () => [{ ...OTHER, StartDate: '2026-06-15T03:10:00.001Z' }];
    expect((await world.refresh()).entered.at(-1)).toBe('Refreshed');
  });

  test('of two that began at once, one goes on', async () => {
    const world = await filledWorld();
    const at = '2026-06-15T03:10:00.000Z';
    world.others = () => [{ ExecutionArn: 'arn:aaa', StartDate: at }];
    expect((await world.refresh()).entered.at(-1)).toBe('LeftToOther');
    world.others = () => [{ ExecutionArn: 'arn:zzz', StartDate: at }];
    expect((await world.refresh()).entered.at(-1)).toBe('Refreshed');
  });

  test.each([{ rebuild: true }, { maintain: true }])('%j waits for its turn', async (input) => {
    const world = await filledWorld();
    let looks = 0;
    world.others = () => (looks++ < 3 ? [OTHER] : []);
    const { status, entered } = await world.refresh(input);
    expect(status).toBe('SUCCEEDED');
    expect(entered.filter((name) => name === 'WaitForOther')).toHaveLength(3);
    await expectAllOnce(world);
  });

  test('two at the same time all the same: each row once', async () => {
    const world = await filledWorld({ rowsPerMerge: 10 });
    let second: Promise<unknown> | undefined;
    world.onStatement = async (sql) => {
      if (second === undefined && sql.startsWith(MERGE_ROWS)) {
        second = Promise.resolve();
        second = world.refresh();
        await second;
      }
      return undefined;
    };
    expect(await world.refresh()).toMatchObject({ status: 'SUCCEEDED' });
    await expectAllOnce(world);
  });

  test('a table that is dropped under a merge gets no rows without those before them: nothing would ever fetch those', async () => {
    const world = await filledWorld();
    await world.refresh();
    await world.commit(A, { date: '2026-06-15', rows: 5 });
    let rebuilt = false;
    world.onStatement = async (sql) => {
      if (sql.startsWith(MERGE_ROWS) && !rebuilt) {
        rebuilt = true;
        await world.connection.run(`DELETE FROM ${CURATED_TABLE}`);
      }
      return undefined;
    };
    await world.refresh();
    expect((await world.curated()).filter((row) => row.startsWith(A))).toEqual([]);
    await world.refresh();
    await expectAllOnce(world);
  });
});
