/**
 * Promise: whoever was given an extract of one case, and the key another way, follows VERIFY.md to the end with `sh`
 * and `openssl`: a sound extract is proven, and whatever was altered, added or taken away is found, also where the
 * bag's own lists were made anew.
 */
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { relisted } from '../tools/cases-audit/bags';
import { cli } from '../tools/cases-audit/command-line';
import { newSigner, type Signer } from '../tools/cases-audit/signed-archive';
import { at } from '../tools/cases-audit/sound-archive';
import { type ByHand, byHandOfFile, PAGE, sh } from './by-hand';

const { archive, script } = byHandOfFile();
const { folderOf, forged, keyFile, scratch, signer } = archive;
const stranger = newSigner('somebody-else');
let sound: string;
/** Of another case of the same archive. */
let other: string;
beforeAll(async () => {
  const folder = folderOf(archive.sound);
  [sound, other] = [await extract(folder, 'case-1'), await extract(folder, 'case-2')];
});

async function extract(from: string, id: string): Promise<string> {
  const folder = join(scratch.emptyFolder(), 'extract');
  const { code, err } = await cli(['case', id, '--offline', from, '--extract', folder, '--key', keyFile(signer)]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return folder;
}

function check(folder: string, { id = 'case-1', key = signer }: { id?: string; key?: Signer } = {}): ByHand {
  return sh([script('extract'), folder, id, keyFile(key)]);
}

function changed(change: (folder: string) => void): string {
  const folder = join(scratch.emptyFolder(), 'extract');
  cpSync(sound, folder, { recursive: true });
  change(folder);
  return folder;
}

const COMMIT = '000000000001';
const SLICE = `data/slices/${COMMIT}.jsonl`;
const LIST = `data/lists/${COMMIT}.txt`;
const NOTE = `data/notes/${COMMIT}.note`;

function edit(path: string, from: string | RegExp, to: string): (folder: string) => void {
  return (folder) => {
    const before = readFileSync(join(folder, path), 'utf8');
    const after = before.replace(from, to);
    expect(after).not.toBe(before);
    writeFileSync(join(folder, path), after);
  };
}

test('a sound extract is what was signed', () => {
  const { code, out } = check(sound);
  expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^commit 1, .*\ncommit 7, .*\nOK: /s) });
  const seal = createHash('sha256')
    .update(readFileSync(join(sound, 'tagmanifest-sha256.txt')))
    .digest('hex');
  expect(out).toContain(`\nas of commit 8, `);
  expect(out).toContain(`\nseal ${seal}\n`);
});

test('the copy of VERIFY.md in the bag makes the same scripts', () => {
  expect(readFileSync(join(sound, 'data/VERIFY.md'), 'utf8')).toBe(readFileSync(PAGE, 'utf8'));
});

describe('with the lists of the bag as they were', () => {
  test.each<[string, (folder: string) => void, RegExp]>([
    [
      'a value altered',
      edit(SLICE, 'Case.Created', 'Case.Forged'),
      /not what it was when the bag was made: data\/slices/,
    ],
    ['the page altered', edit('data/timeline.html', 'Complete', 'Incomplete'), /data\/timeline\.html/],
    [
      'a file added',
      (folder) => writeFileSync(join(folder, 'data/slices/x'), ''),
      /that the bag does not list: .*slices\/x/,
    ],
    ['a file added on top', (folder) => writeFileSync(join(folder, 'x'), ''), /that the bag does not list: \.\/x/],
    ['a file removed', (folder) => rmSync(join(folder, SLICE)), /is missing: data\/slices/],
    [
      'a list of the bag removed',
      (folder) => rmSync(join(folder, 'manifest-sha256.txt')),
      /is missing: manifest-sha256/,
    ],
    ['a line of a list taken out', edit('manifest-sha256.txt', /^[^\n]*\n/, ''), /manifest-sha256\.txt/],
  ])('%s', (_, change, words) => {
    expect(check(changed(change))).toEqual({ code: 1, out: expect.stringMatching(words) });
  });
});

describe('with the lists of the bag made anew', () => {
  const moved = (from: string, to: string) => (folder: string) => renameSync(join(folder, from), join(folder, to));
  const fromOther = (path: string) => (folder: string) => cpSync(join(other, path), join(folder, path));

  test.each<[string, (folder: string) => void, RegExp]>([
    ['a slice altered', edit(SLICE, 'Case.Created', 'Case.Forged'), /in no line of data\/lists/],
    ['a row dropped', edit(SLICE, /\n[^\n]*\n$/, '\n'), /in no line of data\/lists/],
    ['the case swapped in a slice', edit(SLICE, /case-1/g, 'case-2'), /in no line of data\/lists/],
    ['the slice of another case of the commit', fromOther(SLICE), /is of another case than you asked for/],
    ['the salt changed', edit(SLICE, /"salt":"./, '"salt":"g'), /in no line of data\/lists/],
    ['a digest added to a list', edit(LIST, /^/, `${'0'.repeat(64)}\n`), /is not the list that/],
    [
      'the list of another commit',
      (folder) => cpSync(join(folder, LIST.replace('01.', '07.')), join(folder, LIST)),
      /is not the list that/,
    ],
    [
      'the note of another commit',
      (folder) => cpSync(join(folder, NOTE.replace('01.', '07.')), join(folder, NOTE)),
      /is not the list that/,
    ],
    ['the note altered', edit(NOTE, 'half-read 0', 'half-read 1'), /does not hold/],
    ['a slice removed', (folder) => rmSync(join(folder, SLICE)), /not of the same commits/],
    ['a list removed', (folder) => rmSync(join(folder, LIST)), /not of the same commits/],
    ['a note removed', (folder) => rmSync(join(folder, NOTE)), /not of the same commits/],
    ['a slice renamed', moved(SLICE, SLICE.replace('01.', '02.')), /not of the same commits/],
    [
      'a file added among the slices',
      (folder) => writeFileSync(join(folder, 'data/slices/x'), ''),
      /is of no commit: x/,
    ],
    ['the newest note altered', edit('data/as-of.note', /^live .*$/m, 'live none'), /does not hold/],
    [
      'the newest note an older one',
      (folder) => cpSync(join(folder, NOTE), join(folder, 'data/as-of.note')),
      /is older than the notes/,
    ],
  ])('%s', (_, change, words) => {
    expect(check(relisted(changed(change)))).toEqual({ code: 1, out: expect.stringMatching(words) });
  });

  test('a signature stripped leaves it unproven', () => {
    for (const path of [NOTE, 'data/as-of.note']) {
      const folder = relisted(changed(edit(path, /\n\n— .*\n$/, '\n\n')));
      expect(check(folder)).toEqual({ code: 3, out: expect.stringContaining(`UNPROVEN: ${path} has no signature`) });
    }
  });

  test('all signed by another key, with its PEM enclosed, is unproven for whoever has the right key', async () => {
    const files = await forged(
      (all) => {
        for (const row of at(all, 1).rows) if (row.case_id === 'case-1') row.event_type = 'Case.Forged';
      },
      { signers: () => [stranger] },
    );
    const folder = join(scratch.emptyFolder(), 'extract');
    await cli(['case', 'case-1', '--offline', folderOf(files), '--extract', folder, '--key', keyFile(stranger)]);
    expect(check(folder, { key: stranger })).toMatchObject({ code: 0 });
    expect(check(folder)).toEqual({ code: 3, out: expect.stringContaining(`UNPROVEN: ${NOTE}`) });
  });
});

test('a sound extract of another case is not the one that was asked for', () => {
  expect(check(other)).toEqual({ code: 1, out: expect.stringContaining('of another case than you asked for') });
  expect(check(other, { id: 'case-2' })).toMatchObject({ code: 0 });
});

test('an id with quotes and backslashes is compared as it is', async () => {
  const id = 'a "b" \\c';
  const files = await forged((all) => {
    for (const { rows } of all) for (const row of rows) if (row.case_id === 'case-1') row.case_id = id;
  });
  const folder = await extract(folderOf(files), id);
  expect(check(folder, { id })).toMatchObject({ code: 0 });
  expect(check(folder, { id: 'a b c' })).toMatchObject({ code: 1 });
});

test('a wrong call checks nothing', () => {
  for (const args of [[], [sound], [sound, 'case-1'], [scratch.emptyFolder(), 'case-1', keyFile(signer)]]) {
    expect(sh([script('extract'), ...args])).toEqual({ code: 2, out: expect.stringContaining('WRONG CALL') });
  }
});

describe('a pack', () => {
  const checked = (folder: string, env: Record<string, string> = {}) =>
    sh([script('archive'), join(folder, 'data/archive'), keyFile(signer)], { env });

  async function pack(...args: string[]): Promise<string> {
    const folder = join(scratch.emptyFolder(), 'pack');
    const place = folderOf(archive.sound);
    const { code, err } = await cli(['pack', folder, '--offline', place, '--key', keyFile(signer), ...args]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    return folder;
  }

  test('with rows is checked as an archive is', async () => {
    expect(checked(await pack('--with-rows'))).toEqual({
      code: 0,
      out: expect.stringMatching(/^OK: .* through commit 8\n$/),
    });
  });

  test('without rows the chain is proven, and what was left out is counted', async () => {
    const folder = await pack();
    expect(checked(folder)).toMatchObject({ code: 1, out: expect.stringContaining('is missing: field_changes/') });
    expect(checked(folder, { LEFT_OUT: 'yes' })).toEqual({
      code: 0,
      out: expect.stringMatching(/^LEFT OUT: 6 files that manifests list\nOK: .* through commit 8\n$/),
    });
    edit('data/archive/manifests/domain_id=domain-1/000000000003.json', '"gone":[]', '"gone":["case-1"]')(folder);
    expect(checked(relisted(folder), { LEFT_OUT: 'yes' })).toMatchObject({ code: 1 });
  });
});
