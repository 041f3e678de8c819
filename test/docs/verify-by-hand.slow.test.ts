/**
 * Promise: the blocks of VERIFY.md, run as the page says, come to what `cases-audit verify` comes to, over a sound archive and over every
 * file that was altered, added or taken away. They are a second implementation that shares no code with the first.
 */
import { join } from 'node:path';
import { fieldsKey, manifestKey, noteKey } from '../../lambda/export/domain/keys';
import { toJsonBytes } from '../../lambda/export/domain/stored-form';
import { readText } from '../../lib/text-file';
import { DOMAIN } from '../tools/cases-audit/signed-archive';
import { asDomain } from '../tools/cases-audit/sound-archive';
import {
  appendNewline,
  type FileChange,
  FOREIGN_KEYS,
  filesOfCommits,
  flipByte,
  moveTo,
  renamed,
  toOtherDomain,
} from '../tools/cases-audit/tampering';
import { byHandOfFile, PAGE, sh } from './by-hand';

const SCRIPTS = ['archive', 'case', 'extract'] as const;
const { agreed, archive, script } = byHandOfFile();
const { bytesOf, changed, halvesOf, manifestOf, textOf, without } = archive;

test('the page makes three scripts, each with every block of its part', () => {
  const page = readText(PAGE);
  const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block ?? '');
  const whole = SCRIPTS.map((name) => readText(script(name))).join('');
  expect(blocks.length).toBeGreaterThan(12);
  for (const block of blocks) expect(whole).toContain(block);
});

test('no check is joined to another by &&, where sh -e would not stop', () => {
  const lines = SCRIPTS.flatMap((name) => readText(script(name)).split('\n'));
  expect(lines.filter((line) => /&&/.test(line) && !/^ *\(cd /.test(line))).toEqual([]);
});

test('an archive as it was written is what was signed', async () => {
  const { out } = await agreed(archive.sound);
  expect(out).toBe(`OK: ${DOMAIN} is what was signed, through commit 8\n`);
});

describe('of every file of a commit', () => {
  test.each<[string, FileChange]>([
    ['a flipped byte', flipByte],
    ['an appended newline', appendNewline],
    ['a file cut off', (files, key) => files.set(key, bytesOf(key).slice(0, -1))],
    ['a deleted file', (files, key) => files.delete(key)],
    ['a file in another domain', moveTo(toOtherDomain)],
    ['a renamed file', moveTo(renamed)],
  ])('%s', async (_, change) => {
    for (const key of filesOfCommits(archive.sound)) {
      const { code } = await agreed(changed((files) => change(files, key)));
      expect({ key, code }).not.toEqual({ key, code: 0 });
    }
  });
});

test.each([...FOREIGN_KEYS, 'other/place/two\nlines.parquet'])('a foreign file %j is named', async (key) => {
  const { code } = await agreed(changed((files) => files.set(key, Buffer.from('foreign'))));
  expect(code).toBe(1);
});

describe('manifests', () => {
  test.each([[[4]], [[4, 5]], [[1]], [[1, 2, 3]], [[2, 6]], [[7, 8]]])('%j gone', async (seqs) => {
    expect(await agreed(without(...seqs.map((seq) => manifestKey(DOMAIN, seq))))).toMatchObject({ code: 1 });
  });

  test('the newest gone with their notes, with rows left', async () => {
    const files = without(...[7, 8].flatMap((seq) => [manifestKey(DOMAIN, seq), noteKey(DOMAIN, seq)]));
    expect(await agreed(files)).toEqual({ code: 3, out: expect.stringContaining('files of commit 7 of domain-1') });
  });

  test('one at the place of another, two exchanged, one of another domain at the end', async () => {
    const [three, four] = [manifestKey(DOMAIN, 3), manifestKey(DOMAIN, 4)];
    const nine = textOf(manifestKey(DOMAIN, 8)).replaceAll(DOMAIN, 'domain-2').replace('"seq":8', '"seq":9');
    const all = [
      changed((files) => files.set(three, bytesOf(four))),
      changed((files) => files.set(three, bytesOf(four)).set(four, bytesOf(three))),
      changed((files) => files.set(manifestKey(DOMAIN, 9), Buffer.from(nine))),
    ];
    for (const files of all) expect(await agreed(files)).toMatchObject({ code: 1 });
  });

  test.each([
    ['the gone list', { gone: ['case-1'] }],
    ['the time', { exportedAt: '2026-01-10T00:00:00.000Z' }],
    ['the quarantine', { openQuarantine: 7 }],
  ])('%s altered', async (_, change) => {
    const manifest = { ...manifestOf(3), ...change };
    const files = changed((all) => all.set(manifestKey(DOMAIN, 3), toJsonBytes(manifest)));
    expect(await agreed(files)).toMatchObject({ code: 1 });
  });
});

describe('notes', () => {
  const withNote = (seq: number, text: string) =>
    changed((files) => files.set(noteKey(DOMAIN, seq), Buffer.from(text)));

  test('a signature of another note', async () => {
    const { code, out } = await agreed(withNote(5, halvesOf(5)[0] + halvesOf(4)[1]));
    expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining('000000000005.note') });
  });

  test('a signature stripped: the next one covers the commit; of the newest, nothing does', async () => {
    expect(await agreed(withNote(5, halvesOf(5)[0]))).toMatchObject({ code: 0 });
    expect(await agreed(withNote(8, halvesOf(8)[0]))).toMatchObject({ code: 3 });
  });

  test('a line below the text that is no signature', async () => {
    expect(await agreed(withNote(5, `${textOf(noteKey(DOMAIN, 5))}a word\n`))).toMatchObject({ code: 1 });
  });

  test('two domains in one folder are both checked, and a tampering with the second is found', async () => {
    const files = new Map([...archive.sound, ...(await archive.forged(asDomain('domain-0')))]);
    expect(await agreed(files)).toMatchObject({ code: 0 });
    const key = fieldsKey('domain-0', 1);
    files.set(key, Buffer.concat([files.get(key) as Uint8Array, Buffer.from(' ')]));
    expect(await agreed(files)).toMatchObject({ code: 1 });
  });
});

test('a wrong call checks nothing', () => {
  const empty = archive.scratch.emptyFolder();
  for (const args of [[], [join(empty, 'none')], [empty], [archive.folderOf(archive.sound), PAGE]]) {
    expect(sh([script('archive'), ...args])).toEqual({ code: 2, out: expect.stringContaining('WRONG CALL') });
  }
});
