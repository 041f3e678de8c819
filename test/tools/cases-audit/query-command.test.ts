/** Promise: `cases-audit query` answers as `npm run query` does, and says what is wrong with a call and what is missing. */
import { Command } from 'commander';
import { WrongCallError } from '../../../tools/cases-audit/outcome';
import { queryCommand } from '../../../tools/cases-audit/query/command';
import { answer, parseCommandLine } from '../../../tools/query/main';
import { cli, keepingConsole } from './command-line';
import { soundArchiveOfFile } from './sound-archive';

const archive = soundArchiveOfFile();
const { scratch } = archive;
/** The sound archive as a folder. */
const folder = () => archive.folderOf(archive.sound);

const SQL = 'select commit_seq, rows_written from export_commits where commit_seq > ? order by 1';

test.each(['table', 'csv', 'json'])('the same answer as npm run query: %s', async (format) => {
  const place = folder();
  const { code, out, err } = await cli(['query', '--offline', place, SQL, '--param', '2', '--format', format]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const args = ['--folder', place, SQL, '--param', '2', '--format', format];
  expect(out).toBe(await answer(parseCommandLine(args), 80));
  expect(out).toContain('8');
});

test('--json gives the rows whole; a value that begins with a dash is a value', async () => {
  const { out } = await cli(['query', '--offline', folder(), 'select ? as it', '--param=-1', '--json']);
  expect(JSON.parse(out)).toEqual([{ it: '-1' }]);
});

test('--list and --about need no archive', async () => {
  expect((await cli(['query', '--list'])).out).toContain('period-complete');
  const { out } = await cli(['query', 'period-complete', '--about']);
  expect(out).toContain('Usage: cases-audit query period-complete --param last_day');
});

test.each<[string, () => string[], RegExp]>([
  ['no query', () => ['--offline', folder()], /No query was given/],
  ['no archive', () => ['select 1'], /No archive was named; expected --offline <dir>/],
  [
    'a folder that is no archive',
    () => ['--offline', scratch.emptyFolder(), 'select 1'],
    /There are no exported files/,
  ],
  ['a query that is none', () => ['--offline', folder(), 'no-such'], /All of them: cases-audit query --list/],
  ['two formats', () => ['--offline', folder(), 'select 1', '--json', '--format', 'csv'], /are two answers/],
  ['a format that is none', () => ['--offline', folder(), 'select 1', '--format', 'xml'], /not "xml"/],
  ['SQL that is none', () => ['--offline', folder(), 'selec 1'], /syntax error/],
  ['two queries', () => ['--offline', folder(), 'select', '1'], /too many arguments/],
])('a wrong call ends with 2: %s', async (_, args, words) => {
  expect(await cli(['query', ...args()])).toEqual({ code: 2, out: '', err: expect.stringMatching(words) });
});

test.each([
  ["Cannot find module '@duckdb/node-api'\nRequire stack:", /@duckdb\/node-api cannot be loaded: npm install/],
  ["Cannot find package '@duckdb/node-bindings-x/duckdb.node'", /node-bindings-x.*cannot be loaded: npm install/],
  ["Cannot find module '/x/cases-audit-query.js' imported from /x", /needs the whole package/],
])('a part that is missing is named: %s', async (message, words) => {
  const { console } = keepingConsole();
  const command = new Command().addCommand(queryCommand(console, () => Promise.reject(new Error(message))));
  const call = command.parseAsync(['query', '--list'], { from: 'user' });
  await expect(call).rejects.toThrow(WrongCallError);
  await expect(call).rejects.toThrow(words);
});
