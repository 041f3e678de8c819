/** Promises: the file answers what the archive holds, wherever it is read; nothing is replaced. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { writeDuckDbFile } from '../../scripts/duckdb-file';
import { scratchOfFile } from '../support/scratch';
import { createArchive } from '../trino/archive';

const scratch = scratchOfFile();
let folder: string;
beforeEach(() => {
  folder = scratch.emptyFolder();
});

test('a database file has the views over the rows of the archive', async () => {
  const archive = join(folder, 'copy');
  await createArchive(archive, '2026-02-01').commit('domain-1', { rows: 7, published: false });
  const users = join(folder, 'users.csv');
  writeFileSync(users, 'user_arn,name,team\narn:1,Ann,Desk\n');
  const file = join(folder, 'cases.duckdb');
  await writeDuckDbFile(archive, file, users);
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const ask = async (sql: string) => (await connection.runAndReadAll(sql)).getRows();
  expect(await ask('SELECT count(*) FROM changes')).toEqual([[7n]]);
  expect(await ask('SELECT name FROM user_names')).toEqual([['Ann']]);
  connection.closeSync();
  instance.closeSync();
});

test('a folder without exported files is named, and no file is made', async () => {
  await expect(writeDuckDbFile(folder, join(folder, 'cases.duckdb'))).rejects.toThrow(
    /^There are no exported files in .*: expected field_changes\/domain_id=/,
  );
});

test('a file that is there already is left as it is', async () => {
  const archive = join(folder, 'copy');
  await createArchive(archive, '2026-02-01').commit('domain-1', { rows: 1 });
  const file = join(folder, 'cases.duckdb');
  writeFileSync(file, 'mine');
  await expect(writeDuckDbFile(archive, file)).rejects.toThrow(`${file} is there already: name a file that does not`);
});
