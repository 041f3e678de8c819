/** Promises: a statement's file says what it answers and what it takes, and one that does not is refused by name. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fillIn, readQueries, readViews } from '../../../lib/athena/sql-files';
import { scratchOfFile } from '../../support/scratch';

const scratch = scratchOfFile();

function folderWith(sql: string): string {
  const folder = scratch.emptyFolder();
  writeFileSync(join(folder, 'one.sql'), sql);
  return folder;
}

const QUESTION = '-- What happened\n-- to one case?\n';

test('a query has its question, its parameters in order, and its statement', () => {
  const sql = `${QUESTION}-- @param case_id text Id of the case.\n-- @param since date First day.\nSELECT 1\nWHERE a = ? AND b > ?\n`;
  expect(readQueries(folderWith(sql))).toEqual([
    {
      name: 'one',
      description: 'What happened to one case?',
      body: 'SELECT 1\nWHERE a = ? AND b > ?',
      sql,
      parameters: [
        { name: 'case_id', type: 'text', description: 'Id of the case.' },
        { name: 'since', type: 'date', description: 'First day.' },
      ],
    },
  ]);
});

test('a view has its columns with types and what they hold', () => {
  expect(
    readViews(folderWith(`${QUESTION}-- @column cases bigint Number of cases.\nSELECT 1 AS cases\n`)),
  ).toMatchObject([{ name: 'one', columns: [{ name: 'cases', type: 'bigint', description: 'Number of cases.' }] }]);
});

test.each([
  ['SELECT 1', 'one.sql: expected an opening comment that says what question it answers'],
  [`${QUESTION}SELECT 1; SELECT 2`, 'one.sql: expected one statement, without a semicolon'],
  [`${QUESTION}SELECT 1 WHERE a = ?`, 'one.sql: got 1 "?", expected one for each of 0 @param lines'],
  [
    `${QUESTION}-- @param a number A.\nSELECT 1 WHERE a = ?`,
    'one.sql: got "-- @param a number A.", expected "-- @param <name> <text|integer|date|timestamp|zone|hour> <description>"',
  ],
  [`${QUESTION}-- @param a text\nSELECT 1 WHERE a = ?`, 'expected "-- @param'],
  [`${QUESTION}-- @column a varchar A.\nSELECT 1 WHERE a = ?`, 'expected "-- @param'],
])('a query file of another form is refused: %j', (sql, message) => {
  expect(() => readQueries(folderWith(sql))).toThrow(message);
});

test('a view without columns is refused', () => {
  expect(() => readViews(folderWith(`${QUESTION}SELECT 1`))).toThrow('one.sql: expected a line "-- @column');
});

test('what a statement names is filled in, and a name that is not given is refused', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder of a statement.
  expect(fillIn('SELECT * FROM ${changes}', { changes: 'field_changes' })).toBe('SELECT * FROM field_changes');
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder of a statement.
  expect(() => fillIn('SELECT ${other}', { changes: 'field_changes' })).toThrow(
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder of a statement.
    'The statement names ${other}, expected one of changes',
  );
});
