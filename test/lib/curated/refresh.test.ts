/** Promises: the curated table holds each published row once, whatever fails, repeats or overlaps, and a failure is told. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CURATED_TABLE, readCuratedStatements } from '../../../lib/curated/curated-statements';
import { refreshDefinition } from '../../../lib/curated/refresh-definition';
import { scratchOfFile } from '../../support/scratch';
import { FIRST_DATE, ofKind, type RefreshWorld, refreshWorld } from './refresh-world';

const [A, B, C] = ['11111111-aaaa-4bbb-8ccc-dddddddddddd', 'b', 'retired'];
const DOMAINS = [A, B, C];
const scratch = scratchOfFile();
const CONFLICT = 'ICEBERG_COMMIT_ERROR: Failed to commit Iceberg update to table: field_changes_curated';

/** Three domains, the last of them without any commit. */
async function filledWorld(options: Parameters<typeof refreshWorld>[1] = {}): Promise<RefreshWorld> {
  const world = await refreshWorld(DOMAINS, options);
  for (const domainId of [A, B]) {
    for (const date of ['2026-01-01', '2026-01-01', '2026-02-03', '2026-06-14']) {
      await world.commit(domainId, { date, rows: 7 });
    }
  }
  return world;
}

async function expectAllOnce(world: RefreshWorld): Promise<void> {
  expect(await world.curated()).toEqual(await world.published());
}

test('from an empty catalog: the table is made, and every domain’s rows come in, each once', async () => {
  const world = await filledWorld();
  const { status, output, statements } = await world.refresh();
  expect(status).toBe('SUCCEEDED');
  expect(output).toEqual([
    { domainId: A, status: 'refreshed', newestPublished: 4 },
    { domainId: B, status: 'refreshed', newestPublished: 4 },
    { domainId: C, status: 'refreshed', newestPublished: 0 },
  ]);
  expect(ofKind(statements, 'CREATE TABLE IF NOT EXISTS field_changes_curated')).toHaveLength(1);
  expect(await world.curated()).toHaveLength(2 * 4 * 7);
  await expectAllOnce(world);
});

test('again: nothing is made, nothing is merged', async () => {
  const world = await filledWorld();
  await world.refresh();
  const { status, statements } = await world.refresh();
  expect(status).toBe('SUCCEEDED');
  expect(ofKind(statements, 'MERGE')).toEqual([]);
  expect(ofKind(statements, 'CREATE')).toEqual([]);
  await expectAllOnce(world);
});

test('new rows come in, and only days from the last one on are read', async () => {
  const world = await filledWorld();
  await world.refresh();
  await world.commit(A, { rows: 5 });
  await world.commit(A, { date: '2026-06-15', rows: 5 });
  const { statements } = await world.refresh();
  const [merge, ...more] = ofKind(statements, 'MERGE');
  expect(more).toEqual([]);
  expect(merge).toContain(`WHERE domain_id = '${A}'\n    AND export_date >= '2026-06-14'`);
  expect(merge).toContain("AND export_date <= '2026-06-15'\n    AND commit_seq <= 6");
  expect(merge).toContain("ON target.export_date >= '2026-06-14'");
  await expectAllOnce(world);
});

test('a commit that is not wholly published waits, also what comes after it', async () => {
  const world = await filledWorld();
  const seq = await world.commit(A, { date: '2026-06-15', rows: 3, published: false });
  await world.refresh();
  await expectAllOnce(world);
  expect((await world.curated()).filter((row) => row.startsWith(`${A}/${seq}/`))).toEqual([]);
  world.publish(A, seq);
  await world.refresh();
  expect((await world.curated()).filter((row) => row.startsWith(`${A}/${seq}/`))).toHaveLength(3);
  await expectAllOnce(world);
});

describe('a quiet domain', () => {
  test('has thousands of manifests without rows: few lists find the newest, and nothing is merged', async () => {
    const world = await filledWorld();
    await world.refresh();
    for (let each = 0; each < 20_000; each += 1) await world.commit(A, { rows: 0 });
    const { status, output, lists, statements } = await world.refresh();
    expect(status).toBe('SUCCEEDED');
    expect(output).toContainEqual({ domainId: A, status: 'refreshed', newestPublished: 20_004 });
    // One for each of the other two.
    expect(lists).toBeLessThan(20 + 2);
    expect(ofKind(statements, 'MERGE')).toEqual([]);
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

describe('what fails', () => {
  test('a merge that met another is repeated', async () => {
    const world = await filledWorld();
    let conflicts = 2;
    world.onStatement = (sql) => (sql.startsWith('MERGE') && conflicts-- > 0 ? { error: CONFLICT } : undefined);
    const { status, statements } = await world.refresh();
    expect(status).toBe('SUCCEEDED');
    expect(ofKind(statements, 'MERGE')).toHaveLength(2 + 2);
    await expectAllOnce(world);
  });

  test('a merge that was done, but whose answer was lost, doubles nothing', async () => {
    const world = await filledWorld();
    const lost = new Set<string>();
    world.onStatement = (sql) => {
      if (!sql.startsWith('MERGE') || lost.has(sql)) return undefined;
      lost.add(sql);
      return { error: 'Internal error', done: true };
    };
    expect(await world.refresh()).toMatchObject({ status: 'SUCCEEDED' });
    expect(lost.size).toBe(2);
    await expectAllOnce(world);
  });

  test('a domain that fails keeps no other from being merged; the execution fails and names it', async () => {
    const world = await filledWorld();
    world.onStatement = (sql) => (sql.startsWith('MERGE') && sql.includes(A) ? { error: 'Query timeout' } : undefined);
    const { status, error, cause } = await world.refresh();
    expect([status, error, cause]).toEqual(['FAILED', 'DomainsFailed', `Not refreshed: ${A}`]);
    const rows = await world.curated();
    expect(rows.filter((row) => row.startsWith(A))).toEqual([]);
    expect(rows.filter((row) => row.startsWith(B))).toHaveLength(28);

    world.onStatement = () => undefined;
    expect(await world.refresh()).toMatchObject({ status: 'SUCCEEDED' });
    await expectAllOnce(world);
  });

  test.each(['SELECT cast(coalesce(max(commit_seq)', 'WITH waiting'])('a question too: %s', async (beginning) => {
    const world = await filledWorld();
    world.onStatement = (sql) => (sql.startsWith(beginning) && sql.includes(`'${B}'`) ? { error: 'no' } : undefined);
    expect(await world.refresh()).toMatchObject({ status: 'FAILED', cause: `Not refreshed: ${B}` });
    world.onStatement = () => undefined;
    await world.refresh();
    await expectAllOnce(world);
  });

  test('an answer that cannot be read fails the domain, not the others', async () => {
    const world = await filledWorld();
    world.onRows = (rows, sql) =>
      sql.startsWith('SELECT cast(coalesce(max') && sql.includes(A) ? rows.slice(0, 1) : rows;
    expect(await world.refresh()).toMatchObject({ status: 'FAILED', cause: `Not refreshed: ${A}` });
    expect(await world.curated()).toHaveLength(4 * 7);
  });

  test('without a table nothing is merged', async () => {
    const world = await filledWorld();
    world.onStatement = (sql) => (sql.startsWith('CREATE') ? { error: 'Access denied' } : undefined);
    const { status, error, statements } = await world.refresh();
    expect([status, error]).toEqual(['FAILED', 'States.TaskFailed']);
    expect(ofKind(statements, 'MERGE')).toEqual([]);
  });
});

describe('a first fill that is too large for one statement', () => {
  test('goes in parts of at most so many rows, in the order of commits', async () => {
    const world = await filledWorld({ rowsPerMerge: 20 });
    const { status, statements } = await world.refresh();
    expect(status).toBe('SUCCEEDED');
    const merges = ofKind(statements, 'MERGE').filter((sql) => sql.includes(A));
    expect(merges.map((sql) => /commit_seq <= (\d+)/.exec(sql)?.[1])).toEqual(['2', '4']);
    expect(merges.map((sql) => /export_date <= '([\d-]+)'/.exec(sql)?.[1])).toEqual(['2026-01-01', '2026-06-14']);
    await expectAllOnce(world);
  });

  test('takes a commit that is larger by itself', async () => {
    const world = await filledWorld({ rowsPerMerge: 1 });
    const { statements } = await world.refresh();
    expect(ofKind(statements, 'MERGE')).toHaveLength(8);
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
    expect(ofKind(statements, 'MERGE')).toHaveLength(2 * 2);
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
      if (second === undefined && sql.startsWith('MERGE')) {
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
      if (sql.startsWith('MERGE') && !rebuilt) {
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

describe('once a week', () => {
  test('files are rewritten and dropped, in this order, after the merges', async () => {
    const world = await filledWorld();
    const { status, statements } = await world.refresh({ maintain: true });
    expect(status).toBe('SUCCEEDED');
    const verbs = statements.map((sql) => sql.split(' ')[0]).filter((verb) => /MERGE|OPTIMIZE|VACUUM/.test(verb ?? ''));
    expect(verbs).toEqual(['MERGE', 'MERGE', 'OPTIMIZE', 'VACUUM']);
  });

  test('and otherwise not', async () => {
    const world = await filledWorld();
    const { statements } = await world.refresh();
    expect(statements.filter((sql) => /^(OPTIMIZE|VACUUM)/.test(sql))).toEqual([]);
  });

  test('statements that want more runs get them', async () => {
    const world = await filledWorld();
    let more = 3;
    world.onStatement = (sql) =>
      sql.startsWith('VACUUM') && more-- > 0 ? { error: 'ICEBERG_VACUUM_MORE_RUNS_NEEDED' } : undefined;
    const { status, statements } = await world.refresh({ maintain: true });
    expect(status).toBe('SUCCEEDED');
    expect(ofKind(statements, 'VACUUM')).toHaveLength(4);
  });

  test('also where a domain failed, which is told at the end', async () => {
    const world = await filledWorld();
    world.onStatement = (sql) => (sql.startsWith('MERGE') && sql.includes(A) ? { error: 'no' } : undefined);
    const { status, cause, statements } = await world.refresh({ maintain: true });
    expect([status, cause]).toEqual(['FAILED', `Not refreshed: ${A}`]);
    expect(ofKind(statements, 'VACUUM')).toHaveLength(1);
  });
});

test('a rebuild drops the table and fills it from the raw one', async () => {
  const world = await filledWorld();
  await world.refresh();
  await world.connection.run(`DELETE FROM ${CURATED_TABLE} WHERE commit_seq = 2`);
  // What is missing in the middle no refresh looks for.
  await world.refresh();
  expect(await world.curated()).not.toEqual(await world.published());
  const { status, statements } = await world.refresh({ rebuild: true });
  expect(status).toBe('SUCCEEDED');
  expect(statements.slice(0, 3).map((sql) => sql.split(' ')[0])).toEqual(['DROP', 'SELECT', 'CREATE']);
  await expectAllOnce(world);
});

describe('schema changes', () => {
  /** The folder as a later version might have it. */
  function later(change: string) {
    const folder = join(scratch.emptyFolder(), 'curated');
    mkdirSync(folder);
    for (const name of readdirSync('sql/curated')) {
      writeFileSync(join(folder, name), readFileSync(join('sql/curated', name), 'utf8'));
    }
    writeFileSync(join(folder, '002-note.sql'), change);
    return readCuratedStatements(folder);
  }

  const ADD_NOTE = `-- A column.
-- @applied SELECT 1 FROM information_schema.columns WHERE table_schema = '\${database}' AND table_name = '${CURATED_TABLE}' AND column_name = 'note'
ALTER TABLE ${CURATED_TABLE} ADD COLUMN note string`;

  test('are made in order, each once, on an old table and on a new one', async () => {
    const old = await filledWorld();
    await old.refresh();
    const definition = refreshDefinition({ domains: DOMAINS, firstExportDate: FIRST_DATE }, later(ADD_NOTE));
    const fresh = await filledWorld({ definition });
    const alters = async (world: RefreshWorld) => ofKind((await world.refresh()).statements, 'ALTER').length;
    expect([await alters(fresh), await alters(fresh)]).toEqual([1, 0]);
    await expectAllOnce(fresh);

    const upgraded = await refreshWorld(DOMAINS, { definition });
    await upgraded.commit(A, { rows: 2 });
    await upgraded.connection.run(`CREATE TABLE ${CURATED_TABLE} AS SELECT * FROM field_changes WHERE false`);
    expect([await alters(upgraded), await alters(upgraded)]).toEqual([1, 0]);
    await expectAllOnce(upgraded);
  });

  test('a numbered file that does not say how to know that it was applied is refused', () => {
    expect(() => later(`-- A column.\nALTER TABLE ${CURATED_TABLE} ADD COLUMNS (note string)`)).toThrow(
      '002-note.sql: expected one line "-- @applied SELECT …"',
    );
  });
});
