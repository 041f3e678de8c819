/** `npm run query`: SQL over an archive's files, in three formats, and errors that a person can act on. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COLUMNS } from '../../../lambda/export/domain/columns';
import { readQueries } from '../../../lib/athena/sql-files';
import type { Format } from '../../../tools/query/formats';
import { answer, parseCommandLine } from '../../../tools/query/main';
import { saveFiles, scratchOfFile } from '../../support/scratch';
import { runByTsx } from '../../support/tsx';
import { pathOf } from './database';
import { runInDuckDb } from './duck-rows';

const ALL_COLUMNS: readonly string[] = COLUMNS.map(({ name }) => name);
const TABLE = `CREATE TABLE rows (${COLUMNS.map(({ name, type }) => `${name} ${type === 'string' ? 'varchar' : type}`).join(', ')})`;
const PARTITION = '/field_changes/domain_id=007/export_date=2026-01-31';

const folder = join(scratchOfFile().emptyFolder(), "it's here");

beforeAll(async () => {
  const partition = join(folder, `archive${PARTITION}`);
  mkdirSync(partition, { recursive: true });
  const rows = `INSERT INTO rows
      (case_id, event_id, event_type, field_index, field_id, new_value_type, new_value, new_value_double, performed_time, commit_seq)
    VALUES
      ('c1', 'e1', 'Case.Updated', 0, 'title', 'string', 'say "hi", 你好', 1.5, TIMESTAMP '2026-01-30 10:00:00.123', 2),
      ('c1', 'e2', 'Case.Updated', 0, 'summary', 'string', E'two\\nlines\\x1b[31m', NULL, TIMESTAMP '2026-01-30 11:00:00', 3),
      ('c1', 'e3', 'Case.Updated', 0, 'empty', 'string', '', NULL, NULL, 9007199254740993)`;
  await runInDuckDb(TABLE, rows, `COPY rows TO '${quoted(join(partition, '000000000001.parquet'))}'`);
});

describe('Files of earlier versions, which lack the columns of later ones,', () => {
  const NEW = ALL_COLUMNS.map((column) => (column === 'other' ? `'{"event":{"a":1}}' AS other` : column)).join(', ');
  const OLD = ALL_COLUMNS.filter((column) => column !== 'other').join(', ');

  test.each([
    ['before', [OLD, NEW], [null, '{"event":{"a":1}}']],
    ['behind', [NEW, OLD], ['{"event":{"a":1}}', null]],
    ['without', [OLD, OLD], [null, null]],
  ])('%s such that have them: null, in the table and in the views', async (_, files, other) => {
    const old = join(folder, `old-${files.indexOf(OLD)}-${files.lastIndexOf(OLD)}`);
    for (const [index, columns] of files.entries())
      await writeRows(join(old, `archive${PARTITION}`), index + 1, columns);
    const sql = (table: string) => `select other, field_id from ${table} where case_id = 'c1' order by commit_seq`;
    const rows = other.map((value) => ({ other: value, field_id: 'title' }));
    expect(JSON.parse(await ask(sql('field_changes'), 'json', old))).toEqual(rows);
    expect(JSON.parse(await ask(sql('changes'), 'json', old))).toEqual(rows);
  });
});

describe('A query', () => {
  test('sees the columns of the files and, as text, those of their paths', async () => {
    const rows = JSON.parse(await ask('select field_id, domain_id, export_date from field_changes limit 1', 'json'));
    expect(rows).toEqual([{ field_id: 'title', domain_id: '007', export_date: '2026-01-31' }]);
  });

  test('comes as a table, numbers to the right, null as a dash, no character that moves the cursor', async () => {
    expect(await ask('select field_id, new_value, new_value_double from field_changes')).toBe(
      [
        '┌──────────┬──────────────────┬──────────────────┐',
        '│ field_id │ new_value        │ new_value_double │',
        '├──────────┼──────────────────┼──────────────────┤',
        '│ title    │ say "hi", 你好   │              1.5 │',
        '│ summary  │ two ⏎ lines�[31m │                – │',
        '│ empty    │                  │                – │',
        '└──────────┴──────────────────┴──────────────────┘',
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
    const text = await ask('select field_id, new_value, new_value_double from field_changes', 'csv');
    expect(text).toBe(
      'field_id,new_value,new_value_double\r\ntitle,"say ""hi"", 你好",1.5\r\nsummary,"two\nlines\u001b[31m",\r\nempty,"",\n',
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
    expect(await called('--file', file, '--param', 'empty', '--format', 'csv')).toBe('new_value\r\n""\n');
  });

  test('without rows says so', async () => {
    expect(await ask(`select * from field_changes where field_id = 'none'`)).toBe('0 rows\n');
  });
});

describe('A named query', () => {
  const NAMED = ['case-timeline', '--param', 'case_id=c1'];

  test('goes by its name, says what it answers, and takes its parameters by name', async () => {
    expect(await called(...NAMED)).toMatch(
      /^What happened to a case, from its creation on\?\n\n┌[\s\S]*say "hi"[\s\S]*\n3 rows\n$/,
    );
  });

  test('in CSV and JSON is nothing but rows', async () => {
    expect(await called(...NAMED, '--format', 'csv')).toMatch(/^performed_time,event_type,/);
    expect(JSON.parse(await called(...NAMED, '--format', 'json'))).toHaveLength(3);
  });

  test('reads the bare copy of an archive bucket as well, and names from a list of users given', async () => {
    const users = join(folder, 'people.csv');
    writeFileSync(users, 'user_arn,name,team\narn:ann,"Lee, Ann",Front desk\n');
    const bare = join(folder, 'archive');
    const args = ['select * from user_names', '--folder', bare, '--users', users, '--format', 'csv'];
    expect(await answer(parseCommandLine(args), 80)).toBe('user_arn,name,team\r\narn:ann,"Lee, Ann",Front desk\n');
  });

  test('takes a time as ISO 8601 has it, too', () => {
    const command = parseCommandLine(['case-as-of', '--param', 'instant=2026-01-31T10:00Z', '--param', 'case_id=a=b']);
    expect(command).toMatchObject({ parameters: ['a=b', '2026-01-31 10:00:00'] });
  });

  test('is listed with its question and its parameters; one of them is told in full by --help', () => {
    const list = parseCommandLine(['--list']);
    const text = 'text' in list ? list.text : '';
    for (const { name, parameters } of readQueries()) {
      expect(text).toContain(`\n${name} `.slice(text.startsWith(name) ? 1 : 0));
      for (const parameter of parameters) expect(text).toContain(`${parameter.name}=<`);
    }
    expect(parseCommandLine(['case-as-of', '--help'])).toMatchObject({
      text: expect.stringMatching(/What did a case look like at an instant\?[\s\S]*The instant, UTC[\s\S]*SELECT/),
    });
  });
});

const OUTSIDE_HOURS =
  'changes-outside-hours --param first_day=2026-01-01 --param last_day=2026-01-31 --param closes=24'.split(' ');

describe('An answer without rows is no answer', () => {
  test.each([
    ['case-timeline', '--param', 'case_id=c2'],
    ['case-as-of', '--param', 'case_id=c2', '--param', 'instant=2026-01-31 10:00'],
  ])('to %s of a case that is not there: said, with the ids that are nearest', async (...args) => {
    await expect(called(...args)).rejects.toMatchObject({
      name: 'QueryError',
      message: `There is no case c2 in ${folder}: expected the id of an exported case; the nearest ids are\n  c1`,
    });
  });

  test('nor to one that is an open gap', async () => {
    const copy = join(folder, 'with-gap');
    cpSync(join(folder, 'archive'), join(copy, 'archive'), { recursive: true });
    const gap = { caseId: 'c9', cause: 'denied', since: '2026-01-31T00:00:00.000Z', attempts: 3 };
    const manifest = (seq: number, gaps: readonly object[]) =>
      [pathOf('manifests', '007', seq), JSON.stringify({ version: 1, seq, objects: [], gaps })] as const;
    saveFiles(join(copy, 'archive'), [manifest(8, []), manifest(9, [gap])]);
    const asked = parseCommandLine(['case-timeline', '--param', 'case_id=c9', '--folder', copy]);
    await expect(answer(asked, 80)).rejects.toThrow(
      'No event of the case c9 could be read yet: denied, 3 attempts since 2026-01-31T00:00:00.000Z. It is an open gap.',
    );
  });

  test.each(readQueries().filter(({ parameters }) => parameters.some(({ name }) => name === 'first_day')))(
    'to $name of days in the wrong order: said, with both',
    ({ name, parameters }) => {
      const days = { first_day: '2026-03-01', last_day: '2026-02-28' } as Record<string, string>;
      const args = parameters.flatMap(({ name: parameter, type }) => [
        '--param',
        `${parameter}=${days[parameter] ?? (type === 'zone' ? 'UTC' : parameter === 'closes' ? '17' : '9')}`,
      ]);
      expect(() => parseCommandLine([name, ...args])).toThrow(
        'first_day 2026-03-01 is after last_day 2026-02-28: expected the earlier one in first_day. Exchange them.',
      );
    },
  );

  test('one day from itself to itself is a span', () => {
    const args = ['changes-by-day', '--param', 'first_day=2026-03-01', '--param', 'last_day=2026-03-01'];
    expect(parseCommandLine(args)).toMatchObject({ parameters: ['2026-03-01', '2026-03-01'] });
  });
});

describe('Many rows', () => {
  test('end a table after what a terminal keeps, which is said; csv and json have all', async () => {
    const sql = 'select range as n from range(7715)';
    const table = await ask(sql);
    expect(table.split('\n')).toHaveLength(1_000 + 6);
    expect(table).toMatch(/\n7,715 rows, of which the first 1,000 are shown: --format csv and json have all\n$/);
    expect((await ask(sql, 'csv')).trim().split('\r\n')).toHaveLength(7_716);
    expect(JSON.parse(await ask(sql, 'json'))).toHaveLength(7_715);
  });

  test('in blocks are as many as make so many lines; a single one is always whole', async () => {
    const wide = (columns: number) => Array.from({ length: columns }, (_, index) => `range as column_${index}`).join();
    expect(await ask(`select ${wide(60)} from range(40)`)).toMatch(/\n40 rows, of which the first 16 are shown/);
    const two = /column_1199 +0\n2 rows, of which the first 1 are shown/;
    expect(await ask(`select ${wide(1_200)} from range(2)`)).toMatch(two);
  });
});

test('What lies in an archive and is no data is told on stderr, and the answer stays what it is', () => {
  const copy = join(folder, 'with-stranger');
  cpSync(join(folder, 'archive'), join(copy, 'archive'), { recursive: true });
  writeFileSync(join(copy, `archive${PARTITION}/._\u001b[31m.parquet`), '');
  const { status, stdout, stderr } = spawned('select 1 as it', '--format', 'excel-csv', '--folder', copy);
  expect({ status, stdout }).toEqual({ status: 0, stdout: '\uFEFF"it"\r\n1\n' });
  expect(stderr).toMatch(/^Not read: field_changes.*\._\[U\+001B\]\[31m\.parquet \(listed by no manifest\)\./);
});

describe('What is wrong is told in a few words', () => {
  test('no query: the usage, with two examples', async () => {
    const usage = await answer(parseCommandLine([]), 80);
    expect(usage.match(/npm run query -- "select/g)).toHaveLength(2);
    expect(await answer(parseCommandLine(['--help']), 80)).toBe(usage);
  });

  test("a wrong query: DuckDB's own message", async () => {
    const message = expect.stringMatching(/"nope" not found[\s\S]*LINE 1/);
    await expect(ask('select nope from field_changes')).rejects.toMatchObject({ name: 'QueryError', message });
  });

  test('no files: run the demo first', async () => {
    const words =
      /no exported files in .*elsewhere\. Expected the folder of a demo \(.*npm run demo\), or a copy of an archive bucket/;
    await expect(ask('select 1', 'table', join(folder, 'elsewhere'))).rejects.toThrow(words);
  });

  test('a folder without files, a list of users that is not there', async () => {
    mkdirSync(join(folder, 'empty/field_changes'), { recursive: true });
    const noFiles = /no exported files in .*empty: expected field_changes\/domain_id=/;
    await expect(ask('select 1', 'table', join(folder, 'empty'))).rejects.toThrow(noFiles);
    const noUsers = 'There is no nobody.csv, expected a CSV file of user_arn,name,team';
    await expect(called('freshness', '--users', 'nobody.csv')).rejects.toThrow(noUsers);
  });

  test('bad input ends with code 2, and nothing on stdout', () => {
    const { status, stdout, stderr } = spawned('no-such-query');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('There is no query "no-such-query"');
  });

  test.each([
    [['--format', 'xml', 'select 1'], '--format is table, csv, excel-csv or json, not "xml"'],
    [['select', '1'], 'Give one query: put it between double quotes'],
    [['--file', 'no-such.sql'], 'There is no file no-such.sql'],
    [['--fromat', 'csv'], "Unknown option '--fromat'"],
    [['case-timelin'], 'There is no query "case-timelin". Did you mean case-timeline'],
    [['qqqqqq'], 'There is no query "qqqqqq". All of them: npm run query -- --list'],
    [
      ['case-timeline'],
      'The parameter case_id is missing. Expected: npm run query -- case-timeline --param case_id=<text>',
    ],
    [['case-timeline', '--param', 'c1'], '--param takes name=value, not "c1"'],
    [['duplicates', '--param', 'a=1'], 'duplicates has no parameter "a". It takes none.'],
    [['case-timeline', '--param', 'case=1'], 'case-timeline has no parameter "case". Expected: npm run query'],
    [['case-timeline', '--param', 'case_id=1', '--param', 'case_id=2'], 'The parameter case_id is given twice'],
    [
      ['period-complete', '--param', 'last_day=31.3.2026'],
      'The parameter last_day is "31.3.2026", expected a date, YYYY-MM-DD',
    ],
    [['period-complete', '--param', 'last_day=2026-02-29'], 'The parameter last_day is "2026-02-29", expected a date'],
    [['bulk-edits', '--param', 'least_cases=1.5'], 'The parameter least_cases is "1.5", expected a whole number'],
    ...['europe/berlin', 'Europe/Nowhere', '+02:00', 'CET', ''].map((zone): [string[], string] => [
      [...OUTSIDE_HOURS, '--param', `zone=${zone}`],
      `The parameter zone is "${zone}", expected a time zone by its IANA name, such as Europe/Berlin`,
    ]),
    ...['-1', '25', '9.5', '9am'].map((hour): [string[], string] => [
      [...OUTSIDE_HOURS, '--param', 'zone=America/Argentina/Buenos_Aires', '--param', `opens=${hour}`],
      `The parameter opens is "${hour}", expected an hour from 0 to 24`,
    ]),
    [
      ['case-as-of', '--param', 'case_id=1', '--param', 'instant=noon'],
      'The parameter instant is "noon", expected a time, YYYY-MM-DD hh:mm:ss',
    ],
  ])('a command line %j', (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(message);
  });
});

/** As on the command line, over the files of this test. */
function called(...args: string[]): Promise<string> {
  return answer(parseCommandLine([...args, '--folder', folder]), 300);
}

function spawned(...args: string[]) {
  return runByTsx(['tools/query/main.ts', ...args]);
}

function ask(sql: string, format: Format = 'table', of = folder): Promise<string> {
  return answer({ sql, parameters: [], format, folder: of }, 100);
}

/** A file of one row, of these columns. */
async function writeRows(partition: string, seq: number, columns: string): Promise<void> {
  mkdirSync(partition, { recursive: true });
  const rows = `INSERT INTO rows (case_id, event_id, event_type, field_index, field_id, performed_time, commit_seq)
    VALUES ('c1', 'e${seq}', 'Case.Updated', 0, 'title', TIMESTAMP '2026-01-30 10:00:00', ${seq})`;
  const file = quoted(join(partition, `${String(seq).padStart(12, '0')}.parquet`));
  await runInDuckDb(TABLE, rows, `COPY (SELECT ${columns} FROM rows) TO '${file}'`);
}

function quoted(path: string): string {
  return path.replaceAll("'", "''");
}
