/** `npm run query`: SQL over an archive's files, in three formats, and errors that a person can act on. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Format } from '../../../local/query/formats';
import { answer, parseCommandLine } from '../../../local/query/main';

let folder: string;

beforeAll(async () => {
  folder = join(mkdtempSync(join(tmpdir(), 'query-')), "it's here");
  const partition = join(folder, 'archive/field_changes/domain_id=007/export_date=2026-01-31');
  mkdirSync(partition, { recursive: true });
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const file = join(partition, '000000000001.parquet').replaceAll("'", "''");
  await connection.run(`COPY (SELECT * FROM (VALUES
      ('title', 'say "hi", 你好', 1.5::DOUBLE, TIMESTAMP '2026-01-30 10:00:00.123', 2::BIGINT),
      ('summary', E'two\\nlines\\x1b[31m', NULL, TIMESTAMP '2026-01-30 11:00:00', 3::BIGINT),
      ('empty', '', NULL, NULL, 9007199254740993))
    AS t(field_id, new_value, amount, performed_time, commit_seq)) TO '${file}'`);
  connection.closeSync();
  instance.closeSync();
});

afterAll(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

describe('A query', () => {
  test('sees the columns of the files and, as text, those of their paths', async () => {
    expect(JSON.parse(await ask('select field_id, domain_id, export_date from field_changes limit 1', 'json'))).toEqual(
      [{ field_id: 'title', domain_id: '007', export_date: '2026-01-31' }],
    );
  });

  test('comes as a table, numbers to the right, null as a dash, no character that moves the cursor', async () => {
    expect(await ask('select field_id, new_value, amount from field_changes')).toBe(
      [
        '┌──────────┬──────────────────┬────────┐',
        '│ field_id │ new_value        │ amount │',
        '├──────────┼──────────────────┼────────┤',
        '│ title    │ say "hi", 你好   │    1.5 │',
        '│ summary  │ two ⏎ lines�[31m │      – │',
        '│ empty    │                  │      – │',
        '└──────────┴──────────────────┴────────┘',
        '3 rows',
        '',
      ].join('\n'),
    );
  });

  test('comes in blocks where a table would not fit, and cuts what is very long', async () => {
    const text = await ask(`select repeat('x', 100) as a, repeat('y', 50) as b`);
    expect(text).toMatch(/row 1 .*\na {2}x{59}…\nb {2}y{50}\n1 row\n/);
  });

  test('comes as CSV: RFC 4180, null empty, an empty text quoted', async () => {
    const text = await ask('select field_id, new_value, amount from field_changes', 'csv');
    expect(text).toBe(
      'field_id,new_value,amount\r\ntitle,"say ""hi"", 你好",1.5\r\nsummary,"two\nlines\u001b[31m",\r\nempty,"",\n',
    );
  });

  test('comes as JSON, whole, counts as numbers and larger integers as text', async () => {
    const sql =
      'select new_value, performed_time, commit_seq, count(*) over () as n from field_changes order by commit_seq desc';
    const rows = JSON.parse(await ask(sql, 'json'));
    expect(rows[0]).toEqual({ new_value: '', performed_time: null, commit_seq: '9007199254740993', n: 3 });
    expect(rows[2]).toMatchObject({ performed_time: '2026-01-30 10:00:00.123', commit_seq: 2 });
  });

  test('from a file takes its parameters', async () => {
    const file = join(folder, 'q.sql');
    writeFileSync(file, 'select new_value from field_changes where field_id = ?');
    const settings = parseCommandLine(['--file', file, '--param', 'empty', '--format', 'csv', '--folder', folder]);
    expect(await answer(settings, 80)).toBe('new_value\r\n""\n');
  });

  test('without rows says so', async () => {
    expect(await ask(`select * from field_changes where field_id = 'none'`)).toBe('0 rows\n');
  });
});

describe('What is wrong is told in a few words', () => {
  test('no query: the usage, with two examples', async () => {
    const usage = await answer(parseCommandLine([]), 80);
    expect(usage.match(/npm run query -- "select/g)).toHaveLength(2);
    expect(await answer(parseCommandLine(['--help']), 80)).toBe(usage);
  });

  test("a wrong query: DuckDB's own message", async () => {
    const error = await ask('select nope from field_changes').catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      name: 'QueryError',
      message: expect.stringMatching(/"nope" not found[\s\S]*LINE 1/),
    });
  });

  test('no files: run the demo first', async () => {
    const settings = { ...parseCommandLine(['select 1']), folder: join(folder, 'elsewhere') };
    await expect(answer(settings, 80)).rejects.toThrow(/no files of a demo in .*elsewhere.*npm run demo/);
  });

  test.each([
    [['--format', 'xml', 'select 1'], '--format is table, csv or json, not "xml"'],
    [['select', '1'], 'Give one query: put it between double quotes'],
    [['--file', 'no-such.sql'], 'There is no file no-such.sql'],
    [['--fromat', 'csv'], "Unknown option '--fromat'"],
  ])('a command line %j', (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(message);
  });
});

function ask(sql: string, format: Format = 'table'): Promise<string> {
  return answer({ sql, parameters: [], format, folder }, 100);
}
