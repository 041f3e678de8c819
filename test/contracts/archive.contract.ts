import { createHash } from 'node:crypto';
import type { Archive, ListedKey } from '../../tools/cases-audit/archive/archive';

/** What goes wrong with reads of a key: no permission, a store that fails, an answer that breaks off in the middle. */
export type ReadFault = 'denied' | 'fails' | 'cut';

export interface ArchiveSetup {
  /** Empty. */
  readonly archive: Archive;
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** As by another hand. */
  remove(key: string): Promise<void>;
  /** From now on every read of this key, or every listing below it if it ends with `/`; null where the store cannot be made to. */
  readonly fail: ((key: string, fault: ReadFault) => void) | null;
  close(): Promise<void>;
}

/** Names that a store may hold, whoever put them there. */
const HOSTILE = [
  'manifests/domain_id=d/000000000001.json',
  'a b/+plus/%2e%2e/100%/a&b=c?d#e',
  '(paren)/[a-z]*/{1..3}/~/$HOME',
  'quotes/"\'`',
  'back\\slash',
  '.hidden/..two/...',
  'new\nline/tab\t/control\u0001',
  'ü/u\u0308/😀/\uff5e/\ufffd',
  '<xml>&amp;</xml>]]>',
];

/**
 * What the port promises, whoever implements it: each key once and in byte order, bytes as they were put, null for what is not there, and an
 * ArchiveError for what may not or cannot be read. What is read is whole, or an error.
 */
export function describeArchive(name: string, setUp: () => Promise<ArchiveSetup>): void {
  describe(`archive: ${name}`, () => {
    let setup: ArchiveSetup;
    let archive: Archive;

    beforeEach(async () => {
      setup = await setUp();
      archive = setup.archive;
    });
    afterEach(() => setup.close());

    const put = async (...keys: string[]) => {
      for (const key of keys) await setup.put(key, Buffer.from(key));
    };
    const keysOf = async (prefix: string, after?: string) =>
      (await all(archive.list(prefix, after))).map(({ key }) => key);

    test('what nobody put is null, and lists as nothing', async () => {
      expect(await archive.get('manifests/x')).toBeNull();
      expect(await archive.head('manifests/x')).toBeNull();
      expect(await keysOf('manifests/')).toEqual([]);
      expect(await archive.level('manifests/')).toEqual({ folders: [], keys: [] });
    });

    test.each([
      ['no bytes', new Uint8Array()],
      ['every byte', Uint8Array.from({ length: 256 }, (_, byte) => byte)],
      ['5 MB', new Uint8Array(5_000_000).fill(7)],
    ])('%s come back as they were put', async (_, bytes) => {
      await setup.put('fields/k', bytes);
      const stored = await archive.get('fields/k');
      expect(sha256(stored?.bytes)).toBe(sha256(bytes));
      expect((await archive.head('fields/k'))?.size).toBe(bytes.length);
    });

    test('a listed key has its size, one version, and the time when it was put', async () => {
      const before = Date.now();
      await setup.put('fields/k', Buffer.from('1234'));
      const [listed] = await all(archive.list('fields/'));
      expect(listed).toMatchObject({ key: 'fields/k', size: 4, versions: 1, deleteMarkers: 0, isHidden: false });
      // Stores keep whole seconds, or round.
      expect(Math.abs((listed?.writtenAt ?? 0) - before)).toBeLessThan(3_600_000);
    });

    test.each(HOSTILE)('the name %j is one like any other', async (key) => {
      await put(`x/${key}`);
      expect(await keysOf('x/')).toEqual([`x/${key}`]);
      expect(text(await archive.get(`x/${key}`))).toBe(`x/${key}`);
      expect((await archive.head(`x/${key}`))?.size).toBe(Buffer.byteLength(`x/${key}`));
    });

    test('keys come in the order of their UTF-8 bytes, from the whole archive as from a part', async () => {
      const keys = HOSTILE.map((key) => `x/${key}`).concat('x/a-b', 'x/a/b', 'x/a.b', 'y/z');
      await put(...keys);
      const sorted = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(await keysOf('')).toEqual(sorted);
      expect(await keysOf('x/')).toEqual(sorted.slice(0, -1));
      for (const [index, key] of sorted.entries()) expect(await keysOf('', key)).toEqual(sorted.slice(index + 1));
    });

    test('a listing begins after a key that is not there, too', async () => {
      await put('x/1', 'x/2/1', 'x/2/2', 'x/3');
      expect(await keysOf('x/', 'x/2/1a')).toEqual(['x/2/2', 'x/3']);
      expect(await keysOf('x/', 'x/9')).toEqual([]);
    });

    test('a level has its folders and keys, and nothing of what is below', async () => {
      await put('x/a', 'x/b/1', 'x/b/2', 'x/c d/1', 'x/ü/1', 'y');
      const { folders, keys } = await archive.level('x/');
      expect({ folders, keys: keys.map(({ key }) => key) }).toEqual({ folders: ['b/', 'c d/', 'ü/'], keys: ['x/a'] });
      const top = await archive.level('');
      expect(top.folders).toContain('x/');
      expect(top.keys.map(({ key }) => key)).toEqual(['y']);
    });

    test('more than a page of keys come each once, at every level', async () => {
      const keys = Array.from({ length: 1_105 }, (_, index) => `x/${String(index).padStart(4, '0')}/k`);
      await put(...keys);
      expect(await keysOf('x/')).toEqual(keys);
      expect(await keysOf('x/', keys[1_002])).toEqual(keys.slice(1_003));
      expect((await archive.level('x/')).folders).toEqual(keys.map((key) => key.slice(2, -1)));
    });

    test('what is removed after it was listed is null, not an error', async () => {
      await put('x/1', 'x/2');
      const listed = archive.list('x/')[Symbol.asyncIterator]();
      expect((await listed.next()).value).toMatchObject({ key: 'x/1' });
      await setup.remove('x/1');
      expect(await archive.get('x/1')).toBeNull();
      expect(await archive.head('x/1')).toBeNull();
      expect((await listed.next()).value).toMatchObject({ key: 'x/2' });
    });

    test.each(['../x', 'x/../../x', '/x', 'x//y', './x', 'x/', `x/${'n'.repeat(300)}`, 'x/\u0000', 'x/y/z'])(
      'a key at which nothing is, %j, is null',
      async (key) => {
        await put('x/y');
        expect(await archive.get(key)).toBeNull();
        expect(await archive.head(key)).toBeNull();
      },
    );

    test('a question about locks and versions is answered, and locks nothing', async () => {
      await put('x/1');
      expect((await archive.protection()).lockDays).toBeNull();
      expect(await archive.lockOf('x/1')).toBeNull();
      expect(await archive.get('x/1')).toMatchObject({ lock: null });
    });

    test.each([
      ['denied', 'denied'],
      ['fails', 'unavailable'],
      ['cut', 'unavailable'],
    ] as const)('a read that is %s is an ArchiveError, never null or half of the bytes', async (fault, reason) => {
      if (setup.fail === null) return;
      await put('x/1', 'x/2');
      setup.fail('x/1', fault);
      const expected = { name: 'ArchiveError', reason, message: expect.stringContaining('x/1') };
      await expect(archive.get('x/1')).rejects.toMatchObject(expected);
      expect(text(await archive.get('x/2'))).toBe('x/2');
    });

    test.each([
      ['denied', 'denied'],
      ['fails', 'unavailable'],
    ] as const)('a listing that is %s is an ArchiveError, never an empty one', async (fault, reason) => {
      if (setup.fail === null) return;
      await put('x/1', 'y/1');
      setup.fail('x/', fault);
      const expected = { name: 'ArchiveError', reason, message: expect.stringContaining('x/') };
      await expect(keysOf('x/')).rejects.toMatchObject(expected);
      await expect(archive.level('x/')).rejects.toMatchObject(expected);
      expect(await keysOf('y/')).toEqual(['y/1']);
    });
  });
}

async function all(listing: AsyncIterable<ListedKey>): Promise<ListedKey[]> {
  const keys: ListedKey[] = [];
  for await (const listed of listing) keys.push(listed);
  return keys;
}

function text(stored: { readonly bytes: Uint8Array } | null): string | undefined {
  return stored === null ? undefined : Buffer.from(stored.bytes).toString();
}

function sha256(bytes: Uint8Array | undefined): string {
  return createHash('sha256')
    .update(bytes ?? 'none')
    .digest('hex');
}
