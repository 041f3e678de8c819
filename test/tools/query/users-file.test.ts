/** Promise: a list of people is read as Athena's reader reads it, or refused with file, line and what was expected. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readUsers } from '../../../tools/query/users-file';
import { saveFiles, scratchOfFile } from '../../support/scratch';

const scratch = scratchOfFile();
let folder: string;
beforeEach(() => {
  folder = scratch.emptyFolder();
});

const HEADER = 'user_arn,name,team\n';

function read(content: string | Uint8Array, name = 'people.csv') {
  writeFileSync(join(folder, name), content);
  return readUsers(join(folder, name));
}

function utf16(text: string, { mark, big }: { mark: boolean; big: boolean }): Buffer {
  const bytes = Buffer.from(mark ? `\uFEFF${text}` : text, 'utf16le');
  return big ? bytes.swap16() : bytes;
}

const LATIN_1 = Buffer.from(`${HEADER}arn:a,Ann,\narn:z,Zoë,\n`, 'latin1');

test.each<[string, string | Uint8Array, string]>([
  ['an empty file', '', 'line 1: got nothing. Expected UTF-8 text with the header user_arn,name,team, then one person'],
  ['blank lines alone', '\n\n', 'line 1: got nothing'],
  [
    'no header',
    'arn:a,Ann,Front\n',
    'line 1: got "arn:a,Ann,Front". Expected UTF-8 text with the header user_arn,name',
  ],
  ['another header', 'arn,name,team\n', 'line 1: got "arn,name,team". Expected'],
  ['a header of two columns', 'user_arn,name\narn:a,Ann\n', 'line 1: got "user_arn,name"'],
  [
    'semicolons',
    'user_arn;name;team\narn:a;Ann;\n',
    'separated by commas, not by ";": save it as "CSV UTF-8" with commas',
  ],
  ['tabs', 'user_arn\tname\tteam\n', 'separated by commas, not by tabs'],
  [
    'semicolons below a header with commas',
    `${HEADER}arn:a;Ann;Front\n`,
    'line 2: got 1 column, expected the 3 columns',
  ],
  ['Latin-1', LATIN_1, 'line 3: got bytes that are no UTF-8, such as those of Latin-1 (Windows-1252)'],
  ['UTF-16 with a mark', utf16(HEADER, { mark: true, big: false }), 'line 1: got UTF-16'],
  ['UTF-16, the other way round', utf16(HEADER, { mark: true, big: true }), 'line 1: got UTF-16'],
  ['UTF-16 without a mark', utf16(HEADER, { mark: false, big: false }), 'line 1: got UTF-16, or bytes of 0'],
  ['UTF-16 without a mark, the other way round', utf16(HEADER, { mark: false, big: true }), 'line 1: got UTF-16, or'],
  [
    'a short row',
    `${HEADER}arn:a,Ann,Front\narn:b,Bob\n`,
    'line 3: got 2 columns, expected the 3 columns user_arn,name,team; a column may be empty',
  ],
  [
    'a long row',
    `${HEADER}arn:a,Lee, Ann,Front\n`,
    'line 2: got 4 columns, expected the 3 columns user_arn,name,team; a value with a comma goes between double quotes',
  ],
  ['no id', `${HEADER},Ann,Front\n`, 'line 2: got no user_arn, expected the 3 columns'],
  ['an open quote', `${HEADER}arn:a,"Ann,Front\n`, 'line 2: got a field between quotes that does not end on its line'],
  ['a line end between quotes', `${HEADER}arn:a,"Ann\nLee",Front\n`, 'Athena reads line by line'],
  ['a backslash before the last quote', `${HEADER}arn:a,"Ann\\",Front\n`, 'line 2: got a field between quotes'],
])('%s: the message names file, line and what was expected', (_, content, words) => {
  let message = '';
  try {
    read(content);
  } catch (error) {
    message = (error as Error).message;
    expect((error as Error).name).toBe('QueryError');
  }
  expect(message).toContain(`${join(folder, 'people.csv')}, `);
  expect(message).toContain(words);
});

/** As `au.com.bytecode.opencsv.CSVParser` 2.3, on which OpenCSVSerde stands, reads these lines with its defaults. */
test.each([
  ['arn:a,Ann,Front', ['arn:a', 'Ann', 'Front']],
  ['arn:a,"Lee, Ann",', ['arn:a', 'Lee, Ann', '']],
  ['arn:a,"Ann ""the"" Lee","Front"', ['arn:a', 'Ann "the" Lee', 'Front']],
  ['arn:a,"Ann \\"the\\" Lee",x', ['arn:a', 'Ann "the" Lee', 'x']],
  ['arn:a,"DOMAIN\\\\ann",x', ['arn:a', 'DOMAIN\\ann', 'x']],
  ['arn:a,DOMAIN\\\\ann,x', ['arn:a', 'DOMAIN\\ann', 'x']],
  ['arn:a,DOMAIN\\ann,x', ['arn:a', 'DOMAINann', 'x']],
  ['arn:a,"DOMAIN\\ann",x', ['arn:a', 'DOMAINann', 'x']],
  ['arn:a,\\\\ann,x', ['arn:a', 'ann', 'x']],
  ['arn:a,\\N,x', ['arn:a', 'N', 'x']],
  ['arn:a,Ann O"Hara" x,y', ['arn:a', 'Ann O"Hara" x', 'y']],
  ['arn:a, Ann , x ', ['arn:a', ' Ann ', ' x ']],
  ['arn:a,  "Ann",x', ['arn:a', 'Ann', 'x']],
  ['arn:a,"",""', ['arn:a', '', '']],
  ['arn:a,山田 花子,👩‍👧', ['arn:a', '山田 花子', '👩‍👧']],
])('%j is read as Athena reads it', (line, [arn, name, team]) => {
  for (const end of ['\n', '\r\n', '\r', '']) {
    const { rows, notices } = read(`${HEADER.trim()}${end || '\n'}${line}${end}`);
    expect({ rows, notices }).toEqual({ rows: [{ arn, name, team }], notices: [] });
  }
});

test('a byte order mark of UTF-8, blanks and capitals in the header, and blank lines are no error', () => {
  const { rows } = read('\uFEFFUser_ARN, Name, Team\r\n\r\narn:a,\uFEFFAnn,\r\n  \r\n');
  expect(rows).toEqual([{ arn: 'arn:a', name: '\uFEFFAnn', team: '' }]);
});

test('an id that comes twice is told with both places, also in two files', () => {
  saveFiles(folder, [
    ['a.csv', `${HEADER}arn:a,Ann,\narn:a,Ann Lee,\n`],
    ['b.csv', `${HEADER}arn:a,Ann,\n`],
  ]);
  const { rows, notices } = readUsers(folder);
  expect(rows).toHaveLength(3);
  const twice = `got a user_arn that ${join(folder, 'a.csv')}, line 2 has, too; expected each once. The name that sorts first is shown.`;
  expect(notices).toEqual(['a.csv, line 3', 'b.csv, line 2'].map((place) => `${join(folder, place)}: ${twice}`));
});

test('names are no patterns, and what file managers leave is no list', () => {
  const odd = join(folder, 'a[b]*?');
  const leftovers = [
    '._x.csv',
    '.x.csv',
    '~$x.csv',
    '_x.csv',
    'x.csv.tmp',
    'x.csv.crdownload',
    '.DS_Store',
    'Thumbs.db',
  ];
  saveFiles(odd, [["it's [1].csv", `${HEADER}arn:a,Ann,\n`], ...leftovers.map((name) => [name, '\u0000'] as const)]);
  expect(readUsers(odd).rows).toEqual([{ arn: 'arn:a', name: 'Ann', team: '' }]);
  expect(readUsers(join(odd, "it's [1].csv")).rows).toHaveLength(1);
  expect(readUsers(join(folder, 'nowhere'))).toEqual({ rows: [], notices: [] });
});

test('a name that would steer a terminal does not, in a message', () => {
  expect(() => read('user\u001b[2J\u202e,name\n')).toThrow('got "user�[2J[U+202E],name"');
});
