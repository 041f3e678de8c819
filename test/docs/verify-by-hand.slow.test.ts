/**
 * Promise: the blocks of VERIFY.md, run as the page says, come to what `cases-audit verify` comes to, over a sound archive and over every
 * file that was altered, added or taken away. They are a second implementation that shares no code with the first.
 */
import { join } from 'node:path';
import { fieldsKey, manifestKey, noteKey, quarantineKey } from '../../lambda/export/domain/keys';
import { toJsonBytes } from '../../lambda/export/domain/stored-form';
import { readText } from '../../lib/text-file';
import { commitKeyOf } from '../../tools/cases-audit/archive/archive-keys';
import { copyOf, DOMAIN, type Files, type ModelCommit, render, type Signer } from '../tools/cases-audit/signed-archive';
import { byHandOfFile, PAGE, type Prepared, sh } from './by-hand';

const DAY = '2026-01-10';
const SCRIPTS = ['archive', 'case', 'extract'];

const hand = byHandOfFile();
const { signer, scratch, folderOf } = hand;
let prepared: Prepared;
let commits: ModelCommit[];
let sound: Files;
let scripts: string;
beforeAll(async () => {
  prepared = await hand.prepare();
  ({ commits, sound, scripts } = prepared);
});

const agreed = (files: Files, signers?: readonly Signer[]) => hand.agreed(prepared, files, signers);
function changed(change: (files: Files) => void): Files {
  const files = new Map(sound);
  change(files);
  return files;
}

const bytesOf = (key: string) => sound.get(key) as Uint8Array;
const textOf = (key: string) => Buffer.from(bytesOf(key)).toString();

test('the page makes three scripts, each with every block of its part', () => {
  const page = readText(PAGE);
  const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block ?? '');
  const whole = SCRIPTS.map((name) => readText(join(scripts, `verify-${name}.sh`))).join('');
  expect(blocks.length).toBeGreaterThan(12);
  for (const block of blocks) expect(whole).toContain(block);
});

test('no check is joined to another by &&, where sh -e would not stop', () => {
  const lines = SCRIPTS.flatMap((name) => readText(join(scripts, `verify-${name}.sh`)).split('\n'));
  expect(lines.filter((line) => /&&/.test(line) && !/^ *\(cd /.test(line))).toEqual([]);
});

test('an archive as it was written is what was signed', async () => {
  const { out } = await agreed(sound);
  expect(out).toBe(`OK: ${DOMAIN} is what was signed, through commit 8\n`);
});

describe('of every file of a commit', () => {
  const keys = () => [...sound.keys()].filter((key) => commitKeyOf(key) !== null);
  const CHANGES: readonly (readonly [string, (files: Files, key: string) => void])[] = [
    [
      'a flipped byte',
      (files, key) => {
        const bytes = Buffer.from(bytesOf(key));
        // In the text of a note, where a signature covers it.
        const at = key.startsWith('notes/') ? 60 : Math.floor(bytes.length / 2);
        bytes[at] = (bytes[at] as number) ^ 1;
        files.set(key, bytes);
      },
    ],
    ['an appended newline', (files, key) => void files.set(key, Buffer.concat([bytesOf(key), Buffer.from('\n')]))],
    ['a file cut off', (files, key) => void files.set(key, bytesOf(key).slice(0, -1))],
    ['a deleted file', (files, key) => void files.delete(key)],
    ['a file in another domain', (files, key) => move(files, key, key.replace(DOMAIN, 'domain-2'))],
    ['a renamed file', (files, key) => move(files, key, key.replace(/\.(\w+)$/, '-renamed.$1'))],
  ];

  function move(files: Files, key: string, to: string): void {
    files.delete(key);
    files.set(to, bytesOf(key));
  }

  test.each(CHANGES)('%s', async (_, change) => {
    for (const key of keys()) {
      const { code } = await agreed(changed((files) => change(files, key)));
      expect({ key, code }).not.toEqual({ key, code: 0 });
    }
  });
});

test.each([
  `field_changes/domain_id=${DOMAIN}/export_date=${DAY}/forged`,
  `field_changes/domain_id=${DOMAIN}/export_date=${DAY}/000000000999.parquet`,
  `field_changes/domain_id=${DOMAIN}/export_date=2020-01-01/000000000002.parquet`,
  `field_changes/domain_id=${DOMAIN}/export_date=${DAY}/._000000000001.parquet`,
  `field_changes/domain_id=${DOMAIN}/export_date=${DAY}/000000000001 - Copy.parquet`,
  `field_changes/domain_id=domain-2/export_date=${DAY}/000000000001.parquet`,
  'field_changes/other.parquet',
  `quarantine/domain_id=${DOMAIN}/[a-z]*.json`,
  `manifests/domain_id=${DOMAIN}/readme.txt`,
  'notes/keys/readme.txt',
  'other/place/two\nlines.parquet',
  '.DS_Store',
])('a foreign file %j is named', async (key) => {
  const { code } = await agreed(changed((files) => files.set(key, Buffer.from('foreign'))));
  expect(code).toBe(1);
});

describe('manifests', () => {
  test.each([[[4]], [[4, 5]], [[1]], [[1, 2, 3]], [[2, 6]], [[7, 8]]])('%j gone', async (seqs) => {
    const { code } = await agreed(
      changed((all) => {
        for (const seq of seqs) all.delete(manifestKey(DOMAIN, seq));
      }),
    );
    expect(code).toBe(1);
  });

  test('the newest gone with their notes, with rows left', async () => {
    const files = changed((all) => {
      for (const seq of [7, 8]) for (const key of [manifestKey(DOMAIN, seq), noteKey(DOMAIN, seq)]) all.delete(key);
    });
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
    const manifest = { ...JSON.parse(textOf(manifestKey(DOMAIN, 3))), ...change };
    const files = changed((all) => all.set(manifestKey(DOMAIN, 3), toJsonBytes(manifest)));
    expect(await agreed(files)).toMatchObject({ code: 1 });
  });
});

describe('notes', () => {
  const halves = (seq: number) => textOf(noteKey(DOMAIN, seq)).split(/(?<=\n\n)/) as [string, string];
  const withNote = (seq: number, text: string) =>
    changed((files) => files.set(noteKey(DOMAIN, seq), Buffer.from(text)));

  test('a signature of another note', async () => {
    const { code, out } = await agreed(withNote(5, halves(5)[0] + halves(4)[1]));
    expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining('000000000005.note') });
  });

  test('a signature stripped: the next one covers the commit; of the newest, nothing does', async () => {
    expect(await agreed(withNote(5, halves(5)[0]))).toMatchObject({ code: 0 });
    expect(await agreed(withNote(8, halves(8)[0]))).toMatchObject({ code: 3 });
  });

  test('a line below the text that is no signature', async () => {
    expect(await agreed(withNote(5, `${textOf(noteKey(DOMAIN, 5))}a word\n`))).toMatchObject({ code: 1 });
  });

  test('two domains in one folder are both checked, and a tampering with the second is found', async () => {
    const other = [...(await otherDomain())];
    expect(await agreed(new Map([...sound, ...other]))).toMatchObject({ code: 0 });
    const key = fieldsKey('domain-0', 1);
    const files = new Map([...sound, ...other]);
    files.set(key, Buffer.concat([files.get(key) as Uint8Array, Buffer.from(' ')]));
    expect(await agreed(files)).toMatchObject({ code: 1 });
  });

  async function otherDomain(): Promise<Files> {
    const copy = copyOf(commits);
    for (const { manifest, fields } of copy) {
      manifest.domainId = 'domain-0';
      if (fields !== null) Object.assign(fields, { domainId: 'domain-0' });
    }
    return render(copy, { signers: () => [signer] });
  }
});

test('a wrong call checks nothing', () => {
  const script = join(scripts, 'verify-archive.sh');
  const empty = scratch.emptyFolder();
  for (const args of [[], [join(empty, 'none')], [empty], [folderOf(sound), PAGE]]) {
    expect(sh([script, ...args])).toEqual({ code: 2, out: expect.stringContaining('WRONG CALL') });
  }
});

test('the quarantine object and the dictionary are files like the others', async () => {
  for (const key of [quarantineKey(DOMAIN, 3), fieldsKey(DOMAIN, 1)]) {
    const files = changed((all) => all.set(key, Buffer.from(textOf(key).replace(DOMAIN, 'domain-2'))));
    expect(await agreed(files)).toEqual({ code: 1, out: expect.stringContaining(key) });
  }
});
