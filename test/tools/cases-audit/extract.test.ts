/**
 * Promise: an extract holds what the archive says of one case and nothing of another, the same archive and moment give
 * the same bytes, and there is a whole bag or none.
 */
import fs, { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fieldChangesKey, manifestKey, noteKey } from '../../../lambda/export/domain/keys';
import { type SealedBag, writeBag } from '../../../tools/cases-audit/bag/bag';
import type { CaseAnswer } from '../../../tools/cases-audit/case/answer';
import type { ExtractFacts } from '../../../tools/cases-audit/extract/facts';
import { filesIn } from './bags';
import { cli } from './command-line';
import { storesOfFile } from './local-stores';
import { DOMAIN, type Files, newSigner, render } from './signed-archive';
import { inManifest, soundArchiveOfFile } from './sound-archive';
import { DAY, isOfCommit } from './tampering';

const archive = soundArchiveOfFile((commits) => {
  for (const row of commits.flatMap(({ rows }) => rows)) {
    row.event_id = `of-${row.case_id}-${row.event_id}`;
    row.new_value = `secret-${row.case_id}-${row.event_id}`;
  }
});
const { changed, folderOf, forged, keyFile, scratch, signer } = archive;
const stores = storesOfFile();

async function extract(files: Files | string, ...args: string[]) {
  const place = typeof files === 'string' ? files : folderOf(files);
  const folder = join(scratch.emptyFolder(), 'extract');
  const ended = await cli(['case', 'case-1', '--offline', place, '--extract', folder, ...args]);
  return { ...ended, folder, bag: filesIn(folder) };
}

const factsOf = (bag: ReadonlyMap<string, string>) =>
  JSON.parse(Buffer.from(bag.get('data/extract.json') ?? '', 'latin1').toString()) as ExtractFacts;

test('it holds slices, lists, notes, the key, the page, VERIFY.md and a certificate to be signed', async () => {
  const { code, err, out, bag } = await extract(archive.sound, '--key', keyFile(signer));
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const ofCommits = ['slices/#.jsonl', 'lists/#.txt', 'notes/#.note'].flatMap((path) =>
    [1, 7].map((seq) => `data/${path.replace('#', String(seq).padStart(12, '0'))}`),
  );
  const others = ['CERTIFICATE.md', 'VERIFY.md', 'as-of.note', 'extract.json', 'timeline.html'];
  expect([...bag.keys()].sort()).toEqual(
    [
      ...['bag-info.txt', 'bagit.txt', 'manifest-sha256.txt', 'tagmanifest-sha256.txt'],
      ...[...others, `keys/${signer.key.id}.pem`].map((path) => `data/${path}`),
      ...ofCommits,
    ].sort(),
  );
  expect(bag.get(`data/keys/${signer.key.id}.pem`)).toBe(signer.pem);
  expect(out).toMatch(
    /Seal \(SHA-256 of its tagmanifest-sha256\.txt; write it into the certificate\):\n {2}[0-9a-f]{64}\n/,
  );
  expect(factsOf(bag)).toMatchObject({
    case: 'case-1',
    domain: DOMAIN,
    asOf: archive.commits.at(-1)?.manifest.exportedAt,
    archive: { commits: 8, contradictions: [], unchecked: [] },
    commits: [
      { commit: 1, why: null, signedBy: [signer.key.id] },
      { commit: 7, why: null, signedBy: [signer.key.id] },
    ],
  });
});

describe('of another case it holds no id and no value', () => {
  // The newest manifest names other cases in every list that it has.
  const naming = inManifest(8, {
    gaps: [{ caseId: 'case-77', cause: 'denied', since: '2026-01-10T12:00:00.000Z', attempts: 1 }],
    gone: ['case-78'],
    changedUpstream: ['case-79'],
  });
  const foreign = `field_changes/domain_id=${DOMAIN}/case-66.parquet`;
  test.each<[string, (files: Files) => void]>([
    ['in a sound archive', () => undefined],
    ['where a foreign file is named for one', (files) => files.set(foreign, Buffer.from('x'))],
    ['where a file is altered', (files) => files.set(fieldChangesKey(DOMAIN, DAY, 2), Buffer.from('secret-case-2'))],
    ['where a manifest is gone', (files) => files.delete(manifestKey(DOMAIN, 5))],
    ['where a manifest is none', (files) => files.set(manifestKey(DOMAIN, 5), Buffer.from('{"gone":["case-67"]}'))],
  ])('%s', async (_, change) => {
    const files = await forged(naming);
    change(files);
    const { bag, code } = await extract(files);
    expect([1, 3]).toContain(code);
    const text = [...bag].filter(([path]) => path !== 'data/VERIFY.md').join('\n');
    expect(text.match(/case-(?!1\b|slice\b|[a-z])\w+/g) ?? []).toEqual([]);
    expect(text).toContain('secret-case-1-');
  });
});

describe('the same archive and moment give the same bytes', () => {
  test('in another folder, at another time, with and without the key', async () => {
    const [first, second, third] = [
      await extract(archive.sound),
      await extract(archive.sound, '--key', keyFile(signer)),
      await extract(archive.sound, '--key', keyFile(newSigner())),
    ];
    expect(first.bag.size).toBeGreaterThan(10);
    expect(second.bag).toEqual(first.bag);
    expect(third.bag).toEqual(first.bag);
    expect([first.code, second.code, third.code]).toEqual([3, 0, 3]);
  });

  test('after the archive has grown, with the moment that the extract names', async () => {
    const short = new Map([...archive.sound].filter(([key]) => !isOfCommit(7, 8)(key)));
    const before = await extract(short);
    const after = await extract(archive.sound, '--as-of', factsOf(before.bag).asOf);
    expect(after.bag).toEqual(before.bag);
    expect(factsOf(after.bag).commits.map(({ commit }) => commit)).toEqual([1]);
  });

  test('from a bucket', async () => {
    const folder = join(scratch.emptyFolder(), 'extract');
    const bucket = await stores.bucketOf(archive.sound);
    const { code, err } = await cli(['case', 'case-1', '--bucket', bucket, '--extract', folder]);
    expect({ code, err }).toEqual({ code: 3, err: '' });
    expect(filesIn(folder)).toEqual((await extract(archive.sound)).bag);
  });

  test('no path of this machine is in it', async () => {
    const place = folderOf(archive.sound);
    const { bag, folder } = await extract(place);
    for (const [, text] of bag) for (const path of [place, folder, process.cwd()]) expect(text).not.toContain(path);
  });
});

describe('what cannot be bound or is not signed is said', () => {
  const answerOf = async (files: Files, ...args: string[]) => {
    const { out, bag } = await extract(files, '--json', '--key', keyFile(signer), ...args);
    return { answer: JSON.parse(out) as CaseAnswer, facts: factsOf(bag), bag };
  };

  test('an archive of builds before there were lists', async () => {
    const { answer, facts, bag } = await answerOf(await render(archive.commits, { withoutEvidence: true }));
    const why = 'a build that kept no list of cases made it';
    expect(answer.extract).toMatchObject({
      unbound: [
        { commit: 1, why },
        { commit: 7, why },
      ],
      unsigned: [],
    });
    expect(facts.commits).toMatchObject([
      { commit: 1, sliceSha256: null, why },
      { commit: 7, why },
    ]);
    expect([...bag.keys()].filter((path) => path.includes('slices'))).toEqual([]);
    expect(bag.get('data/CERTIFICATE.md')).toContain(`no slice  ${why}`);
  });

  test('a note that nobody signed, and one that is of another manifest', async () => {
    const [unsigned] = archive.halvesOf(1);
    const files = changed((all) => all.set(noteKey(DOMAIN, 1), Buffer.from(unsigned)));
    files.set(noteKey(DOMAIN, 7), archive.bytesOf(noteKey(DOMAIN, 6)));
    const { answer } = await answerOf(files);
    expect(answer.extract).toMatchObject({
      unsigned: [1],
      unbound: [{ commit: 7, why: 'its note is not the note of its manifest' }],
    });
  });
});

test('where the newest commit speaks of the case and its note is not written yet, its text stands in for it', async () => {
  const files = new Map([...archive.sound].filter(([key]) => !isOfCommit(8)(key)));
  files.delete(noteKey(DOMAIN, 7));
  const { bag } = await extract(files);
  const note = bag.get('data/notes/000000000007.note');
  expect(note).toMatch(/^commit 7$/m);
  expect(note?.endsWith('\n\n')).toBe(true);
  expect(bag.get('data/as-of.note')).toBe(note);
});

test('the certificate has blanks, promises nothing, and nothing of an id becomes Markdown', async () => {
  const id = '# [x](http://y) |\n`z`';
  const files = await forged((all) => {
    for (const row of all.flatMap(({ rows }) => rows)) if (row.case_id === 'case-1') row.case_id = id;
  });
  const folder = join(scratch.emptyFolder(), 'extract');
  await cli(['case', '--offline', folderOf(files), '--extract', folder, '--', id]);
  const text = filesIn(folder).get('data/CERTIFICATE.md') ?? '';
  expect(text).toContain('    case      "# [x](http://y) |\\n`z`"\n');
  expect(text).toContain('| Place, date, signature | |');
  expect(text).not.toMatch(/qualified|compliant|guarantee|certify/i);
  const long = text.split('\n').filter((line) => line.length > 120 && !/^- /.test(line));
  expect(long).toEqual([]);
});

describe('there is a whole bag or none', () => {
  const never = new AbortController().signal;
  const one = async (add: (path: string, content: string) => void): Promise<[]> => {
    add('a/b.txt', 'text');
    return [];
  };

  async function refused(folder: string, make: Promise<SealedBag>): Promise<string> {
    const error = await make.then(
      () => new Error('it was made'),
      (reason: Error) => reason,
    );
    expect(readdirSync(join(folder, '..')).filter((name) => name.includes('.part-'))).toEqual([]);
    return `${error.name}: ${error.message}`;
  }

  test('a folder that is not empty is left as it is; an empty one is taken', async () => {
    const folder = scratch.emptyFolder();
    expect(await writeBag(folder, never, one)).toMatchObject({ files: 1, bytes: 4 });
    const before = filesIn(folder);
    expect(await refused(folder, writeBag(folder, never, one))).toMatch(
      /^WrongCallError: .* is not empty \(it holds bag-info/,
    );
    expect(filesIn(folder)).toEqual(before);
    const { code, err } = await cli(['case', 'case-1', '--offline', folderOf(archive.sound), '--extract', folder]);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('is not empty') });
  });

  test('Ctrl-C in the middle leaves nothing', async () => {
    const folder = join(scratch.emptyFolder(), 'bag');
    const controller = new AbortController();
    const interrupted = writeBag(folder, controller.signal, async (add) => {
      add('a', '1');
      controller.abort();
      add('b', '2');
      return [];
    });
    expect(await refused(folder, interrupted)).toBe('InterruptedError: Interrupted: nothing was changed.');
    expect(existsSync(folder)).toBe(false);
  });

  test.each([
    ['ENOSPC', /^ArchiveError: .* \(ENOSPC\): the disk is full\. Make room/],
    ['EACCES', /^WrongCallError: .* \(EACCES\): you may not write there/],
    ['EIO', /^ArchiveError: .* \(EIO\): the disk may be at fault/],
  ])('%s leaves nothing, and is said', async (code, words) => {
    const folder = join(scratch.emptyFolder(), 'bag');
    const spy = jest.spyOn(fs, 'writeFileSync').mockImplementation(() => {
      throw Object.assign(new Error('disk'), { code });
    });
    const made = refused(folder, writeBag(folder, never, one));
    expect(await made.finally(() => spy.mockRestore())).toMatch(words);
    expect(existsSync(folder)).toBe(false);
  });

  test.each<[string, (folder: string) => string, RegExp]>([
    ['a file', (folder) => join(folder, 'file'), /is a file; expected the name of a folder/],
    ['in a folder that is not there', (folder) => join(folder, 'x', 'y'), /There is no folder .*make it first/],
  ])('%s is a wrong call', async (_, place, words) => {
    const folder = scratch.emptyFolder();
    writeFileSync(join(folder, 'file'), '');
    mkdirSync(join(folder, 'other'));
    expect(await refused(folder, writeBag(place(folder), never, one))).toMatch(words);
  });

  test('what only this machine has is refused beside --extract', async () => {
    for (const args of [
      ['--time-zone', 'Europe/Berlin'],
      ['--users', 'x.csv'],
    ]) {
      const { code, err, folder } = await extract(archive.sound, ...args);
      expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('that anybody can make again') });
      expect(existsSync(folder)).toBe(false);
    }
  });
});
