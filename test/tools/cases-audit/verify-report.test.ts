/** Promise: whatever a check finds, the report for people fits the width of a terminal, and nothing that an archive holds steers it. */
import { fieldChangesKey, manifestKey, noteKey } from '../../../lambda/export/domain/keys';
import { cli } from './command-line';
import { DOMAIN, type Files, newSigner } from './signed-archive';
import { soundArchiveOfFile } from './sound-archive';
import { DAY } from './tampering';

const archive = soundArchiveOfFile();
const { changed, folderOf, keyFile, signer, without } = archive;

const ROWS_2 = fieldChangesKey(DOMAIN, DAY, 2);

test.each<[string, string, () => Files, string[]]>([
  ['sound', '✓ Sound.', () => archive.sound, []],
  ['contradicted', '✗ Contradicted.', () => without(manifestKey(DOMAIN, 4), noteKey(DOMAIN, 5)), []],
  ['altered', '✗ Contradicted.', () => changed((files) => files.set(ROWS_2, Buffer.from('x'))), []],
  ['unsigned', '? Sound as far as checked.', () => archive.sound, ['--key', 'stranger']],
  ['expired', '? Sound as far as checked.', () => without(manifestKey(DOMAIN, 1)), ['--expiration-days', '1']],
])('the report of an archive that is %s has no line of more than 80 columns', async (_, headline, files, args) => {
  const key = keyFile(args[1] === 'stranger' ? newSigner() : signer);
  const more = args[1] === 'stranger' ? [] : args;
  const { out } = await cli(['verify', '--offline', folderOf(files()), '--key', key, ...more], {
    now: Date.UTC(2026, 0, 11, 13, 30),
  });
  expect(out.startsWith(headline)).toBe(true);
  expect(out.split('\n').filter((line) => [...line].length > 80)).toEqual([]);
});

test('a key that holds what steers a terminal is printed as text, in the headline, too', async () => {
  const files = changed((all) => all.set('fields/\u001b[2J\u202e.json', Buffer.from('x')));
  const { code, out } = await cli(['verify', '--offline', folderOf(files), '--key', keyFile(signer)]);
  expect(code).toBe(1);
  for (const character of ['\u001b', '\u202e']) expect(out).not.toContain(character);
  expect(out).toContain('\\u{1b}[2J\\u{202e}');
});
