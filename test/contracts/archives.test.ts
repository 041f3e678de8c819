/** Both archives that a checker reads, held to one contract, and what only one of them can meet. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type LocalS3, startS3 } from '../../local/s3/server';
import { BucketArchive } from '../../tools/cases-audit/archive/bucket';
import { openFolder } from '../../tools/cases-audit/archive/folder';
import { scratchOfFile } from '../support/scratch';
import { type ArchiveSetup, describeArchive, type ReadFault } from './archive.contract';
import { bucketArchiveAt } from './servers';

const scratch = scratchOfFile();
let s3: LocalS3;

beforeAll(async () => {
  s3 = await startS3();
});
afterAll(() => s3.close());

const S3_FAULTS = {
  denied: { kind: 'error', code: 'AccessDenied' },
  fails: { kind: 'error', code: 'InternalError' },
  cut: { kind: 'cut-answer' },
} as const;

describeArchive('a bucket on our stand-in', async () => {
  const setup = await bucketArchiveAt(s3.url);
  return {
    ...setup,
    fail(key, fault) {
      s3.setFault((call) => ((key.endsWith('/') ? call.prefix : call.key) === key ? S3_FAULTS[fault] : undefined));
    },
    async close() {
      s3.setFault(undefined);
      await setup.close();
    },
  };
});

describeArchive('a folder', async (): Promise<ArchiveSetup> => {
  const folder = scratch.emptyFolder();
  // What makes a folder an archive; no test lists it.
  mkdirSync(join(folder, 'quarantine'));
  const spies: jest.SpyInstance[] = [];
  return {
    archive: openFolder(folder),
    async put(key, bytes) {
      mkdirSync(dirname(join(folder, key)), { recursive: true });
      writeFileSync(join(folder, key), bytes);
    },
    remove: async (key) => rmSync(join(folder, key)),
    fail: (key, fault) => spies.push(failing(join(folder, key), fault)),
    async close() {
      for (const spy of spies) spy.mockRestore();
    },
  };
});

/** An administrator reads a file whatever its permissions, so the error of the system is made up. */
function failing(path: string, fault: ReadFault): jest.SpyInstance {
  const fs = jest.requireActual<Record<string, (...args: unknown[]) => unknown>>('node:fs');
  const method = path.endsWith(sep) ? 'readdirSync' : 'readFileSync';
  const real = fs[method];
  const code = fault === 'denied' ? 'EACCES' : 'EIO';
  return jest.spyOn(fs, method).mockImplementation((...args) => {
    if (args[0] === path) throw Object.assign(new Error(code), { code });
    return real?.(...args);
  });
}

describe('a folder alone', () => {
  const folderWith = (...dirs: string[]) => {
    const folder = scratch.emptyFolder();
    for (const dir of ['quarantine', ...dirs]) mkdirSync(join(folder, dir), { recursive: true });
    return folder;
  };
  const listed = async (folder: string, prefix: string) => {
    const keys = [];
    for await (const one of openFolder(folder).list(prefix)) keys.push(one);
    return keys;
  };

  test('a symbolic link is listed as an oddity, and never followed', async () => {
    const folder = folderWith('fields/x');
    const outside = join(scratch.emptyFolder(), 'secret');
    writeFileSync(outside, 'secret');
    symlinkSync(outside, join(folder, 'fields', 'file'));
    symlinkSync(dirname(outside), join(folder, 'fields', 'folder'));
    expect(await listed(folder, 'fields/')).toMatchObject([
      { key: 'fields/file', oddity: 'a symbolic link' },
      { key: 'fields/folder', oddity: 'a symbolic link' },
    ]);
    for (const key of ['fields/file', 'fields/folder/secret']) {
      expect(await openFolder(folder).get(key)).toBeNull();
      expect(await openFolder(folder).head(key)).toBeNull();
    }
  });

  test('a file or a folder whose name is no text is listed as an oddity, and hides nothing', async () => {
    const folder = folderWith('fields');
    const bad = (name: string) => Buffer.concat([Buffer.from(`${folder}/fields/${name}`), Buffer.from([0xff])]);
    writeFileSync(bad('file'), 'x');
    mkdirSync(bad('folder'));
    writeFileSync(Buffer.concat([bad('folder'), Buffer.from('/inside')]), 'x');
    writeFileSync(join(folder, 'fields', 'good'), 'x');
    const oddity = expect.stringContaining('no text');
    expect(await listed(folder, 'fields/')).toMatchObject([
      { key: 'fields/file\ufffd', oddity },
      { key: 'fields/folder\ufffd', oddity },
      { key: 'fields/good' },
    ]);
  });

  test('what is removed while it is listed is left out', async () => {
    const folder = folderWith('fields/a', 'fields/b', 'fields/d');
    for (const name of ['a/1', 'b/1', 'b/2', 'c', 'd/1']) writeFileSync(join(folder, 'fields', name), name);
    const keys = openFolder(folder).list('fields/')[Symbol.asyncIterator]();
    expect((await keys.next()).value).toMatchObject({ key: 'fields/a/1' });
    expect((await keys.next()).value).toMatchObject({ key: 'fields/b/1' });
    for (const name of ['b/2', 'c', 'd']) rmSync(join(folder, 'fields', name), { recursive: true });
    expect(await keys.next()).toMatchObject({ done: true });
  });
});

describe('a bucket alone', () => {
  test('versions and delete markers of a key that go on over the end of a page are one key', async () => {
    const Bucket = 'versions';
    s3.createBucket(Bucket);
    const client = new S3Client({ forcePathStyle: true, endpoint: s3.url });
    const keyOf = (index: number) => `x/${String(index).padStart(4, '0')}`;
    const put = (Key: string) => client.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
    for (let index = 0; index < 998; index += 1) s3.put(Bucket, keyOf(index), Buffer.from('1'));
    for (let version = 0; version < 3; version += 1) await put(keyOf(998));
    await client.send(new DeleteObjectCommand({ Bucket, Key: keyOf(998) }));
    await put(keyOf(998));
    s3.put(Bucket, keyOf(999), Buffer.from('1'));
    const archive = new BucketArchive(client, Bucket);
    const keys = [];
    for await (const listed of archive.list('x/')) keys.push(listed);
    expect(keys).toHaveLength(1_000);
    expect(keys[998]).toMatchObject({ key: keyOf(998), versions: 4, deleteMarkers: 1, isHidden: false, size: 6 });
    expect(keys[999]).toMatchObject({ versions: 1, deleteMarkers: 0 });
    expect((await archive.level('x/')).keys).toEqual(keys);
    client.destroy();
  });

  test('keys that a store has not encoded are taken as they are', async () => {
    const page = { Versions: [{ Key: 'x/a+b/100%', Size: 1, IsLatest: true }] };
    const client = { send: async () => page } as unknown as S3Client;
    const { keys } = await new BucketArchive(client, 'bucket').level('x/');
    expect(keys).toMatchObject([{ key: 'x/a+b/100%' }]);
  });
});
