/**
 * Promise: a pack holds the chain from its beginning with the one checker's verdict, and rows only if they were asked
 * for.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fieldChangesKey, fieldsKey, manifestKey, noteKey, quarantineKey } from '../../../lambda/export/domain/keys';
import type { Builds } from '../../../tools/cases-audit/pack/copy';
import type { PackAnswer } from '../../../tools/cases-audit/pack/pack';
import type { VerifySummary } from '../../../tools/cases-audit/verify/summary';
import { filesIn } from './bags';
import { cli } from './command-line';
import { storesOfFile } from './local-stores';
import { DOMAIN, type Files } from './signed-archive';
import { at, soundArchiveOfFile } from './sound-archive';
import { DAY } from './tampering';

const archive = soundArchiveOfFile();
const { changed, folderOf, forged, keyFile, scratch, signer } = archive;
const stores = storesOfFile();

async function pack(files: Files, ...args: string[]) {
  const folder = join(scratch.emptyFolder(), 'pack');
  const place = folderOf(files);
  const ended = await cli(['pack', folder, '--offline', place, '--key', keyFile(signer), ...args]);
  return { ...ended, folder, place, bag: filesIn(folder) };
}

const json = <T>(bag: ReadonlyMap<string, string>, name: string): T =>
  JSON.parse(Buffer.from(bag.get(`data/${name}`) ?? '', 'latin1').toString()) as T;

const archiveIn = (bag: ReadonlyMap<string, string>) =>
  [...bag].flatMap(([path, text]): [string, string][] =>
    path.startsWith('data/archive/') ? [[path.slice('data/archive/'.length), text]] : [],
  );
const latin1 = (files: Files, isOf: (key: string) => boolean) =>
  [...files]
    .filter(([key]) => isOf(key))
    .map(([key, bytes]): [string, string] => [key, Buffer.from(bytes).toString('latin1')]);
const isChain = (key: string) => /^(manifests|notes)\//.test(key);

test('it holds manifests, notes, keys, verdict, coverage and builds, and no row', async () => {
  const { code, err, out, bag, place, folder } = await pack(archive.sound);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(new Map(archiveIn(bag))).toEqual(new Map(latin1(archive.sound, isChain)));
  const others = [...bag.keys()].filter((path) => !path.startsWith('data/archive/'));
  expect(others).toEqual([
    ...['bag-info.txt', 'bagit.txt', 'data/VERIFY.md', 'data/builds.json', 'data/coverage.json'],
    ...['data/verdict.html', 'data/verdict.json', 'manifest-sha256.txt', 'tagmanifest-sha256.txt'],
  ]);
  expect(json<VerifySummary>(bag, 'verdict.json')).toMatchObject({
    verdict: 'sound',
    domains: [{ commits: 8, signed: { commit: 8 } }],
  });
  expect(bag.get('data/verdict.html')).toContain('<strong>sound</strong>');
  expect(out).toMatch(/^sound: 8 commits of 1 domain: .*\nSeal \(SHA-256/s);
  for (const [, text] of bag) for (const path of [place, folder, process.cwd()]) expect(text).not.toContain(path);
});

test('with rows it is the archive, and verify takes it for one', async () => {
  const { bag, folder } = await pack(archive.sound, '--with-rows');
  expect(new Map(archiveIn(bag))).toEqual(new Map(latin1(archive.sound, () => true)));
  const verified = await cli(['verify', '--offline', join(folder, 'data'), '--key', keyFile(signer)]);
  expect(verified).toMatchObject({ code: 0 });
});

test('of a period the chain is whole, and rows are those that may hold a change of it', async () => {
  const of = (seq: number) => at(archive.commits, seq).rows.map((row) => row.performed_time.toISOString());
  const [from = '', until = ''] = [of(7)[0], of(7).at(-1)];
  const period = ['--from', from, '--until', new Date(Date.parse(until) + 1).toISOString()];
  const { code, bag, out } = await pack(archive.sound, '--with-rows', '--json', ...period);
  expect(code).toBe(0);
  const keys = archiveIn(bag).map(([key]) => key);
  expect(keys.filter(isChain)).toEqual(
    latin1(archive.sound, isChain)
      .map(([key]) => key)
      .sort(),
  );
  expect(keys).toContain(fieldChangesKey(DOMAIN, DAY, 7));
  expect(keys).toContain(fieldsKey(DOMAIN, 1));
  expect(keys).not.toContain(fieldChangesKey(DOMAIN, DAY, 1));
  expect(keys).not.toContain(quarantineKey(DOMAIN, 3));
  const answer = JSON.parse(out) as PackAnswer;
  expect(answer).toMatchObject({
    format: 'cases-audit-pack/v1',
    exitCode: 0,
    withRows: true,
    domains: [{ commits: 8, notes: 8 }],
  });
  const [domain] = answer.domains;
  expect((domain?.rowFiles ?? 0) + (domain?.rowFilesLeftOut ?? 0)).toBe(
    archive.commits.filter(({ rows }) => rows.length > 0).length,
  );
});

test('bundles and settings are named by the commits that they made', async () => {
  const files = await forged((all) => {
    for (const { manifest } of all.slice(4)) manifest.bundleSha256 = 'd'.repeat(64);
  });
  const { bag } = await pack(files);
  expect(json<Builds>(bag, 'builds.json').domains).toEqual([
    {
      domain: DOMAIN,
      runs: [
        expect.objectContaining({
          bundleSha256: at(archive.commits, 1).manifest.bundleSha256,
          firstCommit: 1,
          lastCommit: 4,
        }),
        expect.objectContaining({ bundleSha256: 'd'.repeat(64), firstCommit: 5, lastCommit: 8 }),
      ],
    },
  ]);
});

test('of a contradicted archive it is made too, and says so: what is there is copied as it is', async () => {
  const files = changed((all) => all.set(manifestKey(DOMAIN, 4), Buffer.from('<script>alert(1)</script>')));
  files.delete(noteKey(DOMAIN, 6));
  const { code, bag } = await pack(files);
  expect(code).toBe(1);
  expect(json<VerifySummary>(bag, 'verdict.json').verdict).toBe('contradicted');
  expect(bag.get(`data/archive/${manifestKey(DOMAIN, 4)}`)).toBe('<script>alert(1)</script>');
  expect(bag.get('data/verdict.html')).not.toContain('<script');
});

test.each<[string, string[], RegExp]>([
  ['reversed dates', ['--from', '2026-02-01', '--until', '2026-01-01'], /expected --from before --until/],
  ['a domain that is not there', ['--domain', 'other'], /There is no domain other/],
  ['a share that is none', ['--read-data', '150%'], /expected all, none, a share/],
])('%s: a wrong call leaves nothing', async (_, args, words) => {
  const { code, err, folder } = await pack(archive.sound, ...args);
  expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(words) });
  expect(existsSync(folder)).toBe(false);
});

test('Ctrl-C ends with 130 and leaves nothing', async () => {
  const folder = join(scratch.emptyFolder(), 'pack');
  const ended = await cli(['pack', folder, '--offline', folderOf(archive.sound)], { signal: AbortSignal.abort() });
  expect(ended).toMatchObject({ code: 130, out: '' });
  expect(filesIn(join(folder, '..'))).toEqual(new Map());
});

test('of a bucket it holds the same chain, and reads rows only where they are asked for', async () => {
  const bucket = await stores.bucketOf(archive.sound);
  const parent = scratch.emptyFolder();
  const packed = async (name: string, ...args: string[]) => {
    const calls = stores.callsFromNow();
    const folder = join(parent, name);
    const { code, err } = await cli(['pack', folder, '--bucket', bucket, '--key', keyFile(signer), ...args]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const read = calls().filter(({ operation }) => operation === 'GetObject');
    return {
      files: new Map(archiveIn(filesIn(folder))),
      rowsRead: read.filter(({ key }) => key?.includes('parquet')),
    };
  };
  const chain = await packed('chain');
  expect(chain).toEqual({ files: new Map(latin1(archive.sound, isChain)), rowsRead: [] });
  expect((await packed('rows', '--with-rows')).files).toEqual(new Map(latin1(archive.sound, () => true)));
});
