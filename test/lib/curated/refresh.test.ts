/** Promises: the curated table holds each published row once, whatever fails, repeats or overlaps, and a failure is told. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CURATED_TABLE, readCuratedStatements } from '../../../lib/curated/curated-statements';
import { refreshDefinition } from '../../../lib/curated/refresh-definition';
import { scratchOfFile } from '../../support/scratch';
import { A, B, C, DOMAINS, expectAllOnce, filledWorld } from './filled-world';
import { FIRST_DATE, MERGE_ROWS, ofKind, type RefreshWorld, refreshWorld } from './refresh-world';

const scratch = scratchOfFile();
const CONFLICT = 'ICEBERG_COMMIT_ERROR: Failed to commit Iceberg update to table: field_changes_curated';

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
  expect(ofKind(statements, MERGE_ROWS)).toEqual([]);
  expect(ofKind(statements, 'CREATE TABLE')).toEqual([]);
  await expectAllOnce(world);
});

test('new rows come in, and only days from the last one on are read', async () => {
  const world = await filledWorld();
  await world.refresh();
  await world.commit(A, { rows: 5 });
  await world.commit(A, { date: '2026-06-15', rows: 5 });
  const { statements } = await world.refresh();
  const [merge, ...more] = ofKind(statements, MERGE_ROWS);
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
  await world.publish(A, seq);
  await world.refresh();
  expect((await world.curated()).filter((row) => row.startsWith(`${A}/${seq}/`))).toHaveLength(3);
  await expectAllOnce(world);
});

describe('an answer that somebody else has written', () => {
  test.each([
    ['SELECT cast(coalesce(max(commit_seq)', ['0 OR true', FIRST_DATE]],
    ['SELECT cast(coalesce(max(commit_seq)', ['0', `${FIRST_DATE}' OR 'a' = 'a`]],
    ['SELECT cast(coalesce(max(commit_seq)', ['', FIRST_DATE]],
    ['WITH waiting', ['4) OR (true', '2026-06-14', '4']],
    ['WITH waiting', ['4', "2026-06-14' --", '4']],
  ])('%s: %j gets into no statement, and fails the domain', async (beginning, row) => {
    const world = await filledWorld();
    world.onRows = (rows, sql) => (sql.startsWith(beginning) && sql.includes(`'${A}'`) ? [rows[0] ?? [], row] : rows);
    const { status, cause, statements } = await world.refresh();
    expect([status, cause]).toEqual(['FAILED', `Not refreshed: ${A}`]);
    expect(ofKind(statements, MERGE_ROWS).filter((sql) => sql.includes(A))).toEqual([]);
    expect((await world.curated()).filter((key) => key.startsWith(B))).toHaveLength(28);
  });
});

describe('what fails', () => {
  test('a merge that met another is repeated', async () => {
    const world = await filledWorld();
    let conflicts = 2;
    world.onStatement = (sql) => (sql.startsWith(MERGE_ROWS) && conflicts-- > 0 ? { error: CONFLICT } : undefined);
    const { status, statements } = await world.refresh();
    expect(status).toBe('SUCCEEDED');
    expect(ofKind(statements, MERGE_ROWS)).toHaveLength(2 + 2);
    await expectAllOnce(world);
  });

  test('a merge that was done, but whose answer was lost, doubles nothing', async () => {
    const world = await filledWorld();
    const lost = new Set<string>();
    world.onStatement = (sql) => {
      if (!sql.startsWith(MERGE_ROWS) || lost.has(sql)) return undefined;
      lost.add(sql);
      return { error: 'Internal error', done: true };
    };
    expect(await world.refresh()).toMatchObject({ status: 'SUCCEEDED' });
    expect(lost.size).toBe(2);
    await expectAllOnce(world);
  });

  test('a domain that fails keeps no other from being merged; the execution fails and names it', async () => {
    const world = await filledWorld();
    world.onStatement = (sql) =>
      sql.startsWith(MERGE_ROWS) && sql.includes(A) ? { error: 'Query timeout' } : undefined;
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

  test('a catalog that does not answer is asked again, and is not taken for one without the table', async () => {
    const world = await filledWorld();
    await world.refresh();
    let refusals = 2;
    world.onCatalog = () => (refusals > 0 && refusals-- > 0 ? { error: 'Glue.AccessDeniedException' } : undefined);
    const { status, statements } = await world.refresh();
    expect([status, refusals]).toEqual(['SUCCEEDED', 0]);
    expect(ofKind(statements, 'CREATE TABLE')).toEqual([]);
    world.onCatalog = () => ({ error: 'Glue.AccessDeniedException' });
    expect(await world.refresh()).toMatchObject({ status: 'FAILED', error: 'Glue.AccessDeniedException' });
  });

  test('without a table nothing is merged', async () => {
    const world = await filledWorld();
    world.onStatement = (sql) => (sql.startsWith('CREATE') ? { error: 'Access denied' } : undefined);
    const { status, error, statements } = await world.refresh();
    expect([status, error]).toEqual(['FAILED', 'States.TaskFailed']);
    expect(ofKind(statements, MERGE_ROWS)).toEqual([]);
  });
});

describe('once a week', () => {
  test('files are rewritten and dropped, in this order, after the merges', async () => {
    const world = await filledWorld();
    const { status, statements } = await world.refresh({ maintain: true });
    expect(status).toBe('SUCCEEDED');
    const verbs = statements.map((sql) => sql.split(' ')[0]).filter((verb) => /MERGE|OPTIMIZE|VACUUM/.test(verb ?? ''));
    // Of each domain its rows and its commits; then of each table its files.
    expect(verbs).toEqual([...Array(4).fill('MERGE'), 'OPTIMIZE', 'VACUUM', 'OPTIMIZE', 'VACUUM']);
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
      sql === `VACUUM ${CURATED_TABLE}` && more-- > 0 ? { error: 'ICEBERG_VACUUM_MORE_RUNS_NEEDED' } : undefined;
    const { status, statements } = await world.refresh({ maintain: true });
    expect(status).toBe('SUCCEEDED');
    expect(ofKind(statements, `VACUUM ${CURATED_TABLE}`)).toHaveLength(4);
  });

  test('also where a domain failed, which is told at the end', async () => {
    const world = await filledWorld();
    world.onStatement = (sql) => (sql.startsWith(MERGE_ROWS) && sql.includes(A) ? { error: 'no' } : undefined);
    const { status, cause, statements } = await world.refresh({ maintain: true });
    expect([status, cause]).toEqual(['FAILED', `Not refreshed: ${A}`]);
    expect(ofKind(statements, `VACUUM ${CURATED_TABLE}`)).toHaveLength(1);
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
  // The views are freed first: else they would leave out commits that the table no longer holds.
  expect(statements.slice(0, 6).map((sql) => sql.split(' ').slice(0, -1).slice(0, 3).join(' '))).toEqual([
    'CREATE OR REPLACE',
    'CREATE OR REPLACE',
    'DROP TABLE IF',
    'DROP TABLE IF',
    'CREATE TABLE IF',
    'CREATE TABLE IF',
  ]);
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
    writeFileSync(join(folder, '900-note.sql'), change);
    return readCuratedStatements(folder);
  }

  const ADD_NOTE = `-- A column.
-- @applied column ${CURATED_TABLE}.note
ALTER TABLE ${CURATED_TABLE} ADD COLUMNS (note string)`;

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

  test('a table of an earlier version gets the columns that came since, keeps its rows, and is filled with what follows', async () => {
    const world = await filledWorld();
    await world.refresh();
    await world.connection.run(`ALTER TABLE ${CURATED_TABLE} DROP COLUMN other`);
    const before = await world.curated();
    const seq = await world.commit(A, { date: '2026-06-15', rows: 3 });
    await world.connection.run(`UPDATE field_changes SET other = '{"event":{"a":1}}' WHERE commit_seq = ${seq}`);

    const { status, statements } = await world.refresh();
    expect(status).toBe('SUCCEEDED');
    expect(ofKind(statements, 'ALTER')).toEqual([`ALTER TABLE ${CURATED_TABLE} ADD COLUMNS (other string)`]);
    expect(statements.findIndex((sql) => sql.startsWith('ALTER'))).toBeLessThan(
      statements.findIndex((sql) => sql.startsWith(MERGE_ROWS)),
    );
    await expectAllOnce(world);
    const others = `SELECT commit_seq, other FROM ${CURATED_TABLE} WHERE other IS NOT NULL`;
    expect((await world.connection.runAndReadAll(others)).getRowsJson()).toEqual(
      Array.from({ length: 3 }, () => [String(seq), '{"event":{"a":1}}']),
    );
    expect((await world.curated()).filter((row) => before.includes(row))).toEqual(before);
    expect(ofKind((await world.refresh()).statements, 'ALTER')).toEqual([]);
  });

  test('a table that cannot be given its columns gets no rows either: they would lack what a later refresh never brings', async () => {
    const world = await filledWorld();
    await world.refresh();
    await world.connection.run(`ALTER TABLE ${CURATED_TABLE} DROP COLUMN other`);
    await world.commit(A, { date: '2026-06-15', rows: 3 });
    world.onStatement = (sql) => (sql.startsWith('ALTER') ? { error: 'Access denied' } : undefined);
    const { status, statements } = await world.refresh();
    expect([status, ofKind(statements, MERGE_ROWS)]).toEqual(['FAILED', []]);
  });

  test('a numbered file that does not say how to know that it was applied is refused', () => {
    expect(() => later(`-- A column.\nALTER TABLE ${CURATED_TABLE} ADD COLUMNS (note string)`)).toThrow(
      '900-note.sql: expected one line "-- @applied table <table>" or "-- @applied column <table>.<column>"',
    );
  });
});
