/**
 * Promises: the views over manifests and dictionaries hold each published one once, exactly as the archive has it, wherever the
 * refresh is, however it dies; and they open no file that the table holds already, but the last.
 */
import { COMMITS_TABLE } from '../../../lib/curated/curated-statements';
import { expectEvidence, linesOf } from './evidence-world';
import { A, B, DOMAINS, filledWorld } from './filled-world';
import { ofKind, type RefreshWorld, refreshWorld } from './refresh-world';

const MERGE_COMMITS = `MERGE INTO ${COMMITS_TABLE}`;

test('from an empty catalog: every commit is in the table once, and the views have all', async () => {
  const world = await filledWorld();
  await world.commit(A, { rows: 0, dictionary: true });
  expect(await world.refresh()).toMatchObject({ status: 'SUCCEEDED' });
  expect(await linesOf(world, `SELECT domain_id || '/' || seq FROM ${COMMITS_TABLE}`)).toEqual(
    [A, A, A, A, A, B, B, B, B].map((domain, index) => `${domain}/${index < 5 ? index + 1 : index - 4}`).sort(),
  );
  await expectEvidence(world);
});

test('what is published after the refresh is seen at once, and by its path alone', async () => {
  const world = await filledWorld();
  await world.refresh();
  const seq = await world.commit(A, { rows: 0, dictionary: true });
  await expectEvidence(world);
  // Only files from the last held one on are read: what the archive loses before it, the views still have.
  await world.connection.run(`DELETE FROM manifest_files WHERE domain_id = '${A}' AND seq < ${seq - 1}`);
  expect(await linesOf(world, `SELECT seq FROM all_manifests WHERE domain_id = '${A}'`)).toHaveLength(seq);
});

test('the last commit that the table holds is read from the archive, never from the table', async () => {
  const world = await filledWorld();
  await world.refresh();
  await world.connection.run(`UPDATE ${COMMITS_TABLE} SET openquarantine = 0, debts = [] WHERE seq = 4`);
  await expectEvidence(world);
});

test('again with nothing new: nothing is merged', async () => {
  const world = await filledWorld();
  await world.refresh();
  const { statements } = await world.refresh();
  expect(ofKind(statements, MERGE_COMMITS)).toEqual([]);
  await expectEvidence(world);
});

test('a dictionary whose manifest is not yet published is merged with it, not before', async () => {
  const world = await filledWorld();
  const seq = await world.commit(A, { rows: 2, dictionary: true, published: false });
  await world.refresh();
  await expectEvidence(world);
  await world.publish(A, seq);
  await world.refresh();
  await world.commit(A, { rows: 0 });
  await world.refresh();
  await expectEvidence(world);
});

test('a domain without a commit, and one that begins later', async () => {
  const world = await refreshWorld(DOMAINS);
  await world.refresh();
  await expectEvidence(world);
  await world.commit(B, { rows: 1 });
  await world.refresh();
  await expectEvidence(world);
});

describe('a table that lost commits', () => {
  async function damaged(world: RefreshWorld, sql: string): Promise<string[]> {
    await world.connection.run(sql);
    return linesOf(world, `SELECT seq FROM all_manifests WHERE domain_id = '${A}'`);
  }

  test.each([
    ['all', `DELETE FROM ${COMMITS_TABLE}`],
    ['the newest', `DELETE FROM ${COMMITS_TABLE} WHERE seq >= 3`],
    ['one between', `DELETE FROM ${COMMITS_TABLE} WHERE seq = 2`],
  ])(
    '%s: the views show the hole, as the newest commit is always there, and a refresh closes it',
    async (_what, sql) => {
      const world = await filledWorld();
      await world.refresh();
      const seen = await damaged(world, sql);
      expect(seen).toContain('4');
      expect(seen.length).toBeLessThan(4);
      expect(await world.refresh()).toMatchObject({ status: 'SUCCEEDED' });
      await expectEvidence(world);
    },
  );

  test('or has one twice: the views take it and what follows from the archive, and the refresh says so', async () => {
    const world = await filledWorld();
    await world.refresh();
    await world.connection.run(
      `INSERT INTO ${COMMITS_TABLE} SELECT * FROM ${COMMITS_TABLE} WHERE seq = 2 AND domain_id = '${A}'`,
    );
    expect(await world.refresh()).toMatchObject({ status: 'FAILED', cause: `Not refreshed: ${A}` });
    await expectEvidence(world);
    expect(await world.refresh({ rebuild: true })).toMatchObject({ status: 'SUCCEEDED' });
    await expectEvidence(world);
  });

  test('by DROP TABLE: the next refresh frees the views, makes it and fills it', async () => {
    const world = await filledWorld();
    await world.refresh();
    await world.connection.run(`DROP TABLE ${COMMITS_TABLE}`);
    const { status, statements } = await world.refresh();
    expect(status).toBe('SUCCEEDED');
    const made = statements.findIndex((sql) => sql.startsWith(`CREATE TABLE IF NOT EXISTS ${COMMITS_TABLE}`));
    expect(statements.slice(0, made).filter((sql) => sql.startsWith('CREATE OR REPLACE VIEW'))).toHaveLength(2);
    await expectEvidence(world);
  });
});

describe('an archive that lacks a manifest', () => {
  test('fails the domain and names it, and the views show the hole as the archive has it', async () => {
    const world = await filledWorld();
    await world.connection.run(`DELETE FROM manifest_files WHERE domain_id = '${A}' AND seq = 2`);
    expect(await world.refresh()).toMatchObject({ status: 'FAILED', cause: `Not refreshed: ${A}` });
    await expectEvidence(world);
    await world.commit(A, { rows: 0, dictionary: true });
    await world.refresh();
    await expectEvidence(world);
  });

  test('and gets it back: it is seen at once, and the next refresh goes on', async () => {
    const world = await filledWorld();
    await world.connection.run(
      `CREATE TABLE lost AS SELECT * FROM manifest_files WHERE domain_id = '${A}' AND seq = 2`,
    );
    await world.connection.run(`DELETE FROM manifest_files WHERE domain_id = '${A}' AND seq = 2`);
    await world.refresh();
    await world.connection.run('INSERT INTO manifest_files SELECT * FROM lost');
    await expectEvidence(world);
    expect(await world.refresh()).toMatchObject({ status: 'SUCCEEDED' });
    await expectEvidence(world);
  });
});

describe('an archive whose oldest manifests S3 deletes by age', () => {
  test('is filled from its first manifest on, and a rebuild too', async () => {
    const world = await refreshWorld([A], { commitsPerMerge: 3 });
    for (let each = 1; each <= 9; each += 1) await world.commit(A, { rows: 0, dictionary: each % 4 === 0 });
    await world.expire(A, 5);
    expect(await world.refresh()).toMatchObject({ status: 'SUCCEEDED' });
    await expectEvidence(world);
    expect(await world.refresh({ rebuild: true })).toMatchObject({ status: 'SUCCEEDED' });
    await expectEvidence(world);
  });

  test('keeps in the table what it held, and goes on', async () => {
    const world = await filledWorld();
    await world.commit(B, { rows: 0, dictionary: true });
    await world.commit(A, { rows: 0, dictionary: true });
    await world.refresh();
    await world.expire(A, 3);
    await world.expire(B, 5);
    await world.commit(A, { rows: 0 });
    const dictionaries = (table: string) => linesOf(world, `SELECT domain_id || '/' || seq FROM ${table}`);
    expect(await dictionaries('all_dictionaries')).toEqual(await dictionaries('dictionary_files'));
    expect(await world.refresh()).toMatchObject({ status: 'SUCCEEDED' });
    expect(await linesOf(world, `SELECT seq FROM all_manifests WHERE domain_id = '${A}'`)).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
    ]);
    expect(await dictionaries('all_dictionaries')).toEqual(await dictionaries('dictionary_files'));
  });
});

test('a file whose name is not its number is never taken for another', async () => {
  const world = await filledWorld();
  await world.connection.run(`UPDATE manifest_files SET seq = 2 WHERE domain_id = '${A}' AND seq = 4`);
  await world.refresh();
  await expectEvidence(world);
});

test('an answer that somebody else has written gets into no statement', async () => {
  const world = await filledWorld();
  world.onRows = (rows, sql) => (sql.includes('AS held') ? [rows[0] ?? [], [A, '1) OR (true']] : rows);
  const { status, statements } = await world.refresh();
  expect(status).toBe('FAILED');
  expect(statements.filter((sql) => sql.includes('OR (true'))).toEqual([]);
  await expectEvidence(world);
});

test('a first fill goes in parts, a bounded number of them in one execution', async () => {
  const world = await refreshWorld([A], { commitsPerMerge: 3 });
  for (let each = 1; each <= 14; each += 1) await world.commit(A, { rows: 0, dictionary: each % 4 === 0 });
  const parts = async () =>
    ofKind((await world.refresh()).statements, MERGE_COMMITS).map((sql) => /seq <= (\d+)/.exec(sql)?.[1]);
  expect(await parts()).toEqual(['3', '6', '9', '12']);
  await expectEvidence(world);
  expect(await parts()).toEqual(['14']);
  await expectEvidence(world);
});
