/** Promise: the table of settings names every setting of the function, and nothing that is none. */
import { readSettings, SETTINGS } from '../../lambda/export/settings';
import { ecKeyFromText } from '../../local/kms/ecdsa';
import { settingsTable } from '../../scripts/configuration-page';

/** A value for each variable that differs from its default. */
const OTHER: Readonly<Record<string, string>> = {
  EXPORT_FROM: '2024-01-31',
  SIGNING_KEYS: `arn:aws:kms:us-east-1:111122223333:key/one=${Buffer.from(ecKeyFromText('one').spki).toString('base64')}`,
};
const REQUIRED = { EXPORT_BUCKET: 'archive', CHECKPOINT_TABLE: 'table' };

test('one row per setting: each variable of the table changes exactly one, and every setting is changed', () => {
  const before = readSettings(REQUIRED);
  const changed = Object.values(SETTINGS).map(({ variable }) => {
    const isName = /BUCKET|TABLE/.test(variable);
    const after = readSettings({
      // Left out, the work bucket is the archive.
      STAGING_BUCKET: 'archive',
      ...REQUIRED,
      [variable]: OTHER[variable] ?? (isName ? 'another' : '7'),
    });
    return Object.keys(after).filter(
      (name) => after[name as keyof typeof after] !== before[name as keyof typeof before],
    );
  });
  expect(changed.filter((names) => names.length !== 1)).toEqual([]);
  expect(changed.flat().sort()).toEqual(Object.keys(before).sort());
});

test('defaults are those that the function takes', () => {
  for (const row of settingsTable().split('\n').slice(2)) {
    const [, variable = '', shown = ''] = /^\| `(\w+)` \| (.*?) \|/.exec(row) ?? [];
    if (shown === 'required') {
      expect(() => readSettings({ ...REQUIRED, [variable]: '' })).toThrow(`${variable}: missing`);
      continue;
    }
    const isNumber = /^`\d/.test(shown);
    const value = shown.replaceAll('`', '');
    if (isNumber) expect(readSettings({ ...REQUIRED, [variable]: value })).toEqual(readSettings(REQUIRED));
    else expect(['EXPORT_BUCKET', 'all history', 'unsigned notes']).toContain(value);
  }
});
