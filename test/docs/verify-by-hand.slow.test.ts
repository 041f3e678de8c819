/**
 * Promise: the blocks of VERIFY.md, run as the page says, come to what `cases-audit verify` comes to, over a sound archive and over every
 * tampering that needs no decoded row to be seen. They are a second implementation that shares no code with the first.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { caseDigests, caseSalt, digestList, sliceOf } from '../../lambda/export/domain/case-slice';
import { fieldChangesKey, fieldsKey, manifestKey, noteKey, quarantineKey } from '../../lambda/export/domain/keys';
import { toJsonBytes } from '../../lambda/export/domain/manifest';
import { readText } from '../../lib/text-file';
import { commitKeyOf } from '../../tools/cases-audit/archive/archive-keys';
import {
  copyOf,
  DOMAIN,
  exportModel,
  type Files,
  type ModelCommit,
  newSigner,
  type RenderOptions,
  render,
  rowFile,
  type Signer,
  save,
} from '../tools/cases-audit/signed-archive';
import { verifierOfFile } from '../tools/cases-audit/verify-files';

const PAGE = resolve(__dirname, '../../VERIFY.md');
const DAY = '2026-01-10';
/** By hand there is no clock: what no signature covers is unproven at once. So is it for the verifier a day later. */
const A_DAY_LATER = Date.UTC(2026, 0, 11, 20);

const { verify, scratch, keyFile, folderOf } = verifierOfFile();
const [signer, stranger] = [newSigner(), newSigner('somebody-else')];
let scripts: string;
let commits: ModelCommit[];
let sound: Files;

interface ByHand {
  readonly code: number | null;
  readonly out: string;
}

function sh(args: readonly string[], options: { cwd?: string; env?: Record<string, string> } = {}): ByHand {
  const { status, stdout, stderr } = spawnSync('sh', args, {
    encoding: 'utf8',
    ...options,
    env: { ...process.env, ...options.env },
  });
  expect(stderr).toBe('');
  return { code: status, out: stdout };
}

/** Makes both scripts by the very commands of the page. */
function makeScripts(): string {
  const folder = scratch.emptyFolder();
  copyFileSync(PAGE, join(folder, 'VERIFY.md'));
  const [, commands = ''] = /^```console\n([\s\S]*?)^```$/m.exec(readText(PAGE)) ?? [];
  const makers = commands.split('\n').filter((line) => !line.startsWith('sh '));
  sh(['-c', makers.join('\n')], { cwd: folder });
  return folder;
}

beforeAll(async () => {
  scripts = makeScripts();
  ({ commits } = await exportModel());
  sound = await render(commits, { signers: () => [signer] });
});

function byHand(files: Files, signers: readonly Signer[] = [signer], env?: Record<string, string>): ByHand {
  return sh([join(scripts, 'verify-archive.sh'), folderOf(files), ...signers.map(keyFile)], env && { env });
}

/** What both come to; the test fails if they differ. */
async function agreed(files: Files, signers: readonly Signer[] = [signer]): Promise<ByHand> {
  const hand = byHand(files, signers);
  const { exitCode, findings } = await verify(files, { signers, now: A_DAY_LATER });
  expect({ ...hand, findings }).toMatchObject({ code: exitCode });
  const words = { 0: /^OK: /, 1: /^FAILED: ./, 3: /^UNPROVEN: ./ }[exitCode] ?? /never/;
  expect(hand.out).toMatch(words);
  return hand;
}

function changed(change: (files: Files) => void): Files {
  const files = new Map(sound);
  change(files);
  return files;
}

const bytesOf = (key: string) => sound.get(key) as Uint8Array;
const textOf = (key: string) => Buffer.from(bytesOf(key)).toString();

test('the page makes two scripts, each with every block of its part', () => {
  const page = readText(PAGE);
  const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block ?? '');
  const whole = ['archive', 'case'].map((name) => readText(join(scripts, `verify-${name}.sh`))).join('');
  expect(blocks.length).toBeGreaterThan(12);
  for (const block of blocks) expect(whole).toContain(block);
});

test('no check is joined to another by &&, where sh -e would not stop', () => {
  const lines = readText(join(scripts, 'verify-archive.sh')).split('\n');
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
    const { code } = await agreed(changed((all) => seqs.forEach((seq) => all.delete(manifestKey(DOMAIN, seq)))));
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
      if (fields !== null) fields.domainId = 'domain-0';
    }
    return render(copy, { signers: () => [signer] });
  }
});

describe('keys', () => {
  test('without any, with a wrong one, and with a second that signed nothing', async () => {
    expect(await agreed(sound, [])).toMatchObject({ code: 3 });
    expect(await agreed(sound, [stranger])).toMatchObject({ code: 3 });
    expect(await agreed(sound, [signer, stranger])).toMatchObject({ code: 0 });
  });

  test('a rotation: what is signed by both introduces the second, which then vouches alone', async () => {
    const files = await render(commits, {
      signers: (seq) => (seq < 3 ? [signer] : seq < 6 ? [signer, stranger] : [stranger]),
    });
    expect(await agreed(files)).toMatchObject({ code: 0 });
  });

  test('a line that a stranger put below a note of ours introduces nobody', async () => {
    const files = await render(commits, { signers: (seq) => [seq < 4 ? signer : stranger] });
    const theirs = await render(commits, { signers: () => [stranger] });
    const [, line] = Buffer.from(theirs.get(noteKey(DOMAIN, 3)) as Uint8Array)
      .toString()
      .split('\n\n');
    const key = noteKey(DOMAIN, 3);
    files.set(key, Buffer.from(Buffer.from(files.get(key) as Uint8Array).toString() + line));
    expect(await agreed(files)).toMatchObject({ code: 3 });
  });
});

type Change = (commits: ModelCommit[]) => void;
const at = (all: ModelCommit[], seq: number) => all[seq - 1] as ModelCommit;

function forged(change: Change, options: RenderOptions): Promise<Files> {
  const copy = copyOf(commits);
  change(copy);
  return render(copy, options);
}

const alterRow: Change = (all) => {
  (at(all, 2).rows[0] as ModelCommit['rows'][number]).event_type = 'Case.Forged';
};

const REHASHED: readonly (readonly [string, Change, number])[] = [
  [
    'a row dropped',
    (all) => {
      at(all, 2).rows.shift();
      at(all, 2).manifest.counts = { ...at(all, 2).manifest.counts, rows: 1 };
    },
    2,
  ],
  ['a row altered', alterRow, 2],
  [
    'the seed changed',
    (all) => {
      at(all, 2).seed = Buffer.alloc(32);
    },
    2,
  ],
  [
    'a count altered',
    (all) => {
      at(all, 2).manifest.counts = { ...at(all, 2).manifest.counts, casesRead: 99 };
    },
    2,
  ],
  [
    'the dictionary altered',
    (all) => {
      at(all, 1).fields = { ...at(all, 1).fields, templates: null };
    },
    1,
  ],
];

describe.each(REHASHED)('%s, and all hashes made anew', (_, change, first) => {
  test('with the old signatures, without any, and signed by a stranger', async () => {
    expect(await agreed(await forged(change, { signaturesOf: sound }))).toMatchObject({ code: 1 });
    for (const others of [[], [stranger]]) {
      const files = await forged(change, { signers: (seq) => (seq < first ? [signer] : others) });
      const { code, out } = await agreed(files);
      expect({ code, out }).toEqual({ code: 3, out: expect.stringContaining(`commits ${first} to 8 of ${DOMAIN}`) });
    }
  });

  test('signed with our own key: a note that was kept tells', async () => {
    const files = await forged(change, { signers: () => [signer] });
    expect(byHand(files)).toMatchObject({ code: 0 });
    expect(byHand(files, [signer], { HELD: heldNotes() })).toEqual({
      code: 1,
      out: expect.stringContaining('FORK'),
    });
  });
});

function heldNotes(): string {
  const held = scratch.emptyFolder();
  save(new Map([[`domain_id=${DOMAIN}/000000000008.note`, bytesOf(noteKey(DOMAIN, 8))]]), held);
  return held;
}

test('the newest commits gone without a trace: a note that was kept tells, and agrees with what was written', async () => {
  const files = changed((all) => {
    for (const key of all.keys()) if ((commitKeyOf(key)?.seq ?? 0) >= 7) all.delete(key);
  });
  expect(await agreed(files)).toMatchObject({ code: 0 });
  const env = { HELD: heldNotes() };
  expect(byHand(files, [signer], env)).toEqual({ code: 1, out: expect.stringContaining('ROLLBACK') });
  expect(byHand(sound, [signer], env)).toMatchObject({ code: 0 });
});

test('a row altered, with hashes left, is found by the file', async () => {
  const copy = copyOf(commits);
  alterRow(copy);
  const { manifest, rows, seed } = at(copy, 2);
  const key = fieldChangesKey(DOMAIN, DAY, 2);
  const bytes = await rowFile(rows, manifest, seed);
  const { code, out } = await agreed(changed((files) => files.set(key, bytes)));
  expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining(key) });
});

test('what only decoded rows show passes by hand, as the page says, and not the verifier', async () => {
  const casesOf = new Map(
    commits.map(({ manifest: { seq } }) => [seq, JSON.parse(textOf(manifestKey(DOMAIN, seq))).cases] as const),
  );
  const files = await forged(alterRow, { signers: () => [signer], casesOf });
  expect(byHand(files)).toMatchObject({ code: 0 });
  expect(await verify(files, { signers: [signer] })).toMatchObject({ exitCode: 1 });
  expect(readText(PAGE)).toContain('It does not decode rows.');
});

test('a wrong call checks nothing', () => {
  const script = join(scripts, 'verify-archive.sh');
  const empty = scratch.emptyFolder();
  for (const args of [[], [join(empty, 'none')], [empty], [folderOf(sound), PAGE]]) {
    expect(sh([script, ...args])).toEqual({ code: 2, out: expect.stringContaining('WRONG CALL') });
  }
});

describe('one case', () => {
  interface Handed {
    note: Uint8Array;
    list: string;
    slice: Uint8Array;
  }

  function handed(seq: number, caseId: string): Handed {
    const { rows, quarantine, seed } = at(commits, seq);
    const list = digestList(caseDigests({ domainId: DOMAIN, seq, seed }, rows, quarantine?.events).values()).text;
    const header = { domainId: DOMAIN, commitSeq: seq, caseId, salt: caseSalt(seed, caseId) };
    const raw = (quarantine?.events ?? []).filter((event) => event.caseId === caseId).map(({ event }) => event);
    const slice = sliceOf(
      header,
      rows.filter(({ case_id }) => case_id === caseId),
      raw,
    );
    return { note: bytesOf(noteKey(DOMAIN, seq)), list, slice };
  }

  function check(files: Handed, key = signer): ByHand {
    const folder = scratch.emptyFolder();
    const paths = (['note', 'list', 'slice'] as const).map((name) => {
      writeFileSync(join(folder, name), files[name]);
      return join(folder, name);
    });
    return sh([join(scripts, 'verify-case.sh'), ...paths, keyFile(key)]);
  }

  const altered = (slice: Uint8Array, from: string | RegExp, to: string) =>
    Buffer.from(Buffer.from(slice).toString().replace(from, to));

  test('is what was signed, with rows and with a quarantined event', () => {
    expect(check(handed(1, 'case-1'))).toEqual({
      code: 0,
      out: expect.stringContaining('commit 1 said this of case case-1'),
    });
    const { caseId } = at(commits, 3).quarantine?.events[0] ?? {};
    expect(check(handed(3, String(caseId)))).toMatchObject({ code: 0 });
  });

  test.each<[string, (files: Handed) => void, RegExp]>([
    ['a value altered', (files) => (files.slice = altered(files.slice, 'Case.Created', 'Case.Forged')), /altered/],
    ['a row dropped', (files) => (files.slice = altered(files.slice, /\n[^\n]*\n$/, '\n')), /altered/],
    ['the case swapped', (files) => (files.slice = altered(files.slice, /case-1/g, 'case-2')), /altered/],
    ['the salt changed', (files) => (files.slice = altered(files.slice, /"salt":"./, '"salt":"0')), /altered/],
    ['a slice of another commit', (files) => (files.slice = handed(2, 'case-2').slice), /of another commit/],
    ['a digest added to the list', (files) => (files.list = `${'0'.repeat(64)}\n${files.list}`), /not the list/],
    ['a digest taken out', (files) => (files.list = files.list.slice(65)), /not the list/],
    ['a list out of order', (files) => (files.list = `${files.list}${files.list.slice(0, 65)}`), /not in order/],
    ['a list cut off', (files) => (files.list = files.list.slice(0, -1)), /./],
    ['a list with words', (files) => (files.list += 'word\n'), /no digest/],
    ['the note of another commit', (files) => (files.note = bytesOf(noteKey(DOMAIN, 2))), /not the list/],
    ['the note altered', (files) => (files.note = altered(files.note, 'half-read 0', 'half-read 1')), /does not hold/],
    [
      'the list in the note altered',
      (files) => (files.note = altered(files.note, /cases \d+/, 'cases 9')),
      /does not hold/,
    ],
  ])('%s', (_, change, words) => {
    const files = handed(1, 'case-1');
    change(files);
    expect(check(files)).toEqual({ code: 1, out: expect.stringMatching(words) });
  });

  test('with another key it is unproven, never forged', () => {
    expect(check(handed(1, 'case-1'), stranger)).toEqual({ code: 3, out: expect.stringMatching(/^UNPROVEN/) });
  });

  test('a file that is not there is a wrong call', () => {
    const none = join(scratch.emptyFolder(), 'none');
    expect(existsSync(none)).toBe(false);
    expect(sh([join(scripts, 'verify-case.sh'), none, none, none, PAGE])).toMatchObject({ code: 2 });
  });
});

test('the quarantine object and the dictionary are files like the others', async () => {
  for (const key of [quarantineKey(DOMAIN, 3), fieldsKey(DOMAIN, 1)]) {
    const files = changed((all) => all.set(key, Buffer.from(textOf(key).replace(DOMAIN, 'domain-2'))));
    expect(await agreed(files)).toEqual({ code: 1, out: expect.stringContaining(key) });
  }
});
