/** Promise: whatever a value holds, every reader has it whole, no terminal obeys it, and no spreadsheet runs it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Format, formatResult } from '../../../tools/query/formats';
import { timeline } from '../../../tools/timeline/main';
import { runByTsx } from '../../support/tsx';
import { createSmallDomain, START } from '../exporter';
import { FORMULAS, HOSTILE } from '../timeline/hostile';
import { all, readPage, text } from '../timeline/page-reader';
import { databaseOfFile } from './database';

const ALL = [...HOSTILE, ...FORMULAS];
const CASE = 'case-1';

const database = databaseOfFile(async (archive) => {
  const { cases, tick, save } = createSmallDomain('domain-1');
  cases.addCase(CASE, START);
  for (const [index, text] of ALL.entries()) {
    cases.updateCase(CASE, START + index, [{ eventFieldId: fieldId(index), newValue: { stringValue: text } }]);
  }
  await tick();
  save(archive);
});

const SQL = "SELECT field_id, new_value FROM field_changes WHERE field_id LIKE 'field-%' ORDER BY field_id";
const fieldId = (index: number) => `field-${String(index).padStart(3, '0')}`;

/** Texts reach the archive well-formed: what is none stands as U+FFFD. */
const EXPECTED = ALL.map((text) => text.toWellFormed());

test('the table’s reader and the page’s reader have every value as it was written', async () => {
  const { rows, objects } = await database.query(SQL);
  expect(rows.map(([, value]) => value)).toEqual(EXPECTED);
  expect(objects.map((row) => row['new_value'])).toEqual(EXPECTED);
  const out = join(database.parent, 'page.html');
  await timeline(['--folder', database.archive, '--out', out, CASE], START);
  const page = readPage(readFileSync(out, 'utf8'));
  const shown = all(page, '<tr>').flatMap((row) => {
    const [id] = all(row, '<code>').map(text);
    const after = all(row, '<td>').find((cell) => cell.attributes['data-label'] === 'After');
    return id?.startsWith('field-') && after !== undefined ? [[id, all(after, 'text').map(text).join('')]] : [];
  });
  expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(EXPECTED.map((value, at) => [fieldId(at), value])));
});

test('inside of lists and structs, too', async () => {
  const { rows } = await database.query("SELECT [chr(65279) || 'a'] AS l, {'m': chr(65279) || 'b'} AS s");
  expect(rows[0]?.map(String)).toEqual(
    ["['\uFEFFa']", "{'m': '\uFEFFb'}"].map((text) => expect.stringContaining(text.slice(2, 4))),
  );
});

test('a table holds no character that a terminal obeys or hides, in values, names and messages', async () => {
  const acts = /[^\P{C}\n\u200D]|[\u2028\u2029]/u;
  for (const width of [30, 100_000]) expect(await shown('table', SQL, width)).not.toMatch(acts);
  expect(await shown('table', SQL, 100_000)).toContain('abc[U+202E]txt.exe[U+2066]');
  const named = await shown('table', 'SELECT 1 AS "a\u202eb\u2028\u001bc"', 80);
  expect(named).toContain('│ a[U+202E]b[U+2028]�c │');
  const error = await database.query("SELECT cast('\u001b[2J\u202e' AS integer)").catch((reason: unknown) => reason);
  expect((error as Error).message).toContain('[U+001B][2J[U+202E]');
  expect((error as Error).message).not.toMatch(acts);
});

test('columns stand in line behind wide characters, marks and emoji', async () => {
  const answer = await shown(
    'table',
    "SELECT * FROM (VALUES ('你好', 1), ('e\u0301', 2), ('👩‍👩‍👧‍👦', 3), ('ab', 4)) t(a, b)",
    80,
  );
  expect(answer).toBe(
    [
      '┌──────┬───┐',
      '│ a    │ b │',
      '├──────┼───┤',
      '│ 你好 │ 1 │',
      '│ e\u0301    │ 2 │',
      '│ 👩‍👩‍👧‍👦   │ 3 │',
      '│ ab   │ 4 │',
      '└──────┴───┘',
      '4 rows',
    ].join('\n'),
  );
});

test('csv is exact', async () => {
  const answer = await shown('csv', SQL, 80);
  expect(readCsv(answer).map(([, value]) => value)).toEqual(['new_value', ...EXPECTED]);
});

test('excel-csv begins with a byte order mark; no cell of it is a formula, by commas, semicolons or tabs', async () => {
  const answer = await shown('excel-csv', SQL, 80);
  expect(answer.startsWith('\uFEFF"field_id","new_value"\r\n')).toBe(true);
  const isFormula = (cell: string) => /^[\s\p{Cc}\p{Cf}\p{Z}"]*[=+\-@＝＋－＠]/u.test(cell) || /^[\t\r\n]/.test(cell);
  expect(FORMULAS.filter(isFormula)).toEqual(FORMULAS.filter((each) => !/^[a-z]/.test(each)));
  const cells = readCsv(answer.slice(1)).flat();
  expect(cells.filter(isFormula)).toEqual([]);
  for (const separator of [';', '\t', '|', '\n']) {
    for (const part of answer.slice(1).split(separator)) expect(part).not.toMatch(/^"?[\s\p{Cf}]*[=+@＝＋－＠]/u);
  }
});

test('excel-csv leaves all other texts, numbers and nulls as they are', async () => {
  const answer = await shown(
    'excel-csv',
    `SELECT -1.5 AS n, -2::bigint AS i, NULL AS x, '' AS e, 'say "hi", a-b' AS t, '007' AS z`,
    80,
  );
  expect(answer).toBe('\uFEFF"n","i","x","e","t","z"\r\n-1.5,-2,,"","say ""hi"", a-b","007"');
});

test.each(['UTC', 'Asia/Kathmandu', 'America/St_Johns'])('a time with a zone is UTC where TZ=%s', (zone) => {
  const script = `
    const { openFieldChanges } = require(${JSON.stringify(join(__dirname, '../../../tools/query/field-changes.ts'))});
    const { formatResult } = require(${JSON.stringify(join(__dirname, '../../../tools/query/formats.ts'))});
    (async () => {
      const changes = await openFieldChanges(${JSON.stringify(database.archive)});
      const sql = "SELECT TIMESTAMPTZ '2026-03-29 02:30:00.5+05:45' AS t, [TIMESTAMPTZ '2026-01-01 00:00:00+00'] AS l, TIMESTAMP '2026-01-01 00:00:00'::timestamptz AS c";
      const result = await changes.query(sql);
      process.stdout.write(['csv', 'json', 'table'].map((format) => formatResult(result, format, 200)).join('\\n'));
      changes.close();
    })();`;
  const { stdout, stderr } = runByTsx(['--input-type=commonjs', '-e', script], { TZ: zone });
  expect(stderr).toBe('');
  expect(stdout.match(/2026-03-28 20:45:00\.5\+00/g)).toHaveLength(3);
  expect(stdout.match(/2026-01-01 00:00:00\+00/g)).toHaveLength(6);
});

async function shown(format: Format, sql: string, width: number): Promise<string> {
  return formatResult(await database.query(sql), format, width);
}

/** RFC 4180, by characters. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/gy;
  for (let found = field.exec(text); found !== null; found = field.exec(text)) {
    rows.at(-1)?.push(found[1] === undefined ? (found[2] ?? '') : found[1].replaceAll('""', '"'));
    if (found[3] === '') break;
    if (found[3] === '\r\n') rows.push([]);
  }
  return rows;
}
