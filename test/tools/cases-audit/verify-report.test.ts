/** Promise: whatever a check finds, the report for people fits the width of a terminal, and nothing that an archive holds steers it. */
import { fieldChangesKey, manifestKey, noteKey } from '../../../lambda/export/domain/keys';
import { copyOf, DOMAIN, exportModel, type Files, newSigner, render } from './signed-archive';
import { cli, verifierOfFile } from './verify-files';

const { folderOf, keyFile } = verifierOfFile();
const signer = newSigner();
let sound: Files;

beforeAll(async () => {
  const { commits } = await exportModel();
  sound = await render(copyOf(commits), { signers: () => [signer] });
});

const without = (...keys: string[]) => new Map([...sound].filter(([key]) => !keys.includes(key)));

test.each<[string, string, () => Files, string[]]>([
  ['sound', '✓ Sound.', () => sound, []],
  ['contradicted', '✗ Contradicted.', () => without(manifestKey(DOMAIN, 4), noteKey(DOMAIN, 5)), []],
  [
    'altered',
    '✗ Contradicted.',
    () => new Map(sound).set(fieldChangesKey(DOMAIN, '2026-01-10', 2), Buffer.from('x')),
    [],
  ],
  ['unsigned', '? Sound as far as checked.', () => without('notes/keys/none'), ['--key', 'stranger']],
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
  const files = new Map(sound).set('fields/\u001b[2J\u202e.json', Buffer.from('x'));
  const { code, out } = await cli(['verify', '--offline', folderOf(files), '--key', keyFile(signer)]);
  expect(code).toBe(1);
  for (const character of ['\u001b', '\u202e']) expect(out).not.toContain(character);
  expect(out).toContain('\\u{1b}[2J\\u{202e}');
});
